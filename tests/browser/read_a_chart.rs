//! A chart is read: by pointer, by touch and by keys it tells the figures of a day and of as many days before; without a
//! script they stand in its table. What changed the terms leads to what says so.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::harness::people::AFFILIATE;
use crate::harness::platform::{Caller, exact};
use crate::harness::walk::Walk;
use crate::harness::window::Window;
use crate::harness::{Looks, history, walk};

const CALLER: Caller = Caller::Affiliate(AFFILIATE);

/// So many days before the end of the history.
fn day(before: i64) -> String {
    history::end().plus_days(-before).day().to_string()
}

fn range() -> String {
    format!("from={}&to={}", day(12), day(1))
}

/// What the API says of a bucket: its day, the two parts of the rewards, and the whole of as many days before.
fn of_day(walk: &Walk, at: usize) -> [String; 4] {
    let series = walk.platform.get(CALLER, &format!("/v1/overview/series?{}&before=true", range()));
    let (point, before) = (&series["points"][at], &series["before"]["points"][at]);
    [&point["date"], &point["spot_commission"], &point["futures_commission"], &before["total_rewards"]].map(exact)
}

/// A text without what groups its digits, and with a minus as the API writes it; amounts have two decimals at least.
fn ungrouped(text: &str) -> String {
    text.replace(',', "").replace('\u{2212}', "-")
}

/// Whether a text has all of these, whatever the decimals they are filled up with.
fn tells(text: &str, all: &[String]) -> bool {
    all.iter().all(|one| ungrouped(text).contains(one.as_str()))
}

async fn tip(window: &Window) -> String {
    window.ask("return document.querySelector('#rewards-chart .tip')?.textContent ?? ''", vec![]).await
}

#[test]
fn keys_move_from_day_to_day_and_the_slider_says_day_and_figures() {
    walk("chart-keys", async |walk| {
        let window = walk.signed_in(CALLER).await;
        window.open(&format!("/?{}", range())).await;
        window.find("#rewards-chart .plot[role=slider]").await;
        window.ask::<Value>("document.querySelector('#rewards-chart .plot').focus(); return null", vec![]).await;
        let said = async || -> String {
            window.ask("return document.activeElement.getAttribute('aria-valuetext')", vec![]).await
        };
        for (key, at) in
            [(Key::Home, 0), (Key::Right, 1), (Key::Right, 2), (Key::Left, 1), (Key::End, 11), (Key::PageDown, 4)]
        {
            window.type_keys(key).await;
            let expected = of_day(walk, at);
            let said = said().await;
            assert!(tells(&said, &expected), "{said}: {expected:?}");
            assert!(tells(&tip(&window).await, &expected), "{}: {expected:?}", tip(&window).await);
            let shown: u64 =
                window.ask("return Number(document.activeElement.getAttribute('aria-valuenow'))", vec![]).await;
            assert_eq!(shown, at as u64);
        }
        window.type_keys(Key::Escape).await;
        assert_eq!(tip(&window).await, "");
        // The table says the same, and opens by the keyboard too.
        let rows = window.rows("#rewards-chart tbody tr").await;
        assert_eq!(rows[4], of_day(walk, 4));
    });
}

#[test]
fn a_pointer_and_a_finger_have_it_told() {
    walk("chart-pointer", async |walk| {
        let window = walk.signed_in(CALLER).await;
        window.open(&format!("/?{}", range())).await;
        let plot = window.find("#rewards-chart .plot[role=slider]").await;
        plot.scroll_into_view().await.expect("in view");
        window.driver.action_chain().move_to_element_center(&plot).perform().await.expect("pointed at");
        window.until("the tip", async |window| !tip(window).await.is_empty()).await;
        let middle = [of_day(walk, 5), of_day(walk, 6)];
        let told = tip(&window).await;
        assert!(middle.iter().any(|expected| tells(&told, expected)), "{told}: {middle:?}");
        let elsewhere = window.find("h1").await;
        window.driver.action_chain().move_to_element_center(&elsewhere).perform().await.expect("pointed at");
        window.until("no tip", async |window| tip(window).await.is_empty()).await;

        let phone = walk.signed_in_with(CALLER, Looks::narrow()).await;
        phone.tell("Emulation.setTouchEmulationEnabled", json!({"enabled": true})).await;
        phone.open(&format!("/?{}", range())).await;
        let touch = async |selector: &str, share: f64| {
            let script = "const one = document.querySelector(arguments[0]);
                one.scrollIntoView({block: 'center'});
                const box = one.getBoundingClientRect();
                return [box.left + box.width * arguments[1], box.top + box.height / 2];";
            let [x, y]: [f64; 2] = phone.ask(script, vec![json!(selector), json!(share)]).await;
            phone
                .tell("Input.dispatchTouchEvent", json!({"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}))
                .await;
            phone.tell("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []})).await;
        };
        phone.find("#rewards-chart .plot[role=slider]").await;
        touch("#rewards-chart .plot", 0.125).await;
        phone.until("the tip", async |window| tells(&tip(window).await, &of_day(walk, 1))).await;
        let wide: u32 = phone.ask("return document.documentElement.scrollWidth", vec![]).await;
        assert!(wide <= 390, "the tip stands within the screen: {wide}");
        touch("h1", 0.5).await;
        phone.until("no tip", async |window| tip(window).await.is_empty()).await;
    });
}

#[test]
fn without_scripts_the_figures_stand_in_the_table_and_at_the_pointer() {
    walk("chart-without-scripts", async |walk| {
        let window = walk.signed_in_with(CALLER, Looks::without_scripts()).await;
        window.open(&format!("/?{}", range())).await;
        let titles: Vec<String> = window
            .ask("return Array.from(document.querySelectorAll('#rewards-chart .bucket > title'), one => one.textContent)", vec![])
            .await;
        assert!(tells(&titles[3], &of_day(walk, 3)[..3]), "{}", titles[3]);
        assert!(window.shows("#rewards-chart .plot[role=img]").await, "a picture, where nothing moves in it");
        window.press_at("#rewards-chart .chart-table > summary").await;
        assert!(window.shows("#rewards-chart tbody td").await);
        assert_eq!(window.rows("#rewards-chart tbody tr").await[3], of_day(walk, 3));
    });
}

#[test]
fn what_changed_leads_to_what_says_so() {
    walk("chart-changes", async |walk| {
        let window = walk.signed_in(Caller::Operator).await;
        let query = format!("uid={AFFILIATE}&from={}&to={}", day(100), day(0));
        window.open(&format!("/?{query}&interval=month")).await;
        let changes = walk.platform.rows(Caller::Operator, &format!("/v1/changes?{query}"));
        assert!(!changes.is_empty());
        let listed = window.all("#changes .change-list li").await.len();
        assert_eq!(listed, changes.len(), "those folded away, too");
        assert!(window.shows("#rewards-chart .mark-flag").await);
        let position = changes[0]["event"]["position"].to_string();
        window.press(&format!("Entry {position}")).await;
        window.until_at(&format!("/operator/entries/{position}")).await;
        let id = exact(&changes[0]["event"]["id"]);
        assert!(window.text_of("#entry-facts").await.contains(&id));
    });
}
