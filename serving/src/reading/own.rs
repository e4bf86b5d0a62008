//! A referrer's codes and standings, and the platform's rules, as all shards together have them: every shard reads them all,
//! and where one has read further, what it knows is there.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use ledger::Actor;
use projections::published::{PublishedCode, PublishedRules, PublishedStanding, PublishedTerms};
use schemas::{Day, Timestamp, Uid};

use super::{AsOf, Reading, VERSION};
use crate::columns::{CodeColumns, RulesColumns, StandingColumns};
use crate::error::{ServingError, Told};

/// So many rows of codes an answer is made of at most.
const CODE_ROWS_MAX: usize = 100_000;
/// What there is too much of, there or among invitees.
pub(super) const WHAT_MANY: &str = "codes or invitees";

/// The order of equals, in which facts hold: time, source, id.
pub(super) type OrderKey = (Timestamp, String, String);

/// A code of a referrer.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) created_at: Timestamp,
    pub(super) days: Option<(Day, Day)>,
    pub(super) terms: BTreeMap<OrderKey, PublishedTerms>,
    /// How many registered with it, by shard.
    pub(super) invitees: BTreeMap<i32, u32>,
}

type CodeRow = (String, i32, i32, i64, i64, CodeColumns, CodeColumns);
type StandingsRow = (i32, i64, i64, Option<Vec<StandingColumns>>, Option<Vec<StandingColumns>>);
type RulesRow = (i32, i64, i64, Option<Vec<RulesColumns>>, Option<Vec<RulesColumns>>);

impl Reading {
    /// A referrer's codes: one that any shard knows is there, from the earliest time on.
    pub(super) async fn codes(&self, uid: Uid, as_of: &AsOf) -> Result<BTreeMap<String, Own>, ServingError> {
        const WHAT: &str = "tell a referrer's codes";
        let mut codes: BTreeMap<String, Own> = BTreeMap::new();
        let found = self.session.execute_iter(self.codes.clone(), (uid.0 as i64,)).await.told(WHAT)?;
        let mut rows = found.rows_stream::<CodeRow>().told(WHAT)?;
        let mut count = 0;
        while let Some((code, shard, _, position, since, now, before)) = rows.try_next().await.told(WHAT)? {
            count += 1;
            if count > CODE_ROWS_MAX {
                return Err(ServingError::TooMany { what: WHAT_MANY, most: CODE_ROWS_MAX });
            }
            let row = as_of.choose((shard, position, since), now, before)?;
            let Some(row) = row.map(CodeColumns::code).transpose()?.flatten() else { continue };
            let PublishedCode { created_at, days, invitees, terms } = row;
            let held = codes.entry(code).or_insert_with(|| Own {
                created_at,
                days,
                terms: BTreeMap::new(),
                invitees: BTreeMap::new(),
            });
            held.created_at = held.created_at.min(created_at);
            held.days = match (held.days, days) {
                (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
                (held, row) => held.or(row),
            };
            held.terms
                .extend(terms.into_iter().map(|terms| ((terms.time, terms.source.clone(), terms.id.clone()), terms)));
            held.invitees.insert(shard, invitees);
        }
        Ok(codes)
    }

    /// A referrer's standings in the order of equals, each with who gave it; their positions count them from 1 on.
    pub(super) async fn standings(
        &self,
        uid: Uid,
        as_of: &AsOf,
    ) -> Result<Vec<(PublishedStanding, Option<Actor>)>, ServingError> {
        const WHAT: &str = "tell a referrer's standings";
        let mut standings: BTreeMap<OrderKey, (PublishedStanding, Option<Actor>)> = BTreeMap::new();
        let found = self.session.execute_unpaged(&self.standings, (uid.0 as i64,)).await.told(WHAT)?;
        let found = found.into_rows_result().told(WHAT)?;
        for row in found.rows::<StandingsRow>().told(WHAT)? {
            let (shard, position, since, now, before) = row.told(WHAT)?;
            let row = as_of.choose((shard, position, since), now.unwrap_or_default(), before.unwrap_or_default())?;
            for standing in row.unwrap_or_default() {
                let (standing, actor) = standing.standing(uid)?;
                let key = (standing.time, standing.source.clone(), standing.id.clone());
                // Who gave it is known where it was given; the others were told by a topic.
                let held = standings.entry(key).or_insert((standing, None));
                held.1 = held.1.take().or(actor);
            }
        }
        let counted = standings.into_values().zip(1..).map(|((standing, actor), position)| {
            let standing = PublishedStanding { position, ..standing };
            (standing, actor)
        });
        Ok(counted.collect())
    }

    /// The platform's rules.
    pub(super) async fn rules(&self, as_of: &AsOf) -> Result<Vec<PublishedRules>, ServingError> {
        const WHAT: &str = "tell the platform's rules";
        let mut rules: BTreeMap<OrderKey, PublishedRules> = BTreeMap::new();
        let found = self.session.execute_unpaged(&self.rules, (VERSION,)).await.told(WHAT)?;
        let found = found.into_rows_result().told(WHAT)?;
        for row in found.rows::<RulesRow>().told(WHAT)? {
            let (shard, position, since, now, before) = row.told(WHAT)?;
            let row = as_of.choose((shard, position, since), now.unwrap_or_default(), before.unwrap_or_default())?;
            for columns in row.unwrap_or_default() {
                let read = columns.rules()?;
                rules.insert((read.time, read.source.clone(), read.id.clone()), read);
            }
        }
        Ok(rules.into_values().collect())
    }
}
