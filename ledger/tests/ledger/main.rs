//! The ledger as its users see it.

mod acceptance;
mod crash;
mod damage;
mod failure;
mod given;
mod quarantine;
mod reading;
mod samples;
