//! The table of who may what is held against a running server, cell by cell, with real tokens; every endpoint and every
//! page stands in it; and `docs/AUTHORISATION.md` is printed from it.

mod printed;
mod table;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use api::{Authenticator, HttpOptions, RevokedTokens, ServeLimits};
use axum::http::header;
use serde_json::Value;

use self::table::{API, Line, OF_NOBODY, PAGES, PARTS, ROLES, Says};
use crate::browser::{Browser, encoded};
use crate::server::{SECRET, Server, bearer, full};

/// Whom a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// 7, who is the affiliate.
    Own,
    /// 8.
    Other,
    /// It names nobody.
    None,
}

const ABOUT: [About; 3] = [About::Own, About::Other, About::None];

/// A server with something of all that the table asks for.
struct Walk {
    server: Server,
    /// Where the list of revoked tokens is kept.
    _folder: tempfile::TempDir,
    /// The last quarantined event that nothing was done to yet.
    quarantined: u64,
    what_if: String,
    events: u64,
}

impl Walk {
    async fn begin() -> Walk {
        let folder = tempfile::tempdir().expect("a folder");
        let now = schemas::Timestamp::parse(crate::history::NOW).expect("a time");
        let revoked = RevokedTokens::open(folder.path().join("revoked-tokens.json"), now).expect("a list");
        let keys = Authenticator::new(Some(SECRET), None).expect("a secret").with_revoked(Arc::new(revoked));
        let server = Server::bounded(keys, HttpOptions::default(), ServeLimits::default()).await;
        let junk: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        server.post_events(&format!("[{}]", junk.join(","))).await.expect(200);
        let token = bearer("operator", None);
        let headers = [("authorization", token.as_str())];
        let rules = "{\"drop\":[{\"type\":\"referral.vip.v1\"}]}";
        let begun = server.command_with(axum::http::Method::POST, "/v1/what-if", rules, &headers).await;
        let location = begun.header("location").to_owned();
        let what_if = location.rsplit('/').next().expect("an id").to_owned();
        assert!(!what_if.is_empty(), "{}", begun.text());
        Walk { server, _folder: folder, quarantined: 200, what_if, events: 0 }
    }

    /// The address of a line's request about somebody.
    fn address(&mut self, line: &Line, about: About) -> String {
        let of = |own: &'static str, other: &'static str| if about == About::Other { other } else { own };
        let id = if line.path.contains("quarantine") {
            // Each is acted on once.
            self.quarantined -= u64::from(line.method == "post");
            (self.quarantined + 1).min(200).to_string()
        } else if line.path.contains("what-if") {
            self.what_if.clone()
        } else {
            "spring".to_owned()
        };
        let path = line.path.replace("{invitee}", of("100", "102")).replace("{code}", of("ALPHA", "BETA"));
        let path = path.replace("{uid}", "7").replace("{number}", "1").replace("{position}", "1").replace("{id}", &id);
        let path = path.replace("{file}", "gone");
        let trade = of("invitee=100&source=/tests&id=t1", "invitee=102&source=/tests&id=t4");
        let mut query = vec![line.query.replace("{trade}", trade).replace("{invitee}", of("100", "102"))];
        if line.names && about != About::None {
            query.push(format!("uid={}", of("7", "8")));
        }
        query.retain(|part| !part.is_empty());
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// What the API answers to a role, or to nobody.
    async fn ask(&mut self, line: &Line, role: Option<&str>, about: About) -> u16 {
        let address = self.address(line, about);
        let method = line.method.to_uppercase().parse().expect("a method");
        let mut request = self.server.request(method, &address);
        if let Some(role) = role {
            request = request.header(header::AUTHORIZATION, token_of(role));
        }
        let (media_type, body) = match line.says {
            Says::Nothing => (None, String::new()),
            Says::Json(body) => (Some("application/json"), body.to_owned()),
            Says::Event => {
                self.events += 1;
                let event = crate::history::one_more(9_000 + self.events, "2026-03-09T00:00:00Z");
                (Some("application/cloudevents+json"), event)
            }
            Says::Form(_) => unreachable!("the API takes no forms"),
        };
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        // Some never end: what they begin with tells.
        self.server.open(request.body(full(&body)).expect("a request")).await.status().as_u16()
    }
}

fn token_of(role: &str) -> String {
    bearer(role, Some(if role == "affiliate" { 7 } else { 1 }))
}

/// The sign of an answer.
fn sign(status: u16) -> char {
    match status {
        200..=299 | 303 | 409 | 422 => '+',
        400 => '?',
        403 => '-',
        404 => '0',
        _ => '!',
    }
}

/// The cases of a line that there are for a role, each with the sign that it has to have.
fn cases(line: &Line, role: usize) -> impl Iterator<Item = (About, char)> {
    ABOUT.into_iter().zip(line.may[role].chars()).filter(|(_, sign)| *sign != '.')
}

#[tokio::test]
async fn each_cell_of_the_api_is_as_the_table_says() {
    let mut walk = Walk::begin().await;
    let mut wrong = Vec::new();
    let mut cells = 0;
    for line in API {
        for (role, name) in ROLES.iter().enumerate() {
            for (about, expected) in cases(line, role) {
                let status = walk.ask(line, Some(name), about).await;
                cells += 1;
                if sign(status) != expected {
                    wrong.push(format!("{} {} {name} {about:?}: {expected} and not {status}", line.method, line.path));
                }
            }
        }
        let nobody = walk.ask(line, None, About::None).await;
        if (nobody == 401) != line.needs_token || nobody >= 500 {
            wrong.push(format!("{} {} nobody: {nobody}", line.method, line.path));
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn each_cell_of_the_pages_is_as_the_table_says() {
    let mut walk = Walk::begin().await;
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (role, name) in ROLES.iter().enumerate() {
        let (cookies, seal) = {
            let mut browser = Browser::signed_in(&walk.server, name, Some(if role == 0 { 7 } else { 1 })).await;
            let page = browser.get("/account?uid=7").await;
            let form = page.form("/sign-out");
            let cookies = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
            (cookies.join("; "), form.hidden)
        };
        for line in PAGES {
            for (about, expected) in cases(line, role) {
                let status = ask_page(&mut walk, line, about, &cookies, &seal).await;
                cells += 1;
                let asks_about_whom = expected == '?' && status == 200;
                if sign(status) != expected && !asks_about_whom {
                    wrong.push(format!("{} {} {name} {about:?}: {expected} and not {status}", line.method, line.path));
                }
            }
        }
    }
    for line in PAGES {
        let status = ask_page(&mut walk, line, About::None, "", &[]).await;
        let is_refused = matches!(status, 401 | 403) || (line.method == "post" && status == 400);
        if !is_refused {
            wrong.push(format!("{} {} nobody: {status}", line.method, line.path));
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a page answers to a browser with these cookies; a form bears the seal of that browser.
async fn ask_page(walk: &mut Walk, line: &Line, about: About, cookies: &str, seal: &[(String, String)]) -> u16 {
    let address = walk.address(line, about);
    let method = line.method.to_uppercase().parse().expect("a method");
    let mut request = walk.server.request(method, &address).header(header::COOKIE, cookies);
    request = request.header(header::ACCEPT, "text/html");
    let mut body = String::new();
    if let Says::Form(fields) = line.says {
        walk.events += 1;
        let key = format!("{:032x}", walk.events);
        let given = seal.iter().map(|(name, value)| (&**name, &**value)).filter(|(name, _)| *name != "_key");
        let pairs: Vec<String> = given
            .chain(fields.iter().copied())
            .chain([("_key", &*key)])
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        body = pairs.join("&");
        let origin = format!("http://{}", walk.server.address);
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request = request.header("origin", origin).header("sec-fetch-site", "same-origin");
    }
    walk.server.open(request.body(full(&body)).expect("a request")).await.status().as_u16()
}

#[tokio::test]
async fn every_endpoint_stands_in_the_table() {
    let server = Server::with_tokens().await;
    let document: Value = server.get("/openapi.json").await.expect(200);
    let served: BTreeSet<String> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().expect("an item").keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    let told: BTreeSet<String> = API.iter().map(|line| format!("{} {}", line.method, line.path)).collect();
    assert_eq!(told, served);
}

/// The routes of the pages are told from the sources: a router does not tell what it has.
#[test]
fn every_page_stands_in_the_table() {
    let mut routes = 0;
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                // Among them are images.
                let bytes = std::fs::read(path).expect("a source");
                routes += String::from_utf8_lossy(&bytes).matches(".route(").count();
            }
        }
    }
    let told: BTreeSet<&str> =
        PAGES.iter().map(|line| line.path).chain(OF_NOBODY.iter().chain(PARTS).copied()).collect();
    // The assets are one more, for everyone.
    assert_eq!(told.len() + ASSETS, routes, "a page without its line in the table, or a line without its page");
}

const ASSETS: usize = 1;

#[test]
fn the_page_of_the_docs_is_printed_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/AUTHORISATION.md");
    let printed = printed::page();
    if std::env::var_os("TRIBUTARY_WRITE_DOCS").is_some() {
        std::fs::write(&path, &printed).expect("written");
    }
    let kept = std::fs::read_to_string(&path).expect("docs/AUTHORISATION.md");
    assert_eq!(kept, printed, "set TRIBUTARY_WRITE_DOCS=1 to print it anew");
}
