//! What holds the pages' texts together: read from the files of words, and from the sources that use them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::*;
use crate::language::speaking_within;

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
            InlineExpression::NumberLiteral { .. }
            | InlineExpression::FunctionReference { .. }
            | InlineExpression::MessageReference { .. }
            | InlineExpression::TermReference { .. }
            | InlineExpression::Placeable { .. } => panic!("this is more than the pages' texts need: {inline:?}"),
        }
    }
}

/// The messages of a language with their variables. Each stands in the file of its area.
fn messages(texts: &[&str]) -> Messages {
    let mut messages = Messages::new();
    for (area, text) in AREAS.iter().zip(texts) {
        let resource = fluent_syntax::parser::parse(*text).unwrap_or_else(|(_, errors)| panic!("{area}: {errors:?}"));
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
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("words/held.rs") {
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
            assert_eq!(words_of(language).fixed.contains_key(&name), variables.is_empty(), "{name} in {language:?}");
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
    assert!(chinese.contains('1') && !chinese.is_ascii(), "{chinese}");
}

#[test]
fn variables_are_found_in_calls_however_they_are_written() {
    let given = |call| given_in(call).into_iter().collect::<Vec<_>>();
    assert_eq!(given(", a = f(b = 1, c = 2), d_e = \", x = \\\"1\" ) , f = 1"), ["a", "d_e"]);
    assert_eq!(given(")"), Vec::<String>::new());
    assert_eq!(given(", a = if x == y { 1 } else { 2 })"), ["a"]);
}
