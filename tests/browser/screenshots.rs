//! Takes pictures of every page with the demo's data, wide and narrow, light and dark, to be looked at. It is no test:
//! `cargo test --test browser -- --ignored screenshots`; the pictures are under `target/tmp/browser/screenshots`, those of
//! docs/screenshots under `chosen` and `chinese/chosen`.

use std::path::Path;

use serde_json::{Value, json};
use thirtyfour::Key;
use workload::{Story, Workload};

use crate::daemon_support::wait_for;
use crate::harness::crawl::every_page;
use crate::harness::people::AFFILIATE;
use crate::harness::platform::{Caller, Platform, exact};
use crate::harness::walk::{Walk, folder};
use crate::harness::window::{Scheme, Window};
use crate::harness::{Looks, history, walk_with};

/// How many events of the demo: enough that the pages look as in `tributary demo`.
const EVENTS: u64 = 400_000;

/// The pages in Chinese, wide and on a phone, under `screenshots/chinese`. It takes a font for them
/// (`fonts-noto-cjk`).
#[test]
#[ignore = "it makes pictures for people"]
fn pictures_in_chinese() {
    walk_with(
        "screenshots-chinese",
        || Platform::recorded(EVENTS),
        async |walk| {
            let folder = folder().join("screenshots/chinese");
            for (caller, more) in [(Caller::Affiliate(AFFILIATE), &[] as &[&str]), (Caller::Operator, &["/?uid=7"])] {
                let window = walk.signed_in_in_chinese(caller).await;
                let folder = folder.join(format!("{caller:?}").to_lowercase());
                std::fs::create_dir_all(&folder).expect("a folder");
                let mut narrow = Vec::new();
                if caller != Caller::Operator {
                    let chosen = folder.with_file_name("chosen");
                    std::fs::create_dir_all(&chosen).expect("a folder");
                    for (name, path, height) in [
                        ("chinese-overview-1440-light", "/", 1250),
                        ("chinese-programs-1440-light", "/programs", 1000),
                        ("chinese-referrals-390-light", "/referrals?sort=commission", 1400),
                        ("chinese-explain-1440-dark", &*late_trade(), 1200),
                    ] {
                        window.open(path).await;
                        take(&window, &chosen, name, (0, height)).await;
                    }
                }
                let pages = every_page(&window, more, async |window, path| {
                    for width in [1440, 390] {
                        window.look(Looks { width, ..Looks::default() }).await;
                        let cut: Vec<String> = window.ask(CUT, vec![]).await;
                        narrow.extend(cut.iter().map(|what| format!("{path} at {width}: {what}")));
                        let picture = window.picture_of(json!({"captureBeyondViewport": true})).await;
                        std::fs::write(folder.join(format!("{}.{width}.png", file_name(path))), picture)
                            .expect("written");
                    }
                    window.look(Looks::default()).await;
                });
                println!("{} pages under {}; to be looked at: {narrow:#?}", pages.await.len(), folder.display());
            }
        },
    );
}

/// What is cut off, or stands in a column so narrow that hardly a letter stands beside another.
const CUT: &str = "return Array.from(document.querySelectorAll('body *')).filter(one => one.checkVisibility()
        && !one.matches('.visually-hidden, .visually-hidden *, svg, svg *, option, .table-scroll, pre')
        && Array.from(one.childNodes).some(node => node.nodeType === 3 && node.textContent.trim().length > 2))
    .filter(one => {
        const style = getComputedStyle(one);
        const size = parseFloat(style.fontSize);
        const box = one.getBoundingClientRect();
        const isCut = style.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1;
        const inner = box.width - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        return isCut || (style.display !== 'inline' && inner < 2.5 * size && box.height > 3.5 * size) || box.right > innerWidth + 1 && !one.closest('.table-scroll, pre');
    })
    .slice(0, 12)
    .map(one => `${one.tagName.toLowerCase()}.${one.className} in ${one.parentElement.className}: ${one.textContent.trim().slice(0, 40)}`);";

#[test]
#[ignore = "it makes pictures for people"]
fn screenshots() {
    walk_with(
        "screenshots",
        || Platform::recorded(EVENTS),
        async |walk| {
            let folder = folder().join("screenshots");
            let affiliate = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
            let operator = walk.signed_in(Caller::Operator).await;
            chosen(walk, &affiliate, &operator, &folder).await;
            for (window, name, more) in
                [(&affiliate, "affiliate", &[] as &[&str]), (&operator, "operator", &["/?uid=7"])]
            {
                let folder = folder.join(name);
                std::fs::create_dir_all(&folder).expect("a folder");
                let pages =
                    every_page(window, more, async |window, path| every_look(window, path, &folder).await).await;
                println!("{} pages of {name} under {}", pages.len(), folder.display());
            }
        },
    );
}

/// The few that are kept under docs/screenshots.
async fn chosen(walk: &Walk, affiliate: &Window, operator: &Window, folder: &Path) {
    let folder = folder.join("chosen");
    std::fs::create_dir_all(&folder).expect("a folder");
    let best =
        walk.platform.get(Caller::Affiliate(AFFILIATE), "/v1/referrals?sort=commission&limit=1")["rows"][0].clone();
    let invitee = format!("/referrals/{}", best["uid"]);
    let story = story();
    let range = format!("from={}&to={}", story.first, story.last);
    let explain = late_trade();
    let (then, since) =
        (format!("/?{range}&as_of={}", story.closed), format!("/restatement?{range}&since={}", story.closed));
    let what_if = what_if(walk, &story);
    let ask = format!("/operator/ask?question=overview&ask=yes&p-uid={AFFILIATE}");
    for (name, window, path, height) in [
        ("overview-1440-light", affiliate, "/", 1250),
        ("overview-390-dark", affiliate, "/", 1400),
        ("invitee-1440-light", affiliate, &*invitee, 1100),
        ("explain-1440-light", affiliate, &*explain, 1200),
        ("as-of-1440-light", affiliate, &*then, 1200),
        ("restatement-1440-light", affiliate, &*since, 1200),
        ("what-if-1440-light", operator, &*what_if, 1100),
        ("operator-1440-light", operator, "/operator", 900),
        ("search-1440-light", operator, "/operator/search?name=7", 900),
        ("ask-1440-light", operator, &*ask, 1200),
    ] {
        window.open(path).await;
        take(window, &folder, name, (0, height)).await;
    }
    // A chart that is read by keys.
    affiliate.open(&format!("/?{range}")).await;
    affiliate.find("#rewards-chart .plot[role=slider]").await;
    let top = "const plot = document.querySelector('#rewards-chart .plot');
        plot.focus();
        return Math.round(document.querySelector('#rewards-chart').getBoundingClientRect().top + scrollY) - 200;";
    let top: u32 = affiliate.ask(top, vec![]).await;
    affiliate.type_keys(Key::Right).await;
    take(affiliate, &folder, "chart-1440-light", (top, 1250)).await;
}

/// The story of the demo.
fn story() -> Story {
    Workload { days: 90, ..Workload::sized(1, EVENTS, history::end()) }.story().expect("a story")
}

/// The page of the trade that came late.
fn late_trade() -> String {
    let Story { invitee, trade: (source, id), .. } = story();
    format!("/trades/explain?invitee={invitee}&source={source}&id={id}")
}

/// Takes a picture of so much of the page that stands in a window, which its name says the looks of.
async fn take(window: &Window, folder: &Path, name: &str, (top, height): (u32, u32)) {
    let width = if name.contains("-390-") { 390 } else { 1440 };
    let scheme = if name.ends_with("-dark") { Scheme::Dark } else { Scheme::Light };
    window.look(Looks { width, scheme, has_scripts: true }).await;
    let whole: u32 = window.ask("return document.documentElement.scrollHeight", vec![]).await;
    let clip = json!({"x": 0, "y": top, "width": width, "height": height.min(whole - top), "scale": 1});
    let what = json!({"captureBeyondViewport": true, "clip": clip, "format": "webp", "quality": 90});
    // What lies below the window is drawn for the first one, and may not be there in whole.
    window.picture_of(what.clone()).await;
    std::fs::write(folder.join(format!("{name}.webp")), window.picture_of(what).await).expect("written");
    window.look(Looks::default()).await;
}

/// The what-if of the story, done: its page.
fn what_if(walk: &Walk, story: &Story) -> String {
    let signed = story.first.plus(19);
    let rules = json!({
        "drop": [{"type": "referral.affiliate.v1", "uid": AFFILIATE, "from": signed.start(), "to": signed.plus(1).start()}],
    });
    let begun = walk.platform.command(Caller::Operator, "POST", "/v1/what-if?by=referrer", &rules);
    assert_eq!(begun.status, 202, "{}", begun.body);
    let id = exact(&serde_json::from_str::<Value>(&begun.body).expect("JSON")["id"]);
    wait_for("the what-if is done", 600, || {
        (walk.platform.get(Caller::Operator, &format!("/v1/what-if/{id}"))["state"] == "done").then_some(())
    });
    format!("/operator/what-if/{id}")
}

async fn every_look(window: &Window, path: &str, folder: &Path) {
    let name = file_name(path);
    for (width, scheme) in [(1440, Scheme::Light), (1440, Scheme::Dark), (390, Scheme::Light), (390, Scheme::Dark)] {
        window.look(Looks { width, scheme, has_scripts: true }).await;
        let file = folder.join(format!("{name}.{width}.{scheme:?}.png").to_lowercase());
        std::fs::write(file, window.picture_of(json!({"captureBeyondViewport": true})).await).expect("written");
    }
    window.look(Looks::default()).await;
}

fn file_name(path: &str) -> String {
    path.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).take(80).collect()
}
