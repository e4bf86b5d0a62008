//! Another range, another code: cards, charts and address agree with the API to the last digit, and the way back leads
//! to the view before.

use serde_json::Value;

use crate::harness::people::{AFFILIATE, CROWD_CODE, OTHER};
use crate::harness::platform::{Caller, exact};
use crate::harness::window::Window;
use crate::harness::{Looks, history, walk};

const METRICS: [&str; 11] = [
    "total_rewards",
    "spot_commission",
    "futures_commission",
    "total_referrals",
    "verified",
    "deposited",
    "first_time_trade",
    "traded",
    "spot_volume",
    "futures_volume",
    "total_volume",
];

/// The charts, the metric of each of their columns, and of all together, which is compared with the range before.
const CHARTS: [(&str, &[&str], &str); 3] = [
    ("rewards-chart", &["spot_commission", "futures_commission"], "total_rewards"),
    ("volume-chart", &["total_volume", "spot_volume", "futures_volume"], "total_volume"),
    ("referrals-chart", &["total_referrals"], "total_referrals"),
];

/// So many days before the end of the history.
fn day(before: i64) -> String {
    history::end().plus_days(-before).day().to_string()
}

/// Compares cards, charts and funnel with what the API answers on this range.
async fn agrees(window: &Window, ask: impl Fn(&str) -> Value, query: &str) {
    let overview = ask(&format!("/v1/overview?{query}"));
    for metric in METRICS {
        let shown = window.value(&format!("#card-{metric} .metric-figure")).await;
        assert_eq!(shown, exact(&overview["metrics"][metric]), "{metric} of {query}");
    }
    let interval = window.parameter("interval").await.unwrap_or_else(|| "day".to_owned());
    let series = ask(&format!("/v1/overview/series?{query}&interval={interval}&before=true"));
    let points = series["points"].as_array().expect("points");
    let before = series["before"]["points"].as_array().expect("points before");
    for (chart, metrics, together) in CHARTS {
        let drawn = window.rows(&format!("#{chart} tbody tr")).await;
        let asked: Vec<Vec<String>> = points
            .iter()
            .zip(before)
            .map(|(point, before)| {
                let own = std::iter::once(&"date").chain(metrics).map(|name| exact(&point[*name]));
                own.chain([exact(&before[together])]).collect()
            })
            .collect();
        assert_eq!(drawn, asked, "{chart} of {query}");
    }
    let funnel: Vec<String> = window.rows("#funnel tbody tr").await.into_iter().map(|row| row[2].clone()).collect();
    let stages = ["total_referrals", "verified", "deposited", "first_time_trade"];
    assert_eq!(funnel, stages.map(|stage| exact(&overview["metrics"][stage])), "{query}");
}

#[test]
fn cards_charts_and_address_agree_with_the_api_on_every_range() {
    walk("ranges", async |walk| {
        let caller = Caller::Affiliate(AFFILIATE);
        let window = walk.signed_in(caller).await;
        let ask = |path: &str| walk.platform.get(caller, path);

        window.open(&format!("/?from={}&to={}", day(20), day(3))).await;
        let first = format!("from={}&to={}", day(20), day(3));
        agrees(&window, ask, &first).await;

        window.pick_day("From", &day(12)).await;
        window.pick_day("To", &day(12)).await;
        window.press("Show").await;
        window.until_at(&day(12)).await;
        assert_eq!(window.parameter("from").await, Some(day(12)));
        agrees(&window, ask, &format!("from={0}&to={0}", day(12))).await;

        window.choose("Code", CROWD_CODE).await;
        window.press("Show").await;
        window.until_at(CROWD_CODE).await;
        agrees(&window, ask, &format!("from={0}&to={0}&code={CROWD_CODE}", day(12))).await;

        for (preset, range) in [("7 days", "7d"), ("90 days", "90d"), ("Last month", "last-month"), ("All time", "all")]
        {
            window.press(preset).await;
            window.until_at(&format!("range={range}")).await;
            assert_eq!(window.parameter("code").await.as_deref(), Some(CROWD_CODE), "the code stays");
            // The page says which days it took; midnight may come between two questions.
            let days = window.figures(".range-shown").await;
            let query = format!("from={}&to={}&code={CROWD_CODE}", days[0].value, days[1].value);
            window.open(&format!("/?{query}&interval=week")).await;
            agrees(&window, ask, &query).await;
            window.driver.back().await.expect("back");
            window.until_at(&format!("range={range}")).await;
        }
        for _ in 0..4 {
            window.driver.back().await.expect("back");
        }
        window.until_at(CROWD_CODE).await;
        agrees(&window, ask, &format!("from={0}&to={0}&code={CROWD_CODE}", day(12))).await;
        window.driver.back().await.expect("back");
        window.driver.back().await.expect("back");
        window.until_at(&first).await;
        agrees(&window, ask, &first).await;
    });
}

#[test]
fn a_range_that_is_none_is_told_beside_its_field() {
    walk("wrong-range", async |walk| {
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        window.open(&format!("/?from={}&to={}", day(1), day(5))).await;
        let field = window.find("#range-from[aria-invalid=true], #range-to[aria-invalid=true]").await;
        let described = field.attr("aria-describedby").await.expect("an attribute").expect("a description");
        assert!(!window.text_of(&format!("#{described}")).await.is_empty());
    });
}

#[test]
fn the_cards_chosen_stand_in_their_order_and_are_remembered() {
    walk("cards", async |walk| {
        for looks in [Looks::default(), Looks::without_scripts()] {
            let window = walk.signed_in_with(Caller::Affiliate(AFFILIATE), looks).await;
            let cards = async || -> Vec<String> {
                let script = "return Array.from(document.querySelectorAll('article.metric')).map(card => card.id);";
                window.ask(script, vec![]).await
            };
            assert_eq!(cards().await, METRICS.map(|metric| format!("card-{metric}")));
            window.press("Choose the cards and their order").await;
            for metric in ["total_rewards", "futures_volume", "verified"] {
                window.press_at(&format!("input[name^=card][value={metric}]")).await;
            }
            window.press("Save").await;
            window.until("eight cards", async |window| window.all("article.metric").await.len() == 8).await;
            window.open("/codes").await;
            window.open("/?range=7d").await;
            let kept = cards().await;
            assert_eq!(kept.len(), 8, "{kept:?}");
            assert!(!kept.contains(&"card-verified".to_owned()));
        }
    });
}

#[test]
fn an_amount_in_short_opens_to_every_digit_with_or_without_scripts() {
    walk("short", async |walk| {
        for looks in [Looks::default(), Looks::without_scripts(), Looks::narrow()] {
            let window = walk.signed_in_with(Caller::Affiliate(AFFILIATE), looks).await;
            let query = format!("from={}&to={}", day(30), day(3));
            window.open(&format!("/?{query}")).await;
            let asked = walk.platform.get(Caller::Affiliate(AFFILIATE), &format!("/v1/overview?{query}"));
            let digits = exact(&asked["metrics"]["total_rewards"]);
            let short = window.text_of("#card-total_rewards .metric-figure summary .fig").await.replace(',', "");
            let (_, decimals) = short.split_once('.').expect("cents");
            assert!(decimals.len() == 2 && digits.starts_with(&short) && digits != short, "{short} of {digits}");
            let title = window.find("#card-total_rewards summary").await.attr("title").await.expect("an attribute");
            assert_eq!(title.map(|title| title.replace(',', "")), Some(format!("{digits} USD")));
            assert!(!window.shows("#card-total_rewards .exact-digits").await);
            window.press_at("#card-total_rewards .exact > summary").await;
            assert_eq!(window.text_of("#card-total_rewards .exact-digits").await.replace(',', ""), digits);
        }
    });
}

#[test]
fn new_numbers_come_in_without_a_jump() {
    walk("live", async |walk| {
        use crate::harness::people::{CROWD_FIRST, trade};
        let caller = Caller::Affiliate(AFFILIATE);
        let window = walk.signed_in(caller).await;
        window.open(&format!("/?from={}&to={}", day(30), day(0))).await;
        let before = window.value("#card-total_volume .metric-figure").await;
        // What the user opened and where it reads stays as it is.
        window.press_at("#card-traded details > summary").await;
        window.ask::<Value>("window.mark = 'the same document'; window.scrollTo(0, 500); return null", vec![]).await;
        walk.platform.post(&[trade(CROWD_FIRST, "live-1", 1, "12345.00000001", "1")]);
        window
            .until("the new volume", async |window| {
                let shown = window.value("#card-total_volume .metric-figure").await;
                shown != before
            })
            .await;
        let asked = walk.platform.get(caller, &format!("/v1/overview?from={}&to={}", day(30), day(0)));
        assert_eq!(window.value("#card-total_volume .metric-figure").await, exact(&asked["metrics"]["total_volume"]));
        let (mark, top): (String, u32) = window.ask("return [window.mark, Math.round(window.scrollY)]", vec![]).await;
        assert_eq!((mark.as_str(), top), ("the same document", 500));
        assert!(window.shows("#card-traded details[open]").await);
    });
}

#[test]
fn an_operator_looks_as_any_referrer_and_the_page_says_so() {
    walk("look-as", async |walk| {
        let window = walk.signed_in(Caller::Operator).await;
        window.open("/").await;
        let field = window.find("#chooser-uid").await;
        field.send_keys(OTHER.to_string()).await.expect("written");
        window.press_at(".chooser button").await;
        window.until_at(&format!("uid={OTHER}")).await;
        assert!(window.text_of(".banner.other").await.contains(&OTHER.to_string()));
        window.open(&format!("/?uid={OTHER}&from={}&to={}", day(20), day(3))).await;
        let ask = |path: &str| walk.platform.get(Caller::Operator, path);
        agrees(&window, ask, &format!("uid={OTHER}&from={}&to={}", day(20), day(3))).await;
    });
}
