//! The pages of the dashboard through real HTTP on loopback, as a browser without scripts uses them, on the small
//! history of the API's tests.

mod browser;
#[path = "../../../api/tests/http/history.rs"]
mod history;
#[allow(dead_code, reason = "shared with the API's tests, which need all of it")]
#[path = "../../../api/tests/http/server.rs"]
mod server;

mod account;
mod ask;
mod authorisation;
mod campaigns;
mod codes;
mod cohorts;
mod countries;
mod elsewhere;
mod everybody;
mod explain;
mod forms;
mod guide;
mod languages;
mod live;
mod menu;
mod opening;
mod operator;
mod overview;
mod programs;
mod reached;
mod referrals;
mod restatement;
mod rewards;
mod safety;
mod session;
mod what_if;
mod withheld;

use pages::router;
