//! What is asked of a serving node and of a ledger, and how their answers are held against each other.

use serde_json::Value;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::wait_for;

/// The variables of who publishes to, or serves from, a keyspace of a node.
pub fn cluster<'a>(address: &'a str, keyspace: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("TRIBUTARY_CASSANDRA_HOSTS", address),
        ("TRIBUTARY_CASSANDRA_KEYSPACE", keyspace),
        ("TRIBUTARY_CASSANDRA_REPLICATION_FACTOR", "1"),
        ("TRIBUTARY_PUBLISH_INTERVAL_MS", "100"),
    ]
}

/// The owners of codes, as a daemon lists them.
pub fn referrers(daemon: &Daemon) -> Vec<u64> {
    let list = daemon.get("/v1/referrers?from=2020-01-01&to=2030-12-31&limit=500");
    let rows = list["rows"].as_array().expect("rows").clone();
    rows.iter().map(|row| row["uid"].as_u64().expect("a uid")).collect()
}

/// Questions about a referrer that rows answer.
pub fn about(uid: u64) -> Vec<String> {
    let mut questions = Vec::new();
    for range in
        ["", "&from=2025-01-01&to=2025-12-31", "&from=2025-06-10&to=2025-06-12", "&from=2025-06-29&to=2025-06-29"]
    {
        questions.push(format!("/v1/overview?uid={uid}{range}"));
        questions.push(format!("/v1/overview/series?uid={uid}&interval=week&before=true{range}"));
        questions.push(format!("/v1/countries?uid={uid}&limit=2{range}"));
    }
    questions
}

/// Lists of who registered with a referrer's codes, by every column and filter, and what is the referrer's own.
pub fn lists(uid: u64) -> Vec<String> {
    let columns = projections::query::ReferralSort::NAMES;
    let filters = [
        "",
        "&limit=3",
        "&q=1",
        "&q=e",
        "&registered_from=2025-03-01&registered_to=2025-05-31",
        "&vip=0,3",
        "&verified=true&deposited=false",
        "&traded=true&order=asc",
        "&country=DE,ZZ",
        "&commission_type=spot",
        "&commission_type=both&traded=false",
    ];
    let by_column = columns.iter().flat_map(|column| {
        let order = |order: &str| format!("&sort={column}&order={order}&limit=7");
        [order("asc"), order("desc")]
    });
    let of_list = filters.iter().map(|filter| (*filter).to_owned()).chain(by_column);
    let lists = of_list.map(|query| format!("/v1/referrals?uid={uid}{query}"));
    let others = ["/v1/codes?limit=2&uid=", "/v1/account?uid=", "/v1/account/codes?uid=", "/v1/campaigns?uid="];
    lists.chain(others.map(|question| format!("{question}{uid}"))).collect()
}

/// An answer without what it reflects, which a serving node tells otherwise.
pub fn plain(mut answer: Value) -> Value {
    let as_of = answer.as_object_mut().and_then(|fields| fields.remove("as_of"));
    assert!(as_of.is_some(), "it says what it reflects: {answer}");
    answer
}

/// The positions that a serving node's answers reflect.
pub fn positions(serving: &Daemon) -> Option<Vec<u64>> {
    let ready = serving.try_get("/readyz").ok().filter(|answer| answer.status == 200)?.json();
    ready["positions"].as_array()?.iter().map(Value::as_u64).collect()
}

/// Waits until a serving node answers as of these positions.
pub fn wait_for_positions(serving: &Daemon, expected: &[u64]) {
    wait_for(&format!("everything is published: {expected:?}"), 120, || {
        (positions(serving).as_deref() == Some(expected)).then_some(())
    });
}

/// Holds all that a serving node answers about these referrers against what a ledger does, in as many codes as it has.
pub fn check(serving: &Daemon, one: &Daemon, uids: &[u64]) {
    let mut asked = 0;
    for uid in uids {
        for question in about(*uid) {
            assert_eq!(plain(serving.get(&question)), plain(one.get(&question)), "{question}");
            asked += 1;
        }
        let codes = one.get(&format!("/v1/codes?uid={uid}"));
        for code in codes["rows"].as_array().expect("rows") {
            let code = code["code"].as_str().expect("a code");
            for question in [
                format!("/v1/overview?uid={uid}&code={code}&from=2025-01-01&to=2025-12-31"),
                format!("/v1/referrals?uid={uid}&code={code}&limit=500"),
                format!("/v1/codes/{code}?uid={uid}"),
                format!("/v1/codes/{code}/referrals?uid={uid}&sort=commission&limit=20"),
            ] {
                assert_eq!(plain(serving.get(&question)), plain(one.get(&question)), "{question}");
            }
        }
    }
    assert!(asked > 100, "{asked} questions");
    check_lists(serving, one, &with_most_invitees(one, uids)[..uids.len().min(4)]);
}

/// The same referrers, those with the longest lists first.
fn with_most_invitees(one: &Daemon, uids: &[u64]) -> Vec<u64> {
    let mut uids = uids.to_vec();
    let invitees = |uid: &u64| one.get(&format!("/v1/referrals?uid={uid}&limit=1"))["total"].as_u64();
    uids.sort_by_cached_key(|uid| std::cmp::Reverse(invitees(uid)));
    uids
}

/// The same of lists, page after page, in text: a field's place and every digit is the same.
pub fn check_lists(serving: &Daemon, one: &Daemon, uids: &[u64]) {
    let (mut rows, mut pages) = (0, 0);
    for uid in uids {
        for question in lists(*uid) {
            let mut page = question.clone();
            // Some pages of each.
            for _ in 0..6 {
                let expected = one.try_get(&page).expect("an answer");
                let found = serving.try_get(&page).expect("an answer");
                assert_eq!(found.status, expected.status, "{page}: {}", found.body);
                assert_eq!(without_as_of(&found.body), without_as_of(&expected.body), "{page}");
                let list = expected.json();
                rows += list["rows"].as_array().map_or(0, Vec::len);
                pages += 1;
                let Some(cursor) = list["next_cursor"].as_str() else { break };
                page = format!("{question}&cursor={cursor}");
            }
        }
    }
    assert!(pages > 60 && rows > 100, "{rows} rows on {pages} pages");
}

/// The text of an answer up to what it reflects, which comes last.
pub fn without_as_of(body: &str) -> &str {
    body.rsplit_once("\"as_of\":").expect("it says what it reflects").0
}
