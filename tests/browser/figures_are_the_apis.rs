//! Every figure that stands on a page is one that the API answers to the questions which the page is made of, to the
//! last digit; and the rows of its tables are the API's rows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::crawl::every_page;
use crate::harness::people::{AFFILIATE, CROWD_CODE};
use crate::harness::platform::{Caller, Platform, exact};
use crate::harness::window::Window;
use crate::harness::{history, walk};

const CALLER: Caller = Caller::Affiliate(AFFILIATE);

/// The questions of SPEC 4 that a page is made of: paths of the API.
fn questions(platform: &Platform, path: &str, days: Option<(String, String)>) -> Vec<String> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let with = |asked: &str, names: &[&str]| {
        let kept: Vec<&str> =
            query.split('&').filter(|pair| names.iter().any(|name| pair.starts_with(&format!("{name}=")))).collect();
        format!("{asked}?{}", kept.join("&"))
    };
    let range = days.map(|(from, to)| format!("&from={from}&to={to}")).unwrap_or_default();
    let account = "/v1/account?".to_owned();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments[..] {
        [""] => {
            let code = with("", &["code"]).replace('?', "&");
            let default = exact(&platform.get(CALLER, "/v1/account")["default_code"]);
            let mut asked = vec![
                format!("/v1/overview?{range}{code}"),
                format!("/v1/changes?{range}{code}"),
                account,
                format!("/v1/codes/{default}"),
                "/v1/codes?limit=500".to_owned(),
                "/v1/offers".to_owned(),
                "/v1/campaigns".to_owned(),
            ];
            let series = |of: &str| format!("/v1/overview/series?interval={of}{range}{code}&before=true");
            asked.extend(["day", "week", "month"].map(series));
            asked
        }
        ["cohorts"] => {
            let asked = with("/v1/cohorts", &["code", "country", "cursor"]);
            vec![format!("{asked}&limit=24{range}"), account]
        }
        ["countries"] => vec![format!("/v1/countries?limit=500{range}"), account],
        ["referrals"] => {
            let names = [
                "q",
                "registered_from",
                "registered_to",
                "vip",
                "verified",
                "deposited",
                "traded",
                "code",
                "country",
                "commission_type",
                "sort",
                "order",
                "cursor",
            ];
            vec![with("/v1/referrals", &names), "/v1/codes?limit=500".to_owned()]
        }
        ["referrals", invitee, ..] => {
            let mut asked = vec![format!("/v1/referrals/{invitee}"), account];
            asked.extend(trades(platform, invitee).into_iter().take(20));
            asked.push(format!("/v1/rewards?kind=commission&limit=500{range}"));
            asked
        }
        ["codes"] | ["codes", "new"] => vec!["/v1/codes?limit=500".to_owned(), account],
        ["codes", code, ..] => {
            let list = with(&format!("/v1/codes/{code}/referrals"), &["sort", "order", "cursor"]);
            vec![format!("/v1/codes/{code}"), list, account]
        }
        ["rewards"] => vec![
            format!("{}{range}", with("/v1/rewards", &["kind", "cursor"])),
            format!("/v1/overview?{range}"),
            account,
        ],
        ["rewards", "trades"] => {
            let given = |name: &str| {
                let named = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
                named.unwrap_or_else(|| panic!("{path} has no {name}"))
            };
            let date = given("date");
            let mut asked = vec![format!("/v1/rewards?kind={}&from={date}&to={date}&limit=500", given("kind"))];
            if given("kind") == "commission" {
                asked.extend(trades(platform, given("counterparty")));
            }
            asked
        }
        ["programs", ..] => vec![with("/v1/offers", &["as_of"]), account],
        ["campaigns", ..] => vec![with("/v1/campaigns", &["visibility"]), account],
        ["account", ..] => vec![account],
        ["trades", "explain"] => {
            let invitee = query.split('&').find_map(|pair| pair.strip_prefix("invitee=")).unwrap_or_default();
            vec![with("/v1/trades/explain", &["invitee", "source", "id"]), format!("/v1/referrals/{invitee}")]
        }
        _ => panic!("no question is known for {path}: tell it here"),
    }
}

/// The trades of an invitee, each explained.
fn trades(platform: &Platform, invitee: &str) -> Vec<String> {
    let detail = platform.get(CALLER, &format!("/v1/referrals/{invitee}"));
    let explain = |trade: &Value| {
        let event = &trade["event"];
        format!(
            "/v1/trades/explain?invitee={}&source={}&id={}",
            trade["account_uid"],
            exact(&event["source"]),
            exact(&event["id"])
        )
    };
    detail["trades"].as_array().expect("trades").iter().map(explain).collect()
}

/// Every value in an answer, as `data-value` has it.
fn leaves(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| leaves(one, out)),
        Value::Object(all) => all.values().for_each(|one| leaves(one, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.insert(exact(value));
        }
    }
}

/// What pages say of programs and campaigns besides: the days left, and how much of a target is missing.
fn still_to_come(answer: &Value, out: &mut BTreeSet<String>) {
    let today = history::end().day();
    for row in answer["rows"].as_array().into_iter().flatten() {
        let ends = [&row["starts"], &row["ends"], &row["period"]["to"]];
        for end in ends.into_iter().filter_map(|end| schemas::Day::parse(end.as_str()?)) {
            out.extend([end.0 - today.0, end.0 - today.0 + 1].map(|days| days.to_string()));
        }
        let tiers = row["tiers"].as_array().into_iter().flatten();
        for condition in tiers.flat_map(|tier| tier["conditions"].as_array()).flatten() {
            let steps = |name: &str| schemas::Usd::parse(&exact(&condition[name])).expect("an amount or a count");
            out.insert((steps("target") - steps("current")).to_string());
        }
    }
}

#[test]
fn every_figure_of_every_page_is_the_apis() {
    walk("figures", async |walk| {
        let platform = &walk.platform;
        let window = walk.signed_in(CALLER).await;
        let more = [format!("/codes/{CROWD_CODE}"), "/?code=WALK_CROWD&range=all".to_owned()];
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let (mut strange, mut count) = (BTreeMap::<String, Vec<String>>::new(), 0);
        every_page(&window, &more, async |window, path| {
            if path.starts_with("/restatement") {
                return;
            }
            let days = shown_days(window).await;
            // Where nothing is, nothing is 0.
            let mut known = BTreeSet::from(["0".to_owned()]);
            let links = "return Array.from(document.querySelectorAll('main a[href*=\"/trades/explain?\"]'))
                .map(link => '/v1' + link.pathname + link.search);";
            let explained: Vec<String> = window.ask(links, vec![]).await;
            for question in questions(platform, path, days).into_iter().chain(explained) {
                let answer = platform.try_get(CALLER, &question);
                // A page that refuses what its address names shows no figure of it.
                if answer.status == 200 {
                    let answer = serde_json::from_str(&answer.body).expect("JSON");
                    leaves(&answer, &mut known);
                    still_to_come(&answer, &mut known);
                }
            }
            if path.starts_with("/trades/explain") {
                // Which rules of the platform were in force is told besides, and by no question of the API.
                known.extend(window.figures("#conditions").await.into_iter().map(|figure| figure.value));
            }
            // What a split gives of a fee of 100 is a rate, told as an amount.
            let splits: Vec<String> = known.iter().filter(|one| is_rate(one)).map(|rate| percent(rate)).collect();
            if path.starts_with("/codes") || path.starts_with("/referrals/") {
                known.extend(splits);
            }
            if let Some(invitee) = path.strip_prefix("/referrals/").and_then(|rest| rest.split(['/', '?']).next()) {
                known.extend(kept_of_a_hundred(platform, invitee));
            }
            for figure in window.figures("main").await {
                count += 1;
                if !known.contains(&figure.value) {
                    strange.entry(path.to_owned()).or_default().push(format!("{} ({})", figure.value, figure.text));
                }
            }
        })
        .await;
        println!("{count} figures");
        assert!(strange.is_empty(), "not among the API's answers: {strange:#?}");
        assert!(count > 500, "{count} figures were compared");
    });
}

/// What is left for the referrer of fees of 100 of an invitee: the base rate less the invitee's.
fn kept_of_a_hundred(platform: &Platform, invitee: &str) -> Vec<String> {
    let answer = platform.try_get(CALLER, &format!("/v1/referrals/{invitee}"));
    let detail: Value = serde_json::from_str(&answer.body).expect("JSON");
    let account = platform.get(CALLER, "/v1/account");
    let rate = |of: &Value| schemas::Rate::parse(of.as_str()?).ok();
    let kept = [("spot_rate", "spot_rebate_rate"), ("futures_rate", "futures_rebate_rate")].map(|(base, rebate)| {
        let (base, rebate) = (rate(&account[base])?, rate(&detail["referral"][rebate])?);
        Some(percent(&base.saturating_sub(rebate).to_string()))
    });
    kept.into_iter().flatten().collect()
}

/// The days that a page says it is about.
async fn shown_days(window: &Window) -> Option<(String, String)> {
    let days = window.figures(".range-shown").await;
    let [from, to, ..] = &days[..] else { return None };
    Some((from.value.clone(), to.value.clone()))
}

#[test]
fn what_a_figure_reads_is_its_exact_value_grouped() {
    walk("reads", async |walk| {
        let window = walk.signed_in(CALLER).await;
        let mut count = 0;
        every_page(&window, &[], async |window, path| {
            for figure in window.figures("main .num").await {
                let read = figure.text.trim().replace('\u{2212}', "-").replace(',', "");
                let (read, exact) = match read.strip_suffix('%') {
                    Some(read) => (plain(read), percent(&figure.value)),
                    None => (plain(&read), plain(&figure.value)),
                };
                if schemas::Usd::parse(&exact).is_ok() {
                    assert_eq!(read, exact, "{path}: {figure:?}");
                    count += 1;
                }
            }
        })
        .await;
        assert!(count > 200, "{count}");
    });
}

/// A decimal without zeros at its end.
fn plain(decimal: &str) -> String {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        decimal.to_owned()
    }
}

fn is_rate(text: &str) -> bool {
    schemas::Rate::parse(text).is_ok()
}

/// A rate times a hundred, by moving its point.
fn percent(rate: &str) -> String {
    let (whole, part) = rate.split_once('.').unwrap_or((rate, ""));
    let (cents, tail) = part.split_at(part.len().min(2));
    let whole = format!("{whole}{cents:0<2}");
    let whole = whole.trim_start_matches('0');
    plain(&format!("{}.{tail}", if whole.is_empty() { "0" } else { whole }))
}
