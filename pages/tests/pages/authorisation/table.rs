//! Who may what: one line an endpoint and a page, five roles, and for each whether it may ask about its own data, about
//! another's, and where it names nobody.
//!
//! | sign | it is answered |
//! |---|---|
//! | `+` | as asked: 2xx, a page, or what leads on to one; of a command also 409, where the state does not allow it |
//! | `-` | 403: not for this role, or not its own |
//! | `?` | 400: it has to say about whom; of a page, the page that asks |
//! | `0` | 404: it is not there for who asks |
//! | `.` | it names nobody: there is no such case |

/// What a request says besides its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Nothing.
    Nothing,
    /// A body of JSON.
    Json(&'static str),
    /// An event.
    Event,
    /// The fields of a form.
    Form(&'static [(&'static str, &'static str)]),
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub method: &'static str,
    /// Its template, as the OpenAPI document has it.
    pub path: &'static str,
    /// What stands in the address behind it, beside whom it is about.
    pub query: &'static str,
    /// Whether it names whom it is about by `uid`.
    pub names: bool,
    pub says: Says,
    /// Of an affiliate, an analyst, an operator, a service, an auditor: own, other, none.
    pub may: [&'static str; 5],
    /// Whether a token is needed at all.
    pub needs_token: bool,
}

/// The roles, in the order of the columns.
pub const ROLES: [&str; 5] = ["affiliate", "analyst", "operator", "service", "auditor"];

const fn get(path: &'static str, query: &'static str, names: bool, may: [&'static str; 5]) -> Line {
    Line { method: "get", path, query, names, says: Says::Nothing, may, needs_token: true }
}

const fn send(method: &'static str, path: &'static str, says: Says, names: bool, may: [&'static str; 5]) -> Line {
    Line { method, path, query: "", names, says, may, needs_token: true }
}

const fn open(path: &'static str) -> Line {
    Line { needs_token: false, ..get(path, "", false, ["..+"; 5]) }
}

/// Of one, or of all together.
const OF_ONE_OR_ALL: [&str; 5] = ["+-+", "+++", "+++", "+++", "+++"];
/// Of one, who has to be named by all that see any.
const OF_ONE: [&str; 5] = ["+-+", "++?", "++?", "++?", "++?"];
const COMMAND: [&str; 5] = ["+-+", "---", "++?", "---", "---"];
/// The same of a page that asks about whom first.
const COMMAND_ASKED: [&str; 5] = ["+-+", "--?", "++?", "--?", "--?"];
const OPERATORS: [&str; 5] = ["..-", "..-", "..+", "..-", "..-"];
const OPERATORS_AND_AUDITORS: [&str; 5] = ["..-", "..-", "..+", "..-", "..+"];
const EVERYONE: [&str; 5] = ["..+"; 5];

const NOTE: Says = Says::Json("{\"note\":\"x\"}");
const RATES: Says = Says::Json("{\"spot_rebate_rate\":\"0\",\"futures_rebate_rate\":\"0\"}");
const REASON: Says = Says::Json("{\"reason\":\"not wanted\"}");
const WHAT_IF: Says = Says::Json("{\"drop\":[{\"type\":\"referral.vip.v1\"}]}");

/// Before the first frame of a ledger: a cursor.
const START: &str = "after=01000000000000000000000000000000010000000000000001000000000000000000000000000080\
    0000000000000000000000000000000000000000000000000000000000000000";

/// The API.
pub const API: &[Line] = &[
    get("/v1/overview", "", true, OF_ONE_OR_ALL),
    get("/v1/overview/series", "", true, OF_ONE_OR_ALL),
    get("/v1/changes", "", true, OF_ONE_OR_ALL),
    get("/v1/countries", "", true, OF_ONE_OR_ALL),
    get("/v1/cohorts", "", true, OF_ONE_OR_ALL),
    get("/v1/withheld", "", false, ["..-", "..+", "..+", "..+", "..+"]),
    get("/v1/withheld/trades", "", false, ["..-", "..+", "..+", "..+", "..+"]),
    get("/v1/clawbacks", "", false, ["..-", "..+", "..+", "..+", "..+"]),
    get("/v1/clawbacks/trades", "", false, ["..-", "..+", "..+", "..+", "..+"]),
    get("/v1/referrers", "", false, ["..-", "..+", "..+", "..+", "..+"]),
    get("/v1/referrals", "", true, OF_ONE),
    get("/v1/referrals/{invitee}", "", true, OF_ONE),
    get("/v1/referrals/{invitee}/history", "", true, OF_ONE),
    send("put", "/v1/referrals/{invitee}/note", NOTE, true, COMMAND),
    send("put", "/v1/referrals/{invitee}/rebate", RATES, true, COMMAND),
    get("/v1/codes", "", true, OF_ONE),
    send("post", "/v1/codes", RATES, true, COMMAND),
    get("/v1/codes/{code}", "", true, OF_ONE),
    send("patch", "/v1/codes/{code}", NOTE, true, COMMAND),
    get("/v1/codes/{code}/referrals", "", true, OF_ONE),
    get("/v1/rewards", "", true, OF_ONE),
    // There is no such record: who may ask is told so.
    get("/v1/rewards/trades", "date=2020-01-01&counterparty=1&product=spot", true, ["0-0", "00?", "00?", "00?", "00?"]),
    get("/v1/rewards/export", "", true, OF_ONE),
    get("/v1/restatement", "as_of=1", true, OF_ONE),
    get("/v1/trades/explain", "{trade}", true, OF_ONE_OR_ALL),
    get("/v1/trades/rules", "{trade}", true, OF_ONE_OR_ALL),
    get("/v1/account", "", true, OF_ONE),
    get("/v1/account/application", "", true, OF_ONE),
    get("/v1/account/codes", "", true, OF_ONE),
    send("post", "/v1/account/apply", Says::Json("{\"message\":\"x\"}"), true, COMMAND),
    get("/v1/offers", "", true, OF_ONE),
    get("/v1/campaigns", "", true, OF_ONE),
    send("post", "/v1/campaigns/{id}/join", Says::Json("{}"), true, COMMAND),
    send("post", "/v1/events", Says::Event, false, ["..-", "..-", "..+", "..+", "..-"]),
    get("/v1/feed", "limit=1", false, ["..-", "..-", "..+", "..+", "..+"]),
    get("/v1/search", "name=7", false, ["..-", "..-", "..+", "..+", "..+"]),
    get("/v1/entries/{position}", "", false, ["..-", "..-", "..+", "..+", "..+"]),
    get("/v1/intake", "", false, OPERATORS_AND_AUDITORS),
    get("/v1/quarantine", "", false, OPERATORS_AND_AUDITORS),
    get("/v1/quarantine/{id}", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/v1/quarantine/{id}/redrive", Says::Json("{}"), false, OPERATORS),
    send("post", "/v1/quarantine/{id}/discard", REASON, false, OPERATORS),
    send("post", "/v1/quarantine/{id}/replace", Says::Event, false, OPERATORS),
    get("/v1/audit", "", false, OPERATORS_AND_AUDITORS),
    get("/v1/ledger/segments", "", false, OPERATORS_AND_AUDITORS),
    get("/v1/ledger/segments/{number}", "", false, OPERATORS_AND_AUDITORS),
    get("/v1/ledger/checkpoint", "", false, OPERATORS_AND_AUDITORS),
    get("/v1/ledger/checkpoint/{file}", "", false, OPERATORS_AND_AUDITORS),
    get("/v1/ledger/frames", START, false, OPERATORS_AND_AUDITORS),
    send("post", "/v1/ledger/promote", Says::Nothing, false, OPERATORS),
    Line { query: "epoch=0", ..send("post", "/v1/ledger/step-down", Says::Nothing, false, OPERATORS) },
    get("/v1/status", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/v1/what-if", WHAT_IF, false, ["..-", "..+", "..+", "..-", "..-"]),
    get("/v1/what-if/{id}", "", false, ["..-", "..+", "..+", "..-", "..+"]),
    send("post", "/v1/tokens/revoke", Says::Json("{\"jti\":\"of-nobody\"}"), false, OPERATORS),
    get("/v1/tokens/revoked", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/v1/sign-in-links", Says::Json("{}"), true, ["---", "---", "++?", "++?", "---"]),
    open("/healthz"),
    open("/readyz"),
    open("/metrics"),
    open("/openapi.json"),
];

const CODE_FORM: Says = Says::Form(&[("spot_rebate_rate", "0"), ("futures_rebate_rate", "0"), ("note", "x")]);
const NOTE_FORM: Says = Says::Form(&[("note", "x")]);
const RATES_FORM: Says = Says::Form(&[("spot_rebate_rate", "0"), ("futures_rebate_rate", "0")]);
const STANDING_FORM: Says = Says::Form(&[("status", "approved"), ("spot_rate", "0.4"), ("futures_rate", "0.3")]);
const NO_FIELDS: Says = Says::Form(&[]);

/// The pages. What a form lacks is told in the page, which is an answer as asked.
pub const PAGES: &[Line] = &[
    get("/", "", true, OF_ONE_OR_ALL),
    get("/overview/programs", "", true, OF_ONE_OR_ALL),
    send("post", "/overview/cards", Says::Form(&[("reset", "yes")]), false, EVERYONE),
    get("/cohorts", "", true, OF_ONE_OR_ALL),
    get("/countries", "", true, OF_ONE_OR_ALL),
    get("/referrals", "", true, OF_ONE_OR_ALL),
    get("/referrals/export", "format=csv", true, OF_ONE_OR_ALL),
    send("post", "/referrals/columns", Says::Form(&[("default", "true")]), false, EVERYONE),
    get("/referrals/{invitee}", "", true, OF_ONE),
    get("/referrals/{invitee}/note", "", true, OF_ONE),
    send("post", "/referrals/{invitee}/note", NOTE_FORM, true, COMMAND),
    send("post", "/referrals/{invitee}/rebate", RATES_FORM, true, COMMAND),
    get("/codes", "", true, OF_ONE_OR_ALL),
    send("post", "/codes", CODE_FORM, true, COMMAND),
    get("/codes/new", "", true, COMMAND),
    get("/codes/{code}", "", true, OF_ONE),
    send("post", "/codes/{code}", CODE_FORM, true, COMMAND),
    get("/codes/{code}/qr.png", "", true, OF_ONE),
    get("/codes/{code}/qr.svg", "", true, OF_ONE),
    get("/rewards", "", true, OF_ONE_OR_ALL),
    get("/rewards/export", "", true, OF_ONE),
    get("/programs", "", true, OF_ONE_OR_ALL),
    get("/campaigns", "", true, OF_ONE_OR_ALL),
    send("post", "/campaigns/join", Says::Form(&[("campaign_id", "spring")]), true, COMMAND_ASKED),
    get("/account", "", true, OF_ONE_OR_ALL),
    send("post", "/account/apply", Says::Form(&[("message", "x")]), true, COMMAND_ASKED),
    get("/trades/explain", "{trade}", true, OF_ONE_OR_ALL),
    get("/restatement", "", true, OF_ONE_OR_ALL),
    get("/operator", "", false, OPERATORS_AND_AUDITORS),
    get("/operator/ingestion", "", false, OPERATORS_AND_AUDITORS),
    get("/operator/quarantine", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/operator/quarantine", NO_FIELDS, false, OPERATORS),
    get("/operator/quarantine/{id}", "", false, OPERATORS_AND_AUDITORS),
    get("/operator/quarantine/{id}/raw", "", false, OPERATORS_AND_AUDITORS),
    get("/audit", "", false, OPERATORS_AND_AUDITORS),
    get("/operator/applications", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/operator/applications", NO_FIELDS, false, ["..-", "..-", "..?", "..-", "..-"]),
    get("/operator/affiliates", "", false, OPERATORS_AND_AUDITORS),
    get("/operator/affiliates/{uid}", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/operator/affiliates/{uid}", STANDING_FORM, false, OPERATORS),
    get("/operator/rules", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/operator/rules", NO_FIELDS, false, OPERATORS),
    get("/operator/offers", "", false, OPERATORS_AND_AUDITORS),
    get("/operator/offers/edit", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/operator/offers/edit", NO_FIELDS, false, OPERATORS),
    get("/operator/campaigns", "", false, OPERATORS_AND_AUDITORS),
    get("/operator/campaigns/edit", "", false, OPERATORS_AND_AUDITORS),
    send("post", "/operator/campaigns/edit", NO_FIELDS, false, OPERATORS),
    get("/operator/search", "name=7", false, OPERATORS_AND_AUDITORS),
    get("/operator/entries/{position}", "", false, OPERATORS_AND_AUDITORS),
    get("/operator/ask", "question=status&ask=yes", false, ["..-", "..+", "..+", "..+", "..+"]),
    get("/operator/withheld", "", false, ["..-", "..+", "..+", "..+", "..+"]),
    get("/operator/referrers", "", false, ["..-", "..+", "..+", "..+", "..+"]),
    get("/operator/what-if", "", false, ["..-", "..+", "..+", "..-", "..-"]),
    send("post", "/operator/what-if", NO_FIELDS, false, ["..-", "..+", "..+", "..-", "..-"]),
    get("/operator/what-if/{id}", "", false, ["..-", "..+", "..+", "..-", "..+"]),
    get("/live", "", false, EVERYONE),
    send("post", "/appearance", Says::Form(&[("appearance", "dark")]), false, EVERYONE),
];

/// What is there or not by what it is about, or by what the server was given: their own tests hold who sees it.
pub const PARTS: &[&str] = &["/rewards/trades", "/restatement/entry", "/guide"];

/// Pages that are there before anybody is known, or to be known: no role stands before them.
pub const OF_NOBODY: &[&str] = &[
    "/sign-in",
    "/sign-in/state",
    "/sign-in/link",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/sign-out",
    "/language",
    "/manifest.webmanifest",
];
