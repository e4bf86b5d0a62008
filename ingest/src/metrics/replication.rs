//! What Prometheus is told of a ledger that is held twice.

use std::time::Duration;

use ledger::Position;
use prometheus::{GaugeVec, IntGauge, IntGaugeVec};

use super::Make;
use crate::replication::{ABSENT_AFTER, ReplicationStatus};

pub(super) struct ReplicationMetrics {
    leads: IntGauge,
    epoch: IntGauge,
    standbys: IntGauge,
    alone: IntGauge,
    behind: IntGaugeVec,
    contact: GaugeVec,
    term: IntGaugeVec,
    in_sync: IntGaugeVec,
    led: IntGaugeVec,
    session: GaugeVec,
}

impl ReplicationMetrics {
    pub(super) fn new(make: &Make<'_>) -> ReplicationMetrics {
        ReplicationMetrics {
            leads: make.gauge("tributary_replication_leads", "1 where events and commands are taken; 0 on a standby."),
            epoch: make.gauge("tributary_replication_epoch", "How often the leader of the ledger has changed."),
            standbys: make.gauge(
                "tributary_replication_standbys",
                "Standbys that kept up within the last ten seconds: had what there was when they had asked before.",
            ),
            alone: make.gauge(
                "tributary_replication_alone",
                "1 while a leader that needs a standby (replication.acks = 1) goes on without one.",
            ),
            behind: make.perhaps(
                "tributary_replication_behind_positions",
                "Positions that a standby lies behind: on a standby as its leader said last, on a leader those of the \
                 standby that is nearest. Absent where there is none.",
            ),
            contact: make.moment(
                "tributary_replication_contact_seconds",
                "Seconds since the leader last answered, on a standby; since a standby last asked, on a leader. Absent \
                 where neither ever did.",
            ),
            term: make.perhaps(
                "tributary_replication_term",
                "How often a member has claimed to lead, where leaders are elected. Absent elsewhere.",
            ),
            in_sync: make.perhaps(
                "tributary_replication_in_sync",
                "Standbys that are in sync with who leads or led last, by the topic, where leaders are elected. Absent elsewhere.",
            ),
            led: make.perhaps(
                "tributary_replication_led",
                "1 where somebody leads, as far as this member knows; 0 while it waits for that, where leaders are elected. Absent \
                 elsewhere.",
            ),
            session: make.moment(
                "tributary_replication_session_seconds",
                "Seconds for which what Kafka said last still holds: at 0 a leader appends and answers nothing more. Absent where \
                 this process does not hold the partition, or nobody is elected.",
            ),
        }
    }

    pub(super) fn set(&self, status: &ReplicationStatus, position: Position) {
        let none = &[] as &[&str];
        self.leads.set(status.leads.into());
        self.epoch.set(status.epoch.into());
        self.alone.set(status.is_alone.into());
        let is_recent = |ago: Duration| ago < ABSENT_AFTER;
        let there = status.standbys.iter().filter(|standby| standby.level_ago.is_some_and(is_recent));
        self.standbys.set(there.count() as i64);
        let there = status.standbys.iter().filter(|standby| is_recent(standby.asked_ago));
        let nearest = there.map(|standby| standby.position).max();
        let asked_ago = status.standbys.iter().map(|standby| standby.asked_ago).min();
        let (behind, contact) = match &status.leader {
            Some(leader) => (leader.position.map(|ends| ends.saturating_sub(position)), leader.answered_ago),
            None => (nearest.map(|nearest| position.saturating_sub(nearest)), asked_ago),
        };
        match behind {
            Some(behind) => self.behind.with_label_values(none).set(i64::try_from(behind).unwrap_or(i64::MAX)),
            None => self.behind.reset(),
        }
        let set = |gauge: &IntGaugeVec, value: Option<i64>| match value {
            Some(value) => gauge.with_label_values(none).set(value),
            None => gauge.reset(),
        };
        let election = status.election.as_ref();
        set(&self.term, election.map(|(election, _)| i64::try_from(election.term).unwrap_or(i64::MAX)));
        set(&self.in_sync, election.map(|(election, _)| election.in_sync.len() as i64));
        set(
            &self.led,
            election.map(|(election, _)| (election.leader.is_some() && election.waits_for.is_none()).into()),
        );
        match election.and_then(|(_, left)| *left) {
            Some(left) => self.session.with_label_values(none).set(left.as_secs_f64()),
            None => self.session.reset(),
        }
        match contact {
            Some(ago) => self.contact.with_label_values(none).set(ago.as_secs_f64()),
            None => self.contact.reset(),
        }
    }
}
