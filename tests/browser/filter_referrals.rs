//! The list of invitees: filtered by several things at once, paged to the end and back, sorted, noted, saved.

use serde_json::Value;

use crate::harness::people::{AFFILIATE, CROWD, CROWD_FIRST};
use crate::harness::platform::{Caller, exact};
use crate::harness::window::Window;
use crate::harness::{Looks, walk};

/// The fields of the list's usual columns, but for the note, which has a button beside it.
const COLUMNS: [&str; 12] = [
    "uid",
    "registered_at",
    "code",
    "country",
    "verified_at",
    "first_deposit_at",
    "first_trade_at",
    "commission",
    "volume",
    "vip_level",
    "commission_type",
    "spot_rebate_rate",
];

/// Compares the rows that are shown with the API's.
async fn shows(window: &Window, asked: &[Value]) {
    let mut shown = window.rows("#referrals tbody tr").await;
    shown.iter_mut().for_each(|row| row.truncate(COLUMNS.len()));
    let asked: Vec<Vec<String>> =
        asked.iter().map(|row| COLUMNS.iter().map(|name| exact(&row[*name])).collect()).collect();
    assert_eq!(shown, asked, "on {}", window.place().await);
}

#[test]
fn five_filters_at_once_lead_to_the_end_and_back() {
    for (name, looks) in [("filters", Looks::default()), ("filters-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let caller = Caller::Affiliate(AFFILIATE);
            let window = walk.signed_in_with(caller, looks).await;
            window.open("/referrals").await;
            window.fill("Search by uid or note", &CROWD_FIRST.to_string()[..6]).await;
            window.press("More filters").await;
            window.choose("Verified", "true").await;
            window.choose("Traded", "true").await;
            window.fill("Countries", "IS").await;
            window.press_at("input[name^=vip][value='1']").await;
            window.press("Apply filters").await;
            window.until_at("verified=true").await;

            let query = "/v1/referrals?q=880000&verified=true&traded=true&country=IS&vip=1";
            let all = walk.platform.rows(caller, query);
            assert_eq!(all.len() as u64, CROWD / 2);
            let pages: Vec<&[Value]> = all.chunks(25).collect();
            let first = pages[0];
            assert_eq!(pages.len(), 3);
            assert_eq!(window.value("nav.paging").await, all.len().to_string());
            let mut places = Vec::new();
            for (at, page) in pages.iter().enumerate() {
                shows(&window, page).await;
                places.push(window.place().await);
                if at + 1 < pages.len() {
                    window.press("Next page").await;
                    window.until("another page", async |window| window.place().await != places[at]).await;
                }
            }
            assert_eq!(window.all("nav.paging a[rel=next]").await.len(), 0, "there is no page after the last");
            for (place, page) in places.iter().zip(&pages).rev().skip(1) {
                window.driver.back().await.expect("back");
                window.until("the page before", async |window| window.place().await == *place).await;
                shows(&window, page).await;
            }
            window.press("Next page").await;
            window.until_at("cursor=").await;
            window.press("First page").await;
            window.until("the first page", async |window| !window.place().await.contains("cursor=")).await;
            shows(&window, first).await;

            // A chip takes its own filter away and leaves the others.
            let chips = window.all("ul.chips a.chip").await;
            assert_eq!(chips.len(), 5);
            window.press_at("ul.chips a.chip[href*='country=IS']:not([href*='verified='])").await;
            window.until("a filter less", async |window| window.parameter("verified").await.is_none()).await;
            let more = walk.platform.get(caller, "/v1/referrals?q=880000&traded=true&country=IS&vip=1&limit=25");
            shows(&window, more["rows"].as_array().expect("rows")).await;
            assert_eq!(window.value("nav.paging").await, CROWD.to_string());
            window.press("Clear all").await;
            window.until("no filter", async |window| window.all("ul.chips").await.is_empty()).await;
        });
    }
}

#[test]
fn any_column_sorts_both_ways() {
    walk("sort", async |walk| {
        let caller = Caller::Affiliate(AFFILIATE);
        let window = walk.signed_in(caller).await;
        window.open("/referrals").await;
        for (label, sort) in [("Volume, USD", "volume"), ("VIP", "vip_level"), ("Uid", "uid")] {
            for order in ["desc", "asc"] {
                window.press_at(&format!("#referrals thead a[href*='sort={sort}'][href*='order={order}']")).await;
                window.until_at(&format!("order={order}")).await;
                assert_eq!(window.parameter("sort").await.as_deref(), Some(sort), "{label}");
                let direction = if order == "asc" { "ascending" } else { "descending" };
                assert_eq!(window.all(&format!("#referrals th[aria-sort={direction}]")).await.len(), 1);
                let asked = walk.platform.get(caller, &format!("/v1/referrals?sort={sort}&order={order}&limit=25"));
                shows(&window, asked["rows"].as_array().expect("rows")).await;
            }
        }
    });
}

#[test]
fn a_note_is_kept_in_place_and_found_by_the_search() {
    for (name, looks) in [("note", Looks::default()), ("note-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let caller = Caller::Affiliate(AFFILIATE);
            let window = walk.signed_in_with(caller, looks).await;
            let uid = CROWD_FIRST + 5;
            window.open(&format!("/referrals?q={uid}")).await;
            window.press_at(&format!("a[data-note-of='{uid}']")).await;
            window.fill("Note", "met at the fair «Ω»").await;
            window.press("Save the note").await;
            window.find("[role=status]").await;
            assert!(window.place().await.starts_with(&format!("/referrals?q={uid}")), "one stays where one was");
            let row = walk.platform.get(caller, &format!("/v1/referrals/{uid}"))["referral"].clone();
            assert_eq!(row["note"], "met at the fair «Ω»");
            window.fill("Search by uid or note", "AT THE FAIR").await;
            window.press("Search").await;
            window.until_at("FAIR").await;
            let shown = window.rows("#referrals tbody tr").await;
            assert_eq!(shown.len(), 1);
            assert_eq!(shown[0][0], uid.to_string());
        });
    }
}

#[test]
fn the_columns_chosen_stand_and_are_remembered() {
    walk("columns", async |walk| {
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        window.open("/referrals?sort=uid&order=asc").await;
        window.press("Columns").await;
        window.press_at("input[name^=column][value=country]").await;
        window.press_at("input[name^=column][value=rebate]").await;
        window.press("Save").await;
        let heads = async || -> Vec<String> {
            let script = "return Array.from(document.querySelectorAll('#referrals thead a')).map(link =>
                new URL(link.href).searchParams.get('sort'));";
            window.ask(script, vec![]).await
        };
        window
            .until("another column", async |window| window.shows("#referrals thead a[href*='sort=rebate']").await)
            .await;
        let kept = heads().await;
        assert!(!kept.contains(&"country".to_owned()) && kept.contains(&"rebate".to_owned()), "{kept:?}");
        window.open("/referrals").await;
        assert_eq!(heads().await, kept);
    });
}

#[test]
fn what_is_filtered_is_saved_row_for_row() {
    walk("save-filtered", async |walk| {
        let caller = Caller::Affiliate(AFFILIATE);
        let window = walk.signed_in(caller).await;
        let filters = "q=880000&deposited=true&country=IS&vip=1";
        window.open(&format!("/referrals?{filters}&sort=volume")).await;
        let asked = walk.platform.rows(caller, &format!("/v1/referrals?{filters}"));
        assert!(asked.len() > 40, "{}", asked.len());
        let cookies = window.cookies().await;
        for format in ["csv", "ndjson"] {
            let link = window.find(&format!("a[href*='/referrals/export'][href*='format={format}']")).await;
            let link = link.attr("href").await.expect("an attribute").expect("an address");
            let saved = walk.platform.fetch(&cookies, &link);
            assert_eq!(saved.status, 200, "{link}");
            let uids: Vec<String> = if format == "csv" {
                let mut reader = csv::Reader::from_reader(saved.body.as_bytes());
                reader.records().map(|row| row.expect("a row")[0].to_owned()).collect()
            } else {
                let row = |line: &str| exact(&serde_json::from_str::<Value>(line).expect("JSON")["uid"]);
                saved.body.lines().map(row).collect()
            };
            let mut expected: Vec<String> = asked.iter().map(|row| exact(&row["uid"])).collect();
            let mut uids = uids;
            expected.sort();
            uids.sort();
            assert_eq!(uids, expected, "{format}");
        }
    });
}
