//! A cause is said once: an error tells it in its own text, or names it as its source for who prints the chain, and
//! never both.

use super::invariants::built;

/// Errors of a source text that say their cause in their text and name it as their source.
fn said_twice(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find("#[error(") {
        let from = &rest[at + "#[error(".len()..];
        let (says, behind) = from.split_at(end_of_attribute(from));
        // What it describes ends where the next one is described, or the type ends.
        let ends = ["#[error(", "\n}"].iter().filter_map(|end| behind.find(end)).min();
        let described = &behind[..ends.unwrap_or(behind.len())];
        if source_field(described).is_some_and(|field| is_said(says, &field)) {
            found.push(format!("#[error({says}"));
        }
        rest = from;
    }
    found
}

/// Where an attribute ends whose opening bracket stands before the text: behind the bracket that closes it.
fn end_of_attribute(text: &str) -> usize {
    let (mut depth, mut is_text, mut is_escaped) = (1, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '(' if !is_text => depth += 1,
            ')' if !is_text => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// The field that is an error's source: its name, or its number. A field called `source` is one without a word.
fn source_field(described: &str) -> Option<String> {
    let marked = ["#[source]", "#[from]"].iter().find_map(|mark| described.split_once(mark));
    let Some((before, behind)) = marked else {
        let mut words = described.split(|character: char| character.is_whitespace() || character == '{');
        return words.any(|word| word == "source:").then(|| "source".to_owned());
    };
    let field = behind.trim_start().trim_start_matches("pub ");
    let name: String = field.chars().take_while(|character| is_of_name(*character)).collect();
    let is_named = field[name.len()..].starts_with(':') && !field[name.len()..].starts_with("::");
    Some(if is_named { name } else { before.matches(',').count().to_string() })
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Whether an attribute says a field: within the text in braces, or as an argument behind it.
fn is_said(says: &str, field: &str) -> bool {
    let in_text = [format!("{{{field}}}"), format!("{{{field}:")].iter().any(|braced| says.contains(braced));
    let arguments = says.rsplit_once('"').map_or("", |(_, arguments)| arguments);
    in_text || arguments.split(|character| !is_of_name(character)).any(|word| word == field)
}

#[test]
fn no_error_says_its_cause_twice() {
    let (mut looked_at, mut found) = (0, Vec::new());
    for path in built() {
        let text = std::fs::read_to_string(&path).expect("a text");
        // Tests may make errors as those of others are.
        let ours = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        looked_at += ours.matches("#[error(").count();
        found.extend(said_twice(ours).into_iter().map(|error| format!("{}: {error}", path.display())));
    }
    assert!(looked_at > 50, "there are only {looked_at} texts of errors");
    assert!(found.is_empty(), "leave the cause out of the text, or do not mark it as the source: {found:#?}");
}

#[test]
fn a_cause_that_is_said_twice_is_found_however_it_is_written() {
    for twice in [
        "#[error(\"no socket: {0}\")]\n    Socket(#[from] Error),",
        "#[error(\"{0}: no socket: {1:?}\")]\n    Socket(String, #[source] std::io::Error),",
        "#[error(\"can't (now): {source}\")]\n    Write {\n        source: Error,\n    },",
        "#[error(\"{}: {source}\", path.display())]\n    Unreadable { path: PathBuf, source: Error },",
        "#[error(\"{}: {}\", path.display(), cause)]\n    Unreadable { path: PathBuf, #[source] cause: Error },",
        "#[error(\"{cause:#}\")]\npub struct Failed {\n    #[source]\n    pub cause: Error,\n}",
        "#[error(\"none\")]\n    None,\n    #[error(\"it failed: {cause}\")]\n    Failed {\n        #[from]\n        cause: Error,\n    },",
    ] {
        assert_eq!(said_twice(twice).len(), 1, "{twice}");
    }
    for once in [
        "#[error(transparent)]\n    Read(#[from] ReadError),",
        "#[error(\"it failed: {0}\")]\n    Failed(Error),",
        "#[error(\"it failed: {cause}\")]\n    Failed { cause: Error },\n    #[error(\"x\")]\n    X { #[source] cause: Error },",
        "#[error(\"{name}: no thread\")]\n    NoThread { name: String, #[source] cause: Error },",
        "#[error(\"{0}: no thread\")]\n    NoThread(String, #[source] Error),",
        "#[error(\"from {resource}\")]\n    From { resource: String },",
    ] {
        assert_eq!(said_twice(once), Vec::<String>::new(), "{once}");
    }
}
