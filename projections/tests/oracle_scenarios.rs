//! The oracle held against scenarios worked out by hand from SPEC 1 to 4: what each comes to stands beside it, with
//! the arithmetic where it is not plain.

mod generate;
mod oracle;

#[path = "oracle_scenarios/given.rs"]
mod given;

#[path = "oracle_scenarios/acceptance.rs"]
mod acceptance;
#[path = "oracle_scenarios/amounts.rs"]
mod amounts;
#[path = "oracle_scenarios/attribution.rs"]
mod attribution;
#[path = "oracle_scenarios/reasons.rs"]
mod reasons;
