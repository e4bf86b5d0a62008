//! The oracle and the projections held against scenarios worked out by hand from SPEC 1 to 4: what each comes to stands beside it, with
//! the arithmetic where it is not plain.

mod agreement;
mod generate;
mod oracle;

#[path = "oracle_scenarios/given.rs"]
mod given;

#[path = "oracle_scenarios/acceptance.rs"]
mod acceptance;
#[path = "oracle_scenarios/amounts.rs"]
mod amounts;
#[path = "oracle_scenarios/applications.rs"]
mod applications;
#[path = "oracle_scenarios/attribution.rs"]
mod attribution;
#[path = "oracle_scenarios/codes.rs"]
mod codes;
#[path = "oracle_scenarios/cohorts.rs"]
mod cohorts;
#[path = "oracle_scenarios/everybody.rs"]
mod everybody;
#[path = "oracle_scenarios/forgone.rs"]
mod forgone;
#[path = "oracle_scenarios/laws.rs"]
mod laws;
#[path = "oracle_scenarios/offers.rs"]
mod offers;
#[path = "oracle_scenarios/overview.rs"]
mod overview;
#[path = "oracle_scenarios/postings.rs"]
mod postings;
#[path = "oracle_scenarios/reasons.rs"]
mod reasons;
#[path = "oracle_scenarios/referrals.rs"]
mod referrals;
#[path = "oracle_scenarios/restatement.rs"]
mod restatement;
#[path = "oracle_scenarios/reversals.rs"]
mod reversals;
#[path = "oracle_scenarios/rewards.rs"]
mod rewards;
