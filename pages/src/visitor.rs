//! A browser that comes to a page, before it is known who uses it.

use api::{App, Channel, Reached};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::cookies::cookie;
use super::words::words;

/// The longest token that is kept: browsers drop a cookie of more than 4,096 bytes.
pub(super) const TOKEN_BYTES_MAX: usize = 3_800;

/// The light or dark side of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appearance {
    /// As the device has it.
    Device,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Appearance {
    pub(super) const ALL: [Appearance; 3] = [Appearance::Device, Appearance::Light, Appearance::Dark];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Appearance::Device => "device",
            Appearance::Light => "light",
            Appearance::Dark => "dark",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Appearance> {
        Appearance::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// A browser, as its cookies tell it.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// A random name of this browser, which the tokens of its forms are bound to.
    pub(super) name: String,
    /// Whether the name was given right now.
    pub(super) is_new: bool,
    /// The token that it signed in with.
    pub(super) token: Option<String>,
    /// What the page before has to say.
    pub(super) flash: Option<String>,
    pub(super) appearance: Appearance,
    /// The metrics that the user wants to see, in order.
    pub(super) cards: Option<String>,
    /// The way from the browser to the server.
    pub(super) channel: Channel,
    /// Whether cookies are sent over TLS only: everywhere but on this machine, or where the operator says otherwise.
    pub(super) is_secure: bool,
    /// The path that the pages stand below, without a `/` at its end: `""` at the root.
    pub(super) base: String,
}

/// The names of the cookies.
pub(super) mod names {
    pub(crate) const VISITOR: &str = "tributary_visitor";
    pub(crate) const FLASH: &str = "tributary_flash";
    pub(crate) const APPEARANCE: &str = "tributary_appearance";
    pub(crate) const CARDS: &str = "tributary_cards";
    /// On the way to a provider and back.
    const WAY: &str = "tributary_way";
    const SECURE_WAY: &str = "__Host-tributary_way";
    /// On this machine, where there is no TLS.
    const SESSION: &str = "tributary_session";
    /// With this prefix a browser takes the cookie over TLS from this very host only.
    const SECURE_SESSION: &str = "__Host-tributary_session";

    pub(crate) fn way(is_secure: bool) -> &'static str {
        if is_secure { SECURE_WAY } else { WAY }
    }

    pub(crate) fn session(is_secure: bool) -> &'static str {
        if is_secure { SECURE_SESSION } else { SESSION }
    }
}

impl Visitor {
    /// Reads a request.
    pub(super) fn read(app: &App, parts: &Parts) -> Visitor {
        let reach = &app.http().reach;
        let channel = Reached::of(reach, parts).channel();
        Visitor { base: reach.base_path().to_owned(), ..Visitor::of(&parts.headers, channel) }
    }

    /// What its cookies tell, at the root.
    pub(super) fn of(headers: &HeaderMap, channel: Channel) -> Visitor {
        let is_secure = channel.binds_cookies_to_https();
        let name = cookie(headers, names::VISITOR).filter(|name| is_name(name)).map(str::to_owned);
        let text = |name| cookie(headers, name).and_then(|value| URL_SAFE_NO_PAD.decode(value).ok());
        let token = cookie(headers, names::session(is_secure)).filter(|token| token.len() <= TOKEN_BYTES_MAX);
        Visitor {
            is_new: name.is_none(),
            name: name.unwrap_or_else(random_name),
            token: token.filter(|token| !token.is_empty()).map(str::to_owned),
            flash: text(names::FLASH).and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| !text.is_empty()),
            appearance: cookie(headers, names::APPEARANCE).and_then(Appearance::parse).unwrap_or(Appearance::Device),
            cards: cookie(headers, names::CARDS).map(str::to_owned),
            channel,
            is_secure,
            base: String::new(),
        }
    }

    /// Why a browser that comes so cannot be kept signed in, if nothing else is the matter: it kept no cookie. `None`
    /// where it takes cookies as they are set.
    pub(super) fn why_no_session(&self) -> Option<&'static str> {
        self.channel.binds_cookies_to_https().then_some(words!("sign-in-why-no-session"))
    }

    /// An address within the pages, from its path.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn random_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}

fn is_name(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
