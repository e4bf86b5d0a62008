//! What keeps scripts, other sites and other referrers out.

use crate::browser::{Browser, attribute};
use crate::history::event;
use crate::server::Server;

/// Pages that everyone who is signed in gets, of the referrer 7.
const PAGES: &[&str] = &["/", "/?range=all", "/?from=2026-03-01&to=2026-03-10&code=ALPHA"];

#[tokio::test]
async fn every_page_bears_what_keeps_scripts_and_other_sites_out() {
    let server = Server::with_tokens().await;
    let mut signed_in = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let mut stranger = Browser::new(&server);
    let mut pages = vec![stranger.get("/").await, stranger.get("/sign-in").await, signed_in.get("/?uid=8").await];
    for path in PAGES {
        pages.push(signed_in.get(path).await);
    }
    for page in pages {
        let policy = page.reply.header("content-security-policy");
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.split(';').any(|found| found.trim() == directive), "{directive} in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in
            [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"), ("cache-control", "no-store")]
        {
            assert_eq!(page.reply.header(name), value, "{name}");
        }
        let html = page.text();
        assert!(!html.contains(" style=") && !html.contains("<style"), "no style stands in a page");
        assert!(!html.contains(" onclick=") && !html.contains("javascript:"), "no script stands in a page");
        for script in html.split("<script").skip(1) {
            assert!(script.contains("></script>"), "a script comes from a file: {script:.80}");
        }
    }
}

#[tokio::test]
async fn an_affiliate_sees_its_own_data_only() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(8)).await;
    for path in ["/?uid=7", "/?uid=7&range=all", "/codes/ALPHA/qr.svg?uid=7", "/codes/ALPHA/qr.png?uid=7"] {
        let page = browser.get(path).await;
        // The address itself may stand in links of the page.
        let told = page.expect(403).text().replace("/codes/ALPHA/", "");
        assert!(!told.contains("ALPHA"), "{path}");
    }
    for path in ["/codes/ALPHA/qr.svg", "/codes/ALPHA/qr.png", "/?code=ALPHA"] {
        let status = browser.get(path).await.reply.status;
        assert_eq!(status, 404, "{path}");
    }
}

#[tokio::test]
async fn hostile_text_shows_as_text() {
    let server = Server::with_tokens().await;
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}&amp;";
    let campaign = serde_json::json!({
        "id": hostile, "visibility": "public", "title": hostile, "description": hostile, "url": "javascript:alert(3)",
        "starts": "2026-03-01", "ends": "2026-03-31",
    });
    server
        .post_events(&format!("[{}]", event("campaign", "hostile", "2026-02-21T00:00:00Z", campaign)))
        .await
        .expect(200);
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let parameters = format!("/?note={0}&{0}=1&from={0}", crate::browser::encoded(hostile));
    for path in ["/", &parameters] {
        let page = browser.get(path).await;
        let html = page.text();
        assert!(!html.contains("<script>alert") && !html.contains("<img src=x"), "{path}");
        assert!(!html.contains("href=\"javascript:"), "{path}");
    }
}

#[tokio::test]
async fn a_page_is_light() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/?from=2026-01-08&to=2026-03-10").await;
    let mut bytes = page.expect(200).reply.body.len();
    for (element, name) in [("<link rel=\"stylesheet\"", "href"), ("<script", "src")] {
        let at = page.text().find(element).expect("an asset");
        let url = attribute(&page.text()[at..], name).expect("an address");
        let asset = browser.get(&url).await;
        assert_eq!(asset.reply.status, 200, "{url}");
        assert!(asset.reply.header("cache-control").contains("immutable"), "{url}");
        bytes += asset.reply.body.len();
    }
    assert!(bytes < 150_000, "{bytes} bytes");
}

#[tokio::test]
async fn it_can_be_installed() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::new(&server);
    let manifest = browser.get("/manifest.webmanifest").await.reply;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let icons = manifest.json()["icons"].as_array().expect("icons").clone();
    for size in ["192x192", "512x512"] {
        assert!(icons.iter().any(|icon| icon["sizes"] == size), "{size}");
    }
    assert!(icons.iter().any(|icon| icon["purpose"] == "maskable"));
    for icon in icons {
        let reply = browser.get(icon["src"].as_str().expect("an address")).await.reply;
        assert_eq!((reply.status, reply.header("content-type")), (200, icon["type"].as_str().expect("a type")));
        if let Some((width, _)) = icon["sizes"].as_str().and_then(|sizes| sizes.split_once('x')) {
            let told =
                reply.body.get(16..20).map(|bytes| bytes.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)));
            assert_eq!(told.map(|told| told.to_string()).as_deref(), Some(width), "{icon}");
        }
    }
}
