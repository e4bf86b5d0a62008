//! Answers and posted bodies that are compressed.

use std::io::{Read, Write};
use std::time::Duration;

use axum::http::{Method, Response, header};
use bytes::Bytes;
use flate2::write::GzDecoder;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::Value;

use crate::history::{EVENTS, one_more};
use crate::server::{Reply, Server, bearer, full};

async fn get(server: &Server, method: Method, path: &str, accept: &str) -> Reply {
    let request = server.request(method, path).header(header::ACCEPT_ENCODING, accept);
    server.send(request.body(full("")).expect("a request")).await
}

fn decoded(reply: &Reply) -> Vec<u8> {
    let mut decoded = Vec::new();
    match reply.header("content-encoding") {
        "gzip" => {
            flate2::read::GzDecoder::new(&*reply.body).read_to_end(&mut decoded).expect("whole gzip");
            decoded
        }
        "zstd" => zstd::decode_all(&*reply.body).expect("whole zstd"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_large_is_compressed_as_the_client_takes_it() {
    let server = Server::start().await;
    for path in ["/v1/feed", "/metrics", "/openapi.json"] {
        let plain = server.get(path).await;
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        for (accept, encoding) in [
            ("gzip", "gzip"),
            ("zstd", "zstd"),
            ("gzip, deflate, br, zstd", "zstd"),
            ("gzip;q=0.9, zstd;q=0.1", "gzip"),
            ("*;q=0.1, gzip", "gzip"),
        ] {
            let reply = get(&server, Method::GET, path, accept).await;
            assert_eq!((reply.status, reply.header("content-encoding")), (200, encoding), "{path} {accept}");
            assert_eq!(reply.header("vary"), "accept-encoding", "{path} {accept}");
            assert_eq!(reply.header("content-type"), plain.header("content-type"), "{path} {accept}");
            assert!(reply.body.len() < plain.body.len(), "{path} {accept}");
            // No tag that two forms of an answer would share.
            assert!(!reply.headers.contains_key(header::ETAG) && !reply.headers.contains_key(header::CONTENT_LENGTH));
            if path != "/metrics" {
                assert_eq!(decoded(&reply), plain.body, "{path} {accept}");
            }
        }
        for accept in ["", "identity", "gzip;q=0", "br", "zstd;q=0, gzip;q=0.0"] {
            let reply = get(&server, Method::GET, path, accept).await;
            assert_eq!(reply.header("content-encoding"), "", "{path} {accept}");
        }
    }
}

#[tokio::test]
async fn what_is_small_or_compressed_in_itself_stays_as_it_is() {
    let server = Server::start().await;
    for path in ["/healthz", "/v1/rewards/export?uid=7&format=parquet", "/v1/codes/NONE?uid=7"] {
        let reply = get(&server, Method::GET, path, "gzip, zstd").await;
        assert_eq!(reply.header("content-encoding"), "", "{path}");
        assert_eq!(reply.header("content-length"), reply.body.len().to_string(), "{path}");
    }
    let head = get(&server, Method::HEAD, "/openapi.json", "gzip").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "", 0));
}

/// What has come of a compressed answer so far.
async fn first_line(response: &mut Response<Incoming>) -> Value {
    let mut decoder = GzDecoder::new(Vec::new());
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(30), response.body_mut().frame()).await;
        let frame = frame.expect("something comes").expect("more").expect("a frame");
        decoder.write_all(frame.data_ref().expect("data")).expect("gzip");
        decoder.flush().expect("flushed");
        let text = String::from_utf8(decoder.get_ref().clone()).expect("UTF-8");
        if let Some((line, _)) = text.split_once('\n') {
            return serde_json::from_str(line).expect("a line of JSON");
        }
    }
}

#[tokio::test]
async fn a_compressed_stream_keeps_nothing_back() {
    let server = Server::start().await;
    let request = server.request(Method::GET, "/v1/feed?follow=true").header(header::ACCEPT_ENCODING, "gzip");
    let mut response = server.open(request.body(full("")).expect("a request")).await;
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
    server.post_events(&one_more(900, "2026-03-09T00:00:00Z")).await.expect(200);
    assert_eq!(first_line(&mut response).await["position"], EVENTS + 1);
    let events = server.request(Method::GET, "/v1/feed").header(header::ACCEPT_ENCODING, "gzip");
    let events = events.header(header::ACCEPT, "text/event-stream").body(full("")).expect("a request");
    assert!(!server.open(events).await.headers().contains_key(header::CONTENT_ENCODING));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("whole")
}

async fn post(server: &Server, path: &str, media_type: &str, encoding: &str, body: Vec<u8>) -> Reply {
    let mut request = server.request(Method::POST, path).header(header::CONTENT_TYPE, media_type);
    request = request.header(header::AUTHORIZATION, bearer("operator", None));
    if !encoding.is_empty() {
        request = request.header(header::CONTENT_ENCODING, encoding);
    }
    server.send(request.body(Full::new(Bytes::from(body))).expect("a request")).await
}

const BATCH: &str = "application/cloudevents-batch+json";

#[tokio::test]
async fn posted_bodies_may_be_compressed() {
    let server = Server::start().await;
    let event = |uid| format!("[{}]", one_more(uid, "2026-03-09T00:00:00Z"));
    let zstd = zstd::encode_all(event(901).as_bytes(), 3).expect("whole");
    for (encoding, body) in [("gzip", gzip(event(900).as_bytes())), ("zstd", zstd), ("identity", event(902).into())] {
        let results = post(&server, "/v1/events", BATCH, encoding, body).await.expect(200);
        assert_eq!(results["results"][0]["outcome"], "accepted", "{encoding}: {results}");
    }
    let code = gzip(br#"{"code": "GZIPPED", "spot_rebate_rate": "0", "futures_rebate_rate": "0"}"#);
    post(&server, "/v1/codes?uid=7", "application/json", "gzip", code).await.expect(201);
}

#[tokio::test]
async fn what_a_compressed_body_comes_to_is_bounded_and_what_is_no_such_body_is_told() {
    let server = Server::start().await;
    let bomb = vec![b' '; (32 << 20) + 1];
    let zstd_bomb = zstd::encode_all(&*bomb, 3).expect("whole");
    for (encoding, body, status) in [
        ("gzip", gzip(&bomb), 413),
        ("zstd", zstd_bomb, 413),
        ("gzip", b"[]".to_vec(), 400),
        ("gzip", gzip(b"[]")[..15].to_vec(), 400),
        ("zstd", gzip(b"[]"), 400),
        ("br", b"[]".to_vec(), 415),
        ("gzip, gzip", gzip(&gzip(b"[]")), 415),
    ] {
        let reply = post(&server, "/v1/events", BATCH, encoding, body).await;
        let field = (status == 415).then_some("content-encoding");
        reply.expect_problem(status, field);
        assert_eq!(reply.header("accept-encoding"), if status == 415 { "gzip, zstd" } else { "" }, "{encoding}");
    }
    // A command's body is smaller, and so is what it may come to.
    let long = format!("{{\"note\": \"{}\"}}", " ".repeat(100_000));
    let note = post(&server, "/v1/account/apply?uid=8", "application/json", "gzip", gzip(long.as_bytes())).await;
    note.expect_problem(413, None);
}

#[tokio::test]
async fn a_body_that_is_not_what_it_should_be_is_told_what_it_looks_like() {
    let server = Server::start().await;
    let utf_16: Vec<u8> = "\u{feff}[]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (body, named) in [
        (b"\xef\xbb\xbf[]".to_vec(), "byte order mark"),
        (utf_16, "UTF-16"),
        (gzip(b"[]"), "Content-Encoding: gzip"),
        (zstd::encode_all(&b"[]"[..], 3).expect("whole"), "Content-Encoding: zstd"),
    ] {
        for (path, media_type) in [
            ("/v1/events", BATCH),
            ("/v1/codes?uid=7", "application/json"),
            ("/v1/what-if", "application/json"),
            ("/v1/what-if", "application/toml"),
        ] {
            let reply = post(&server, path, media_type, "", body.clone()).await;
            reply.expect_problem(400, None);
            assert!(reply.text().contains(named), "{path} {media_type}: {}", reply.text());
        }
    }
}
