//! The ledger as its users see it.

mod acceptance;
mod beside;
mod crash;
mod damage;
mod failure;
mod given;
mod index;
mod quarantine;
mod reading;
mod samples;
