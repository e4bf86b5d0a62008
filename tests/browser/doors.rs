//! One affiliate's data is shut to another, by whatever door the browser knows of.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::crawl::every_page;
use crate::harness::people::{AFFILIATE, OTHER, OTHER_CODE, OTHERS_INVITEE, OTHERS_NOTE, OTHERS_TRADE};
use crate::harness::platform::Caller;
use crate::harness::walk;

/// Everything that a page leads to, shows or sends to, on this platform.
const ADDRESSES: &str = "return Array.from(document.querySelectorAll('a[href], form[action], img[src], source[src]'))
    .map(one => new URL(one.getAttribute('href') || one.getAttribute('action') || one.getAttribute('src'), location))
    .filter(url => url.origin === location.origin)
    .map(url => url.pathname + url.search);";

#[test]
fn no_door_leads_another_affiliate_to_the_firsts_data() {
    walk("doors", async |walk| {
        let owner = walk.signed_in(Caller::Affiliate(OTHER)).await;
        let mut doors = BTreeSet::from([
            format!("/referrals/{OTHERS_INVITEE}"),
            format!("/codes/{OTHER_CODE}"),
            format!("/codes/{OTHER_CODE}/qr.svg"),
            format!("/codes/{OTHER_CODE}/qr.png"),
            format!("/trades/explain?invitee={OTHERS_INVITEE}&source={}&id={}", OTHERS_TRADE.0, OTHERS_TRADE.1),
            "/live".to_owned(),
        ]);
        let mut its_own = String::new();
        every_page(&owner, &[], async |window, path| {
            let found: Vec<String> = window.ask(ADDRESSES, vec![]).await;
            doors.extend(found);
            doors.insert(path.to_owned());
            its_own.push_str(&window.driver.source().await.expect("a source"));
        })
        .await;
        let secrets = [OTHERS_NOTE.to_owned(), OTHERS_INVITEE.to_string(), "777.77".to_owned()];
        for secret in &secrets {
            assert!(its_own.contains(secret), "the owner itself reads {secret}");
        }
        let intruder = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        let cookies = intruder.cookies().await;
        println!("{} doors: {doors:#?}", doors.len());
        assert!(doors.len() > 20);
        for door in doors {
            // The stream of one's own pages tells a position and has no end.
            let stream = door.starts_with("/live");
            let (path, query) = door.split_once('?').unwrap_or((&door, ""));
            let pairs: Vec<&str> =
                query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("uid=")).collect();
            let as_oneself = format!("{path}?{}", pairs.join("&"));
            let as_the_owner = format!("{as_oneself}&uid={OTHER}");
            for tried in [as_oneself, as_the_owner.clone()] {
                if stream {
                    continue;
                }
                let answer = walk.platform.fetch(&cookies, &tried);
                for secret in &secrets {
                    let is_echo = tried.contains(secret.as_str());
                    assert!(is_echo || !answer.body.contains(secret.as_str()), "{tried} tells {secret}");
                }
                let is_about_nobody = ["/sign-", "/appearance", "/language", "/assets/", "/manifest"]
                    .iter()
                    .any(|start| path.starts_with(start));
                if tried == as_the_owner && !is_about_nobody {
                    // A form to ask with bears nobody's figures.
                    let is_shut =
                        [400, 403, 404, 405].contains(&answer.status) || !main_of(&answer.body).contains("data-value");
                    assert!(is_shut, "{tried} answers {}", answer.status);
                }
            }
        }
        let detail = format!("/v1/referrals/{OTHERS_INVITEE}");
        for path in [format!("{detail}?uid={OTHER}"), format!("/v1/rewards/export?uid={OTHER}")] {
            assert_eq!(walk.platform.try_get(Caller::Affiliate(AFFILIATE), &path).status, 403, "{path}");
        }
        assert_eq!(walk.platform.try_get(Caller::Affiliate(AFFILIATE), &detail).status, 404);
    });
}

/// What a page shows of data: not its frame.
fn main_of(page: &str) -> &str {
    let (_, from) = page.split_once("<main").unwrap_or(("", page));
    from.split_once("</main>").map_or(from, |(main, _)| main)
}

#[test]
fn a_form_sent_from_elsewhere_or_for_another_changes_nothing() {
    walk("forged", async |walk| {
        let note = |uid: u64| -> Value {
            let path = format!("/v1/referrals/{OTHERS_INVITEE}?uid={uid}");
            walk.platform.get(Caller::Operator, &path)["referral"]["note"].clone()
        };
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        window.open("/codes").await;
        // Within the page, with its cookies, as its own scripts could: without a seal, with another's uid.
        let script = "const [path, body, done] = arguments;
            fetch(path, {method: 'POST', redirect: 'manual', headers: {'content-type': 'application/x-www-form-urlencoded'}, body})
                .then(answer => done(answer.status), error => done(String(error)));";
        for path in [
            format!("/referrals/{OTHERS_INVITEE}/note?uid={OTHER}"),
            format!("/referrals/{OTHERS_INVITEE}/note"),
            "/codes".to_owned(),
            "/sign-out".to_owned(),
        ] {
            let arguments = vec![json!(path), json!("note=forged&spot_rebate_rate=0&futures_rebate_rate=0")];
            let told = window.driver.execute_async(script, arguments).await.expect("an answer");
            let status = told.json().as_u64().unwrap_or_default();
            assert!((400..500).contains(&status), "{path} answered {}", told.json());
        }
        assert_eq!(note(OTHER), OTHERS_NOTE);
        window.open("/codes").await;
        window.find("nav.menu").await;
    });
}
