//! Who comes in, and who does not.

use crate::harness::people::AFFILIATE;
use crate::harness::platform::Caller;
use crate::harness::{Looks, walk};

#[test]
fn a_token_signs_in_leads_back_and_stays_out_of_reach_of_scripts() {
    walk("sign-in", async |walk| {
        let window = walk.window(Looks::default()).await;
        window.open("/?uid=7").await;
        window.fill("Token", &walk.platform.token(Caller::Affiliate(AFFILIATE))).await;
        window.press("Sign in").await;
        window.find("nav.menu").await;
        assert_eq!(window.place().await, "/?uid=7", "back where one came from");
        let readable: String = window.ask("return document.cookie", vec![]).await;
        assert_eq!(readable, "", "no script reads a cookie");
        let cookies = window.driver.get_all_cookies().await.expect("cookies");
        assert!(!cookies.is_empty());
        for cookie in cookies {
            assert!(cookie.same_site.is_some(), "{} may come from another site", cookie.name);
        }
    });
}

#[test]
fn a_token_that_is_none_is_refused_beside_the_field() {
    walk("sign-in-refused", async |walk| {
        let window = walk.window(Looks::default()).await;
        for wrong in ["nonsense", "a.b.c", &format!("{}x", walk.platform.token(Caller::Operator))] {
            window.open("/").await;
            window.fill("Token", wrong).await;
            window.press("Sign in").await;
            window.find("[role=alert]").await;
            assert_eq!(window.all("nav.menu").await.len(), 0, "{wrong} signed in");
        }
    });
}

#[test]
fn who_signs_out_is_out_and_the_way_back_shows_nothing() {
    walk("sign-out", async |walk| {
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        window.open("/").await;
        window.press_at("header details:last-of-type > summary").await;
        window.press("Sign out").await;
        window.find("#token").await;
        window.driver.back().await.expect("back");
        window.find("#token").await;
        assert_eq!(window.all("[data-value]").await.len(), 0);
    });
}
