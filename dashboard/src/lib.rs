//! The HTTP API of a ledger (SPEC 4), and the questions behind it for the command line.
//!
//! A request goes through [`serve`] to a handler, which reads who asks and what strictly, asks the ledger's
//! [`ingest::Handle`] on a thread that may block, and writes the answer. The same questions are answered without
//! HTTP by [`answer`]. Every refusal is a [`Problem`].
//!
//! **What this crate does not do.** It computes no number: every figure comes from a query of `projections`. It
//! keeps no state of its own but what bounds its work. It opens no ledger and reads no settings.

mod app;
mod as_of;
mod asking;
mod auth;
mod body;
mod caller;
mod commands;
mod content_type;
mod endpoints;
mod events;
mod export;
mod feed;
mod metrics;
mod openapi;
mod pages;
mod parameters;
mod probes;
mod problem;
mod query;
mod server;
mod what_if;

pub use app::App;
pub use as_of::{moment_asked, moment_problem};
pub use auth::{AuthError, Authenticator, JwksError};
pub use caller::{Caller, Role};
pub use problem::{Problem, ProblemKind};
pub use query::{Answer, answer};
pub use server::{ServeError, ServeLimits, serve};
