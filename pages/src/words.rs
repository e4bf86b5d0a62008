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
    "restatement", "rewards", "sign_in", "tables", "trades", "what_if",
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
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

    use super::super::language::speaking_within;
    use super::*;

    type Messages = BTreeMap<String, BTreeSet<String>>;

    fn variables_of(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
        for element in &pattern.elements {
            let PatternElement::Placeable { expression } = element else { continue };
            let inline = match expression {
                Expression::Inline(inline) => inline,
                Expression::Select { selector, variants } => {
                    variants.iter().for_each(|variant| variables_of(&variant.value, found));
                    selector
                }
            };
            match inline {
                InlineExpression::VariableReference { id } => {
                    found.insert(id.name.to_owned());
                }
                InlineExpression::StringLiteral { .. } => {}
                other => panic!("this is more than the pages' texts need: {other:?}"),
            }
        }
    }

    /// The messages of a language with their variables. Each stands in the file of its area.
    fn messages(texts: &[&str]) -> Messages {
        let mut messages = Messages::new();
        for (area, text) in AREAS.iter().zip(texts) {
            let resource =
                fluent_syntax::parser::parse(*text).unwrap_or_else(|(_, errors)| panic!("{area}: {errors:?}"));
            for entry in resource.body {
                match entry {
                    Entry::Message(message) => {
                        let name = message.id.name.to_owned();
                        assert!(name.starts_with(&format!("{}-", area.replace('_', "-"))), "{name} is not of {area}");
                        let mut variables = BTreeSet::new();
                        variables_of(&message.value.expect("a text"), &mut variables);
                        assert!(message.attributes.is_empty(), "{name}");
                        assert!(messages.insert(name.clone(), variables).is_none(), "{name} stands twice");
                    }
                    Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
                    Entry::Term(_) | Entry::Junk { .. } => panic!("{area}: {entry:?}"),
                }
            }
        }
        messages
    }

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }

    /// The names of variables that stand behind a key in a call: `, name = value`, but for those within what is given.
    fn given_in(call: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let (mut depth, mut is_text, mut is_escaped, mut begins) = (0, false, false, None);
        for (at, character) in call.char_indices() {
            match character {
                _ if is_escaped => is_escaped = false,
                '\\' if is_text => is_escaped = true,
                '"' => is_text = !is_text,
                _ if is_text => {}
                '(' | '{' | '[' => depth += 1,
                ')' | '}' | ']' if depth == 0 => break,
                ')' | '}' | ']' => depth -= 1,
                ',' if depth == 0 => begins = Some(at + 1),
                '=' if depth == 0 => {
                    let name = begins.take().map(|begins| call[begins..at].trim());
                    found.extend(
                        name.filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')).map(str::to_owned),
                    );
                }
                _ => {}
            }
        }
        found
    }

    /// The keys that the sources name, with the variables that each is given and where.
    fn used() -> Vec<(String, BTreeSet<String>, String)> {
        let mut paths = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
        let mut used = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(&path).expect("a text");
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let text = lines.collect::<Vec<_>>().join("\n");
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            for call in ["words!(", "marked!(", "Key("] {
                for (at, _) in text.match_indices(call) {
                    let Some(behind) = text[at + call.len()..].trim_start().strip_prefix('"') else { continue };
                    let (key, behind) = behind.split_once('"').expect("a text ends");
                    used.push((key.to_owned(), given_in(behind), path.display().to_string()));
                }
            }
        }
        used
    }

    #[test]
    fn every_language_has_the_same_texts_with_the_same_variables() {
        let (english, chinese) = (messages(ENGLISH), messages(CHINESE));
        for (name, variables) in &english {
            assert_eq!(chinese.get(name), Some(variables), "{name} in Chinese");
        }
        for name in chinese.keys() {
            assert!(english.contains_key(name), "{name} is in Chinese alone");
        }
    }

    #[test]
    fn every_text_that_is_used_exists_and_every_one_that_exists_is_used() {
        let english = messages(ENGLISH);
        let used = used();
        for (key, given, path) in &used {
            let variables = english.get(key).unwrap_or_else(|| panic!("{path}: there is no text {key}"));
            assert_eq!(variables, given, "{path}: the variables of {key}");
        }
        let used: BTreeSet<&String> = used.iter().map(|(key, _, _)| key).collect();
        let unused: Vec<&String> = english.keys().filter(|name| !used.contains(name)).collect();
        assert!(unused.is_empty(), "nothing says these texts: {unused:#?}");
    }

    #[test]
    fn every_file_of_words_is_an_area() {
        for language in Language::ALL {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("words").join(language.as_str());
            let names = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
            let names: BTreeSet<String> =
                names.filter_map(|name| Some(name.to_str()?.strip_suffix(".ftl")?.to_owned())).collect();
            assert_eq!(names, AREAS.iter().map(|area| (*area).to_owned()).collect(), "{language:?}");
        }
    }

    #[test]
    fn every_text_without_variables_is_ready_to_be_said() {
        for (language, texts) in [(Language::English, ENGLISH), (Language::Chinese, CHINESE)] {
            for (name, variables) in messages(texts) {
                assert_eq!(
                    words_of(language).fixed.contains_key(&name),
                    variables.is_empty(),
                    "{name} in {language:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_put_in_markup_is_escaped_unless_it_is_markup() {
        let hostile = format!("<b>{BEGIN}0{END}&\"{END}");
        let said = mark("parts-copy-what", &[("what", Variable::placed(&hostile))]).into_string();
        assert!(said.contains("&lt;b&gt;") && said.contains("&amp;&quot;") && !said.contains("<b>"), "{said}");
        assert!(said.contains(BEGIN) && said.contains(END), "what was given stays as it was given");
        let markup = PreEscaped("<b>x</b>".to_owned());
        assert!(mark("parts-copy-what", &[("what", Variable::placed(&markup))]).into_string().contains("<b>x</b>"));
    }

    #[test]
    fn a_number_chooses_the_form_of_a_text() {
        let said = |days: u64| words!("ranges-days", days = days);
        assert_eq!((said(1), said(30)), ("1 UTC day".to_owned(), "30 UTC days".to_owned()));
        let chinese = speaking_within(Language::Chinese, || said(1));
        assert!(chinese.contains('1') && chinese.is_ascii() == false, "{chinese}");
    }

    #[test]
    fn variables_are_found_in_calls_however_they_are_written() {
        let given = |call| given_in(call).into_iter().collect::<Vec<_>>();
        assert_eq!(given(", a = f(b = 1, c = 2), d_e = \", x = \\\"1\" ) , f = 1"), ["a", "d_e"]);
        assert_eq!(given(")"), Vec::<String>::new());
        assert_eq!(given(", a = if x == y { 1 } else { 2 })"), ["a"]);
    }
}
