//! Which requests a shard is asked for what rows do not answer, and which shard.

use std::sync::OnceLock;

use api::AskedOfAll;
use axum::http::Method;

/// Which shard answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::node) enum Way {
    /// The one of this number.
    One(usize),
    /// Each of them: they all say the same of it.
    Any,
    /// The one that has the family; the others have nothing there.
    Family,
    /// The same for a trade explained, of which others may hold a copy.
    Explained,
    /// All of them together: their answers are made one.
    All(AskedOfAll),
    /// The same of a file of all records of rewards.
    Export,
    /// The one that has the family a command is about: whichever is asked says which that is.
    Command,
    /// None alone, unless there is but one, or one is named.
    Alone,
}

/// Commands and jobs, by method and path below `/v1/`. A job is its ledger's own.
const COMMANDS: &[(Method, &[&str], Way)] = &[
    (Method::POST, &["codes"], Way::Command),
    (Method::PATCH, &["codes", "{}"], Way::Command),
    (Method::PUT, &["referrals", "{}", "note"], Way::Command),
    (Method::PUT, &["referrals", "{}", "rebate"], Way::Command),
    (Method::POST, &["account", "apply"], Way::Command),
    (Method::POST, &["campaigns", "{}", "join"], Way::Command),
    (Method::POST, &["what-if"], Way::Alone),
    (Method::GET, &["what-if", "{}"], Way::Alone),
];

/// Questions that one shard of several answers.
const QUESTIONS: &[(&[&str], Way)] = &[
    (&["trades", "explain"], Way::Explained),
    (&["trades", "rules"], Way::Explained),
    (&["rewards", "trades"], Way::Family),
    (&["account", "application"], Way::Any),
    (&["account", "codes"], Way::Any),
    (&["referrals", "{}"], Way::Family),
    (&["referrals", "{}", "history"], Way::Family),
    (&["rewards", "export"], Way::Export),
    (&["account"], Way::Any),
    (&["campaigns"], Way::Any),
    (&["changes"], Way::Any),
];

impl Way {
    /// Which shard a request goes to; none where it is not passed on, whatever there is: events, what operators do to one
    /// process, probes, pages.
    pub(in crate::node) fn of(method: &Method, path: &str) -> Option<Way> {
        let segments: Vec<&str> = path.strip_prefix("/v1/")?.split('/').collect();
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let command = COMMANDS.iter().find(|(of, template, _)| of == method && is_of(template, &segments));
        if let Some((_, _, way)) = command {
            return Some(*way);
        }
        if *method != Method::GET {
            return None;
        }
        if let Some((_, way)) = QUESTIONS.iter().find(|(template, _)| is_of(template, &segments)) {
            return Some(*way);
        }
        if let Some(asked) = AskedOfAll::of(&segments) {
            return Some(Way::All(asked));
        }
        known().iter().any(|template| is_of(template, &segments)).then_some(Way::Alone)
    }
}

/// Every question of the API, by its path in segments.
fn known() -> &'static [Vec<&'static str>] {
    static KNOWN: OnceLock<Vec<Vec<&'static str>>> = OnceLock::new();
    KNOWN.get_or_init(|| api::questions().iter().map(|question| question.path.split('/').collect()).collect())
}

/// Whether a path is one of a template, of which `{…}` stands for any name.
fn is_of(template: &[&str], segments: &[&str]) -> bool {
    let is_like = |(of, given): (&&str, &&str)| of == given || (of.starts_with('{') && !given.is_empty());
    template.len() == segments.len() && template.iter().zip(segments).all(is_like)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_shard_answers_is_asked_of_it_and_what_nobody_makes_one_of_none() {
        for (method, path, way) in [
            (Method::GET, "/v1/trades/explain", Some(Way::Explained)),
            (Method::GET, "/v1/referrals/7", Some(Way::Family)),
            (Method::HEAD, "/v1/referrals/7", Some(Way::Family)),
            (Method::GET, "/v1/referrals/7/history", Some(Way::Family)),
            (Method::GET, "/v1/referrals//history", None),
            (Method::GET, "/v1/trades/rules", Some(Way::Explained)),
            (Method::GET, "/v1/rewards/trades", Some(Way::Family)),
            (Method::GET, "/v1/account/application", Some(Way::Any)),
            (Method::GET, "/v1/account/codes", Some(Way::Any)),
            (Method::GET, "/v1/account", Some(Way::Any)),
            (Method::GET, "/v1/rewards", Some(Way::All(AskedOfAll::Rewards))),
            (Method::HEAD, "/v1/offers", Some(Way::All(AskedOfAll::Offers))),
            (Method::GET, "/v1/codes/A", Some(Way::All(AskedOfAll::Code))),
            (Method::GET, "/v1/codes/A/referrals", Some(Way::All(AskedOfAll::CodeReferrals))),
            (Method::GET, "/v1/codes//referrals", None),
            (Method::GET, "/v1/rewards/export", Some(Way::Export)),
            (Method::GET, "/v1/overview", Some(Way::All(AskedOfAll::Overview))),
            (Method::GET, "/v1/overview/series", Some(Way::All(AskedOfAll::Series))),
            (Method::GET, "/v1/cohorts", Some(Way::All(AskedOfAll::Cohorts))),
            (Method::GET, "/v1/referrers", Some(Way::All(AskedOfAll::Referrers))),
            (Method::GET, "/v1/feed", Some(Way::Alone)),
            (Method::GET, "/v1/entries/12", Some(Way::Alone)),
            (Method::GET, "/v1/restatement", Some(Way::Alone)),
            (Method::POST, "/v1/codes", Some(Way::Command)),
            (Method::PUT, "/v1/referrals/7/rebate", Some(Way::Command)),
            (Method::POST, "/v1/what-if", Some(Way::Alone)),
            (Method::POST, "/v1/events", None),
            (Method::GET, "/v1/ledger/frames", None),
            (Method::GET, "/v1/ledger/segments/1", None),
            (Method::POST, "/v1/ledger/step-down", None),
            (Method::POST, "/v1/tokens/revoke", None),
            (Method::POST, "/v1/sign-in-links", None),
            (Method::POST, "/v1/quarantine/3/discard", None),
            (Method::DELETE, "/v1/overview", None),
            (Method::GET, "/v1/referrals/", None),
            (Method::GET, "/v1/", None),
            (Method::GET, "/metrics", None),
            (Method::GET, "/", None),
        ] {
            assert_eq!(Way::of(&method, path), way, "{method} {path}");
        }
    }
}
