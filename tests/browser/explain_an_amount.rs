//! An amount on a page leads to what it is made of, and that is what the API says.

use serde_json::Value;

use crate::harness::people::{AFFILIATE, CROWD_FIRST};
use crate::harness::platform::{Caller, exact};
use crate::harness::{Looks, walk};

#[test]
fn from_the_list_to_the_postings_of_a_trade() {
    for (name, looks) in [("explain", Looks::default()), ("explain-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let caller = Caller::Affiliate(AFFILIATE);
            let uid = CROWD_FIRST + 7;
            let window = walk.signed_in_with(caller, looks).await;
            window.open(&format!("/referrals?q={uid}")).await;
            window.press_at("#referrals tbody td a.amount").await;
            window.until_at(&format!("/referrals/{uid}")).await;
            let detail = walk.platform.get(caller, &format!("/v1/referrals/{uid}"));
            for field in ["commission", "rebate", "volume"] {
                let shown = window.value(&format!("#invitee-{field}")).await;
                assert_eq!(shown, exact(&detail["referral"][field]), "{field}");
            }
            window.press_at("#invitee-trades a[href*='/trades/explain']").await;
            window.until_at("/trades/explain").await;
            let trade = detail["trades"][0].clone();
            let (source, id) = (exact(&trade["event"]["source"]), exact(&trade["event"]["id"]));
            assert_eq!(window.parameter("id").await, Some(id.clone()));
            let path = format!("/v1/trades/explain?invitee={uid}&source={source}&id={id}");
            let explained = walk.platform.get(caller, &path);
            for amount in ["total", "commission", "rebate"] {
                assert_eq!(window.value(&format!("#explained-{amount}")).await, exact(&explained[amount]), "{amount}");
            }
            for (id, rate) in [("base-rate", "base_rate"), ("rebate-rate", "rebate_rate")] {
                assert_eq!(window.value(&format!("#{id} .rate")).await, exact(&explained[rate]["rate"]));
                let set_by = exact(&explained[rate]["event"]["id"]);
                assert!(!set_by.is_empty() && window.text_of(&format!("#{id}")).await.contains(&set_by), "{set_by}");
            }
            let postings: Vec<Vec<String>> =
                explained["postings"].as_array().expect("postings").iter().map(posting).collect();
            let shown: Vec<Vec<String>> = window
                .rows("#posting-lines tbody tr")
                .await
                .into_iter()
                .map(|row| vec![row[0].clone(), row[2].clone(), row[3].clone(), row[4].clone()])
                .collect();
            assert_eq!(shown, postings);
            assert_eq!(shown.len(), 3, "an expense, and what it is owed to");
        });
    }
}

/// A posting as the page's table has it: position, account, debit, credit.
fn posting(posting: &Value) -> Vec<String> {
    let amount = exact(&posting["amount"]);
    let (debit, credit) = if posting["side"] == "debit" { (amount, String::new()) } else { (String::new(), amount) };
    vec![exact(&posting["position"]), exact(&posting["account"]), debit, credit]
}

#[test]
fn a_trade_that_gave_nothing_says_why() {
    walk("why-nothing", async |walk| {
        let caller = Caller::Operator;
        let window = walk.signed_in(caller).await;
        let mut reasons = std::collections::BTreeSet::new();
        for row in walk
            .platform
            .rows(caller, &format!("/v1/referrals?uid={AFFILIATE}&traded=true&sort=vip_level"))
            .iter()
            .take(60)
        {
            let detail = walk.platform.get(caller, &format!("/v1/referrals/{}?uid={AFFILIATE}", row["uid"]));
            for trade in detail["trades"].as_array().expect("trades") {
                let Some(reason) = trade["reason"].as_str() else { continue };
                if !reasons.insert(reason.to_owned()) {
                    continue;
                }
                let event = &trade["event"];
                let path = format!(
                    "/trades/explain?uid={AFFILIATE}&invitee={}&source={}&id={}",
                    trade["account_uid"],
                    exact(&event["source"]),
                    exact(&event["id"])
                );
                window.open(&path).await;
                let text = window.text_of("section.explained").await;
                assert!(text.contains("Nothing:") || text.contains("No commission:"), "{reason}: {text}");
                assert_eq!(window.value("#explained-commission").await, "0");
            }
        }
        assert!(reasons.len() >= 2, "{reasons:?}");
    });
}
