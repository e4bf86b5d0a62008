//! A cursor with one character changed, dropped or added is refused; none is taken for another or for the end.

use crate::daemon_support::daemon::{Daemon, batch};

const CHARACTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn code(code: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","type":"referral.code.v1","source":"/x","id":"{code}","time":"2026-03-01T00:00:00Z","data":{{"code":"{code}","owner_uid":1,"spot_rebate_rate":"0","futures_rebate_rate":"0"}}}}"#
    )
}

#[test]
fn a_damaged_cursor_is_refused_wherever_it_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::ready(&folder.path().join("ledger"), &[], &[]);
    let posted = daemon.post_events(&batch(&[code("AAA"), code("BBB"), code("CCC")])).expect("posted");
    assert_eq!(posted.status, 200, "{}", posted.body);
    let first = daemon.get("/v1/codes?uid=1&limit=1");
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let status =
        |cursor: &str| daemon.try_get(&format!("/v1/codes?uid=1&limit=1&cursor={cursor}")).expect("an answer").status;
    assert_eq!(status(cursor), 200);
    for at in 0..cursor.len() {
        let (before, here, after) = (&cursor[..at], &cursor[at..=at], &cursor[at + 1..]);
        let place = CHARACTERS.find(here).expect("one of a cursor's characters");
        for step in [1, 2, 16, 33] {
            let other = CHARACTERS.as_bytes()[(place + step) % CHARACTERS.len()] as char;
            assert_eq!(status(&format!("{before}{other}{after}")), 400, "{other} at {at} of {cursor}");
        }
        assert_eq!(status(&format!("{before}{after}")), 400, "without {here} at {at} of {cursor}");
        assert_eq!(status(&format!("{before}{here}{here}{after}")), 400, "twice {here} at {at} of {cursor}");
    }
    assert_eq!(status(&format!("{cursor}A")), 400, "one more");
}
