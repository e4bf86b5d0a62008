//! Laws of an index's copies: what one copies, what the first change after it does, and that it stays as it was.

use std::collections::{BTreeMap, HashMap};

use proptest::collection::vec;
use proptest::prelude::*;
use schemas::{Reason, Timestamp};

use super::*;
use crate::quarantine::{QuarantineId, QuarantineLocation, QuarantineState};

/// What of an index is not the same in memory as in another: chunks of rows and of lines, and whole values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Apart {
    accounts: usize,
    names: usize,
    entries: usize,
    quarantine: usize,
    wholes: usize,
}

/// Each part of an index is named here, so that none is forgotten which a copy would copy row by row. Runs are behind one
/// pointer, and never changed.
fn apart(one: &Index, other: &Index) -> Apart {
    // Of deeds a copy copies the places of fewer than 512 frames: those in full blocks are shared.
    let Index { position: _, accounts, names, runs: _, older, recent, reach_max: _, tried_at: _, quarantine, deeds: _ } =
        one;
    let (chunks_of_names, is_platform_apart) = names.chunks_apart(&other.names);
    let layers = older.iter().zip(&other.older).filter(|(one, other)| !Arc::ptr_eq(one, other)).count();
    Apart {
        accounts: accounts.chunks_apart(&other.accounts),
        names: chunks_of_names,
        entries: recent.chunks_apart(&other.recent),
        quarantine: quarantine.chunks_apart(&other.quarantine),
        wholes: usize::from(is_platform_apart) + older.len().abs_diff(other.older.len()) + layers,
    }
}

fn of_account(uid: u64, id: u64, body: impl FnOnce(Uid) -> Body<'static>) -> Event<'static> {
    let time = Timestamp(1_800_000_000_000_000);
    Event { source: "/test".into(), id: id.to_string().into(), time, body: body(Uid(uid)) }
}

fn vip(uid: u64, id: u64) -> Event<'static> {
    of_account(uid, id, |uid| Body::Vip(schemas::Vip { uid, vip_level: 1 }))
}

fn code(code: &str, id: u64) -> Event<'static> {
    let code = schemas::Code {
        code: code.to_owned().into(),
        owner_uid: Uid(id),
        spot_rebate_rate: schemas::Rate(0),
        futures_rebate_rate: schemas::Rate(0),
        note: "".into(),
        is_default: false,
    };
    of_account(0, id, |_| Body::Code(code))
}

fn at(offset: u64) -> QuarantineLocation {
    QuarantineLocation { segment: 1, offset, length: 100 }
}

/// Keeps an event in quarantine whose bytes have this hash.
fn keep(quarantine: &mut Quarantine, id: u64, hash: u64) {
    quarantine.keep(QuarantineId(id), hash, Timestamp(0), Reason::Malformed, at(id));
}

/// So many accounts of one event each, a third as many names, and as many events in quarantine as accounts: those of every
/// second hundred have one hash.
fn index_of(count: u64) -> Index {
    let mut index = Index::new();
    for number in 1..=count {
        index.insert(index.position() + 1, &vip(number * 7, number));
        if number % 3 == 0 {
            index.insert(index.position() + 1, &code(&format!("CODE{number}"), number));
        }
        let hash = if number / 100 % 2 == 0 { 5 } else { crate::identity::spread(number) };
        keep(&mut index.quarantine, number, hash);
    }
    index
}

#[test]
fn a_copy_of_an_index_copies_a_pointer_for_4096_rows_and_none_of_its_parts() {
    for count in [0, 3_000, 30_000, 120_000] {
        let index = index_of(count);
        let copy = index.clone();
        assert_eq!(apart(&index, &copy), Apart::default());
        // Accounts, lines of 6 of them, names, lines of 6 of those, rows in quarantine, lines of 3 of them; further lines of
        // each table, most where many have one hash; entries.
        let rows =
            [count, count / 6, count / 3, count / 18, count, count / 3, count / 18, count / 18, count / 6, count];
        let pointers = rows.iter().map(|rows| rows / 4_096 + 1).sum::<u64>() + 1;
        assert!(index.pointers() as u64 <= pointers, "{} pointers for {count}", index.pointers());
    }
}

/// What each kind of change leaves apart that comes to an index of so many, the most of some of each kind.
fn changed(count: u64) -> [Apart; 7] {
    let mut index = index_of(count);
    let kinds: [fn(&mut Index, u64); 7] = [
        // An event of an account that has one; an account that is new; an event of a name; a name that is new.
        |index, at| {
            index.insert(index.position() + 1, &vip((at + 1) * 7, 1 << 40 | at));
        },
        |index, at| {
            index.insert(index.position() + 1, &vip(1 << 50 | at, 1 << 41 | at));
        },
        |index, at| {
            index.insert(index.position() + 1, &code(&format!("CODE{}", at / 3 * 3 + 3), 1 << 42 | at));
        },
        |index, at| {
            index.insert(index.position() + 1, &code(&format!("NEW{at}"), 1 << 43 | at));
        },
        // One more in quarantine; one that gets in; one that came again.
        |index, at| keep(&mut index.quarantine, 1 << 33 | at, 5),
        |index, at| index.quarantine.got_in(QuarantineId(at + 1)),
        |index, at| index.quarantine.repeated(QuarantineId(at + 50), 1),
    ];
    kinds.map(|change| {
        let mut most = Apart::default();
        for number in 0..100 {
            let copy = index.clone();
            // NOTE: those that get in are below the first that is counted again.
            change(&mut index, number * 29 % 50);
            let new = apart(&index, &copy);
            most = Apart {
                accounts: most.accounts.max(new.accounts),
                names: most.names.max(new.names),
                entries: most.entries.max(new.entries),
                quarantine: most.quarantine.max(new.quarantine),
                wholes: most.wholes.max(new.wholes),
            };
        }
        most
    })
}

#[test]
fn what_a_change_copies_after_a_copy_is_a_few_chunks_however_much_there_is() {
    for count in [1_000, 100_000] {
        let [more, account, of_name, name, kept, got_in, repeated] = changed(count);
        // The row, where its second event is noted; its entries.
        assert_eq!(more, Apart { accounts: 1, entries: 1, ..Apart::default() });
        // The row, where it belongs in the table, what is split there and what is new, and a further line of each.
        assert!(
            account.accounts <= 6 && account == Apart { accounts: account.accounts, entries: 1, ..Apart::default() }
        );
        assert_eq!(of_name, Apart { names: 1, ..Apart::default() });
        assert!(name.names <= 6 && name == Apart { names: name.names, ..Apart::default() }, "{name:?}");
        assert!(kept.quarantine <= 6 && kept == Apart { quarantine: kept.quarantine, ..Apart::default() }, "{kept:?}");
        assert!(got_in.quarantine <= 4 && got_in == Apart { quarantine: got_in.quarantine, ..Apart::default() });
        assert_eq!(repeated, Apart { quarantine: 1, ..Apart::default() });
    }
}

/// What an index has to say, by collections that share nothing.
#[derive(Clone, Default)]
struct Plain {
    accounts: Vec<u64>,
    positions: HashMap<String, Vec<Position>>,
    registered: Vec<u64>,
    owners: HashMap<String, Uid>,
    quarantine: BTreeMap<u64, (u64, QuarantineState, u64)>,
}

fn stream_name(stream: StreamKey<'_>) -> String {
    match stream {
        StreamKey::Account(uid) => format!("account {uid}"),
        StreamKey::Name(name) => format!("name {name}"),
        StreamKey::Platform => "platform".to_owned(),
    }
}

impl Plain {
    fn insert(&mut self, position: Position, event: &Event<'_>) {
        self.positions.entry(stream_name(event.stream())).or_default().push(position);
        if let StreamKey::Account(uid) = event.stream() {
            self.intern(uid.0);
            if matches!(event.body, Body::Registration(_)) {
                self.registered.push(uid.0);
            }
        }
        if let Body::Code(code) = &event.body {
            self.owners.entry(code.code.to_string()).or_insert(code.owner_uid);
        }
    }

    fn intern(&mut self, uid: u64) {
        if !self.accounts.contains(&uid) {
            self.accounts.push(uid);
        }
    }

    fn is_told_by(&self, index: &Index, events: &[Event<'_>]) -> Result<(), TestCaseError> {
        prop_assert_eq!(index.account_count(), self.accounts.len());
        for (number, uid) in (0..).zip(&self.accounts) {
            prop_assert_eq!(index.account(Uid(*uid)), Some(AccountId(number)));
            prop_assert_eq!(index.uid(AccountId(number)), Uid(*uid));
        }
        for event in events {
            let positions = self.positions.get(&stream_name(event.stream()));
            let positions = positions.map_or(&[][..], |positions| positions);
            prop_assert!(index.stream_positions(event.stream()).eq(positions.iter().copied()));
            match event.stream() {
                StreamKey::Account(uid) => {
                    prop_assert_eq!(index.account(uid).is_some(), self.accounts.contains(&uid.0));
                    prop_assert_eq!(index.is_registered(uid), self.registered.contains(&uid.0));
                    let has_several = index.account(uid).is_some_and(|account| index.has_several(account));
                    prop_assert_eq!(has_several, positions.len() > 1);
                }
                StreamKey::Name(name) => prop_assert_eq!(index.code_owner(name), self.owners.get(name).copied()),
                StreamKey::Platform => {}
            }
        }
        let rows = index.quarantine.after(None).map(|row| (row.id.0, row.state, row.repeated));
        prop_assert!(rows.eq(self.quarantine.iter().map(|(id, (_, state, repeated))| (*id, *state, *repeated))));
        for hash in 0..4 {
            let mut found: Vec<u64> = index.quarantine.candidates(hash).map(|row| row.id.0).collect();
            found.sort_unstable();
            let of_hash = self.quarantine.iter().filter(|(_, (of, ..))| *of == hash).map(|(id, _)| *id);
            prop_assert!(found.into_iter().eq(of_hash));
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// The model of each copy shares nothing with any other.
    #[test]
    fn copies_answer_as_they_did_however_far_the_index_goes_on(
        events in vec(schemas::testing::event(Timestamp(1_800_000_000_000_000)), 300..600),
        // The steps between them: uids that are only named, changes of quarantine, and copies.
        between in vec((0u8..12, 0u64..200, 0u64..4), 600),
        reach_max in prop_oneof![Just(REACH_MAX), 20..200u64],
    ) {
        let (mut index, mut plain) = (Index { reach_max, ..Index::new() }, Plain::default());
        let mut copies = Vec::new();
        let mut next = 1;
        for ((position, event), (what, at, hash)) in (1..).zip(&events).zip(&between) {
            let id = 1 + at % next;
            match what {
                0 => copies.push((index.clone(), plain.clone())),
                1 | 2 => {
                    index.intern(Uid(at + 1));
                    plain.intern(at + 1);
                }
                3..7 => {
                    keep(&mut index.quarantine, next, *hash);
                    plain.quarantine.insert(next, (*hash, QuarantineState::Open, 0));
                    next += 1;
                }
                7 => {
                    index.quarantine.got_in(QuarantineId(id));
                    plain.quarantine.remove(&id);
                }
                8 => {
                    index.quarantine.repeated(QuarantineId(id), *at);
                    if let Some((.., repeated)) = plain.quarantine.get_mut(&id) {
                        *repeated += at;
                    }
                }
                9 => {
                    index.quarantine.acted(QuarantineId(id), self::at(*at), Some(QuarantineState::Discarded));
                    if let Some((_, state, _)) = plain.quarantine.get_mut(&id) {
                        *state = QuarantineState::Discarded;
                    }
                }
                // A second try that failed too, now with another reason.
                _ if plain.quarantine.contains_key(&id) => {
                    keep(&mut index.quarantine, id, *hash);
                    let row = plain.quarantine.get_mut(&id).expect("it is there");
                    *row = (*hash, QuarantineState::Open, row.2);
                }
                _ => {}
            }
            index.insert(position, event);
            plain.insert(position, event);
        }
        copies.push((index, plain));
        for (index, plain) in copies {
            plain.is_told_by(&index, &events)?;
        }
    }
}
