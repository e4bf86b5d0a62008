//! Other rules are tried out, and the difference that they make is the API's.

use serde_json::Value;

use crate::harness::people::CROWD_FIRST;
use crate::harness::platform::{Caller, exact};
use crate::harness::{Looks, walk};

/// The amounts of a row, as the table's columns have them.
fn amounts(row: &Value) -> Vec<String> {
    let moments = |what: &str| ["before", "after", "difference"].map(|when| exact(&row[format!("{what}_{when}")]));
    ["commission", "rebate", "total"].iter().flat_map(|what| moments(what)).collect()
}

#[test]
fn the_difference_shown_is_the_apis_to_the_last_digit() {
    for (name, looks) in [("what-if", Looks::default()), ("what-if-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let window = walk.signed_in_with(Caller::Analyst, looks).await;
            window.open("/operator/what-if").await;
            let rules = format!(
                "[[drop]]\ntype = \"referral.trade.v1\"\nuid = {CROWD_FIRST}\n\n[[drop]]\ntype = \"referral.reversal.v1\"\n"
            );
            window.fill("Rules (TOML)", &rules).await;
            window.choose("Difference by", "referrer").await;
            window.press("Ask what if").await;
            window.until_at("/operator/what-if/").await;
            window
                .until("the result", async |window| {
                    if window.shows("#what-if-sum").await {
                        return true;
                    }
                    // Without a script one looks again.
                    if !looks.has_scripts && window.shows("#what-if-job a.button").await {
                        window.driver.refresh().await.expect("the page again");
                    }
                    false
                })
                .await;
            let place = window.place().await;
            let (_, id) = place.split_once("/operator/what-if/").expect("a job's page");
            let job = walk.platform.get(Caller::Analyst, &format!("/v1/what-if/{id}"));
            assert_eq!(job["state"], "done");
            let rows = job["rows"].as_array().expect("rows");
            assert!(!rows.is_empty());
            let mut expected: Vec<Vec<String>> =
                rows.iter().map(|row| std::iter::once(exact(&row["key"])).chain(amounts(row)).collect()).collect();
            expected.push(std::iter::once("Sum of all".to_owned()).chain(amounts(&job["sum"])).collect());
            assert_eq!(window.rows("#what-if-rows tbody tr").await, expected);
        });
    }
}

#[test]
fn rules_that_cannot_be_read_are_told_with_their_line_beside_the_editor() {
    walk("what-if-wrong", async |walk| {
        let window = walk.signed_in(Caller::Operator).await;
        for (rules, word) in [("[[drop]]\ntipe = \"referral.trade.v1\"\n", "line"), ("[[add]\n", "line")] {
            window.open("/operator/what-if").await;
            window.fill("Rules (TOML)", rules).await;
            window.press("Ask what if").await;
            let said = window.text_of("#what-if-rules-error").await;
            assert!(said.contains(word), "{said}");
            let kept = window.find("#what-if-rules").await.prop("value").await.expect("a property");
            assert_eq!(kept.as_deref(), Some(rules), "what was entered stays");
        }
    });
}

#[test]
fn an_added_event_that_does_not_fit_is_named_by_its_number() {
    walk("what-if-unfit", async |walk| {
        let window = walk.signed_in(Caller::Analyst).await;
        window.open("/operator/what-if").await;
        let rules = "[[add]]\ntype = \"referral.program.v1\"\ntime = \"2026-01-01T00:00:00Z\"\ndata = { default_spot_rate = \"2\" }\n";
        window.fill("Rules (TOML)", rules).await;
        window.press("Ask what if").await;
        let said = window.text_of(".problem[role=alert]").await;
        assert!(said.contains('1') && said.contains("invalid_field"), "{said}");
    });
}
