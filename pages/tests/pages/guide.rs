//! The guide: there where whoever serves the pages says what happened, in the language of who reads it.

use std::sync::Arc;

use api::{App, Authenticator};
use axum::body::Body;
use axum::http::{Request, header};
use ingest::metrics::Metrics;
use pages::{Guide, Story, Trade};
use schemas::{Day, Timestamp, Uid};
use tower_service::Service;

use crate::browser::Browser;
use crate::languages::english_in;
use crate::server::{Reply, Server};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn guide() -> Guide {
    let trade = |uid, id| Trade { uid: Uid(uid), source: "/tests", id };
    let story = Story {
        first: day("2026-03-01"),
        last: day("2026-03-31"),
        closed: Timestamp::parse("2026-04-03T00:00:00Z").expect("a time"),
        late: trade(101, "t3"),
        suspended: Uid(808),
        suspended_on: day("2026-03-16"),
        unpaid: trade(100, "t1"),
        rules: "'where the demo/is.toml'".to_owned(),
    };
    Guide { uid: Uid(7), program: "tributary".to_owned(), data: "'where the demo'".to_owned(), story: Some(story) }
}

async fn shown(router: &axum::Router, path: &str, language: &str) -> Reply {
    let request = Request::builder()
        .uri(path)
        .header(header::HOST, "127.0.0.1")
        .header(header::ACCEPT, "text/html")
        .header(header::ACCEPT_LANGUAGE, language);
    let request = request.body(Body::empty()).expect("a request");
    Reply::of(router.clone().call(request).await.unwrap_or_else(|never| match never {})).await
}

#[tokio::test]
async fn the_story_is_told_in_the_language_of_the_page_with_the_same_links_and_commands() {
    let server = Server::start().await;
    let app = App::new(Authenticator::open(), Arc::new(Metrics::new()));
    app.open(server.ledger.clone());
    let router = pages::router_with(&app, Some(guide()));
    let front = shown(&router, "/", "zh").await;
    assert_eq!((front.status, front.header("location")), (303, "/guide"), "who names nobody begins there");
    let [english, chinese] = ["en", "zh"].map(|language| shown(&router, "/guide", language));
    let (english, chinese) = (english.await, chinese.await);
    for (page, told) in [
        (&english, ["March 2026 as it was closed", "Affiliate 808 was suspended on 2026-03-16", "Ask what if"]),
        (&chinese, ["结账时的2026年3月", "联盟会员 808 于 2026-03-16 被暂停", "进行假设分析"]),
    ] {
        assert_eq!(page.status, 200, "{}", page.text());
        for told in told {
            assert!(page.text().contains(told), "{told}: {}", page.text());
        }
    }
    assert_eq!(english_in(chinese.text()), Vec::<String>::new());
    // What is led to, and what is pasted, is the same whoever reads it.
    let of_guide = |page: &Reply, begins: &str| -> Vec<String> {
        let (_, guide) = page.text().split_once("<ol class=\"guide\">").expect("the chapters");
        let (guide, _) = guide.split_once("</ol>").expect("their end");
        guide.split(begins).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
    };
    for (begins, count) in [("href=\"", 12), ("data-copy=\"", 7)] {
        let expected = of_guide(&english, begins);
        assert!(expected.len() >= count, "{begins}: {expected:?}");
        assert_eq!(of_guide(&chinese, begins), expected);
    }
    let text = english.text();
    assert!(text.contains("replay --data 'where the demo' --what-if 'where the demo/is.toml' --by referrer"), "{text}");
}

#[tokio::test]
async fn without_a_guide_there_is_no_such_page_and_without_a_story_it_tells_of_the_rest() {
    let server = Server::start().await;
    Browser::new(&server).get("/guide").await.expect(404);
    let app = App::new(Authenticator::open(), Arc::new(Metrics::new()));
    app.open(server.ledger.clone());
    let router = pages::router_with(&app, Some(Guide { story: None, ..guide() }));
    for (language, told, story) in [("en", "Your dashboard", "closed"), ("zh", "您的数据看板", "结账")] {
        let page = shown(&router, "/guide", language).await;
        assert!(page.text().contains(told) && !page.text().contains(story), "{}", page.text());
    }
}
