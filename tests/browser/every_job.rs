//! Every job that a referrer comes for, done three times: with a mouse, with the keyboard alone, and with a finger on a screen of
//! 390 pixels. What is done shows in the API, and what is shown is what the API says.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::downloads::{keep_downloads_in, saved};
use crate::harness::hand::{Hand, Person};
use crate::harness::people::{AFFILIATE, CROWD, CROWD_CODE, HOPEFUL};
use crate::harness::platform::{Caller, exact};
use crate::harness::walk::Walk;
use crate::harness::window::Window;
use crate::harness::{history, walk};

const CALLER: Caller = Caller::Affiliate(AFFILIATE);

/// The code that is made.
const CODE: &str = "EVERY_JOB";

#[test]
fn every_job_is_done_with_a_mouse() {
    every_job("jobs-mouse", Hand::Mouse);
}

#[test]
fn every_job_is_done_with_the_keyboard_alone() {
    every_job("jobs-keys", Hand::Keys);
}

#[test]
fn every_job_is_done_with_a_finger_at_390_pixels() {
    every_job("jobs-finger", Hand::Finger);
}

fn every_job(name: &str, hand: Hand) {
    walk(name, async |walk| {
        let person = Person::comes(walk, hand, CALLER).await;
        sees_the_rates_and_copies_the_link(walk, &person).await;
        makes_a_code(walk, &person).await;
        changes_both_rates_of_a_code(walk, &person).await;
        looks_at_the_codes_and_at_who_came_by_one(walk, &person).await;
        looks_at_a_range_of_days(walk, &person).await;
        chooses_what_stands_on_the_overview(&person).await;
        looks_at_the_countries(walk, &person).await;
        filters_the_invitees_by_several_things(walk, &person).await;
        notes_something_about_an_invitee(walk, &person).await;
        looks_at_an_invitee(walk, &person).await;
        looks_at_both_kinds_of_rewards_and_saves_them(walk, &person).await;
        sees_how_far_the_programs_are(walk, &person).await;
        joins_a_campaign_and_copies_its_link(walk, &person).await;
        let hopeful = Person::comes(walk, hand, Caller::Affiliate(HOPEFUL)).await;
        applies(&hopeful, walk).await;
    });
}

fn day(before: i64) -> String {
    history::end().plus_days(-before).day().to_string()
}

/// The API's rows.
fn rows(walk: &Walk, path: &str) -> Vec<Value> {
    walk.platform.get(CALLER, path)["rows"].as_array().expect("rows").clone()
}

/// What was copied last.
async fn copied(window: &Window) -> String {
    let granted = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    window.tell("Browser.grantPermissions", granted).await;
    let script = "const done = arguments[arguments.length - 1];
        navigator.clipboard.readText().then(done, error => done(String(error)));";
    let text = window.driver.execute_async(script, vec![]).await.expect("an answer");
    text.json().as_str().expect("a text").to_owned()
}

async fn sees_the_rates_and_copies_the_link(walk: &Walk, person: &Person) {
    let account = walk.platform.get(CALLER, "/v1/account");
    let code = walk.platform.get(CALLER, &format!("/v1/codes/{}", exact(&account["default_code"])));
    person.goes("/").await;
    let split = person.window.rows("#default-code .split tbody tr").await;
    assert_eq!(split.len(), 2, "{split:?}");
    for (row, product) in split.iter().zip(["spot", "futures"]) {
        let rates = ["rate", "rebate_rate"].map(|rate| exact(&code[format!("{product}_{rate}")]));
        assert_eq!(row[1..], rates, "{product}");
    }
    person.goes("/account").await;
    for product in ["spot", "futures"] {
        let shown = person.window.value(&format!("#account-{product}")).await;
        assert_eq!(shown, exact(&account[format!("{product}_rate")]));
    }
    person.goes("/").await;
    person.presses("#default-code button[data-copy*='ref=']").await;
    person.window.until("the link is copied", async |window| copied(window).await == exact(&code["link"])).await;
}

async fn makes_a_code(walk: &Walk, person: &Person) {
    person.goes("/codes").await;
    person.presses("[data-dialog=new-code]").await;
    person.window.until("the dialog", async |window| window.shows("dialog[open] [name=code]").await).await;
    person.fills("dialog[open] [name=code]", CODE).await;
    person.fills("dialog[open] [name=spot_rebate_rate]", "10%").await;
    person.fills("dialog[open] [name=futures_rebate_rate]", "5%").await;
    person.fills("dialog[open] [name=note]", "for a channel").await;
    person.presses("dialog[open] form[method=post] button.primary").await;
    person.window.until_at(CODE).await;
    let made = walk.platform.get(CALLER, &format!("/v1/codes/{CODE}"));
    let [spot, futures, note] = ["spot_rebate_rate", "futures_rebate_rate", "note"].map(|name| exact(&made[name]));
    assert_eq!((&*spot, &*futures, &*note), ("0.1", "0.05", "for a channel"));
}

async fn changes_both_rates_of_a_code(walk: &Walk, person: &Person) {
    person.fills("#edit [name=spot_rebate_rate]", "12%").await;
    person.fills("#edit [name=futures_rebate_rate]", "7%").await;
    person.presses("#edit form button.primary").await;
    let held = ["12%", "7%"];
    let shows = async |window: &Window| window.text_of("#code-totals").await.contains("12%");
    person.window.until("the new split", shows).await;
    let shown = person.window.figures("#code-totals").await;
    assert!(held.iter().all(|rate| shown.iter().any(|figure| figure.text == *rate)), "{shown:?}");
    let changed = walk.platform.get(CALLER, &format!("/v1/codes/{CODE}"));
    assert_eq!((&changed["spot_rebate_rate"], &changed["futures_rebate_rate"]), (&json!("0.12"), &json!("0.07")));
}

async fn looks_at_the_codes_and_at_who_came_by_one(walk: &Walk, person: &Person) {
    person.goes("/codes").await;
    let shown = person.window.rows("#codes tbody tr").await;
    let asked = rows(walk, "/v1/codes?limit=500");
    assert_eq!(shown.len(), asked.len());
    for (shown, asked) in shown.iter().zip(&asked) {
        assert!(shown[0].starts_with(&exact(&asked["code"])), "{shown:?}");
        assert_eq!(shown[1..4], ["created_at", "referrals", "commission"].map(|name| exact(&asked[name])));
        assert_eq!(shown[8], exact(&asked["note"]));
    }
    person.presses(&format!("#codes a[href^='/codes/{CROWD_CODE}']")).await;
    person.window.until_at(CROWD_CODE).await;
    let asked = rows(walk, &format!("/v1/codes/{CROWD_CODE}/referrals?limit=25"));
    let earned = "return Array.from(document.querySelectorAll('#code-invitees tbody tr'), row =>
        [row.querySelector('th').textContent.trim(), row.querySelector('.matters [data-value]').dataset.value]);";
    let shown: Vec<[String; 2]> = person.window.ask(earned, vec![]).await;
    let asked: Vec<[String; 2]> = asked.iter().map(|row| ["uid", "commission"].map(|name| exact(&row[name]))).collect();
    assert_eq!(shown, asked);
}

async fn looks_at_a_range_of_days(walk: &Walk, person: &Person) {
    person.goes("/").await;
    person.picks_day("#range-from", &day(20)).await;
    person.picks_day("#range-to", &day(3)).await;
    person.presses(".range form button[type=submit]").await;
    person.window.until_at(&day(20)).await;
    let asked = walk.platform.get(CALLER, &format!("/v1/overview?from={}&to={}", day(20), day(3)));
    for metric in asked["metrics"].as_object().expect("metrics").keys().filter(|name| *name != "shared_commission") {
        let shown = person.window.value(&format!("#card-{metric} .metric-figure")).await;
        assert_eq!(shown, exact(&asked["metrics"][metric]), "{metric}");
    }
    person.presses(".presets a[href*='range=90d']").await;
    person.window.until_at("range=90d").await;
}

async fn chooses_what_stands_on_the_overview(person: &Person) {
    assert!(person.window.shows("#card-verified").await);
    person.presses(".choice > summary").await;
    person.ticks(".choice input[value=verified]").await;
    person.presses(".choice form button.primary").await;
    let gone = async |window: &Window| window.shows("#card-deposited").await && !window.shows("#card-verified").await;
    person.window.until("a card less", gone).await;
}

async fn looks_at_the_countries(walk: &Walk, person: &Person) {
    person.goes("/countries").await;
    person.presses(".choice-menu > summary").await;
    person.presses(".choice-menu a[href*='metric=traded']").await;
    person.window.until_at("metric=traded").await;
    let days = person.window.figures(".range-shown").await;
    let range = format!("from={}&to={}", days[0].value, days[1].value);
    let asked = rows(walk, &format!("/v1/countries?limit=500&{range}"));
    let mut asked: Vec<u64> = asked.iter().map(|row| row["traded"].as_u64().expect("a count")).collect();
    asked.sort_unstable_by(|one, other| other.cmp(one));
    let shown = person.window.rows("#countries-ranked tbody tr").await;
    let shown: Vec<u64> = shown.iter().map(|row| row[2].parse().expect("a count")).collect();
    assert!(shown.len() > 5 && shown == asked[..shown.len()], "{shown:?} {asked:?}");
}

async fn filters_the_invitees_by_several_things(walk: &Walk, person: &Person) {
    person.goes("/referrals").await;
    person.fills("#filter-q", "880000").await;
    person.presses(".more-filters > summary").await;
    person.picks_day("#filter-registered_from", &day(41)).await;
    person.picks_day("#filter-registered_to", &day(1)).await;
    person.chooses("#filter-verified", "true").await;
    person.chooses("#filter-deposited", "true").await;
    person.chooses("#filter-traded", "true").await;
    person.ticks("#filter-vip-1").await;
    person.presses(".more-filters button[type=submit]").await;
    person.window.until_at("verified=true").await;
    let filters = format!("q=880000&registered_from={}&registered_to={}", day(41), day(1));
    let asked =
        walk.platform.get(CALLER, &format!("/v1/referrals?{filters}&verified=true&deposited=true&traded=true&vip=1"));
    assert_eq!(person.window.value("nav.paging").await, exact(&asked["total"]));
    assert_eq!(asked["total"], CROWD.div_ceil(6), "every sixth of the crowd");
    let shown = person.window.rows("#referrals tbody tr").await;
    let uids: Vec<String> = asked["rows"].as_array().expect("rows").iter().map(|row| exact(&row["uid"])).collect();
    assert_eq!(shown.into_iter().map(|row| row[0].clone()).collect::<Vec<_>>(), uids[..]);
}

async fn notes_something_about_an_invitee(walk: &Walk, person: &Person) {
    let uid = person.window.rows("#referrals tbody tr").await[0][0].clone();
    person.presses(&format!("a[data-note-of='{uid}']")).await;
    person.window.until("the dialog", async |window| window.shows("dialog[open] [name=note]").await).await;
    person.fills("dialog[open] [name=note]", "met at the fair").await;
    person.presses("dialog[open] form[method=post] button.primary").await;
    person.window.find("[role=status]").await;
    let row = walk.platform.get(CALLER, &format!("/v1/referrals/{uid}"))["referral"].clone();
    assert_eq!(row["note"], "met at the fair");
    person.fills("#filter-q", "at the fair").await;
    person.presses(".search button.primary").await;
    person.window.until("the one", async |window| window.all("#referrals tbody tr").await.len() == 1).await;
}

async fn looks_at_an_invitee(walk: &Walk, person: &Person) {
    let uid = person.window.rows("#referrals tbody tr").await[0][0].clone();
    person.presses(&format!("#referrals th a[href*='{uid}']")).await;
    person.window.until_at(&format!("/referrals/{uid}")).await;
    let asked = walk.platform.get(CALLER, &format!("/v1/referrals/{uid}"))["referral"].clone();
    for field in ["commission", "rebate", "volume"] {
        assert_eq!(person.window.value(&format!("#invitee-{field}")).await, exact(&asked[field]), "{field}");
    }
    person.presses("#invitee-trades a[href*='/trades/explain']").await;
    person.window.until_at("/trades/explain").await;
    assert!(person.window.shows("#explained-commission").await);
}

async fn looks_at_both_kinds_of_rewards_and_saves_them(walk: &Walk, person: &Person) {
    person.goes("/rewards").await;
    for kind in ["shared", "commission"] {
        person.presses(&format!("nav.tabs a[href*='kind={kind}']")).await;
        person.window.until_at(&format!("kind={kind}")).await;
    }
    let folder = tempfile::tempdir().expect("a folder");
    keep_downloads_in(&person.window, folder.path()).await;
    person.picks_day("#export-from", &day(30)).await;
    person.picks_day("#export-to", &day(2)).await;
    person.chooses("#export-format", "ndjson").await;
    person.presses("#export form button[type=submit]").await;
    let saved = saved_rows(folder.path());
    let asked = walk.platform.rows(CALLER, &format!("/v1/rewards?kind=commission&from={}&to={}", day(30), day(2)));
    let amounts = |rows: &[Value]| rows.iter().map(|row| exact(&row["amount"])).collect::<Vec<_>>();
    assert!(asked.len() > 100, "{}", asked.len());
    assert_eq!(amounts(&saved), amounts(&asked));
}

/// The rows of the file that the browser saves.
fn saved_rows(folder: &Path) -> Vec<Value> {
    saved(folder, "ndjson").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn sees_how_far_the_programs_are(walk: &Walk, person: &Person) {
    person.goes("/programs").await;
    let shown: Vec<String> = person.window.figures("main").await.into_iter().map(|figure| figure.value).collect();
    let offers = rows(walk, "/v1/offers");
    let kinds: std::collections::BTreeSet<&str> = offers.iter().filter_map(|offer| offer["kind"].as_str()).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["bonus", "evaluation"]);
    let text = person.window.text().await;
    for offer in &offers {
        assert!(text.contains(offer["title"].as_str().expect("a title")), "{offer}");
        let tiers = offer["tiers"].as_array().expect("tiers").iter();
        for condition in tiers.flat_map(|tier| tier["conditions"].as_array()).flatten() {
            for name in ["current", "target"] {
                assert!(shown.contains(&exact(&condition[name])), "{name} of {condition} in {}", offer["id"]);
            }
        }
    }
}

async fn joins_a_campaign_and_copies_its_link(walk: &Walk, person: &Person) {
    person.goes("/campaigns").await;
    for visibility in ["exclusive", "public"] {
        person.presses(&format!("nav.tabs a[href*='visibility={visibility}']")).await;
        person.window.until_at(&format!("visibility={visibility}")).await;
        let text = person.window.text().await;
        for campaign in rows(walk, &format!("/v1/campaigns?visibility={visibility}")) {
            assert!(text.contains(campaign["title"].as_str().expect("a title")), "{campaign}");
        }
    }
    let id = person.window.find("form[action^='/campaigns/join'] [name=campaign_id]").await;
    let id = id.prop("value").await.expect("a property").expect("an id");
    person.presses(&format!("form:has([name=campaign_id][value='{id}']) button")).await;
    person.window.find("[role=status]").await;
    let joined = rows(walk, "/v1/campaigns?visibility=public").into_iter().find(|one| one["id"] == *id);
    let link = exact(&joined.expect("it is still on")["share_link"]);
    assert!(link.contains("ref="), "{link}");
    person.presses(&format!("#campaigns button[data-copy='{link}']")).await;
    person.window.until("the link is copied", async |window| copied(window).await == link).await;
}

async fn applies(person: &Person, walk: &Walk) {
    person.goes("/account").await;
    person.fills("#apply-message", "I teach people to trade").await;
    person.presses("#apply form button.primary").await;
    person.window.find("[role=status]").await;
    let operator = walk.signed_in(Caller::Operator).await;
    operator.open("/operator/applications").await;
    assert!(operator.text_of(&format!("#application-{HOPEFUL}")).await.contains("I teach people to trade"));
}
