//! The words of the pages: each text stands once a language in `words/`, a file an area, in Fluent's syntax.
//!
//! # For who writes or translates a page
//!
//! - A text is a message of `words/en/<area>.ftl` and of `words/zh/<area>.ftl`: the same name, the same variables. Its
//!   name begins with its area: `overview-title`. `words/zh/glossary.md` says which word the field's notions have.
//! - `words!("overview-title")` is the text, in the language that is being answered in.
//! - `words!("ranges-days", days = count)` fills in variables. A whole number chooses the plural by its value and is
//!   written without grouping; whatever else is text, by its `Display`.
//! - `marked!("account-window", days = figures::count(days))` is the same as markup: a sentence is one message, however
//!   much is set off in it, so that a translator may put it in another order. Markup is put in as it is, text is escaped,
//!   a number can choose as well: `{ $n -> [one] { $figure } day *[other] { $figure } days }`.
//! - `Key("menu-overview")` is the name of a text that is said later, as in a table of constants; it renders itself.
//! - A name is written out in one of these four ways: tests read the sources for the names that are used, and hold that
//!   each exists with just these variables, in each language, and that no text is left which nothing uses.
//! - What people wrote, names of events, codes, uids and the API's details are not translated; a text of the API bears
//!   `lang=[of_the_api(text)]`.
//! - A script's words come from `data-` attributes of the element that it works on.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use maud::{Markup, PreEscaped, Render};

use super::language::Language;

/// The texts of the areas in each language.
macro_rules! areas {
    ($($area:literal),* $(,)?) => {
        /// The names of the areas: of the files of a language.
        #[cfg(test)]
        const AREAS: &[&str] = &[$($area),*];
        const ENGLISH: &[&str] = &[$(include_str!(concat!("../words/en/", $area, ".ftl"))),*];
        const CHINESE: &[&str] = &[$(include_str!(concat!("../words/zh/", $area, ".ftl"))),*];
    };
}

areas! {
    "account", "ask", "campaigns", "charts", "codes", "cohorts", "countries", "everybody", "explain", "figures", "forms",
    "guide", "layout", "metrics", "operator", "overview", "parts", "problems", "programs", "ranges", "referrals",
    "restatement", "rewards", "sign_in", "tables", "trades", "what_if", "withheld",
}

/// The texts of a language.
struct Words {
    /// Those without variables, as they are said.
    fixed: HashMap<String, String>,
    /// All of them.
    bundle: FluentBundle<FluentResource>,
}

static IN_ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read(Language::English, ENGLISH));
static IN_CHINESE: LazyLock<Words> = LazyLock::new(|| Words::read(Language::Chinese, CHINESE));

fn words_of(language: Language) -> &'static Words {
    match language {
        Language::English => &IN_ENGLISH,
        Language::Chinese => &IN_CHINESE,
    }
}

impl Words {
    fn read(language: Language, texts: &[&str]) -> Words {
        let locale = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Every language here is written from left to right, and a figure has to stay as it is, byte for byte.
        bundle.set_use_isolating(false);
        let mut names = Vec::new();
        for text in texts {
            // What is wrong with a text is found by a test; whoever looks at the pages sees what is right of it.
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, _)| resource);
            names.extend(text.lines().filter_map(|line| Some(line.split_once(" =")?.0.to_owned())));
            bundle.add_resource_overriding(resource);
        }
        let mut words = Words { fixed: HashMap::new(), bundle };
        for name in names {
            let mut errors = Vec::new();
            let text = words.formatted(&name, None, &mut errors);
            // A variable that is not given is an error.
            if let (Some(text), true) = (text, errors.is_empty()) {
                words.fixed.insert(name, text);
            }
        }
        words
    }

    fn formatted(
        &self,
        key: &str,
        given: Option<&FluentArgs<'_>>,
        errors: &mut Vec<fluent_bundle::FluentError>,
    ) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        Some(self.bundle.format_pattern(pattern, given, errors).into_owned())
    }
}

/// A text without variables, in the language that is being answered in.
pub(crate) fn say(key: &'static str) -> &'static str {
    words_of(Language::now()).fixed.get(key).map_or(key, String::as_str)
}

/// A text with its variables: what [`words!`] makes of them.
pub(crate) fn say_with(key: &'static str, given: &[(&'static str, FluentValue<'_>)]) -> String {
    let arguments: FluentArgs<'_> = given.iter().map(|(name, value)| (*name, value.clone())).collect();
    let text = words_of(Language::now()).formatted(key, Some(&arguments), &mut Vec::new());
    text.unwrap_or_else(|| key.to_owned())
}

/// What stands around the number of a variable's markup until it is put in: characters that no text has, of the area
/// for private use. What is put in is never looked at.
const BEGIN: char = '\u{f8f0}';
const END: char = '\u{f8f1}';

/// A text as markup with its variables: what [`marked!`] makes of them.
pub(crate) fn mark(key: &'static str, given: &[(&'static str, Placed)]) -> Markup {
    let variables: Vec<(&'static str, FluentValue<'_>)> = given
        .iter()
        .enumerate()
        .map(|(at, (name, placed))| match placed {
            Placed::Number(number) => (*name, number.clone()),
            Placed::Markup(_) => (*name, FluentValue::from(format!("{BEGIN}{at}{END}"))),
        })
        .collect();
    let text = say_with(key, &variables);
    let mut pieces = text.split(BEGIN);
    let mut html = String::with_capacity(text.len() * 2);
    pieces.next().unwrap_or_default().render_to(&mut html);
    for piece in pieces {
        let (at, behind) = piece.split_once(END).unwrap_or(("", piece));
        if let Some((_, Placed::Markup(PreEscaped(markup)))) = at.parse().ok().and_then(|at: usize| given.get(at)) {
            html.push_str(markup);
        }
        behind.render_to(&mut html);
    }
    PreEscaped(html)
}

/// What a variable of [`marked!`] becomes.
pub(crate) enum Placed {
    /// A number, which also chooses among forms.
    Number(FluentValue<'static>),
    /// What is put in as it is.
    Markup(Markup),
}

/// What a variable can be given.
pub(crate) trait Variable {
    /// In a text.
    fn value(&self) -> FluentValue<'static>;
    /// In markup.
    fn placed(&self) -> Placed;
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Variable for $number {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }

            fn placed(&self) -> Placed {
                Placed::Number(self.value())
            }
        })*
    };
}

macro_rules! texts {
    ($($text:ty),*) => {
        $(impl Variable for $text {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(self.to_string())
            }

            fn placed(&self) -> Placed {
                Placed::Markup(PreEscaped(escaped(self)))
            }
        })*
    };
}

numbers!(u8, u16, u32, u64, usize, i32, i64);
texts!(str, String, std::borrow::Cow<'_, str>, Key, schemas::Day, schemas::Uid, schemas::Usd, super::link::Link);

impl<V: Variable + ?Sized> Variable for &V {
    fn value(&self) -> FluentValue<'static> {
        (**self).value()
    }

    fn placed(&self) -> Placed {
        (**self).placed()
    }
}

impl Variable for Markup {
    /// Markup has no place in a text; it is told as it is written, so that it is seen.
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.0.clone())
    }

    fn placed(&self) -> Placed {
        Placed::Markup(self.clone())
    }
}

fn escaped(text: &(impl Display + ?Sized)) -> String {
    let mut html = String::new();
    text.to_string().render_to(&mut html);
    html
}

/// The name of a text that is said later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) &'static str);

impl Key {
    /// The text, in the language that is being answered in.
    pub(crate) fn say(self) -> &'static str {
        say(self.0)
    }
}

impl Display for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.say())
    }
}

impl Render for Key {
    fn render_to(&self, buffer: &mut String) {
        self.say().render_to(buffer);
    }
}

/// A text of the pages by its name: `&'static str`; with variables: `String`.
macro_rules! words {
    ($key:literal) => {
        $crate::words::say($key)
    };
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::words::say_with($key, &[$((stringify!($name), $crate::words::Variable::value(&$value))),+])
    };
}

/// A text of the pages by its name, as markup with markup in its variables.
macro_rules! marked {
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::words::mark($key, &[$((stringify!($name), $crate::words::Variable::placed(&$value))),+])
    };
}

pub(crate) use {marked, words};

#[cfg(test)]
mod held;
