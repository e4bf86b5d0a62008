//! The pages can be installed on a phone as an app.

use serde_json::Value;

use crate::harness::{Looks, walk};

#[test]
fn the_manifest_its_icons_and_the_theme_answer() {
    walk("install", async |walk| {
        let window = walk.window(Looks::narrow()).await;
        window.open("/").await;
        let manifest = window.tell("Page.getAppManifest", serde_json::json!({})).await;
        assert_eq!(manifest["errors"], serde_json::json!([]), "{manifest}");
        let told: Value = serde_json::from_str(manifest["data"].as_str().expect("a manifest")).expect("JSON");
        assert_eq!(told["display"], "standalone");
        for name in ["name", "short_name", "start_url", "theme_color", "background_color"] {
            assert!(told[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {told}");
        }
        let icons = told["icons"].as_array().expect("icons");
        for sizes in ["192x192", "512x512"] {
            assert!(icons.iter().any(|icon| icon["sizes"] == sizes && icon["type"] == "image/png"), "{sizes}: {told}");
        }
        assert!(icons.iter().any(|icon| icon["purpose"].as_str().is_some_and(|purpose| purpose.contains("maskable"))));
        let mut links: Vec<String> =
            icons.iter().map(|icon| icon["src"].as_str().expect("a path").to_owned()).collect();
        let touch = window.find("link[rel=apple-touch-icon]").await.attr("href").await.expect("an attribute");
        links.extend(touch);
        for link in links {
            let answer = walk.platform.fetch("", &link);
            assert!(answer.status == 200 && !answer.body.is_empty(), "{link} answers {}", answer.status);
        }
        let theme: u32 = window.ask("return document.querySelectorAll('meta[name=theme-color]').length", vec![]).await;
        assert_eq!(theme, 2, "a colour for each scheme");
    });
}
