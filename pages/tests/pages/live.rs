//! Open pages are told that the ledger grew.

use api::{Authenticator, HttpOptions, ServeLimits};
use axum::body::Body;
use axum::http::{Method, header};
use http_body_util::BodyExt;

use crate::browser::Browser;
use crate::history::{EVENTS, one_more};
use crate::server::{SECRET, Server, full};

/// What a page is told, as it comes.
struct Told {
    body: Body,
    text: String,
}

impl Told {
    async fn open(server: &Server, browser: &Browser<'_>) -> Told {
        let cookie = format!("tributary_session={}", browser.cookies["tributary_session"]);
        let request = server.request(Method::GET, "/live").header(header::COOKIE, cookie).body(full(""));
        let response = server.open(request.expect("a request")).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/event-stream".parse().expect("a value"))
        );
        Told { body: Body::new(response.into_body()), text: String::new() }
    }

    /// The position of the next event; none at the end.
    async fn next(&mut self) -> Option<u64> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let position = event.lines().find_map(|line| line.strip_prefix("data: ")?.parse().ok());
                self.text = rest.to_owned();
                match position {
                    Some(position) => return Some(position),
                    None => continue,
                }
            }
            let data = self.body.frame().await?.ok()?.into_data().ok()?;
            self.text.push_str(std::str::from_utf8(&data).expect("UTF-8"));
        }
    }
}

#[tokio::test]
async fn a_page_is_told_the_position_and_each_growth_until_the_server_ends() {
    let server = Server::with_tokens().await;
    let browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let mut told = Told::open(&server, &browser).await;
    assert_eq!(told.next().await, Some(EVENTS));
    server.post_events(&format!("[{}]", one_more(900, "2026-03-09T00:00:00Z"))).await.expect(200);
    assert_eq!(told.next().await, Some(EVENTS + 1));
    server.end().await;
    assert_eq!(told.next().await, None);
}

#[tokio::test]
async fn who_is_not_signed_in_is_told_nothing() {
    let server = Server::with_tokens().await;
    assert_eq!(Browser::new(&server).get("/live").await.reply.status, 401);
}

#[tokio::test]
async fn so_many_pages_are_told_and_one_more_is_refused_with_a_word() {
    let options = HttpOptions { live_pages_max: 1, ..HttpOptions::default() };
    let keys = Authenticator::new(Some(SECRET), None).expect("a secret");
    let server = Server::bounded(keys, options, ServeLimits::default()).await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let mut told = Told::open(&server, &browser).await;
    assert_eq!(told.next().await, Some(EVENTS));
    let refused = browser.get("/live").await.reply;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    // The pages themselves are there as ever.
    browser.get("/").await.expect(200);
    let metrics = server.get("/metrics").await;
    for line in ["tributary_live_pages 1", "tributary_live_refused_total{kind=\"pages\"} 1"] {
        assert!(metrics.text().lines().any(|found| found == line), "{line} in {}", metrics.text());
    }
}
