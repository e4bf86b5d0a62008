//! Coming in without a token of one's own: by a provider of identities, or by a link of the exchange.

use serde_json::json;

use crate::harness::people::AFFILIATE;
use crate::harness::platform::{Caller, Platform};
use crate::harness::provider::Provider;
use crate::harness::window::Window;
use crate::harness::{Looks, history, judges, skipped, walk, walk_with};

/// Walks on a platform whose users sign in by a provider.
fn walk_by_provider(name: &str, steps: impl AsyncFnOnce(&crate::harness::walk::Walk)) {
    let provider = match Provider::start() {
        Ok(provider) => provider,
        Err(missing) => return skipped(missing),
    };
    let settings = [
        ("TRIBUTARY_AUTH_OIDC_ISSUER", &*provider.issuer),
        ("TRIBUTARY_AUTH_OIDC_CLIENT_ID", "tributary"),
        ("TRIBUTARY_AUTH_OIDC_CLIENT_SECRET", "a secret of these walks, and of nothing else"),
        ("TRIBUTARY_AUTH_OIDC_NAME", "The Exchange"),
        ("TRIBUTARY_AUTH_CLAIMS_ROLE", "ledger_role"),
        ("TRIBUTARY_AUTH_CLAIMS_UID", "exchange_uid"),
        ("TRIBUTARY_AUTH_CLAIMS_ROLES", "ledger-operators=operator; ledger-audit=auditor; customers=affiliate"),
    ];
    walk_with(
        name,
        || Platform::with_settings(history::realistic(), &settings),
        async |walk| {
            provider.serves(&walk.platform.address());
            steps(walk).await;
        },
    );
}

/// Signs in at the provider, which asks for a name, a password, and whether the platform may know.
async fn at_the_provider(window: &Window, name: &str) {
    window.find("input[name=login]").await.send_keys(name).await.expect("written");
    window.find("input[name=password]").await.send_keys("any").await.expect("written");
    window.press_at("button.login-submit").await;
    window.find("input[name=prompt][value=consent]").await;
    window.press_at("button.login-submit").await;
}

#[test]
fn an_operator_signs_in_by_the_provider_and_is_led_back_to_the_page_that_was_asked_for() {
    walk_by_provider("by-provider", async |walk| {
        let window = walk.window(Looks::default()).await;
        window.open("/operator/quarantine?reason=conflict").await;
        if judges::are_here() {
            assert_eq!(judges::barriers(&window).await, Vec::<String>::new());
        }
        window.press("Sign in with The Exchange").await;
        at_the_provider(&window, "olga").await;
        window.until_at("/operator/quarantine?reason=conflict").await;
        window.find("nav.menu").await;
        let readable: String = window.ask("return document.cookie", vec![]).await;
        assert_eq!(readable, "", "no script reads a cookie");
        window.open("/operator/rules").await;
        window.find("form[action='/operator/rules']").await;
        window.press_at("header details:last-of-type > summary").await;
        window.press("Sign out").await;
        window.until("signed out", async |window| window.text().await.contains("Sign in with The Exchange")).await;
        window.open("/operator").await;
        assert!(window.text().await.contains("Sign in with The Exchange"));
    });
}

#[test]
fn claims_say_who_one_is_here_and_who_is_nobody_is_told_so() {
    walk_by_provider("by-provider-who", async |walk| {
        let window = walk.window(Looks::default()).await;
        window.open("/").await;
        window.press("Sign in with The Exchange").await;
        at_the_provider(&window, "seven").await;
        window.find("nav.menu").await;
        let shown = window.value("#card-total_rewards .metric-figure").await;
        let api = walk.platform.get(Caller::Operator, &format!("/v1/overview?uid={AFFILIATE}"));
        assert_eq!(shown, api["metrics"]["total_rewards"].as_str().expect("an amount"));

        let window = walk.window(Looks::default()).await;
        window.open("/").await;
        window.press("Sign in with The Exchange").await;
        at_the_provider(&window, "stranger").await;
        let told = window.text_of("[role=alert]").await;
        assert!(told.contains("The Exchange signed somebody in whom this server does not take"), "{told}");
        assert!(told.contains("auth.claims.roles"), "{told}");
        assert_eq!(window.all("nav.menu").await.len(), 0);
    });
}

#[test]
fn who_turns_back_at_the_provider_or_comes_with_an_answer_of_another_sign_in_is_told_so() {
    walk_by_provider("by-provider-refused", async |walk| {
        let window = walk.window(Looks::default()).await;
        window.open("/").await;
        window.press("Sign in with The Exchange").await;
        window.press("[ Cancel ]").await;
        let told = window.text_of("[role=alert]").await;
        assert!(told.contains("The Exchange did not sign you in: access_denied"), "{told}");
        for path in ["/sign-in/provider/back?code=x&state=made-up", "/sign-in/provider/back?error=x&state=made-up"] {
            window.open(path).await;
            let told = window.text_of("[role=alert]").await;
            assert!(told.contains("belongs to another sign-in"), "{told}");
        }
        let other = walk.window(Looks::default()).await;
        other.open("/sign-in/provider/back?code=x&state=made-up").await;
        let told = other.text_of("[role=alert]").await;
        assert!(told.contains("begun in another browser"), "{told}");
        // A way that leads out of the pages leads to their beginning.
        other.open("/sign-in/provider?next=https%3A%2F%2Fevil.example").await;
        at_the_provider(&other, "olga").await;
        other.find("nav.menu").await;
        assert!(other.driver.current_url().await.expect("an address").as_str().starts_with(&walk.platform.address()));
    });
}

#[test]
fn a_link_of_the_exchange_signs_its_user_in_once() {
    walk("by-link", async |walk| {
        let asked = |next: &str| {
            let path = format!("/v1/sign-in-links?uid={AFFILIATE}");
            let made = walk.platform.command(Caller::Service, "POST", &path, &json!({ "next": next }));
            assert_eq!(made.status, 201, "{}", made.body);
            let made: serde_json::Value = serde_json::from_str(&made.body).expect("JSON");
            made["url"].as_str().expect("a link").to_owned()
        };
        let link = asked("/codes");
        // What only fetches it does not use it.
        assert_eq!(walk.platform.fetch("", &link).status, 200);
        let window = walk.window(Looks::default()).await;
        window.open(&link).await;
        if judges::are_here() {
            assert_eq!(judges::barriers(&window).await, Vec::<String>::new());
        }
        window.press(&format!("Go on as user {AFFILIATE}")).await;
        window.find("nav.menu").await;
        assert_eq!(window.place().await, "/codes");
        let again = walk.window(Looks::default()).await;
        again.open(&link).await;
        let told = again.text_of("[role=alert]").await;
        assert!(told.contains("was used before"), "{told}");
        again.open(&format!("{}x", asked("/"))).await;
        let told = again.text_of("[role=alert]").await;
        assert!(told.contains("none of this server"), "{told}");
        // Somebody who is signed in already, and comes from another site, becomes the user of the link.
        let other = walk.signed_in(Caller::Operator).await;
        let page = format!("data:text/html,<a href='{}{}'>over</a>", walk.platform.address(), asked("/"));
        other.driver.goto(page).await.expect("a page of another site");
        other.press("over").await;
        other.press(&format!("Go on as user {AFFILIATE}")).await;
        other.find("nav.menu").await;
        assert!(!other.text().await.contains("Ingestion"), "no operator any more");
    });
}
