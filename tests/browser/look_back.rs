//! The past as it was known: every page as of an earlier position, and what was learned since about a closed period.

use serde_json::Value;

use crate::harness::people::{AFFILIATE, CROWD_FIRST, trade};
use crate::harness::platform::{Caller, exact};
use crate::harness::{Looks, history, walk};

const CALLER: Caller = Caller::Affiliate(AFFILIATE);

fn day(before: i64) -> String {
    history::end().plus_days(-before).day().to_string()
}

#[test]
fn a_page_of_the_past_shows_the_figures_of_then_and_offers_no_command() {
    for (name, looks) in [("as-of", Looks::default()), ("as-of-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let window = walk.signed_in_with(CALLER, looks).await;
            let range = format!("from={}&to={}", day(20), day(0));
            let ask = |query: &str| walk.platform.get(CALLER, &format!("/v1/overview?{range}{query}"));
            let before = ask("");
            let position = exact(&before["as_of"]["position"]);
            walk.platform.post(&[trade(CROWD_FIRST, "since-then", 2, "99", "9.00000001")]);
            assert_ne!(ask("")["metrics"], before["metrics"]);

            window.open(&format!("/?{range}")).await;
            window.press("As of: now").await;
            window.press("By ledger position").await;
            window.fill("Ledger position", &position).await;
            window.press_at("form:has(#as-of-position) button").await;
            window.until_at(&format!("as_of={position}")).await;
            assert!(window.text_of(".banner.past").await.contains(&position));
            assert_eq!(window.parameter("from").await, Some(day(20)), "the range stays");
            for metric in ["total_rewards", "spot_volume", "total_volume"] {
                let shown = window.value(&format!("#card-{metric} .metric-figure")).await;
                assert_eq!(shown, exact(&before["metrics"][metric]), "{metric}");
                assert_eq!(shown, exact(&ask(&format!("&as_of={position}"))["metrics"][metric]), "{metric}");
            }
            window.press_at("nav.menu a[href^='/codes']").await;
            window.until_at("/codes").await;
            assert_eq!(window.parameter("as_of").await, Some(position.clone()), "a link stays in the past");
            assert!(!window.shows("main form[method=post]").await);
            assert!(!window.text().await.contains("Add new"));
            window.press("Back to the present").await;
            window.until("the present", async |window| window.parameter("as_of").await.is_none()).await;
            assert!(window.text().await.contains("Add new"));
        });
    }
}

#[test]
fn what_was_learned_about_a_closed_period_adds_up_entry_by_entry() {
    walk("restatement", async |walk| {
        let window = walk.signed_in(CALLER).await;
        let overview = walk.platform.get(CALLER, "/v1/overview?");
        let closed = exact(&overview["as_of"]["position"]);
        walk.platform.post(&[
            trade(CROWD_FIRST, "late-1", 10, "99", "9.00000001"),
            trade(CROWD_FIRST + 1, "late-2", 9, "50", "0.5"),
            trade(CROWD_FIRST + 2, "outside", 2, "50", "0.5"),
        ]);
        window.open("/restatement").await;
        window.pick_day("From", &day(15)).await;
        window.pick_day("To", &day(5)).await;
        window.press_at(".restatement-form details > summary").await;
        window.fill("Position it was closed at", &closed).await;
        window.press("Show what changed").await;
        window.until_at(&format!("since_position={closed}")).await;
        let says = window.text_of("#restatement-sentence").await;
        assert!(says.contains(" grew by ") && says.ends_with("since it was closed: 2 late trades."), "{says}");
        let path = format!("/v1/restatement?from={}&to={}&as_of={closed}", day(15), day(5));
        let asked = walk.platform.get(CALLER, &path);
        let ends = window.rows("#restatement-ends tbody tr").await;
        for (row, field) in ends.iter().zip(["commission", "rebate"]) {
            let expected = ["before", "after", "difference"].map(|end| exact(&asked[end][field]));
            assert_eq!(row[1..], expected, "{field}");
        }
        let rows = asked["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), 2);
        let shown: Vec<[String; 4]> = window
            .rows("#restatement-rows tbody tr")
            .await
            .into_iter()
            .map(|row| [row[0].clone(), row[4].clone(), row[5].clone(), row[6].clone()])
            .collect();
        let expected: Vec<[String; 4]> = rows
            .iter()
            .map(|row: &Value| ["position", "trades", "commission", "rebate"].map(|name| exact(&row[name])))
            .collect();
        assert_eq!(shown, expected);
        window.press_at("#restatement-rows tbody a").await;
        window.until_at("/restatement/entry").await;
        window.press_at("main a[href*='/trades/explain']").await;
        window.until_at("/trades/explain").await;
        assert_eq!(window.parameter("id").await.as_deref(), Some("late-1"));
    });
}
