//! A referrer makes a code, shares it, and edits its split: whoever came before keeps the rate that was promised.

use serde_json::json;
use thirtyfour::Key;

use crate::harness::people::{AFFILIATE, HOPEFUL, registration};
use crate::harness::platform::{Caller, exact};
use crate::harness::window::Window;
use crate::harness::{Looks, walk};

/// The labels of the two rates.
const SPOT: &str = "Friend gets, spot and margin";
const FUTURES: &str = "Friend gets, futures";

const CODE: &str = "WALK_NEW1";
const INVITEE: u64 = 882_000_001;
const LATER_INVITEE: u64 = 882_000_002;

/// Fills in the form of a new code and sends it.
async fn make(window: &Window, code: &str, spot: &str, futures: &str) {
    window.press("Add new").await;
    window.fill("Code", code).await;
    window.fill(SPOT, spot).await;
    window.fill(FUTURES, futures).await;
    window.fill("Note", "for the walk").await;
    window.press("Make the code").await;
}

#[test]
fn a_new_split_changes_no_earlier_invitees_rate() {
    for (name, looks) in [("code", Looks::default()), ("code-without-scripts", Looks::without_scripts())] {
        walk(name, async |walk| {
            let caller = Caller::Affiliate(AFFILIATE);
            let window = walk.signed_in_with(caller, looks).await;
            window.open("/codes").await;
            make(&window, CODE, "12", "6%").await;
            window.until_at(CODE).await;
            let made = walk.platform.get(caller, &format!("/v1/codes/{CODE}"));
            assert_eq!(made["spot_rebate_rate"], "0.12");
            assert_eq!((&made["futures_rebate_rate"], &made["note"]), (&json!("0.06"), &json!("for the walk")));
            assert!(window.text().await.contains(made["link"].as_str().expect("a link")), "the link to share is shown");

            // Somebody comes by it: today, for a code counts from the moment that it was made.
            let now = made["created_at"].clone();
            let mut came = registration(INVITEE, 0, Some(CODE), "NO");
            came["time"] = now.clone();
            walk.platform.post(&[came]);

            window.open(&format!("/codes/{CODE}")).await;
            window.fill(SPOT, "3").await;
            window.press("Save the changes").await;
            window.find("[role=status]").await;
            assert_eq!(walk.platform.get(caller, &format!("/v1/codes/{CODE}"))["spot_rebate_rate"], "0.03");

            let mut later = registration(LATER_INVITEE, 0, Some(CODE), "NO");
            later["time"] = json!(
                schemas::Timestamp::parse(now.as_str().expect("a time"))
                    .map(|time| {
                        // After the new split, whenever that was: a minute is longer than this walk.
                        schemas::Timestamp(time.0 + 60_000_000).to_string()
                    })
                    .expect("a time")
            );
            walk.platform.post(&[later]);

            for (invitee, rate) in [(INVITEE, "0.12"), (LATER_INVITEE, "0.03")] {
                let row = walk.platform.get(caller, &format!("/v1/referrals/{invitee}"))["referral"].clone();
                assert_eq!(row["spot_rebate_rate"], rate, "{invitee}");
                window.open(&format!("/referrals/{invitee}")).await;
                let shown = window.figures("main").await;
                assert!(shown.iter().any(|figure| figure.value == exact(&row["spot_rebate_rate"])), "{shown:?}");
            }
        });
    }
}

#[test]
fn what_the_rules_refuse_is_told_beside_the_field_and_nothing_is_lost() {
    walk("code-refused", async |walk| {
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        for (code, spot, field) in [
            ("WALK_CROWD", "10", "code"),
            ("OTHERS_OWN", "10", "code"),
            ("WALK_TOO_MUCH", "99", "spot_rebate_rate"),
            ("WALK_UNCLEAR", "0.1", "spot_rebate_rate"),
        ] {
            window.open("/codes").await;
            make(&window, code, spot, "0").await;
            let wrong = window.find(&format!("[name={field}][aria-invalid=true]")).await;
            let described = wrong.attr("aria-describedby").await.expect("an attribute").expect("a description");
            let said = described.split(' ').map(|id| format!("#{id}[role=alert]")).collect::<Vec<_>>().join(", ");
            assert!(!window.text_of(&said).await.is_empty(), "{code}: why");
            let kept = window.find("[name=note]").await.prop("value").await.expect("a property");
            assert_eq!(kept.as_deref(), Some("for the walk"), "{code}: what was entered stays");
        }
    });
}

#[test]
fn a_slider_moves_the_rate_and_the_split_in_money_follows() {
    walk("slider", async |walk| {
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        let account = walk.platform.get(Caller::Affiliate(AFFILIATE), "/v1/account");
        window.open("/codes/new").await;
        window.find("[name=spot_rebate_rate] + input[type=range]").await.focus().await.expect("the focus");
        window.type_keys(Key::End).await;
        let base = schemas::Rate::parse(account["spot_rate"].as_str().expect("a rate")).expect("a rate");
        let typed = window.find("[name=spot_rebate_rate]").await.prop("value").await.expect("a property");
        let all = (base.decimal() * schemas::Decimal::ONE_HUNDRED).normalize();
        assert_eq!(typed, Some(format!("{all}%")), "all of the base rate");
        let split = window.rows("#new-code-preview tbody tr:first-child").await;
        assert_eq!(split[0][1..], ["0.00".to_owned(), format!("{all:.2}")], "{split:?}");
        window.fill(SPOT, "0.1").await;
        let split = window.rows("#new-code-preview tbody tr:first-child").await;
        assert_eq!(split[0][1..], ["–", "–"], "what could be two rates is told as none");
    });
}

#[test]
fn a_code_is_made_by_the_keyboard_alone() {
    walk("keyboard", async |walk| {
        let window = walk.window(Looks::default()).await;
        window.open("/").await;
        tab_to(&window, "the token", "#token").await;
        window.type_keys(walk.platform.token(Caller::Affiliate(AFFILIATE))).await;
        tab_to(&window, "the button", "form button[type=submit]").await;
        window.type_keys(Key::Enter).await;
        window.find("nav.menu").await;
        tab_to(&window, "the codes", "nav.menu a[href^='/codes']").await;
        window.type_keys(Key::Enter).await;
        window.until_at("/codes").await;
        tab_to(&window, "add new", "a[data-dialog]").await;
        window.type_keys(Key::Enter).await;
        window.until("the dialog opens", async |window| window.shows("dialog[open]").await).await;
        for (name, text) in [("code", "BY_KEYS"), ("spot_rebate_rate", "1%"), ("futures_rebate_rate", "0")] {
            tab_to(&window, name, &format!("dialog [name={name}]")).await;
            // What stands in the field is marked when the tabulator comes, and typed over.
            window.type_keys(text).await;
        }
        window.type_keys(Key::Enter).await;
        window.until_at("BY_KEYS").await;
        let made = walk.platform.get(Caller::Affiliate(AFFILIATE), "/v1/codes/BY_KEYS");
        assert_eq!(made["spot_rebate_rate"], "0.01");
    });
}

/// Goes on by the tabulator until what this selector finds has the focus, which must be seen.
async fn tab_to(window: &Window, what: &str, selector: &str) {
    for _ in 0..120 {
        window.type_keys(Key::Tab).await;
        let script = "const one = document.activeElement;
            if (!one || !one.matches(arguments[0])) return null;
            const style = getComputedStyle(one);
            return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';";
        let is_seen: Option<bool> = window.ask(script, vec![json!(selector)]).await;
        if let Some(is_seen) = is_seen {
            assert!(is_seen, "{what} has the focus, and nothing shows it");
            return;
        }
    }
    panic!("the tabulator never comes to {what} on {}", window.place().await);
}

#[test]
fn the_twenty_first_code_is_refused_and_the_page_shows_how_full_it_is() {
    walk("twenty", async |walk| {
        let caller = Caller::Affiliate(HOPEFUL);
        for at in 2..=19 {
            let body = json!({"code": format!("HOPE_{at}"), "spot_rebate_rate": "0", "futures_rebate_rate": "0"});
            let answer = walk.platform.command(caller, "POST", "/v1/codes", &body);
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        let window = walk.signed_in(caller).await;
        window.open("/codes").await;
        assert!(window.text().await.contains("19 of 20"), "{}", window.text().await);
        make(&window, "HOPE_20", "0.05", "0").await;
        window.until_at("HOPE_20").await;
        window.open("/codes").await;
        assert!(window.text().await.contains("20 of 20"));
        let total = walk.platform.get(caller, "/v1/codes?")["total"].clone();
        assert_eq!(total, 20);
    });
}

#[test]
fn a_code_can_be_shared_as_a_picture() {
    walk("qr", async |walk| {
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        let cookies = window.cookies().await;
        let svg = walk.platform.fetch(&cookies, "/codes/TRIBUTARY/qr.svg");
        assert!(svg.status == 200 && svg.body.contains("<svg"), "{}", svg.status);
        let png = walk.platform.fetch(&cookies, "/codes/TRIBUTARY/qr.png");
        assert!(png.status == 200 && png.body.contains("PNG"), "{}", png.status);
        assert_eq!(walk.platform.fetch("", "/codes/TRIBUTARY/qr.svg").status, 401);
    });
}
