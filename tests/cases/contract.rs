//! What the contract says more clearly than it did.

use crate::{ask, with_ledger};

#[test]
fn a_note_event_without_its_note_is_invalid_and_what_the_referrer_wrote_stays() {
    let workplace = with_ledger(include_str!("a-note-event-without-its-note/input.ndjson"));
    assert_eq!(ask(&workplace, "referrals uid=9")["rows"][0]["note"], "met in Lisbon");
    let run = workplace.run("quarantine list --data ledger --json");
    let list: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let rows = list["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{list}");
    assert_eq!((&rows[0]["reason"], &rows[0]["field"]), (&"invalid_field".into(), &"note".into()));
}

#[test]
fn the_window_of_a_sub_account_is_its_invitees_which_a_later_account_does_not_open_again() {
    let workplace = with_ledger(include_str!("window-of-a-sub-account/input.ndjson"));
    let trade = ask(&workplace, "trades/explain invitee=501 source=/x id=f1");
    assert_eq!((&trade["reason"], &trade["commission"]), (&"window_ended".into(), &"0".into()));
}
