//! An operator finds a user, a code, a trade and a position from the header of any page: by mouse, by keys, on a
//! telephone, without scripts.

use serde_json::json;
use thirtyfour::Key;

use crate::harness::people::{AFFILIATE, CROWD_CODE, OTHER, OTHERS_INVITEE, OTHERS_TRADE};
use crate::harness::platform::{Caller, exact};
use crate::harness::window::Window;
use crate::harness::{Looks, walk};

/// Looks for a name from the page that is shown; on a narrow screen the field stands behind a button.
async fn find(window: &Window, name: &str) {
    if !window.shows("#search-name").await {
        window.press_at(".finder-button").await;
        window.until("the field", async |window| window.shows("#search-name").await).await;
    }
    let field = window.find("#search-name").await;
    field.clear().await.expect("a field");
    field.send_keys(name).await.expect("written");
    window.press("Find").await;
}

#[test]
fn a_name_leads_to_the_page_of_what_bears_it() {
    walk("find", async |walk| {
        for looks in [Looks::default(), Looks::narrow(), Looks::without_scripts()] {
            let window = walk.signed_in_with(Caller::Operator, looks).await;
            window.open(&format!("/rewards?uid={AFFILIATE}")).await;
            find(&window, &CROWD_CODE.to_lowercase()).await;
            window.until_at(&format!("/codes/{CROWD_CODE}?uid={AFFILIATE}")).await;
            find(&window, &OTHERS_INVITEE.to_string()).await;
            window.until_at(&format!("/referrals/{OTHERS_INVITEE}?uid={OTHER}")).await;
            find(&window, &format!("{OTHERS_INVITEE} {}", OTHERS_TRADE.1)).await;
            window.until_at("/trades/explain").await;
            assert!(window.text().await.contains(OTHERS_TRADE.1));
        }
    });
}

#[test]
fn of_several_each_is_told_and_of_nothing_what_can_be_found() {
    walk("find-several", async |walk| {
        let window = walk.signed_in(Caller::Operator).await;
        window.open("/operator").await;
        // The referrer, whose invitee it is in turn if it is one, and the position.
        find(&window, &AFFILIATE.to_string()).await;
        window.until_at("/operator/search").await;
        let answer = walk.platform.get(Caller::Operator, &format!("/v1/search?name={AFFILIATE}"));
        let kinds: Vec<String> =
            answer["rows"].as_array().expect("rows").iter().map(|row| exact(&row["kind"]).to_lowercase()).collect();
        let shown: Vec<String> = window
            .ask(
                "return Array.from(document.querySelectorAll('.found .badge'), one => one.textContent.toLowerCase())",
                vec![],
            )
            .await;
        assert_eq!(shown, kinds);
        assert!(kinds.contains(&"referrer".to_owned()) && kinds.len() >= 2, "{kinds:?}");
        // By keys alone: the field, the name, Enter, the first of what is found.
        window.ask::<serde_json::Value>("document.querySelector('#search-name').focus(); return null", vec![]).await;
        window.type_keys(format!("{AFFILIATE}")).await;
        window.type_keys(Key::Enter).await;
        window.until_at("/operator/search").await;
        window.ask::<serde_json::Value>("document.querySelector('.found a').focus(); return null", vec![]).await;
        window.type_keys(Key::Enter).await;
        window.until_at(&format!("/?uid={AFFILIATE}")).await;
        find(&window, "nobody bears this").await;
        window.until_at("/operator/search").await;
        assert!(window.text().await.contains("Nothing bears the name nobody bears this."));
        assert!(window.text().await.contains("What can be found"));
    });
}

#[test]
fn an_entry_says_what_the_api_says_of_it_and_leads_on() {
    walk("entry", async |walk| {
        let window = walk.signed_in(Caller::Auditor).await;
        let found =
            walk.platform.get(Caller::Auditor, &format!("/v1/search?name={OTHERS_INVITEE}%20{}", OTHERS_TRADE.1));
        let position = found["rows"][0]["event"]["position"].as_u64().expect("a position");
        window.open(&format!("/operator/entries/{position}")).await;
        let entry = walk.platform.get(Caller::Auditor, &format!("/v1/entries/{position}"));
        let amounts: Vec<String> =
            window.figures("#postings-table tbody").await.into_iter().map(|one| one.value).collect();
        let posted: Vec<String> =
            entry["postings"].as_array().expect("postings").iter().map(|posting| exact(&posting["amount"])).collect();
        assert!(!posted.is_empty());
        assert_eq!(amounts, posted);
        let event: String = window.ask("return document.querySelector('#entry-event pre').textContent", vec![]).await;
        assert_eq!(serde_json::from_str::<serde_json::Value>(&event).expect("JSON"), entry["event"]);
        window.press_at("a[rel=next]").await;
        window.until_at(&format!("/operator/entries/{}", position + 1)).await;
        let one: bool = window
            .ask("return document.title.includes(arguments[0])", vec![json!(format!("Entry {}", position + 1))])
            .await;
        assert!(one);
    });
}
