//! What has to hold of a cluster once every fault is over and all is read: each message was routed once, each event lies where
//! its family belongs, and the answers of all shards together are those of one ledger.

#[path = "../../../route/tests/answers/mod.rs"]
mod answers;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ingest::{Handle, Snapshot, Work, start};
use ledger::FaultyStorage;
use projections::View;
use rand::Rng;
use rand::seq::SliceRandom;
use route::{Home, parent_of, partition_of_uid};
use schemas::Uid;
use schemas::json::read_event;

use crate::arrival::Arrival;
use crate::auditor::Held;
use crate::cluster::NO_END;
use crate::cluster::broker::{Broker, SOURCE};
use crate::cluster::families::{account_of, chain};
use crate::cluster::intake::Intake;
use crate::cluster::log::{By, Message};
use crate::cluster::shard::Shard;
use crate::cluster::stage::Stage;
use crate::failure::Failure;
use crate::given::push;
use crate::history::{CODES, OWNERS};
use crate::machine::Machine;
use crate::situations::Situation;

/// So many accounts are asked about at the most.
const ASKED_MAX: usize = 9;

/// Who is whose parent, by all events.
type Parents = BTreeMap<Uid, Uid>;

fn chain_of(uid: Uid, parents: &Parents) -> Option<Vec<Uid>> {
    chain(uid, |at| parents.get(&at).copied())
}

/// Holds all of it.
pub(crate) fn audit(stage: &Stage, intake: &Intake, shards: &[&Shard]) -> Result<(), Failure> {
    let parents: Parents = intake.events.iter().filter_map(parent_of).collect();
    each_is_routed_once(&stage.broker.borrow(), stage)?;
    none_is_sent_further_than_its_chain(&stage.broker.borrow(), stage, &parents)?;
    let held: Vec<(Home, Held)> =
        shards.iter().map(|shard| Ok((shard.home, shard.check()?))).collect::<Result<_, Failure>>()?;
    each_lies_where_it_belongs(intake, &parents, &held)?;
    let handles: Vec<Handle> = shards.iter().filter_map(|shard| shard.handle()).collect();
    nothing_else_is_in_quarantine(&stage.broker.borrow(), stage, intake, &handles)?;
    answers_agree(stage, intake, &handles)?;
    stage.note(Situation::ShardsAgree);
    Ok(())
}

fn committed<'b>(broker: &'b Broker, topic: &'b str) -> impl Iterator<Item = (u32, &'b Message)> {
    let partitions = 0..broker.partitions(topic);
    partitions
        .flat_map(move |partition| broker.committed(topic, partition, 0).map(move |(_, message)| (partition, message)))
}

/// Every message of the source topic was put there by routers once, with the bytes that it has, and the group knows.
fn each_is_routed_once(broker: &Broker, stage: &Stage) -> Result<(), Failure> {
    let topics = [&stage.topics.accounts, &stage.topics.platform];
    let mut routed: BTreeMap<(i32, i64), Vec<&[u8]>> = BTreeMap::new();
    for (_, message) in topics.into_iter().flat_map(|topic| committed(broker, topic)) {
        if let By::Router { partition, offset } = message.by {
            routed.entry((partition, offset)).or_default().push(&message.value);
        }
    }
    for partition in 0..broker.partitions(SOURCE) {
        let mut next = 0;
        for (offset, message) in broker.committed(SOURCE, partition, 0) {
            let there = routed.remove(&(partition as i32, offset)).unwrap_or_default();
            if there != [&message.value[..]] {
                let text = String::from_utf8_lossy(&message.value);
                let times = there.len();
                return Err(Failure::of(format!("{SOURCE}[{partition}]@{offset} was routed {times} times: {text}")));
            }
            next = offset + 1;
        }
        let known = broker.next_offset(partition as i32);
        if known < next {
            return Err(Failure::of(format!("{SOURCE}[{partition}] is routed up to {next}, the group says {known}")));
        }
    }
    match routed.keys().next() {
        None => Ok(()),
        Some(place) => Err(Failure::of(format!("something was routed that was never there: {place:?}"))),
    }
}

/// An event lies in no more partitions than its chain of parents is long.
fn none_is_sent_further_than_its_chain(broker: &Broker, stage: &Stage, parents: &Parents) -> Result<(), Failure> {
    let mut lies: BTreeMap<&[u8], BTreeSet<u32>> = BTreeMap::new();
    for (partition, message) in committed(broker, &stage.topics.accounts) {
        lies.entry(&message.value).or_default().insert(partition);
    }
    for (text, partitions) in lies {
        let Ok(event) = read_event(text, NO_END) else { continue };
        let Some(chain) = account_of(&event).and_then(|uid| chain_of(uid, parents)) else { continue };
        let allowed: BTreeSet<u32> = chain.iter().map(|uid| partition_of_uid(*uid, stage.cluster.partitions)).collect();
        if !partitions.is_subset(&allowed) {
            return Err(Failure::of(format!("{event:?} lies in {partitions:?}, its chain leads to {allowed:?}")));
        }
    }
    Ok(())
}

/// What is of a family is in the ledger of its head's shard, what all have to know in every one, each once.
fn each_lies_where_it_belongs(intake: &Intake, parents: &Parents, held: &[(Home, Held)]) -> Result<(), Failure> {
    for event in &intake.events {
        let account = account_of(event);
        let head = account.and_then(|uid| chain_of(uid, parents)?.pop());
        if account.is_some() && head.is_none() {
            // Of a circle nothing counts anywhere.
            continue;
        }
        for (home, held) in held {
            let is_due = head.is_none_or(|head| home.is_of(head));
            let times = held.events.iter().filter(|held| *held == event).count();
            if is_due && times != 1 {
                let number = home.number();
                return Err(Failure::of(format!("shard {number} holds {times} times what belongs there: {event:?}")));
            }
        }
    }
    Ok(())
}

/// In quarantine is what is no event, and all of it.
fn nothing_else_is_in_quarantine(
    broker: &Broker,
    stage: &Stage,
    intake: &Intake,
    shards: &[Handle],
) -> Result<(), Failure> {
    let mut found = 0;
    for handle in shards {
        let rows: Vec<_> = handle.read(|view| view.quarantine().after(None).collect());
        for row in rows {
            let event = handle.reader().quarantined(row.location)?;
            if !intake.poison.contains(&event.raw) {
                let (raw, reason) = (String::from_utf8_lossy(&event.raw), event.rejection.reason);
                return Err(Failure::of(format!("{raw} is in quarantine: {reason:?}")));
            }
            found += 1;
        }
    }
    let is_poison = |(_, message): &(u32, &Message)| intake.poison.contains(&message.value);
    let due = committed(broker, &stage.topics.accounts).filter(is_poison).count();
    if found == due {
        return Ok(());
    }
    Err(Failure::of(format!("{due} messages are no events, {found} are in quarantine")))
}

/// One ledger that reads the same on a sound disk.
fn one_ledger(stage: &Stage, intake: &Intake) -> Result<Handle, Failure> {
    let disk = FaultyStorage::new(Default::default(), Default::default());
    let mut started = start(Machine::default().options(&stage.plan, &stage.clock, disk), &mut |_| {})
        .map_err(|error| Failure::of(format!("the one ledger cannot start: {error}")))?;
    let mut batch = started.handle.batch();
    for (at, text) in intake.texts.iter().enumerate() {
        push(&Arrival::of(text, format!("{SOURCE}@{at}"), started.handle.now()), &mut batch);
    }
    let stepped = started.engine.step(vec![Work::Batch { batch, way: Default::default(), reply: None }]);
    stepped.map_err(|error| Failure::of(format!("the one ledger takes it not: {error}")))?;
    Ok(started.handle)
}

fn snapshot(handle: &Handle) -> Result<Snapshot, Failure> {
    handle.snapshot().map_err(|error| Failure::of(error.to_string()))
}

/// The answers of all shards, added up, have the digits of one ledger's.
fn answers_agree(stage: &Stage, intake: &Intake, shards: &[Handle]) -> Result<(), Failure> {
    let one = snapshot(&one_ledger(stage, intake)?)?;
    let shards = shards.iter().map(snapshot).collect::<Result<Vec<_>, Failure>>()?;
    // Their clock is one, and all are asked at one moment.
    let now = shards.iter().map(|shard| shard.view().now).fold(one.view().now, Ord::max);
    let one = View { now, ..one.view() };
    let views: Vec<View<'_>> = shards.iter().map(|shard| View { now, ..shard.view() }).collect();
    let uids = asked(stage, intake);
    let compared = catch_unwind(AssertUnwindSafe(|| answers::check(&one, &views, &uids, &CODES, &intake.events)));
    compared.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Failure::of(format!("the shards' answers are not one ledger's: {}", text.unwrap_or_default()))
    })
}

/// Who is asked about: those who own codes, and some of the others.
fn asked(stage: &Stage, intake: &Intake) -> Vec<Uid> {
    let mut others: Vec<Uid> = intake.events.iter().filter_map(account_of).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|uid| !OWNERS.contains(uid));
    let rng = &mut *stage.rng.borrow_mut();
    others.shuffle(rng);
    others.truncate(rng.random_range(1..=ASKED_MAX - OWNERS.len()));
    let mut uids = OWNERS.to_vec();
    uids.extend(others);
    uids
}
