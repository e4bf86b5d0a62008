//! The ledger as its users see it.

mod acceptance;
mod beside;
mod copies;
mod crash;
mod damage;
mod extension;
mod failure;
mod given;
mod index;
mod quarantine;
mod reading;
mod samples;
