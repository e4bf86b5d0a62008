//! Takes pictures of every page with the demo's data, wide and narrow, light and dark, to be looked at. It is no test:
//! `cargo test --test browser -- --ignored screenshots`; the pictures are under `target/tmp/browser/screenshots`.

use std::path::Path;

use serde_json::json;

use crate::harness::crawl::every_page;
use crate::harness::people::AFFILIATE;
use crate::harness::platform::{Caller, exact};
use crate::harness::walk::{Walk, folder};
use crate::harness::window::{Scheme, Window};
use crate::harness::{Looks, history, walk_on};

/// How many events of the demo: enough that the pages look as in `tributary demo`.
const EVENTS: u64 = 400_000;

#[test]
#[ignore = "it makes pictures for people"]
fn screenshots() {
    walk_on("screenshots", &history::demo(EVENTS), async |walk| {
        let folder = folder().join("screenshots");
        let affiliate = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        let operator = walk.signed_in(Caller::Operator).await;
        chosen(walk, &affiliate, &operator, &folder).await;
        for (window, name, more) in [(&affiliate, "affiliate", &[] as &[&str]), (&operator, "operator", &["/?uid=7"])] {
            let folder = folder.join(name);
            std::fs::create_dir_all(&folder).expect("a folder");
            let pages = every_page(window, more, async |window, path| every_look(window, path, &folder).await).await;
            println!("{} pages of {name} under {}", pages.len(), folder.display());
        }
    });
}

/// The few that are kept under docs/screenshots.
async fn chosen(walk: &Walk, affiliate: &Window, operator: &Window, folder: &Path) {
    let folder = folder.join("chosen");
    std::fs::create_dir_all(&folder).expect("a folder");
    let best =
        walk.platform.get(Caller::Affiliate(AFFILIATE), "/v1/referrals?sort=commission&limit=1")["rows"][0].clone();
    let invitee = format!("/referrals/{}", best["uid"]);
    let trades = walk.platform.get(Caller::Affiliate(AFFILIATE), &format!("/v1{invitee}"))["trades"].clone();
    let eligible = trades.as_array().expect("trades").iter().find(|trade| trade["eligible"] == true);
    let event = &eligible.unwrap_or(&trades[0])["event"];
    let explain = format!(
        "/trades/explain?invitee={}&source={}&id={}",
        eligible.unwrap_or(&trades[0])["account_uid"],
        exact(&event["source"]),
        exact(&event["id"])
    );
    for (name, window, path, width, height, scheme) in [
        ("overview-1440-light", affiliate, "/", 1440, 1250, Scheme::Light),
        ("overview-390-dark", affiliate, "/", 390, 1400, Scheme::Dark),
        ("invitee-1440-light", affiliate, &*invitee, 1440, 1100, Scheme::Light),
        ("explain-1440-dark", affiliate, &*explain, 1440, 1200, Scheme::Dark),
        ("operator-1440-light", operator, "/operator", 1440, 900, Scheme::Light),
    ] {
        window.look(Looks { width, scheme, has_scripts: true }).await;
        window.open(path).await;
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let picture = window.picture_of(json!({"captureBeyondViewport": true, "clip": clip})).await;
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("written");
        window.look(Looks::default()).await;
    }
}

async fn every_look(window: &Window, path: &str, folder: &Path) {
    let name: String =
        path.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).take(80).collect();
    for (width, scheme) in [(1440, Scheme::Light), (1440, Scheme::Dark), (390, Scheme::Light), (390, Scheme::Dark)] {
        window.look(Looks { width, scheme, has_scripts: true }).await;
        let file = folder.join(format!("{name}.{width}.{scheme:?}.png").to_lowercase());
        std::fs::write(file, window.picture_of(json!({"captureBeyondViewport": true})).await).expect("written");
    }
    window.look(Looks::default()).await;
}
