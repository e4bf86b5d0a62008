//! The ledger as its users see it.

mod acceptance;
mod backups;
mod beside;
mod copies;
mod crash;
mod damage;
mod deeds;
mod extension;
mod failure;
mod far;
mod far_ledger;
mod given;
mod heads;
mod in_place;
mod index;
mod quarantine;
mod reading;
mod receiving;
mod refusals;
mod repairs;
mod repeats;
mod runs;
mod samples;
mod shipped;
mod survey;
mod twice;
