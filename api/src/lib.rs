//! The HTTP API of a ledger (SPEC 4), and the questions behind it for the command line and the pages.
//!
//! A request goes through [`serve`] to a handler, which reads who asks and what strictly, asks the ledger's
//! [`ingest::Handle`] on a thread that may block, and writes the answer. The same questions are answered without
//! HTTP by [`answer`]. Every refusal is a [`Problem`].
//!
//! **What this crate does not do.** It computes no number: every figure comes from a query of `projections`. It
//! keeps no state of its own but what bounds its work, and who may ask: the keys of a provider, and which tokens were
//! revoked. It opens no ledger and reads no settings. It knows no page: what
//! stands beside it is merged with [`App::router`] and given to [`serve`].

mod accept;
mod app;
mod as_of;
mod asking;
mod auth;
pub mod body;
mod caller;
mod came;
mod carried;
mod checkpoint;
mod client_address;
pub mod commands;
mod content_type;
mod endpoints;
pub mod events;
pub mod export;
pub mod feed;
mod fetch;
mod giving_way;
mod key_care;
mod live;
mod live_places;
mod metrics;
mod missing;
mod openapi;
pub mod parameters;
mod past_places;
mod probes;
mod problem;
mod publishing;
pub mod quarantine;
pub mod query;
pub mod question;
mod rate;
mod reach;
mod reached;
pub mod replication;
mod reserved;
mod rows;
mod scope;
mod segments;
mod server;
mod shipping;
pub mod sign_in;
mod snapshot;
mod tls;
mod together;
mod tokens;
mod told;
pub mod views;
pub mod what_if;
mod within;

pub use accept::preferred;
pub use app::{App, HttpOptions, KeysChanged, blocking};
pub use as_of::{moment_asked, moment_problem, until_of};
pub use asking::{Asking, NOW_HEADER, PathNames};
pub use auth::{
    AuthError, Authenticator, Flow, JwksError, Kept, OpenId, OpenIdOptions, ProviderKeys, REVOKED_MAX, RefreshLimits,
    Refreshed, RevokedTokens, RevokedUnreadable, SECRET_BYTES_MIN, TokenRules, said_by_provider,
};
pub use caller::{Caller, Privilege, Role};
pub use came::Came;
pub use content_type::require_media_type;
pub use endpoints::{answer, answer_asked, described};
pub use export::{Export, ExportPlace, Records, RewardsExport};
pub use fetch::{ANSWER_BYTES_MAX, Fetch, Fetched, is_guarded};
pub use live::{EVENT_STREAM, LiveParts, answer_live};
pub use live_places::{LivePlace, LivePlaces};
pub use missing::MissingPart;
pub use problem::{Problem, ProblemKind};
pub use publishing::PublishingBoard;
pub use query::{Answer, Asked, WhoDid};
pub use rate::{BUCKETS_MAX, Rate, RateLimits};
pub use reach::{ClientHeader, Origin, PublicUrl, Reach, read_proxies};
pub use reached::{Channel, Reached};
pub use rows::{CellsNeeded, InviteesNeeded, RowsNeeded, rows_needed};
pub use scope::Scope;
pub use server::{
    Listener, ServeError, ServeLimits, Unfinished, is_loopback, recognize, serve, serve_own_probes, serve_probes,
};
pub use shipping::ShippingBoard;
pub use snapshot::SnapshotBoard;
pub use tls::{
    CertificateDates, ClientAuth, Reread, Tls, TlsError, TlsFiles, read_certificates, read_dates, read_identity,
};
pub use together::{AskedOfAll, NoAnswer, NotTogether, Together, earned_by_day, is_of_the_past, last_day};
pub use told::{ParameterTold, QuestionTold, Takes, questions};
pub use within::Within;
