//! The languages of the pages: which one a browser is answered in, by what was chosen by hand, else by what it asks for.
//!
//! The language belongs to the answering of a request, and is kept beside its task: [`speaking`]. So no part of a page
//! has to be handed it, and no page is half in one language and half in another. Whoever goes on elsewhere, on another
//! thread or in a task of its own, takes the language along: [`Language::now`], then [`speaking`] or [`speaking_within`].

use std::future::Future;

use axum::http::{HeaderMap, HeaderValue, header};

use super::cookies::cookie;

/// The cookie of the language that was chosen by hand.
pub(super) const COOKIE: &str = "tributary_language";

/// What decides which language an answer is in, for `Vary`.
pub(super) const CHOSEN_BY: HeaderValue = HeaderValue::from_static("accept-language, cookie");

/// A language that the pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// English: also what is spoken where nothing else was asked for.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

tokio::task_local! {
    static SPOKEN: Language;
}

impl Language {
    /// All of them.
    pub(crate) const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// Its tag (BCP 47), as `lang` and `Content-Language` have it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-Hans",
        }
    }

    /// Its name in an address, a form, a cookie: the first part of its tag.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }

    /// What who speaks it calls it.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Chinese => "简体中文",
        }
    }

    /// The one of a name.
    pub(crate) fn parse(name: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.as_str() == name)
    }

    /// The one that a browser is answered in: what was chosen by hand, else what it likes best of these, else English.
    pub(crate) fn of(headers: &HeaderMap) -> Language {
        let chosen = cookie(headers, COOKIE).and_then(Language::parse);
        chosen.or_else(|| Language::liked_best(headers)).unwrap_or_default()
    }

    /// The language of what is being answered; English outside of that.
    pub(crate) fn now() -> Language {
        SPOKEN.try_with(|spoken| *spoken).unwrap_or_default()
    }

    /// By `Accept-Language` (RFC 9110, 12.5.4). The first part of a tag decides: who reads Chinese of any place reads it
    /// rather than English.
    fn liked_best(headers: &HeaderMap) -> Option<Language> {
        let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let mut best: Option<(u32, Language)> = None;
        for range in values.flat_map(|value| value.split(',')).take(RANGES_MAX) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let Some(language) = Language::parse(tag.split('-').next().unwrap_or_default()) else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight.map_or(Some(1_000), thousandths).unwrap_or(0);
            if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// Of more ranges than this nobody wrote by hand, the rest is not looked at.
const RANGES_MAX: usize = 64;

/// A weight, 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_written = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let decimals = is_written.then(|| format!("{decimals:0<3}").parse().ok())??;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1_000),
        _ => None,
    }
}

/// Does this in a language.
pub(crate) fn speaking<F: Future>(language: Language, what: F) -> impl Future<Output = F::Output> {
    SPOKEN.scope(language, what)
}

/// The same at once, where nothing has to be waited for.
pub(crate) fn speaking_within<T>(language: Language, what: impl FnOnce() -> T) -> T {
    SPOKEN.sync_scope(language, what)
}

/// The `lang` of a text that the API gave, or a page in its place: English, unless it is in the page's language, as that of
/// a page is. None where it would tell nothing.
pub(crate) fn of_the_api(text: &str) -> Option<&'static str> {
    let is_han = |character: char| ('\u{4e00}'..='\u{9fff}').contains(&character);
    match Language::now() {
        Language::English => None,
        Language::Chinese => (!text.contains(is_han)).then(|| Language::English.tag()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(accepts: &'static str, cookies: &'static str) -> Language {
        let pairs = [(header::ACCEPT_LANGUAGE, accepts), (header::COOKIE, cookies)];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        Language::of(&pairs.map(|(name, value)| (name, HeaderValue::from_static(value))).collect())
    }

    #[test]
    fn what_is_liked_best_is_spoken_and_english_where_nothing_is_known() {
        let table = [
            ("", Language::English),
            ("zh", Language::Chinese),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("ZH-Hant-TW", Language::Chinese),
            ("en;q=0.8, zh-CN", Language::Chinese),
            ("en-GB,en;q=0.9,zh;q=0.5", Language::English),
            ("de, zh;q=0.2, en;q=0.1", Language::Chinese),
            ("zh;q=0, en;q=0.001", Language::English),
            ("zh;q=0", Language::English),
            ("zh;q=2", Language::English),
            ("zh;q=0.12345", Language::English),
            ("zh;q=1.000", Language::Chinese),
            ("de-CH,fr;q=0.5", Language::English),
            ("*", Language::English),
            ("zhx, x-zh", Language::English),
            (",;q=,;;zh", Language::English),
        ];
        for (accepts, language) in table {
            assert_eq!(of(accepts, ""), language, "{accepts}");
        }
    }

    #[test]
    fn what_was_chosen_by_hand_wins_if_there_is_such_a_language() {
        assert_eq!(of("en", "a=b; tributary_language=zh"), Language::Chinese);
        assert_eq!(of("zh", "tributary_language=en"), Language::English);
        assert_eq!(of("zh", "tributary_language=tlh"), Language::Chinese);
        assert_eq!(of("", "tributary_language=tlh"), Language::English);
    }

    #[tokio::test]
    async fn a_language_is_spoken_within_what_is_answered_and_nowhere_else() {
        assert_eq!(Language::now(), Language::English);
        let spoken = speaking(Language::Chinese, async {
            tokio::task::yield_now().await;
            (Language::now(), speaking_within(Language::English, Language::now), of_the_api("no"), of_the_api("不"))
        });
        assert_eq!(spoken.await, (Language::Chinese, Language::English, Some("en"), None));
        assert_eq!((Language::now(), of_the_api("no")), (Language::English, None));
    }
}
