//! What one member of an election does, a step at a time: it has no clock, no thread and no client, so that tests drive many of
//! them through whatever may befall them (`tests/kept.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use ingest::ElectionStatus;
use ledger::FrameCursor;

use crate::in_sync::{InSync, Rules};
use crate::member_ledger::MemberLedger;
use crate::record::Record;
use crate::roll::{Claim, Reign, Roll};

/// A message that is not read back is written again after so long.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Who a member is, and how it goes about it.
#[derive(Clone, Debug)]
pub struct MemberOptions {
    /// The name that stays with its directory.
    pub member: String,
    /// What its settings call it.
    pub name: String,
    /// This process of it.
    pub instance: String,
    /// Where the others reach it.
    pub url: String,
    /// Who is not heard for so long is gone.
    pub session: Duration,
    /// Whether a standby has to hold what is answered.
    pub acks: bool,
    /// Whether it goes on alone where none does.
    pub goes_on: bool,
}

/// What a step comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What is to be written to the topic.
    pub write: Vec<Record>,
    /// Whether it is to be a member of the group.
    pub stands: bool,
}

/// One member.
pub struct Member {
    options: MemberOptions,
    roll: Roll,
    /// The last claim that its ledger has turned to, and its durable end then.
    turned: Option<(u64, FrameCursor)>,
    leading: Option<Leading>,
    /// The processes of its name that had said that they are there before it did; none before it did.
    before: Option<BTreeSet<String>>,
    seen: BTreeSet<String>,
    /// It has to say again that it is there.
    objects: bool,
    written: BTreeMap<String, (Record, Instant)>,
    claim_read: Option<(u64, Instant)>,
    /// The term of which a standby in sync said that it is cut off, and when that was read.
    complaint: Option<(u64, Instant)>,
    stays_out_until: Option<Instant>,
    stepped: Option<Instant>,
    is_over: bool,
}

struct Leading {
    term: u64,
    since: Instant,
    in_sync: InSync,
}

impl Member {
    /// A member that has read nothing of the topic yet.
    #[must_use]
    pub fn new(options: MemberOptions) -> Member {
        Member {
            options,
            roll: Roll::default(),
            turned: None,
            leading: None,
            before: None,
            seen: BTreeSet::new(),
            objects: false,
            written: BTreeMap::new(),
            claim_read: None,
            complaint: None,
            stays_out_until: None,
            stepped: None,
            is_over: false,
        }
    }

    /// What the topic says, as far as it has read it.
    #[must_use]
    pub fn roll(&self) -> &Roll {
        &self.roll
    }

    /// Reads the next message of the topic.
    pub fn read(&mut self, record: &Record, now: Instant, ledger: &mut impl MemberLedger) {
        self.roll.read(record);
        match record {
            Record::Here { name, instance, .. } if *name == self.options.name => self.read_here(instance, now, ledger),
            Record::CutOff { term, member } => {
                let reign = self.roll.leader();
                if reign.is_some_and(|reign| reign.term == *term && reign.in_sync.contains(member)) {
                    self.complaint = Some((*term, now));
                }
            }
            Record::Claims { .. } => {
                if self.claim_read.is_none_or(|(term, _)| term < self.roll.term()) {
                    self.claim_read = Some((self.roll.term(), now));
                }
            }
            Record::Here { .. } | Record::Place { .. } | Record::Leads { .. } => {}
        }
    }

    /// Of two processes with one name, the one that was there first stays: it says again that it is there, by which the other
    /// knows it.
    fn read_here(&mut self, instance: &str, now: Instant, ledger: &mut impl MemberLedger) {
        let MemberOptions { name, instance: own, session, .. } = &self.options;
        if instance == own {
            if self.before.is_none() {
                self.before = Some(self.seen.clone());
            }
            return;
        }
        self.seen.insert(instance.to_owned());
        let Some(before) = &self.before else { return };
        // One that was stopped itself does not know who came meanwhile, and with what right.
        let was_stopped = self.stepped.is_some_and(|stepped| now.duration_since(stepped) > *session);
        if before.contains(instance) || was_stopped {
            self.is_over = true;
            ledger.refuse(&format!(
                "another daemon of this ledger is called {name}: give each a replication.name of its own"
            ));
        } else {
            self.objects = true;
            // It was said a moment ago, perhaps.
            self.written.retain(|_, (record, _)| !matches!(record, Record::Here { .. }));
        }
    }

    /// Which claim it leads by, if it does.
    #[must_use]
    pub fn leads(&self) -> Option<u64> {
        self.leading.as_ref().map(|leading| leading.term)
    }

    /// Makes a step. `holds` says whether the group gives it the partition, and has been heard from within the session;
    /// `trouble` is what the clients met last.
    pub fn step(&mut self, holds: bool, trouble: Option<String>, now: Instant, ledger: &mut impl MemberLedger) -> Step {
        let mut step = Step::default();
        if self.is_over {
            return step;
        }
        if let (Some(theirs), Some(ours)) =
            (self.roll.last_reign().and_then(|reign| reign.ledger.clone()), ledger.identity())
            && theirs != ours
        {
            self.is_over = true;
            ledger.refuse(&format!(
                "the topic is of another ledger, whose first frame is {theirs}; here it is {ours}: begin in an empty directory, or \
                 name a topic of this ledger's own in replication.elect_topic"
            ));
            return step;
        }
        self.say_here(now, &mut step);
        let waits_for = if self.leading.is_some() {
            self.go_on_leading(holds, now, ledger, &mut step)
        } else {
            self.promise(now, ledger, &mut step);
            self.stand_by(holds, now, ledger, &mut step)
        };
        step.stands = self.stands(now);
        self.stepped = Some(now);
        self.tell(
            waits_for.map(|why| match trouble {
                Some(trouble) => format!("{why} ({trouble})"),
                None => why,
            }),
            ledger,
        );
        step
    }

    fn say_here(&mut self, now: Instant, step: &mut Step) {
        let MemberOptions { member, name, instance, url, .. } = self.options.clone();
        let is_known =
            self.roll.address(&member).is_some_and(|known| (&known.instance, &known.url) == (&instance, &url));
        if !is_known || self.before.is_none() || std::mem::take(&mut self.objects) {
            self.write(Record::Here { member, name, instance, url }, now, step);
        }
    }

    /// Answers a claim: from here on it takes nothing of an earlier leader. NOTE: first its ledger turns, then it tells its place;
    /// so what it held of what anybody was answered lies before that place.
    fn promise(&mut self, now: Instant, ledger: &mut impl MemberLedger, step: &mut Step) {
        let term = self.roll.term();
        if self.turned.is_none_or(|(turned, _)| turned < term) && term > 0 {
            ledger.follow(None);
            self.turned = ledger.turn(term).map(|end| (term, end)).or(self.turned);
        }
        let Some((turned, place)) = self.turned else { return };
        let member = self.options.member.clone();
        if turned == term && self.roll.open_claim().is_some() && self.roll.place(&member).is_none() {
            self.write(Record::Place { term, member, place: place.hex() }, now, step);
        }
    }

    /// What a member does that does not lead. What it waits for, if so.
    fn stand_by(
        &mut self,
        holds: bool,
        now: Instant,
        ledger: &mut impl MemberLedger,
        step: &mut Step,
    ) -> Option<String> {
        let may_lead = self.roll.may_lead(&self.options.member);
        if ledger.is_asked_to_lead() && !self.claims_by_hand() {
            self.claim(true, now, step);
            return Some("it claims to lead, since a person says so".to_owned());
        }
        if let Some(claim) = self.roll.open_claim().cloned() {
            ledger.follow(None);
            if self.is_own(&claim.member, &claim.instance) {
                return self.come_to_lead(&claim, holds, now, ledger, step);
            }
            let lasts = self.claim_read.map_or(Duration::ZERO, |(_, read)| now.duration_since(read));
            if holds && may_lead && (!claim.by_hand || lasts > 2 * self.options.session) {
                self.claim(false, now, step);
            }
            return Some(format!("{} claims to lead", claim.member));
        }
        let Some(reign) = self.roll.leader().cloned() else {
            let why = "nobody has led yet: have the member lead whose ledger counts (tributary promote)";
            return Some(why.to_owned());
        };
        if self.is_own(&reign.member, &reign.instance) {
            ledger.follow(None);
            if !holds {
                return Some("Kafka has not given it the partition yet".to_owned());
            }
            let MemberOptions { session, acks, goes_on, .. } = self.options;
            let rules = Rules { absent_after: session, acks, goes_on };
            self.leading = Some(Leading { term: reign.term, since: now, in_sync: InSync::new(rules, now) });
            ledger.count(&reign.in_sync, reign.in_sync.is_empty());
            ledger.lead(reign.epoch);
            return None;
        }
        if reign.member == self.options.member {
            ledger.follow(None);
        } else {
            let address = self.roll.address(&reign.member).cloned();
            ledger.follow(address.as_ref().map(|address| (&reign, address.url.as_str())));
            let is_cut_off = ledger.silent_for().is_some_and(|silent| silent > self.options.session / 2);
            if is_cut_off && reign.in_sync.contains(&self.options.member) {
                let (term, member) = (reign.term, self.options.member.clone());
                self.write(Record::CutOff { term, member }, now, step);
            }
        }
        if holds && may_lead {
            self.claim(false, now, step);
        }
        if !may_lead && ledger.silent_for().is_some_and(|silent| silent > self.options.session) {
            let others: Vec<&str> = reign.in_sync.iter().map(String::as_str).collect();
            let others = if others.is_empty() { String::new() } else { format!(", or {}", others.join(" or ")) };
            return Some(format!(
                "{}, which leads, does not answer, and this one is not in sync with it: {}{others} has to come back; or have this one \
                 lead (tributary promote), and what was answered and does not stand here is lost",
                reign.member, reign.member
            ));
        }
        (reign.member == self.options.member).then(|| "Kafka has not given it the partition yet".to_owned())
    }

    /// What a member does whose claim stands: once it is sure who has everything, it takes what it lacks, and leads.
    fn come_to_lead(
        &mut self,
        claim: &Claim,
        holds: bool,
        now: Instant,
        ledger: &mut impl MemberLedger,
        step: &mut Step,
    ) -> Option<String> {
        if !holds && !claim.by_hand {
            return Some("Kafka has taken the partition from it".to_owned());
        }
        let (unheard, lasts) =
            (self.roll.unheard(), self.claim_read.map_or(Duration::ZERO, |(_, read)| now.duration_since(read)));
        let waits_no_longer = claim.by_hand && lasts > self.options.session;
        if !(unheard.is_empty() || waits_no_longer) {
            let (leader, others) = (unheard[0], unheard[1..].join(" and "));
            let others = if others.is_empty() { String::new() } else { format!(", or {others}") };
            return Some(format!(
                "{leader}{others} has to say first how far it holds the ledger: what was answered may stand there alone"
            ));
        }
        if !unheard.is_empty() {
            tracing::warn!(
                missing = unheard.join(" "),
                "it leads since a person says so: what they alone hold is lost"
            );
        }
        let furthest = self.roll.furthest().map(|(member, place)| (member.to_owned(), *place));
        let Some((term, own)) = self.turned.filter(|(term, _)| *term == claim.term) else {
            return Some("its ledger takes nothing any more".to_owned());
        };
        if let Some((member, place)) = &furthest
            && !ledger.holds(place)
        {
            let Some(address) = self.roll.address(member) else {
                return Some(format!("{member} is further, and where it is stands nowhere"));
            };
            ledger.take_from(&address.url, place, term);
            if lasts > self.options.session && !claim.by_hand {
                // Another one may reach who is further.
                self.stays_out_until = Some(now + 2 * self.options.session);
            }
            let why = ledger.trouble_taking().map(|why| format!(": {why}")).unwrap_or_default();
            return Some(format!("it takes from {member} what it lacks{why}"));
        }
        let last_epoch = self.roll.last_reign().map_or(0, |reign| reign.epoch).max(ledger.epoch());
        let Some(epoch) = last_epoch.checked_add(1) else {
            return Some("there is no further epoch".to_owned());
        };
        // Who is as far holds all that was answered, and what this one answers counts only once one of these holds it.
        let end = furthest.map_or(own, |(_, place)| place);
        let is_level = |(_, place): &(&str, &FrameCursor)| !place.precedes(&end) && !end.precedes(place);
        let others = self.roll.heard().filter(is_level).map(|(member, _)| member.to_owned());
        let mut in_sync: BTreeSet<String> = others.filter(|_| !claim.by_hand).collect();
        in_sync.remove(&self.options.member);
        let MemberOptions { member, instance, .. } = self.options.clone();
        let ledger = ledger.identity();
        self.write(Record::Leads { term, member, instance, epoch, in_sync, ledger }, now, step);
        None
    }

    /// What a leader does. What it waits for, if so.
    fn go_on_leading(
        &mut self,
        holds: bool,
        now: Instant,
        ledger: &mut impl MemberLedger,
        step: &mut Step,
    ) -> Option<String> {
        let Some(leading) = &mut self.leading else { return None };
        let Some(reign) = self.roll.leader().filter(|reign| reign.term == leading.term).cloned() else {
            return self.step_down("another member claims to lead", ledger);
        };
        if !holds {
            return self.step_down("Kafka has not confirmed in time that it holds the partition", ledger);
        }
        let (standbys, passed) = (ledger.standbys(), ledger.passed());
        let led_for = now.duration_since(leading.since);
        let session = self.options.session;
        let has_asked = |member: &String| {
            let of = standbys.iter().find(|standby| standby.member == *member);
            of.map_or(led_for, |standby| standby.asked_ago.min(led_for)) < session * 3 / 4
        };
        let is_of_now = |(term, at): (u64, Instant)| term == reign.term && now.duration_since(at) < session;
        let is_cut_off = self.complaint.is_some_and(is_of_now) && !reign.in_sync.iter().any(has_asked);
        if is_cut_off && self.options.acks {
            return self.step_down("no standby in sync reaches it, and one of them reaches Kafka", ledger);
        }
        let kept = leading.in_sync.keep(&reign.in_sync, &standbys, &passed, now);
        ledger.count(&kept.counted, kept.may_be_alone);
        if let Some(in_sync) = kept.said {
            let Reign { term, member, instance, epoch, .. } = reign.clone();
            self.write(Record::Leads { term, member, instance, epoch, in_sync, ledger: ledger.identity() }, now, step);
        } else if reign.ledger.is_none() && ledger.identity().is_some() {
            let ledger = ledger.identity();
            self.write(leads(Reign { ledger, ..reign }), now, step);
        }
        None
    }

    fn step_down(&mut self, why: &str, ledger: &mut impl MemberLedger) -> Option<String> {
        self.is_over = true;
        ledger.step_down(why);
        Some(why.to_owned())
    }

    fn is_own(&self, member: &str, instance: &str) -> bool {
        (member, instance) == (&*self.options.member, &*self.options.instance)
    }

    fn claims_by_hand(&self) -> bool {
        let own = |claim: &Claim| claim.by_hand && self.is_own(&claim.member, &claim.instance);
        let leads = self.roll.leader().is_some_and(|reign| self.is_own(&reign.member, &reign.instance));
        leads || self.roll.open_claim().is_some_and(own)
    }

    fn claim(&mut self, by_hand: bool, now: Instant, step: &mut Step) {
        let MemberOptions { member, instance, .. } = self.options.clone();
        self.write(Record::Claims { term: self.roll.term() + 1, member, instance, by_hand }, now, step);
    }

    /// Whether it takes part in the group: who may not lead is in nobody's way there.
    fn stands(&self, now: Instant) -> bool {
        self.roll.may_lead(&self.options.member) && self.stays_out_until.is_none_or(|until| now >= until)
    }

    /// Writes a message, and again where it was not read back for a while.
    fn write(&mut self, record: Record, now: Instant, step: &mut Step) {
        let last = self.written.get(&record.key());
        if last.is_some_and(|(last, at)| *last == record && now.duration_since(*at) < AGAIN_AFTER) {
            return;
        }
        // Of claims and what comes of them only the last is of use.
        self.written.retain(|_, (_, at)| now.duration_since(*at) < AGAIN_AFTER);
        self.written.insert(record.key(), (record.clone(), now));
        step.write.push(record);
    }

    fn tell(&self, waits_for: Option<String>, ledger: &impl MemberLedger) {
        let reign = self.roll.leader();
        ledger.tell(ElectionStatus {
            member: self.options.member.clone(),
            term: self.roll.term(),
            leader: reign.map(|reign| reign.member.clone()),
            in_sync: self.roll.last_reign().map(|reign| reign.in_sync.iter().cloned().collect()).unwrap_or_default(),
            waits_for,
            session: self.options.session,
        });
    }
}

/// What a leader wrote.
fn leads(reign: Reign) -> Record {
    let Reign { term, member, instance, epoch, in_sync, ledger } = reign;
    Record::Leads { term, member, instance, epoch, in_sync, ledger }
}
