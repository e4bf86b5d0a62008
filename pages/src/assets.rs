//! The style sheet, the script, the icons and the manifest, as they stand in the binary. Each is served under a name
//! that holds a hash of its content, so that a browser keeps it for ever; only the manifest has a plain name.
//!
//! Both the sheet and the script are written in several files and put together here. Each script file is a block of
//! its own, so that no name leaks from one into another.

use api::{Problem, ProblemKind};
use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use crate::language::{CHOSEN_BY, Language, speaking_within};
use crate::site::Site;
use crate::words::words;

/// Puts files of a folder together.
macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(include_str!(concat!("assets/", $folder, "/", $name))),*]
    };
}

const STYLE_PARTS: &[&str] = files! {
    "css": "tokens.css", "base.css", "layout.css", "parts.css", "forms.css", "tables.css", "charts.css",
    "pages/sign_in.css", "pages/overview.css", "pages/cohorts.css", "pages/countries.css", "pages/referrals.css", "pages/codes.css",
    "pages/guide.css", "pages/rewards.css", "pages/programs.css", "pages/campaigns.css", "pages/account.css", "pages/explain.css",
    "pages/restatement.css", "pages/operator.css", "pages/what_if.css", "pages/search.css", "pages/ask.css", "print.css",
};

const SCRIPT_PARTS: &[&str] = files! {
    "js": "live.js", "load.js", "copy.js", "dialog.js", "zone.js", "chart.js", "menus.js",
    "pages/sign_in.js", "pages/overview.js", "pages/countries.js", "pages/referrals.js", "pages/codes.js",
    "pages/rewards.js", "pages/programs.js", "pages/campaigns.js", "pages/account.js", "pages/explain.js",
    "pages/restatement.js", "pages/operator.js", "pages/what_if.js",
};

/// Where the web app manifest is.
pub(super) const MANIFEST_PATH: &str = "/manifest.webmanifest";

/// A file that pages are made of.
pub(super) struct Asset {
    name: &'static str,
    ending: &'static str,
    media_type: &'static str,
    read: fn() -> Vec<u8>,
    made: LazyLock<Made>,
}

struct Made {
    url: String,
    body: axum::body::Bytes,
}

/// Declares an asset: its name, its ending, its media type, its bytes.
macro_rules! asset {
    ($name:ident, $file:literal, $ending:literal, $media_type:literal, $read:expr) => {
        pub(super) static $name: Asset = Asset {
            name: $file,
            ending: $ending,
            media_type: $media_type,
            read: $read,
            made: LazyLock::new(|| $name.make()),
        };
    };
}

asset!(STYLE, "pages", "css", "text/css; charset=utf-8", || STYLE_PARTS.concat().into_bytes());
asset!(SCRIPT, "pages", "js", "text/javascript; charset=utf-8", || {
    SCRIPT_PARTS.iter().map(|part| format!("{{\n{part}}}\n")).collect::<String>().into_bytes()
});
asset!(ICON, "icon", "svg", "image/svg+xml", || include_bytes!("assets/icons/icon.svg").to_vec());
asset!(ICON_192, "icon-192", "png", "image/png", || include_bytes!("assets/icons/icon-192.png").to_vec());
asset!(ICON_512, "icon-512", "png", "image/png", || include_bytes!("assets/icons/icon-512.png").to_vec());
asset!(ICON_MASKABLE, "icon-maskable", "png", "image/png", || {
    include_bytes!("assets/icons/icon-maskable-512.png").to_vec()
});

static ALL: [&Asset; 6] = [&STYLE, &SCRIPT, &ICON, &ICON_192, &ICON_512, &ICON_MASKABLE];

impl Asset {
    fn make(&self) -> Made {
        let body = (self.read)();
        let hash = blake3::hash(&body).to_hex();
        let url = format!("/assets/{}.{}.{}", self.name, hash.get(..12).unwrap_or_default(), self.ending);
        Made { url, body: body.into() }
    }

    /// Where it is served.
    pub(super) fn url(&'static self) -> &'static str {
        &self.made.url
    }
}

pub(super) fn router() -> Router<Site> {
    Router::new().route("/assets/{name}", get(get_asset)).route(MANIFEST_PATH, get(get_manifest))
}

fn no_sniffing(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'self'"));
}

async fn get_asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let missing = || Problem::new(ProblemKind::NotFound, "there is no such file: reload the page");
    let asset =
        ALL.into_iter().find(|asset| asset.url().strip_prefix("/assets/") == Some(&*name)).ok_or_else(missing)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    let mut response = (StatusCode::OK, headers, asset.made.body.clone()).into_response();
    no_sniffing(response.headers_mut());
    Ok(response)
}

async fn get_manifest(State(site): State<Site>, asked: HeaderMap) -> Response {
    let language = Language::of(&asked);
    let description = speaking_within(language, || words!("layout-manifest"));
    let base = site.app.http().reach.base_path();
    let home = format!("{base}/");
    let icon = |asset: &'static Asset, sizes: &str, purpose: &str| json!({"src": format!("{base}{}", asset.url()), "sizes": sizes, "type": asset.media_type, "purpose": purpose});
    let manifest = json!({
        "id": home, "name": "Tributary", "short_name": "Tributary", "start_url": home, "scope": home,
        "description": description, "lang": language.tag(),
        "display": "standalone", "background_color": "#f6f7f9", "theme_color": "#ffffff",
        "icons": [
            icon(&ICON, "any", "any"),
            icon(&ICON_192, "192x192", "any"),
            icon(&ICON_512, "512x512", "any"),
            icon(&ICON_MASKABLE, "512x512", "maskable"),
        ],
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (header::VARY, CHOSEN_BY),
    ];
    let mut response = (headers, manifest.to_string()).into_response();
    no_sniffing(response.headers_mut());
    response
}
