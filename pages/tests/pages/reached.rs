//! Signing in wherever the server is reached: behind a proxy, below a path, over plain http.

use api::{Authenticator, HttpOptions, PublicUrl, Reach, ServeLimits};
use axum::http::header;

use crate::browser::{Browser, Shown, attribute};
use crate::server::{SECRET, Server, bearer};

async fn reached(reach: Reach) -> Server {
    let keys = Authenticator::new(Some(SECRET), None).expect("a secret");
    let options = HttpOptions { reach, ..HttpOptions::default() };
    Server::bounded(keys, options, ServeLimits::default()).await
}

async fn below(public_url: &str) -> Server {
    let public_url = Some(PublicUrl::parse(public_url).expect("an address"));
    reached(Reach { public_url, ..Reach::default() }).await
}

fn token() -> String {
    bearer("affiliate", Some(7)).trim_start_matches("Bearer ").to_owned()
}

fn cookies(shown: &Shown) -> Vec<String> {
    let cookies = shown.reply.headers.get_all(header::SET_COOKIE).iter();
    cookies.map(|cookie| cookie.to_str().expect("text").to_owned()).collect()
}

/// Signs in and looks at a page; the cookies that were set.
async fn signed_in(browser: &mut Browser<'_>) -> Vec<String> {
    let asked = browser.get("/codes").await;
    asked.expect(401);
    let sent = browser.submit_once(&asked, "/sign-in", &[("token", &token())]).await;
    assert_eq!((sent.reply.status, sent.reply.header("location")), (303, "/codes"), "{}", sent.text());
    browser.get("/codes").await.expect(200);
    [cookies(&asked), cookies(&sent)].concat()
}

#[tokio::test]
async fn over_plain_http_from_another_machine_it_is_said_why_nobody_can_sign_in() {
    let server = reached(Reach::default()).await;
    let mut browser = Browser::at(&server, "http://ledger.lan", &[("host", "ledger.lan")]);
    let asked = browser.get("/sign-in").await;
    // It may be that a proxy ends TLS and does not say so: there it works.
    assert!(asked.expect(401).text().contains("http://") && asked.text().contains("by https"));
    let sent = browser.submit_once(&asked, "/sign-in", &[("token", &token())]).await;
    let told = sent.expect(403).text();
    assert!(told.contains("kept no cookie") && told.contains("by https") && told.contains("http.public_url"), "{told}");
    // Where a proxy says that the browser speaks plain http, there is no form to fill in for nothing.
    let told = [("host", "ledger.lan"), ("x-forwarded-proto", "http")];
    let page = Browser::at(&server, "http://ledger.lan", &told).get("/sign-in").await;
    assert!(page.expect(401).text().contains("You cannot sign in here") && !page.text().contains("<textarea"));
}

#[tokio::test]
async fn the_operator_may_choose_plain_http() {
    let server = below("http://ledger.lan:8080").await;
    let mut browser = Browser::at(&server, "http://ledger.lan:8080", &[("host", "ledger.lan:8080")]);
    let set = signed_in(&mut browser).await;
    assert!(set.iter().any(|cookie| cookie.starts_with("tributary_session=")), "{set:?}");
    assert!(!set.iter().any(|cookie| cookie.contains("Secure")), "{set:?}");
}

#[tokio::test]
async fn behind_a_proxy_that_says_https_the_session_is_bound_to_it_whatever_the_host() {
    let server = reached(Reach::default()).await;
    for forwarded in [
        &[("x-forwarded-proto", "https"), ("x-forwarded-host", "exchange.example")][..],
        &[("x-forwarded-proto", "https"), ("host", "exchange.example")],
        &[("x-forwarded-proto", "http, HTTPS"), ("x-forwarded-host", "inner, exchange.example")],
    ] {
        let mut browser = Browser::at(&server, "https://exchange.example", forwarded);
        let set = signed_in(&mut browser).await;
        assert!(set.iter().any(|cookie| cookie.starts_with("__Host-tributary_session=")), "{forwarded:?}: {set:?}");
        assert!(set.iter().all(|cookie| cookie.ends_with("; Secure")), "{forwarded:?}: {set:?}");
    }
}

#[tokio::test]
async fn what_somebody_else_forwards_is_not_believed() {
    let server = reached(Reach { trusted_proxies: Vec::new(), ..Reach::default() }).await;
    let forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-host", "exchange.example")];
    let mut browser = Browser::at(&server, "https://exchange.example", &forwarded);
    let asked = browser.get("/sign-in").await;
    assert!(!asked.reply.header("set-cookie").contains("Secure"));
    let sent = browser.submit_once(&asked, "/sign-in", &[("token", &token())]).await;
    assert!(sent.expect(403).text().contains("other sites"));
}

#[tokio::test]
async fn at_a_public_address_a_proxy_need_not_say_anything() {
    let server = below("https://exchange.example").await;
    let mut browser = Browser::at(&server, "https://exchange.example", &[("host", "exchange.example")]);
    let set = signed_in(&mut browser).await;
    assert!(set.iter().all(|cookie| cookie.ends_with("; Secure")), "{set:?}");
    // Nor does it have to keep the host.
    let mut browser = Browser::at(&server, "https://exchange.example", &[]);
    signed_in(&mut browser).await;
    // Who works on the machine itself reaches it there.
    signed_in(&mut Browser::new(&server)).await;
}

/// Where a page leads within the server: links, forms, files.
fn addresses(html: &str) -> Vec<String> {
    let tags = html.split('<').filter_map(|tag| tag.split_once('>').map(|(tag, _)| tag));
    let found = tags.flat_map(|tag| {
        ["href", "src", "action", "data-load"].map(|name| attribute(&format!(" {tag}"), &format!(" {name}")))
    });
    found.flatten().filter(|address| address.starts_with('/')).collect()
}

#[tokio::test]
async fn below_a_path_every_address_begins_with_it() {
    let server = below("https://exchange.example/ledger").await;
    let forwarded = [("x-forwarded-proto", "https"), ("x-forwarded-host", "exchange.example")];
    let mut browser = Browser::at(&server, "https://exchange.example", &forwarded);
    let asked = browser.get("/ledger/codes").await;
    asked.expect(401);
    let sent = browser.submit_once(&asked, "/ledger/sign-in", &[("token", &token())]).await;
    assert_eq!((sent.reply.status, sent.reply.header("location")), (303, "/ledger/codes"), "{}", sent.text());
    let mut seen = 0;
    // Some proxies leave the path in, and some leave it out.
    for path in [
        "/ledger",
        "/ledger/",
        "/",
        "/ledger/codes",
        "/codes/ALPHA",
        "/codes/new",
        "/referrals",
        "/referrals/100",
        "/trades/explain",
        "/cohorts",
        "/countries",
        "/programs",
        "/campaigns",
        "/restatement",
        "/rewards",
        "/account",
        "/nowhere",
    ] {
        let page = browser.get(path).await;
        // Signed in, whatever the page says.
        assert!(![401, 500].contains(&page.reply.status), "{path}");
        for address in addresses(page.text()) {
            assert!(address == "/ledger/" || address.starts_with("/ledger/"), "{address} on {path}");
            seen += 1;
        }
        assert!(page.text().contains("data-base=\"/ledger\""), "{path}");
    }
    let mut operator = Browser::at(&server, "https://exchange.example", &forwarded);
    let asked = operator.get("/ledger/operator").await;
    let token = bearer("operator", None).trim_start_matches("Bearer ").to_owned();
    operator.submit_once(&asked, "/ledger/sign-in", &[("token", &token)]).await;
    for path in [
        "",
        "/ingestion",
        "/quarantine",
        "/applications",
        "/affiliates",
        "/affiliates/7",
        "/rules",
        "/offers",
        "/campaigns",
        "/what-if",
        "/withheld?range=all",
    ] {
        let page = operator.get(&format!("/operator{path}")).await;
        for address in addresses(page.expect(200).text()) {
            assert!(address == "/ledger/" || address.starts_with("/ledger/"), "{address} on {path}");
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen}");
    let page = browser.get("/ledger/").await;
    let style = addresses(page.text()).into_iter().find(|address| address.ends_with(".css")).expect("a style sheet");
    assert_eq!(browser.get(&style).await.reply.status, 200);
    let manifest = browser.get("/ledger/manifest.webmanifest").await.reply.json();
    assert_eq!((&manifest["start_url"], &manifest["scope"]), (&"/ledger/".into(), &"/ledger/".into()));
    let out = browser.submit_once(&page, "/ledger/sign-out", &[]).await;
    assert_eq!((out.reply.status, out.reply.header("location")), (303, "/ledger/sign-in"));
    let document = browser.get("/ledger/openapi.json").await.reply.json();
    assert_eq!(document["servers"][0]["url"], "/ledger");
}
