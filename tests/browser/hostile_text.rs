//! Text that is meant to hurt shows as text, wherever people may write, on every page that bears it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::crawl::every_page;
use crate::harness::people::{AFFILIATE, CROWD_CODE, CROWD_FIRST, HOPEFUL, event, trade};
use crate::harness::platform::Caller;
use crate::harness::{history, walk_on};

/// What would do harm if it were taken for more than text.
fn hostile(place: &str) -> String {
    format!("=1+1\u{202e}\u{2067}\"'{}", markup(place))
}

fn markup(place: &str) -> String {
    format!(
        "</td></textarea></script><script data-hostile>window.harmed=1</script>\
         <img data-hostile src=x onerror=window.harmed=1>{{{{7*7}}}}&lt;{place}&"
    )
}

/// The places that people write in, as they stand at the end of their texts.
const PLACES: [&str; 11] = [
    "invitee's note",
    "code's note",
    "campaign's title",
    "campaign's description",
    "offer's title",
    "tier's name",
    "tier's reward",
    "message",
    "symbol",
    "trade's id",
    "reason",
];

const EMOJI: &str = "\u{1f9d1}";

fn hostile_events() -> Vec<Value> {
    let victim = CROWD_FIRST + 1;
    let mut odd = trade(victim, &hostile("trade's id"), 2, "10", "1");
    odd["data"]["symbol"] = json!(hostile("symbol"));
    odd["data"]["fee_asset"] = json!(hostile("asset"));
    let (from, to) = (history::end().plus_days(-30).day().to_string(), history::end().plus_days(30).day().to_string());
    vec![
        event("note", "h-note", 1, json!({"uid": victim, "note": hostile("invitee's note")})),
        event("note", "h-emoji", 1, json!({"uid": victim + 1, "note": EMOJI.repeat(200)})),
        event(
            "code",
            "h-code",
            1,
            json!({
                "code": CROWD_CODE, "owner_uid": AFFILIATE, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0.05",
                "note": hostile("code's note"),
            }),
        ),
        event(
            "campaign",
            "h-campaign",
            20,
            json!({
                "id": "<b data-hostile>", "visibility": "public", "title": hostile("campaign's title"),
                "description": hostile("campaign's description"), "url": "javascript:window.harmed=1", "starts": from,
                "ends": to,
            }),
        ),
        event(
            "offer",
            "h-offer",
            20,
            json!({
                "id": "<i data-hostile>", "kind": "bonus", "title": hostile("offer's title"),
                "url": "javascript:window.harmed=1", "period": "month", "starts": from, "ends": to,
                "affiliates_only": false,
                "tiers": [{
                    "name": hostile("tier's name"), "reward": hostile("tier's reward"),
                    "all": [{"metric": "traded", "at_least": 1_000_000}],
                }],
            }),
        ),
        event("application", "h-application", 1, json!({"uid": HOPEFUL, "message": hostile("message")})),
        odd,
        event(
            "reversal",
            "h-reversal",
            1,
            json!({
                "uid": victim, "trade_source": "/exchange/spot", "trade_id": hostile("trade's id"),
                "reason": hostile("reason"),
            }),
        ),
        // What cannot be read at all is shown by its bytes.
        json!({"specversion": "1.0", "type": hostile("type"), "source": hostile("source"), "id": "h"}),
    ]
}

#[test]
fn hostile_text_shows_as_text_on_every_page() {
    let mut lines = history::realistic().to_vec();
    lines.extend(hostile_events().iter().map(|event| event.to_string().into_bytes()));
    walk_on("hostile", &lines, async |walk| {
        let refused = walk.platform.rows(Caller::Operator, "/v1/quarantine?");
        let raw = |row: &Value| STANDARD.decode(row["raw"].as_str().expect("base64")).expect("base64");
        let unread = refused.iter().filter(|row| String::from_utf8_lossy(&raw(row)).contains("data-hostile"));
        assert_eq!(unread.count(), 1, "one of these is no event, and all others are");
        let mut shown = BTreeSet::new();
        let explain = format!(
            "/v1/trades/explain?uid={AFFILIATE}&invitee={}&source=%2Fexchange%2Fspot&id={}",
            CROWD_FIRST + 1,
            encoded(&hostile("trade's id"))
        );
        assert_eq!(walk.platform.get(Caller::Operator, &explain)["reversal"]["reason"], hostile("reason"));
        let detail = format!("/referrals/{}", CROWD_FIRST + 1);
        let emoji = format!("/referrals?q={}", CROWD_FIRST + 2);
        let of_operator = ["/?uid=7".to_owned(), format!("{detail}?uid=7"), format!("/codes/{CROWD_CODE}?uid=7")];
        for (caller, more) in [
            (Caller::Affiliate(AFFILIATE), vec![detail.clone(), format!("/codes/{CROWD_CODE}"), emoji]),
            (Caller::Operator, of_operator.to_vec()),
        ] {
            let window = walk.signed_in(caller).await;
            window.driver.browser_log().await.expect("the console");
            let more: Vec<&str> = more.iter().map(String::as_str).collect();
            let mut found = Vec::new();
            every_page(&window, &more, async |window, path| {
                // Attributes that a person reads count as shown; what a script would get at does not.
                let script = "return [
                    document.querySelectorAll('[data-hostile]').length + (window.harmed || 0)
                        + document.querySelectorAll('[href^=\"javascript:\" i], [src^=\"javascript:\" i]').length,
                    document.body.textContent
                        + Array.from(document.querySelectorAll('input, textarea')).map(field => field.value).join('\\n')];";
                let (harm, text): (u64, String) = window.ask(script, vec![]).await;
                if harm > 0 {
                    found.push(format!("{path} takes text for more than text"));
                }
                for entry in window.driver.browser_log().await.expect("the console") {
                    found.push(format!("{path} says on the console: {entry:?}"));
                }
                shown.extend(PLACES.into_iter().filter(|place| text.contains(&markup(place))));
                if text.contains(&EMOJI.repeat(200)) {
                    shown.insert("emoji");
                }
            })
            .await;
            assert!(found.is_empty(), "{caller:?}:\n{}", found.join("\n"));
        }
        let hidden: Vec<_> = PLACES.iter().chain(&["emoji"]).filter(|place| !shown.contains(*place)).collect();
        assert!(hidden.is_empty(), "seen on no page as it was written: {hidden:?}");
    });
}

/// A text as a query has it.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
