//! Pages of a serving node before two shards: they show the figures of one daemon that has all events, now and as of a time.

use ingest::{Clock, SystemClock};

use crate::chains;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::topic::Sender;
use crate::daemon_support::{broker, cassandra, seed};
use crate::shards::{chosen, history, says_the_same};
use crate::together;
use crate::world::{World, families, one_ledger};

/// The pages about a referrer.
const PAGES: &[&str] = &[
    "/?",
    "/?range=all&interval=month",
    "/?from=2025-06-01&to=2025-06-30",
    "/overview/programs?",
    "/cohorts?",
    "/cohorts?range=all",
    "/countries?range=all&metric=traded",
    "/referrals?limit=7",
    "/referrals?sort=commission&order=asc&traded=true",
    "/codes?",
    "/rewards?",
    "/rewards?kind=commission&from=2025-01-01&to=2030-12-31",
    "/rewards?kind=shared&from=2025-01-01&to=2030-12-31",
    "/programs?",
    "/campaigns?",
    "/account?",
];

/// The pages about everybody.
const OF_EVERYBODY: &[&str] =
    &["/operator/referrers?range=all", "/operator/referrers?sort=traded&from=2025-06-01&to=2025-06-30"];

/// What stands between a page's heading and its foot.
fn main_of(daemon: &Daemon, path: &str) -> String {
    let page = daemon.try_page(path).expect("an answer");
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    let from = page.body.find("<div class=\"page-head\">").expect("a heading");
    page.body[from..page.body.find("</main>").expect("an end")].to_owned()
}

/// The figures of a page, exact, and the texts of its tables, in their order.
fn figures(main: &str) -> Vec<String> {
    let exact = main.split(" data-value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let cells = ["<td", "<th"].into_iter().flat_map(|cell| main.split(cell).skip(1)).map(|rest| {
        let cell = rest.split("</t").next().unwrap_or_default();
        cell.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect::<String>()
    });
    exact.map(str::to_owned).chain(cells.collect::<Vec<_>>()).collect()
}

/// The figures of a page about offers, without what a ledger alone tells: when they were recorded, and earlier periods.
fn of_offers(main: &str) -> Vec<String> {
    let offers = main.split("<section class=\"part offer\"").skip(1);
    offers.flat_map(|offer| figures(offer.split("<ul class=\"past-periods\"").next().unwrap_or_default())).collect()
}

fn check(serving: &Daemon, one: &Daemon, path: &str) -> usize {
    let of = if path.starts_with("/programs") { of_offers } else { figures };
    let (found, expected) = (of(&main_of(serving, path)), of(&main_of(one, path)));
    assert_eq!(found, expected, "{path}");
    found.len()
}

/// An invitee and one of its trades, as far as questions tell.
fn check_invitee(serving: &Daemon, one: &Daemon, invitee: u64, trade: &serde_json::Value) {
    let referrer = &trade["referrer_uid"];
    let path = format!("/referrals/{invitee}?uid={referrer}&range=all");
    let part = |daemon: &Daemon, path: &str, from: &str, to: &str| {
        let main = main_of(daemon, path);
        let (_, rest) = main.split_once(from).unwrap_or_else(|| panic!("no {from} in {main}"));
        figures(rest.split(to).next().unwrap_or_default())
    };
    // Positions are each ledger's own.
    for id in ["totals", "dates", "over-time", "trades"] {
        let from = format!("id=\"{id}\"");
        assert_eq!(part(serving, &path, &from, "</section>"), part(one, &path, &from, "</section>"), "{path} {id}");
    }
    let records = one.get(&format!("/v1/rewards?uid={referrer}&from=2025-01-01&to=2030-12-31&limit=3"));
    for record in records["rows"].as_array().expect("rows") {
        let text = |name: &str| record[name].as_str().expect("a text").to_owned();
        let (date, product) = (text("date"), text("product"));
        let counterparty = &record["invitee_uid"];
        let path = format!("/rewards/trades?uid={referrer}&date={date}&counterparty={counterparty}&product={product}");
        assert!(check(serving, one, &path) > 8, "{path} has trades");
    }
    let text = |name: &str| trade[name].as_str().expect("a text").replace('/', "%2F");
    let path = format!(
        "/trades/explain?invitee={}&source={}&id={}&uid={referrer}",
        trade["account_uid"],
        text("event_source"),
        text("event_id")
    );
    for (from, to) in [("class=\"sums\"", "</section>"), ("id=\"who\"", "</section>"), ("id=\"rule\"", "</section>")] {
        assert_eq!(part(serving, &path, from, to), part(one, &path, from, to), "{path} {from}");
    }
}

#[test]
fn pages_of_a_serving_node_show_the_figures_of_one_machine() {
    let (Some(node), Some(broker)) = (cassandra::shared(), broker::plain()) else { return };
    let mut lines = history(seed(), 5_000);
    lines.extend(chains::shuffled(together::lines(), seed()));
    let folder = tempfile::tempdir().expect("a folder");
    let (one, data) = one_ledger(folder.path(), &lines);
    let mut uids = chosen(&one);
    uids.push(together::REFERRER);
    let world = World::start("pages", 2, broker.clone(), node);
    let mut sender = Sender::new(&broker.address, &world.topic());
    lines.iter().for_each(|line| sender.send(line));
    sender.flush();
    world.settle(|| says_the_same(&world.serving, &one, &uids));
    let (serving, then, mut compared) = (&world.serving, SystemClock::new().now(), 0);
    for uid in uids.iter().rev().take(6) {
        for page in PAGES {
            compared += check(serving, &one, &format!("{page}&uid={uid}"));
            compared += check(serving, &one, &format!("{page}&uid={uid}&as_of={then}"));
        }
        let codes = one.get(&format!("/v1/codes?uid={uid}&limit=3"));
        for code in codes["rows"].as_array().expect("rows") {
            let path = format!("/codes/{}?uid={uid}", code["code"].as_str().expect("a code"));
            compared += check(serving, &one, &path);
        }
    }
    for page in OF_EVERYBODY {
        compared += check(serving, &one, page);
        compared += check(serving, &one, &format!("{page}&as_of={then}"));
    }
    assert!(compared > 5_000, "{compared} figures");
    let families = families(&data);
    let earned = families
        .iter()
        .filter_map(|(invitee, trades)| Some((invitee, trades.iter().find(|trade| !trade["referrer_uid"].is_null())?)));
    let mut invitees = 0;
    for (invitee, trade) in earned.take(8) {
        check_invitee(serving, &one, *invitee, trade);
        invitees += 1;
    }
    assert_eq!(invitees, 8);
    for path in ["/operator/quarantine", "/restatement?uid=7", "/operator/what-if"] {
        let page = serving.try_page(path).expect("an answer");
        assert_eq!(page.status, 421, "{path}: {}", page.body);
        for number in 0..2 {
            assert!(page.body.contains(&format!("shard {number} at http://127.0.0.1:")), "{path}: {}", page.body);
        }
        assert!(page.body.starts_with("<!DOCTYPE html>"), "{path}");
    }
    for probe in ["/readyz", "/metrics", "/openapi.json"] {
        assert_eq!(serving.try_page(probe).expect("an answer").status, 200, "{probe}");
    }
    world.end();
}
