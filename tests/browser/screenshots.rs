//! Takes pictures of every page with the demo's data, wide and narrow, light and dark, to be looked at. It is no test:
//! `cargo test --test browser -- --ignored screenshots`; the pictures are under `target/tmp/browser/screenshots`.

use std::path::Path;

use crate::harness::crawl::every_page;
use crate::harness::platform::Caller;
use crate::harness::walk::folder;
use crate::harness::window::{Scheme, Window};
use crate::harness::{Looks, history, walk_on};

/// How many events of the demo: enough that the pages look as in `tributary demo`.
const EVENTS: u64 = 400_000;

#[test]
#[ignore = "it makes pictures for people"]
fn screenshots() {
    walk_on("screenshots", &history::demo(EVENTS), async |walk| {
        let folder = folder().join("screenshots");
        for (caller, name, more) in
            [(Caller::Affiliate(7), "affiliate", &[] as &[&str]), (Caller::Operator, "operator", &["/?uid=7"])]
        {
            let window = walk.signed_in(caller).await;
            let folder = folder.join(name);
            std::fs::create_dir_all(&folder).expect("a folder");
            let pages = every_page(&window, more, async |window, path| picture(window, path, &folder).await).await;
            println!("{} pages of {name} under {}", pages.len(), folder.display());
        }
    });
}

async fn picture(window: &Window, path: &str, folder: &Path) {
    let name: String =
        path.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).take(80).collect();
    for (width, scheme) in [(1440, Scheme::Light), (1440, Scheme::Dark), (390, Scheme::Light), (390, Scheme::Dark)] {
        window.look(Looks { width, scheme, has_scripts: true }).await;
        let file = folder.join(format!("{name}.{width}.{scheme:?}.png").to_lowercase());
        std::fs::write(file, window.picture().await).expect("written");
    }
    window.look(Looks::default()).await;
}
