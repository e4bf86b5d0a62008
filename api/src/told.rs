//! Every question told for who asks by hand: made from the one table of endpoints and from how their parameters are
//! described, so that it cannot lack one, or have one that is not there.

use std::sync::OnceLock;

use serde_json::Value;

use crate::caller::{Caller, Privilege};

/// What a value of a parameter can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any text.
    Text,
    /// A UTC day.
    Day,
    /// A whole number.
    Number,
    /// One of these.
    OneOf(Vec<String>),
}

/// A parameter of a question, or a name in its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterTold {
    /// What it is called.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// Whether it stands in the path.
    pub is_in_path: bool,
    /// Whether the question is refused without it, whoever asks.
    pub is_required: bool,
    /// What it takes.
    pub takes: Takes,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionTold {
    /// Its path below `/v1/`, with names in braces.
    pub path: String,
    /// What it answers.
    pub meaning: String,
    /// The names in its path, then its parameters.
    pub parameters: Vec<ParameterTold>,
    needs: &'static [Privilege],
}

impl QuestionTold {
    /// Whether somebody's role may ask it at all.
    #[must_use]
    pub fn is_for(&self, caller: &Caller) -> bool {
        self.needs.iter().all(|privilege| caller.require(*privilege).is_ok())
    }
}

/// The questions with these templates, as the OpenAPI document describes them, each with what it needs.
pub(crate) fn of_document(document: &Value, questions: &[(&str, &'static [Privilege])]) -> Vec<QuestionTold> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = |(template, needs): &(&str, &'static [Privilege])| {
        let described = &document["paths"][*template]["get"];
        let given = described["parameters"].as_array().into_iter().flatten();
        let asked = given.filter(|parameter| parameter["in"] == "path" || parameter["in"] == "query");
        let mut parameters: Vec<ParameterTold> = asked
            .map(|parameter| ParameterTold {
                name: text(&parameter["name"]),
                meaning: text(&parameter["description"]),
                is_in_path: parameter["in"] == "path",
                is_required: parameter["required"] == true,
                takes: takes(&parameter["schema"]),
            })
            .collect();
        parameters.sort_by_key(|parameter| !parameter.is_in_path);
        let meaning = [text(&described["summary"]), text(&described["description"])].join(" ");
        QuestionTold {
            path: template.trim_start_matches("/v1/").to_owned(),
            meaning: meaning.trim().to_owned(),
            parameters,
            needs,
        }
    };
    questions.iter().map(told).collect()
}

fn takes(schema: &Value) -> Takes {
    let known: Vec<String> =
        schema["enum"].as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    match schema["type"].as_str() {
        _ if !known.is_empty() => Takes::OneOf(known),
        Some("boolean") => Takes::OneOf(vec!["true".to_owned(), "false".to_owned()]),
        Some("integer") => Takes::Number,
        Some("string") if schema["format"] == "date" => Takes::Day,
        Some(_) | None => Takes::Text,
    }
}

/// Every question that `tributary query` and a GET of the API ask.
pub fn questions() -> &'static [QuestionTold] {
    static TOLD: OnceLock<Vec<QuestionTold>> = OnceLock::new();
    TOLD.get_or_init(crate::endpoints::told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_told_with_all_that_it_takes() {
        for question in questions() {
            assert!(question.meaning.len() > 20, "{question:?}");
            assert_eq!(
                question.path.matches('{').count(),
                question.parameters.iter().filter(|one| one.is_in_path).count()
            );
            for parameter in &question.parameters {
                assert!(!parameter.name.is_empty() && parameter.meaning.len() > 5, "{question:?}");
            }
        }
        let named = |path: &str| questions().iter().find(|question| question.path == path).expect("a question");
        let takes = |path: &str, name: &str| {
            let parameters = &named(path).parameters;
            parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.takes.clone())
        };
        assert_eq!(takes("overview", "from"), Some(Takes::Day));
        assert_eq!(takes("referrals", "limit"), Some(Takes::Number));
        assert_eq!(takes("referrals", "traded"), Some(Takes::OneOf(vec!["true".into(), "false".into()])));
        assert_eq!(takes("codes/{code}", "code"), Some(Takes::Text));
        assert_eq!(takes("overview", "limit"), None);
        assert!(matches!(takes("overview/series", "interval"), Some(Takes::OneOf(known)) if known.len() == 3));
    }
}
