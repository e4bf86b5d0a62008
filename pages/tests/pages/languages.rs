//! The languages of the pages: which one is spoken, and that a page in Chinese is in Chinese.

mod left_over;

use axum::http::header;

pub use self::left_over::english_in;
use crate::browser::{Browser, Shown};
use crate::server::Server;

const ENGLISH: &str = "<html lang=\"en\"";
const CHINESE: &str = "<html lang=\"zh-Hans\"";

fn accepting<'s>(mut browser: Browser<'s>, languages: &'static str) -> Browser<'s> {
    browser.forwarded.push(("accept-language", languages));
    browser
}

#[track_caller]
fn assert_speaks(page: &Shown, begins: &str, tag: &str) {
    assert!(page.text().contains(begins), "{}", page.text());
    assert_eq!(page.reply.header("content-language"), tag);
    let varies: Vec<_> =
        page.reply.headers.get_all(header::VARY).iter().filter_map(|value| value.to_str().ok()).collect();
    assert!(varies.iter().any(|value| value.contains("accept-language") && value.contains("cookie")), "{varies:?}");
}

#[tokio::test]
async fn a_page_is_in_the_language_that_the_browser_asks_for_and_in_english_where_it_is_unknown() {
    let server = Server::with_tokens().await;
    for (languages, begins, tag) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", CHINESE, "zh-Hans"),
        ("en-GB,zh;q=0.2", ENGLISH, "en"),
        ("tlh, de;q=0.5", ENGLISH, "en"),
        ("", ENGLISH, "en"),
    ] {
        let mut browser = accepting(Browser::signed_in(&server, "affiliate", Some(7)).await, languages);
        assert_speaks(browser.get("/").await.expect(200), begins, tag);
        assert_speaks(browser.get("/nowhere").await.expect(404), begins, tag);
        let mut stranger = accepting(Browser::new(&server), languages);
        assert_speaks(stranger.get("/codes").await.expect(401), begins, tag);
        let manifest = stranger.get("/manifest.webmanifest").await.reply;
        assert_eq!((manifest.json()["lang"].as_str(), manifest.header("content-language")), (Some(tag), tag));
    }
}

#[tokio::test]
async fn what_is_chosen_by_hand_wins_and_leads_back_to_the_page() {
    let server = Server::with_tokens().await;
    let mut browser = accepting(Browser::signed_in(&server, "affiliate", Some(7)).await, "en");
    let page = browser.get("/codes?sort=code").await;
    assert_speaks(&page, ENGLISH, "en");
    let sent = browser.submit_once(&page, "/language", &[("language", "zh")]).await;
    assert_eq!((sent.reply.status, sent.reply.header("location")), (303, "/codes?sort=code"));
    assert_speaks(&browser.get("/codes?sort=code").await, CHINESE, "zh-Hans");
    let page = browser.get("/").await;
    assert_speaks(&browser.submit(&page, "/language", &[("language", "en")]).await, ENGLISH, "en");
    let unknown = browser.submit(&page, "/language", &[("language", "tlh")]).await;
    assert_eq!(unknown.expect(400).text().matches("en, zh").count(), 1);
    assert_eq!(browser.cookies["tributary_language"], "en");
    browser.cookies.insert("tributary_language".to_owned(), "tlh".to_owned());
    assert_speaks(&browser.get("/").await, ENGLISH, "en");
}

#[tokio::test]
async fn who_is_not_signed_in_chooses_too_but_no_other_site_does() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/sign-in").await;
    let mut fields = page.form("/language").hidden;
    fields.push(("language".to_owned(), "zh".to_owned()));
    let headers = [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(browser.post_from("/language", &fields, &headers).await.reply.status, 403);
    assert_speaks(browser.submit(&page, "/language", &[("language", "zh")]).await.expect(401), CHINESE, "zh-Hans");
    fields.retain(|(name, _)| name != "next");
    fields.push(("next".to_owned(), "//evil.example".to_owned()));
    assert_eq!(browser.post("/language", &fields).await.reply.header("location"), "/");
}

#[tokio::test]
async fn figures_and_what_the_api_says_are_the_same_in_every_language() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let figures = |page: &Shown| {
        let values = page.text().split("data-value=\"").skip(1).filter_map(|rest| rest.split('"').next());
        values.map(str::to_owned).collect::<Vec<_>>()
    };
    for path in ["/", "/rewards", "/account", "/codes/ALPHA", "/referrals/100"] {
        browser.cookies.insert("tributary_language".to_owned(), "en".to_owned());
        let english = figures(browser.get(path).await.expect(200));
        browser.cookies.insert("tributary_language".to_owned(), "zh".to_owned());
        let chinese = figures(browser.get(path).await.expect(200));
        assert!(!english.is_empty(), "{path}");
        // A translator may put the figures of a sentence in another order.
        let sorted = |mut figures: Vec<String>| {
            figures.sort();
            figures
        };
        assert_eq!(sorted(english), sorted(chinese), "{path}");
    }
    let refused = browser.get("/?code=BETA").await;
    assert!(refused.expect(404).text().contains("lang=\"en\""), "{}", refused.text());
}

/// Pages of each role, by what they show.
const PAGES: &[(&str, Option<u64>, &[&str])] = &[
    (
        "affiliate",
        Some(7),
        &[
            "/",
            "/?range=all",
            "/?as_of=12",
            "/?from=2026-03-10&to=2026-03-01",
            "/?from=2025-01-01&to=2025-02-01",
            "/?from=2026-01-01&to=2026-03-10&interval=month",
            "/?range=for-ever",
            "/nowhere",
            "/overview/programs",
            "/cohorts",
            "/cohorts?measure=volume",
            "/countries",
            "/countries?metric=traded",
            "/referrals",
            "/referrals?q=1&vip=0,1&verified=true&traded=false&country=ZZ,DE&commission_type=spot",
            "/referrals?vip=x",
            "/referrals/100",
            "/referrals/100?from=2026-02-01&to=2026-03-31",
            "/referrals/100/note",
            "/codes",
            "/codes/new",
            "/codes/ALPHA",
            "/rewards",
            "/rewards?range=all",
            "/rewards?kind=shared",
            "/rewards/trades?date=2026-03-04&counterparty=100&product=spot",
            "/programs",
            "/campaigns",
            "/campaigns?visibility=exclusive",
            "/account",
            "/trades/explain",
            "/trades/explain?invitee=100&source=%2Ftests&id=t1",
            "/restatement",
            "/restatement?from=2026-03-01&to=2026-03-31&since=11",
            "/restatement?since=never",
            "/restatement/entry?from=2026-03-01&to=2026-03-31&since=11&position=20",
            "/programs?as_of=19",
        ],
    ),
    ("affiliate", Some(8), &["/", "/cohorts", "/countries", "/referrals", "/codes", "/rewards", "/account"]),
    (
        "analyst",
        None,
        &[
            "/",
            "/?uid=7",
            "/operator/referrers",
            "/operator/withheld",
            "/operator/withheld?range=all&rows=reason&country=DE,ZZ&reason=vip_level,suspended",
            "/operator/withheld?range=all&kind=clawbacks&rows=trades",
            "/operator/ask",
            "/operator/ask?question=account&ask=yes&p-uid=7",
            "/operator/ask?question=referrers&ask=yes&p-from=2026-03-01",
            "/operator/ask?question=status&ask=yes",
        ],
    ),
    (
        "operator",
        None,
        &[
            "/",
            "/?uid=7",
            "/codes?uid=7",
            "/operator",
            "/operator/ingestion",
            "/operator/quarantine",
            "/operator/quarantine/1",
            "/operator/applications",
            "/operator/affiliates",
            "/operator/affiliates/7",
            "/operator/rules",
            "/operator/offers",
            "/operator/offers/edit",
            "/operator/campaigns",
            "/operator/campaigns/edit",
            "/operator/search",
            "/operator/search?name=7",
            "/operator/search?name=nothing",
            "/operator/entries/3",
            "/operator/entries/10",
            "/operator/entries/12",
            "/operator/withheld?range=all&rows=trades",
            "/operator/offers/edit?id=bonus",
            "/operator/campaigns/edit?id=spring",
            "/operator/what-if",
            "/audit",
        ],
    ),
];

/// What is said of forms that are not taken.
async fn refused_forms(server: &Server) -> Vec<(&'static str, &'static str, Shown)> {
    let mut affiliate = accepting(Browser::signed_in(server, "affiliate", Some(8)).await, "zh");
    let unsealed = affiliate.post_from("/appearance", &[], &[("accept-language", "zh")]).await;
    let foreign = [("accept-language", "zh"), ("sec-fetch-site", "cross-site")];
    let of_others = affiliate.post_from("/appearance", &[], &foreign).await;
    let mut stranger = accepting(Browser::new(server), "zh");
    let page = stranger.get("/sign-in").await;
    let too_long = stranger.submit(&page, "/sign-in", &[("token", &"x".repeat(4_000))]).await;
    assert!(too_long.expect(401).text().contains("令牌过长"), "{}", too_long.text());
    vec![
        ("/appearance", "affiliate", unsealed),
        ("/appearance", "affiliate", of_others),
        ("/sign-in", "nobody", too_long),
    ]
}

#[tokio::test]
async fn a_page_in_chinese_has_no_word_of_english() {
    let server = Server::with_tokens().await;
    server.post_events("[5]").await.expect(200);
    let mut seen = Vec::new();
    let mut stranger = accepting(Browser::new(&server), "zh");
    for path in ["/", "/sign-in", "/sign-in/link?link=x"] {
        seen.push((path, "nobody", stranger.get(path).await));
    }
    for (role, uid, paths) in PAGES {
        let mut browser = accepting(Browser::signed_in(&server, role, *uid).await, "zh");
        for path in *paths {
            seen.push((path, role, browser.get(path).await));
        }
    }
    seen.extend(refused_forms(&server).await);
    let mut left = Vec::new();
    for (path, role, page) in &seen {
        assert_speaks(page, CHINESE, "zh-Hans");
        let english = english_in(page.text());
        if !english.is_empty() {
            left.push(format!("{path} of {role}: {}", english.join(" | ")));
        }
    }
    assert!(left.is_empty(), "in English still:\n{}", left.join("\n"));
}
