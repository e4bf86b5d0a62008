//! Programs with each condition as it stands, campaigns to join and to share.

use crate::harness::people::AFFILIATE;
use crate::harness::platform::{Caller, exact};
use crate::harness::{Looks, walk};

const CALLER: Caller = Caller::Affiliate(AFFILIATE);

#[test]
fn every_condition_of_every_program_stands_with_what_is_reached_and_what_is_asked() {
    walk("programs", async |walk| {
        let window = walk.signed_in(CALLER).await;
        window.open("/programs").await;
        let offers = walk.platform.get(CALLER, "/v1/offers");
        let offers = offers["rows"].as_array().expect("rows");
        assert!(!offers.is_empty());
        let shown: Vec<String> = window.figures("main").await.into_iter().map(|figure| figure.value).collect();
        let text = window.text().await;
        for offer in offers {
            assert!(text.contains(offer["title"].as_str().expect("a title")), "{offer}");
            for condition in offer["tiers"]
                .as_array()
                .expect("tiers")
                .iter()
                .flat_map(|tier| tier["conditions"].as_array())
                .flatten()
            {
                for name in ["current", "target"] {
                    assert!(shown.contains(&exact(&condition[name])), "{name} of {condition} in {}", offer["id"]);
                }
            }
        }
    });
}

#[test]
fn a_campaign_that_is_joined_can_be_shared() {
    for (name, looks) in [("campaigns", Looks::default()), ("campaigns-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let window = walk.signed_in_with(CALLER, looks).await;
            let listed = |visibility: &str| {
                let asked = walk.platform.get(CALLER, &format!("/v1/campaigns?visibility={visibility}"));
                asked["rows"].as_array().expect("rows").clone()
            };
            window.open("/campaigns").await;
            for visibility in ["public", "exclusive"] {
                if visibility == "exclusive" {
                    window.press_at("main nav a[href*='visibility=exclusive']").await;
                    window.until_at("visibility=exclusive").await;
                }
                let text = window.text().await;
                for campaign in listed(visibility) {
                    assert!(text.contains(campaign["title"].as_str().expect("a title")), "{campaign}");
                }
            }
            let all = ["public", "exclusive"].map(listed);
            let open =
                all.iter().flatten().find(|campaign| campaign["joined"] == false).expect("one that can be joined");
            window.open(&format!("/campaigns?visibility={}", exact(&open["visibility"]))).await;
            let title = exact(&open["title"]);
            window.press(&format!("Join {title}")).await;
            window.find("[role=status]").await;
            let joined = listed(&exact(&open["visibility"]));
            let joined = joined.iter().find(|campaign| campaign["id"] == open["id"]).expect("it is still on");
            assert_eq!(joined["joined"], true);
            let link = joined["share_link"].as_str().expect("a link to share");
            assert!(window.text().await.contains(link), "{link}");
        });
    }
}

#[test]
fn the_countries_are_the_apis_by_any_metric() {
    walk("countries", async |walk| {
        let window = walk.signed_in(CALLER).await;
        window.open("/countries?range=90d").await;
        let days = window.figures(".range-shown").await;
        let asked =
            walk.platform.get(CALLER, &format!("/v1/countries?limit=500&from={}&to={}", days[0].value, days[1].value));
        let rows = asked["rows"].as_array().expect("rows");
        assert!(rows.len() > 5);
        let shown: Vec<String> = window.figures("main table").await.into_iter().map(|figure| figure.value).collect();
        for row in rows {
            for metric in ["total_rewards", "total_referrals", "traded", "total_volume"] {
                assert!(shown.contains(&exact(&row[metric])), "{metric} of {}", row["country"]);
            }
        }
    });
}
