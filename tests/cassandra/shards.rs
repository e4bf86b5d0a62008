//! Shards behind a router, publishing to one keyspace: whatever their number, and however late everything is, a serving node
//! answers with the digits of one ledger that has all events.
//!
//! `TEST_SHARDS` says which numbers, by commas (1 and 2 where it does not).

use serde_json::Value;
use workload::{Share, Shares, Workload};

use crate::chains;
use crate::daemon_support::broker;
use crate::daemon_support::cassandra;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::history::end;
use crate::daemon_support::seed;
use crate::daemon_support::topic::Sender;
use crate::questions::{about, check, plain, referrers};
use crate::sums;
use crate::together;
use crate::world::{World, families, one_ledger};

/// A history of which any order accepts the same, in any order: sub-accounts before their parents, trades before their
/// accounts, codes of sub-accounts, chains of them.
pub fn history(seed: u64, events: u64) -> Vec<Vec<u8>> {
    let shares = Shares { altered_duplicates: Share::NONE, conflicts: Share::NONE, ..Shares::HOSTILE };
    let mut lines: Vec<Vec<u8>> = Workload { shares, ..Workload::hostile(seed, events, end()) }.lines().collect();
    lines.extend(chains::lines());
    chains::shuffled(lines, seed)
}

fn counts() -> Vec<usize> {
    let given = std::env::var("TEST_SHARDS").unwrap_or_else(|_| "1,2".to_owned());
    given.split(',').map(|number| number.parse().expect("TEST_SHARDS is numbers, by commas")).collect()
}

/// Whether a serving node says of these referrers what one ledger does.
pub fn says_the_same(serving: &Daemon, one: &Daemon, uids: &[u64]) -> bool {
    uids.iter().all(|uid| {
        let question = &about(*uid)[3];
        let answer = serving.try_get(question).ok().filter(|answer| answer.status == 200);
        answer.is_some_and(|answer| plain(answer.json()) == plain(one.get(question)))
    })
}

/// The referrers that are asked about: those of the chains among them.
pub fn chosen(one: &Daemon) -> Vec<u64> {
    let uids = referrers(one);
    let (of_chains, others): (Vec<u64>, Vec<u64>) = uids.into_iter().partition(|uid| chains::uids().contains(uid));
    assert!(of_chains.len() > 4 && others.len() > 15, "{} and {} referrers", of_chains.len(), others.len());
    of_chains.into_iter().chain(others.into_iter().take(15)).collect()
}

/// Holds what the shards have, family by family, against one ledger: each is on one shard alone, to the digit.
pub fn check_families(world: &World, of_one: &std::collections::BTreeMap<u64, Vec<Value>>) {
    let mut found = std::collections::BTreeMap::new();
    for number in 0..world.shards.len() {
        let of_shard = families(&world.data(number));
        assert!(of_shard.len() < of_one.len() || world.shards.len() == 1, "shard {number} has all families");
        for (head, trades) in of_shard {
            assert!(found.insert(head, trades).is_none(), "the family of {head} is on two shards");
        }
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), of_one.keys().collect::<Vec<_>>());
    for (head, trades) in of_one {
        assert_eq!(&found[head], trades, "the family of {head}");
    }
}

/// Questions that a shard is asked through the serving node.
fn check_passed_on(world: &World, one: &Daemon, families: &std::collections::BTreeMap<u64, Vec<Value>>) {
    let mut asked = (0, 0);
    let is_of_chains = |head: &u64| chains::uids().contains(head);
    let (of_chains, others): (Vec<_>, Vec<_>) = families.iter().partition(|(head, _)| is_of_chains(head));
    assert!(of_chains.len() > 4);
    for (invitee, trades) in of_chains.into_iter().chain(others.into_iter().take(15)) {
        for trade in trades.iter().take(if is_of_chains(invitee) { 12 } else { 2 }) {
            let text = |name: &str| trade[name].as_str().expect("a text").replace('/', "%2F");
            let question = format!(
                "/v1/trades/explain?invitee={}&source={}&id={}",
                trade["account_uid"],
                text("event_source"),
                text("event_id")
            );
            let answer = world.serving.get(&question);
            assert_eq!(answer["invitee_uid"], Value::from(*invitee), "{question}");
            assert_eq!(sums::plain(answer), sums::plain(one.get(&question)), "{question}");
            asked.0 += 1;
        }
        let Some(referrer) = trades[0]["referrer_uid"].as_u64() else { continue };
        let question = format!("/v1/referrals/{invitee}?uid={referrer}");
        assert_eq!(sums::plain(world.serving.get(&question)), sums::plain(one.get(&question)), "{question}");
        asked.1 += 1;
    }
    assert!(asked.0 > 60 && asked.1 > 8, "{asked:?} questions");
    let question = "/v1/trades/explain?invitee=880000004&source=nowhere&id=none";
    assert_eq!(world.serving.try_get(question).expect("an answer").status, 404);
}

#[test]
fn whatever_the_number_of_shards_a_serving_node_answers_with_the_digits_of_one_ledger() {
    let (Some(node), Some(broker)) = (cassandra::shared(), broker::plain()) else { return };
    let mut lines = history(seed(), 5_000);
    lines.extend(chains::shuffled(together::lines(), seed()));
    let folder = tempfile::tempdir().expect("a folder");
    let (one, data) = one_ledger(folder.path(), &lines);
    let (uids, of_one) = (chosen(&one), families(&data));
    for of in counts() {
        let world = World::start(&format!("shards_{of}"), of, broker.clone(), node.clone());
        let mut sender = Sender::new(&broker.address, &world.topic());
        lines.iter().for_each(|line| sender.send(line));
        sender.flush();
        let reached = world.settle(|| says_the_same(&world.serving, &one, &uids));
        check(&world.serving, &one, &uids);
        check_families(&world, &of_one);
        check_passed_on(&world, &one, &of_one);
        together::check(&world, &one, &uids[..10]);
        let answer = world.serving.get(&about(uids[0])[0]);
        assert_eq!(answer["as_of"]["positions"], Value::from(reached));
        assert_eq!(answer["as_of"]["event_time"], one.get("/v1/overview?uid=7")["as_of"]["event_time"]);
        world.end();
    }
}
