//! Who registered with a referrer's codes.

use std::collections::BTreeMap;

use api::InviteesNeeded;
use futures_util::{StreamExt, TryStreamExt, stream};
use projections::published::{INVITEES_A_BUCKET, PublishedInvitee};

use super::own::{Own, WHAT_MANY};
use super::{AT_ONCE, AsOf, Reading};
use crate::columns::InviteeColumns;
use crate::error::{ServingError, Told};

/// So many invitees an answer is made of at most: of each some 400 bytes are read.
pub(super) const INVITEES_MAX: usize = 100_000;

type InviteeRow = (i32, i32, i64, i64, InviteeColumns, InviteeColumns);
/// A code, a shard and a bucket of its invitees there.
type Bucket = (String, i32, i32);

impl Reading {
    /// The invitees that are needed, by code.
    pub(super) async fn invitees(
        &self,
        codes: &BTreeMap<String, Own>,
        needed: &InviteesNeeded,
        as_of: &AsOf,
    ) -> Result<BTreeMap<String, Vec<PublishedInvitee>>, ServingError> {
        let mut found: BTreeMap<String, Vec<PublishedInvitee>> = BTreeMap::new();
        let reads = buckets_of(codes, needed)?.into_iter().map(|bucket| self.bucket(bucket, as_of));
        let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        let mut count = 0;
        while let Some((code, rows, invitees)) = reads.try_next().await? {
            count += rows;
            if count > INVITEES_MAX {
                return Err(ServingError::TooMany { what: WHAT_MANY, most: INVITEES_MAX });
            }
            found.entry(code).or_default().extend(invitees);
        }
        Ok(found)
    }

    /// The invitees of a bucket, with how many rows they had.
    async fn bucket(
        &self,
        (code, shard, bucket): Bucket,
        as_of: &AsOf,
    ) -> Result<(String, usize, Vec<PublishedInvitee>), ServingError> {
        const WHAT: &str = "tell a code's invitees";
        let values = (code.as_str(), shard, bucket);
        let found = self.session.execute_iter(self.invitees.clone(), values).await.told(WHAT)?;
        let mut rows = found.rows_stream::<InviteeRow>().told(WHAT)?;
        let (mut count, mut at, mut invitees) = (0, None, Vec::<PublishedInvitee>::new());
        while let Some((place, _, position, since, now, before)) = rows.try_next().await.told(WHAT)? {
            count += 1;
            if count > INVITEES_MAX {
                return Err(ServingError::TooMany { what: WHAT_MANY, most: INVITEES_MAX });
            }
            let row = as_of.choose((shard, position, since), now, before)?;
            let Some(row) = row.map(InviteeColumns::invitee).transpose()?.flatten() else { continue };
            // Parts of one place come one after the other.
            match invitees.last_mut().filter(|_| at == Some(place)) {
                Some(held) => {
                    held.vip_levels_to_come.extend(row.vip_levels_to_come);
                    held.rebate_rates_to_come.extend(row.rebate_rates_to_come);
                    held.notes_to_come.extend(row.notes_to_come);
                }
                None => invitees.push(row),
            }
            at = Some(place);
        }
        Ok((code, count, invitees))
    }
}

/// The buckets that hold the invitees that are needed, where these are not too many.
fn buckets_of(codes: &BTreeMap<String, Own>, needed: &InviteesNeeded) -> Result<Vec<Bucket>, ServingError> {
    let is_needed = |code: &str| match needed {
        InviteesNeeded::None => false,
        InviteesNeeded::OfCode(wanted) => wanted == code,
        InviteesNeeded::All => true,
    };
    let (mut buckets, mut left) = (Vec::new(), INVITEES_MAX);
    for (code, own) in codes.iter().filter(|(code, _)| is_needed(code)) {
        for (shard, invitees) in &own.invitees {
            left = left
                .checked_sub(*invitees as usize)
                .ok_or(ServingError::TooMany { what: WHAT_MANY, most: INVITEES_MAX })?;
            let all = 0..invitees.div_ceil(INVITEES_A_BUCKET);
            buckets.extend(all.map(|bucket| (code.clone(), *shard, bucket as i32)));
        }
    }
    Ok(buckets)
}

#[cfg(test)]
mod tests {
    use schemas::Timestamp;

    use super::*;

    fn own(invitees: &[(i32, u32)]) -> Own {
        let invitees = invitees.iter().copied().collect();
        Own { created_at: Timestamp(0), days: None, terms: BTreeMap::new(), invitees }
    }

    #[test]
    fn the_buckets_are_those_of_as_many_as_registered_and_too_many_are_refused_before_any_is_read() {
        let name = |code: &str| code.to_owned();
        let codes = BTreeMap::from([
            (name("A"), own(&[(0, 1), (2, INVITEES_A_BUCKET + 1)])),
            (name("B"), own(&[(0, 0), (1, INVITEES_A_BUCKET)])),
        ]);
        let all = buckets_of(&codes, &InviteesNeeded::All).expect("few");
        assert_eq!(all, [(name("A"), 0, 0), (name("A"), 2, 0), (name("A"), 2, 1), (name("B"), 1, 0)]);
        let of_b = buckets_of(&codes, &InviteesNeeded::OfCode(name("B"))).expect("few");
        assert_eq!(of_b, [(name("B"), 1, 0)]);
        assert!(buckets_of(&codes, &InviteesNeeded::OfCode(name("C"))).expect("none").is_empty());
        assert!(buckets_of(&codes, &InviteesNeeded::None).expect("none").is_empty());

        let most = INVITEES_MAX as u32;
        let large = BTreeMap::from([(name("A"), own(&[(0, most - 1)])), (name("B"), own(&[(0, 2)]))]);
        assert!(matches!(buckets_of(&large, &InviteesNeeded::All), Err(ServingError::TooMany { .. })));
        assert!(buckets_of(&large, &InviteesNeeded::OfCode(name("A"))).is_ok());
        let shards = BTreeMap::from([(name("A"), own(&[(0, most), (1, 1)]))]);
        assert!(matches!(buckets_of(&shards, &InviteesNeeded::All), Err(ServingError::TooMany { .. })));
    }
}
