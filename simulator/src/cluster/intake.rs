//! What a cluster's producers write: a history without contradictions, for which of two contradicting events stands is told
//! by the order of arrival, and that is another one on each shard; with what comes again, and what is no event.

use std::collections::BTreeSet;

use rand_chacha::ChaCha8Rng;
use schemas::{Event, Reason};

use crate::arrival::Arrival;
use crate::clock::BEGIN;
use crate::cluster::plan::ClusterPlan;
use crate::given::Given;
use crate::history::history;
use crate::model::{Fate, Model};
use crate::plan::{Features, Plan};

/// All of it, in the order in which it is produced.
pub(crate) struct Intake {
    pub(crate) texts: Vec<Vec<u8>>,
    /// The events among it, each once.
    pub(crate) events: Vec<Event<'static>>,
    /// What a ledger puts in quarantine.
    pub(crate) poison: BTreeSet<Vec<u8>>,
}

impl Intake {
    /// Draws it.
    pub(crate) fn draw(plan: &Plan, cluster: &ClusterPlan, rng: &mut ChaCha8Rng) -> Intake {
        let ClusterPlan { events, invitees, sub_accounts, .. } = *cluster;
        let features = Features { sub_accounts, conflicts: false, ..plan.features };
        let drawn = history(&Plan { events, invitees, features, ..*plan }, rng);
        let arrivals: Vec<Arrival> = drawn.iter().map(|text| Arrival::of(text, String::new(), BEGIN)).collect();
        let mut model = Model::default();
        let given = Given::Messages { partition: 0, arrivals, next_offset: 0 };
        let fates = model.take(&given, &[], None);
        let mut intake = Intake { texts: Vec::new(), events: Vec::new(), poison: BTreeSet::new() };
        // The text of each accepted event, by its position.
        let mut accepted: Vec<Vec<u8>> = Vec::new();
        for (text, fate) in drawn.into_iter().zip(fates) {
            match fate {
                Fate::Accepted(_) => accepted.push(text.clone()),
                Fate::Duplicate(of) if accepted[of as usize - 1] == text => {}
                Fate::Duplicate(_) | Fate::Quarantined(_, Reason::Conflict) => continue,
                Fate::Quarantined(..) => {
                    intake.poison.insert(text.clone());
                }
            }
            intake.texts.push(text);
        }
        intake.events = model.accepted;
        intake
    }
}
