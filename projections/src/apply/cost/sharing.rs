//! Laws of cost of a state's copies: what one copies, and what the first change after it does.

use super::*;
use crate::codes::Codes;
use crate::counters::Counters;
use crate::state::Late;

/// What of a state is not the same in memory as in another: chunks of rows, pieces of maps, and whole values.
#[derive(Debug, Default, PartialEq, Eq)]
struct Apart {
    accounts: usize,
    codes: usize,
    event_times: usize,
    pieces: usize,
    wholes: usize,
}

/// Each part of a state is named here, so that none is forgotten which a copy would copy row by row.
fn apart(one: &State, other: &State) -> Apart {
    let State {
        index: _, // `ledger/src/index/sharing.rs` names its parts.
        position: _,
        recorded_at: _,
        event_time: _,
        event_times,
        accounts,
        wide_totals,
        codes,
        children,
        sub_account_firsts,
        program,
        affiliates,
        rebates,
        notes,
        applications,
        offers,
        campaigns,
        joins,
        reversals,
        pending_reversals,
        late: Late { by_position, by_head },
        counters: Counters { duplicates, places, trades_before_registration: _ },
        keyed_commands,
    } = one;
    let Codes { rows, by_text, by_owner, held: _ } = codes;
    let pieces = [
        wide_totals.shards_apart(&other.wide_totals),
        children.shards_apart(&other.children),
        sub_account_firsts.shards_apart(&other.sub_account_firsts),
        affiliates.shards_apart(&other.affiliates),
        rebates.shards_apart(&other.rebates),
        notes.shards_apart(&other.notes),
        applications.shards_apart(&other.applications),
        joins.shards_apart(&other.joins),
        reversals.shards_apart(&other.reversals),
        pending_reversals.shards_apart(&other.pending_reversals),
        by_position.shards_apart(&other.late.by_position),
        by_head.shards_apart(&other.late.by_head),
        keyed_commands.shards_apart(&other.keyed_commands),
        by_text.shards_apart(&other.codes.by_text),
        by_owner.shards_apart(&other.codes.by_owner),
    ];
    let are_same = [
        program.is_same(&other.program),
        offers.is_same(&other.offers),
        campaigns.is_same(&other.campaigns),
        duplicates.is_same(&other.counters.duplicates),
        places.is_same(&other.counters.places),
    ];
    Apart {
        accounts: accounts.chunks_apart(&other.accounts),
        codes: rows.chunks_apart(&other.codes.rows),
        event_times: event_times.times.chunks_apart(&other.event_times.times),
        pieces: pieces.iter().sum(),
        wholes: are_same.iter().filter(|is_same| !**is_same).count(),
    }
}

#[test]
fn a_copy_of_a_state_copies_a_pointer_for_4096_accounts_and_none_of_its_parts() {
    for others in [0, 9_000, 40_000] {
        let ledger = beside(others);
        let copy = ledger.state.clone();
        assert_eq!(apart(&ledger.state, &copy), Apart::default());
        let accounts = ledger.state.account_count() as u64;
        assert!(accounts >= others);
        let pointers = |rows: u64| rows / 4_096 + 1;
        // Rows, one code, and an event time for every thousandth entry.
        let of_state = pointers(accounts) + 1 + pointers(ledger.state.position() / 1_000);
        // Uids, lines of six in a table with further ones, entries; the code and its line, and the platform.
        let of_index = 2 * pointers(accounts) + pointers(accounts / 6) + 1 + 3;
        assert!(ledger.state.pointers() as u64 <= of_state + of_index, "{} pointers", ledger.state.pointers());
    }
}

#[test]
fn what_an_event_changes_after_a_copy_is_a_chunk_or_two_however_much_there_is() {
    let changed = |others| {
        let mut ledger = beside(others);
        ledger.take(registration(7, None));
        ledger.activity(7);
        [deposit(8), trade(7), registration(77, Some(7)), trade(77)].map(|body| {
            let copy = ledger.state.clone();
            ledger.take(body);
            apart(&ledger.state, &copy)
        })
    };
    let [of_other, of_trade, of_registration, of_sub_account] = changed(20_000);
    // A row, of a uid that is new.
    assert_eq!(of_other, Apart { accounts: 1, ..Apart::default() });
    // A row and the code's cell.
    assert_eq!(of_trade, Apart { accounts: 1, codes: 1, ..Apart::default() });
    // Two rows, and whose sub-account it is.
    assert!(of_registration.accounts <= 2 && of_registration.pieces <= 1, "{of_registration:?}");
    assert!(of_sub_account.accounts <= 2 && of_sub_account.codes == 1, "{of_sub_account:?}");
    assert_eq!(changed(100).map(|apart| apart.pieces), changed(20_000).map(|apart| apart.pieces));
}
