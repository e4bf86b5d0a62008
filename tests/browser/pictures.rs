//! Every page looks as in the picture of it that is kept under `docs/screenshots/pages`: wide and narrow, in light colours, and
//! narrow in dark ones. `just pictures` keeps new ones.

use serde_json::{Value, json};

use crate::daemon_support::{clock, wait_for};
use crate::harness::album::Album;
use crate::harness::crawl::{every_page, kind};
use crate::harness::people::AFFILIATE;
use crate::harness::picture::Picture;
use crate::harness::platform::{Caller, Platform, exact};
use crate::harness::window::{Scheme, Window};
use crate::harness::{Looks, skipped, walk, walk_with};

const LOOKS: [(&str, Looks); 3] = [
    ("1440-light", Looks { width: 1440, scheme: Scheme::Light, has_scripts: true }),
    ("390-light", Looks { width: 390, scheme: Scheme::Light, has_scripts: true }),
    ("390-dark", Looks { width: 390, scheme: Scheme::Dark, has_scripts: true }),
];

/// Pictures are half as wide as pages are.
const SCALE: f32 = 0.5;
/// So much of a page is in its picture: below it lie rows as those above.
const HEIGHT_MAX: u32 = 2_000;

/// A picture may be taken before a script is done with a page's new width, or before the browser has drawn all of it: one that
/// looks otherwise than it should is taken so many times, and the last one counts.
const TAKES_MAX: usize = 8;

/// What is another at each run, and has no place in a picture: how long steps took in this process.
const HIDDEN: &str = "#durations-table td { visibility: hidden } * { caret-color: transparent !important }";

#[test]
fn every_page_looks_as_in_the_picture_that_is_kept_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = match clock::library(folder.path()) {
        Ok(clock) => clock,
        Err(why) => return skipped(&why),
    };
    let still = || Platform::still(&clock);
    walk_with("pictures", still, async |walk| {
        let mut album = Album::open();
        let stranger = walk.window(Looks::default()).await;
        stranger.open("/sign-in").await;
        hold(&stranger, "sign-in", &mut album).await;
        let affiliate = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        affiliate.open("/nowhere").await;
        hold(&affiliate, "nowhere", &mut album).await;
        every_page(&affiliate, &[], async |window, path| hold_first(window, path, &mut album).await).await;
        let operator = walk.signed_in(Caller::Operator).await;
        operator.open("/").await;
        hold(&operator, "whose-data", &mut album).await;
        // What an operator sees of an affiliate is what the affiliate sees: it is there already.
        every_page(&operator, &["/operator"], async |window, path| hold_first(window, path, &mut album).await).await;
        operator.open(&what_if_that_is_done(&walk.platform)).await;
        hold(&operator, "operator-what-if-done", &mut album).await;
        album.close();
    });
}

/// A what-if that has an answer: the path of its page.
fn what_if_that_is_done(platform: &Platform) -> String {
    let rules = json!({"drop": [{"type": "referral.reversal.v1"}]});
    let begun = platform.command(Caller::Operator, "POST", "/v1/what-if", &rules);
    assert_eq!(begun.status, 202, "{}", begun.body);
    let id = exact(&serde_json::from_str::<Value>(&begun.body).expect("JSON")["id"]);
    wait_for("the what-if is done", 60, || {
        (platform.get(Caller::Operator, &format!("/v1/what-if/{id}"))["state"] == "done").then_some(())
    });
    format!("/operator/what-if/{id}")
}

/// Parameters that make another page of a path; with others it looks as without them.
const TELLING: [&str; 5] = ["as_of", "name", "question", "since", "visibility"];

/// A page's name in the album, by its path; none of a page of the past but the overview: what differs is the same on all.
fn name(path: &str) -> Option<String> {
    let kind = kind(path).replace('…', "one");
    let (place, query) = kind.split_once('?').unwrap_or((&kind, ""));
    let place = if place == "/" { "overview" } else { place };
    let is_past = query.split('&').any(|parameter| parameter == "as_of");
    let telling = query.split('&').filter(|parameter| TELLING.iter().any(|name| parameter.starts_with(name)));
    let words: Vec<&str> = std::iter::once(place)
        .chain(telling)
        .flat_map(|part| part.split(|char: char| !char.is_ascii_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    (!is_past || place == "overview").then(|| words.join("-").to_lowercase())
}

/// Holds a page against its pictures, if it is the first of its name.
async fn hold_first(window: &Window, path: &str, album: &mut Album) {
    if let Some(name) = name(path).filter(|name| !album.has_held(name)) {
        hold(window, &name, album).await;
    }
}

/// Holds the page that stands in a window against its pictures.
async fn hold(window: &Window, name: &str, album: &mut Album) {
    style(window, HIDDEN).await;
    for (of, looks) in LOOKS {
        window.look(looks).await;
        let name = format!("{name}.{of}");
        let mut picture = taken(window).await;
        for _ in 1..TAKES_MAX {
            if album.looks_the_same(&name, &picture) {
                break;
            }
            // Drawn anew.
            window.look(looks).await;
            picture = taken(window).await;
        }
        album.hold(&name, &picture);
    }
    window.look(Looks::default()).await;
}

/// A picture of the page as it stands.
async fn taken(window: &Window) -> Picture {
    let size = "return [document.documentElement.clientWidth, document.documentElement.scrollHeight]";
    let (width, height): (u32, u32) = window.ask(size, vec![]).await;
    let clip = json!({"x": 0, "y": 0, "width": width, "height": height.min(HEIGHT_MAX), "scale": SCALE});
    Picture::read(&window.picture_of(json!({"captureBeyondViewport": true, "clip": clip})).await)
}

/// Lays a style over the page, past its policy.
async fn style(window: &Window, rules: &str) {
    let script = "const sheet = new CSSStyleSheet();
        sheet.replaceSync(arguments[0]);
        document.adoptedStyleSheets = [sheet];
        return true;";
    assert!(window.ask::<bool>(script, vec![json!(rules)]).await);
}

#[test]
fn what_is_changed_on_a_page_is_seen_in_its_picture() {
    walk("picture-changes", async |walk| {
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        window.open("/codes").await;
        for (of, looks) in LOOKS {
            window.look(looks).await;
            style(&window, HIDDEN).await;
            let before = taken(&window).await;
            assert!(taken(&window).await.difference(&before).is_none(), "{of}: nothing is changed");
            for (what, rules) in [
                ("columns that moved", "td { transform: translateX(6px) }"),
                ("lost borders", "* { border-color: transparent !important }"),
                ("another colour of links", "a { color: #7a3cff !important }"),
                ("a line that is higher", "h1 { margin-bottom: 24px }"),
            ] {
                style(&window, &format!("{HIDDEN} {rules}")).await;
                assert!(taken(&window).await.difference(&before).is_some(), "{of}: {what} is not seen");
            }
        }
    });
}
