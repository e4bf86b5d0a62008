//! A question with the values that the page's address gives it, and the form that asks for them.

use api::{ParameterTold, QuestionTold, Takes};
use maud::{Markup, html};

use super::super::language::of_the_api;
use super::super::link::{Link, encoded};
use super::super::visit::Visit;
use super::super::words::words;
use super::inside::Answer;
use super::{PATH, with_code};

/// What goes on and on is asked by a shell.
const LEFT_OUT: &str = "follow";
/// What the question's values are called in the page's address, before their names: so that the page's own `uid` and
/// `as_of` are others.
const PREFIX: &str = "p-";

/// A question and what it was given.
pub(super) struct Asked {
    pub(super) question: &'static QuestionTold,
    /// The parameters that can be given here, with their values; empty where none was given.
    values: Vec<(&'static ParameterTold, String)>,
    is_asked: bool,
}

impl Asked {
    pub(super) fn of(visit: &Visit, question: &'static QuestionTold) -> Asked {
        let given = |parameter: &ParameterTold| {
            let value = visit.parameter(&format!("{PREFIX}{}", parameter.name)).unwrap_or_default();
            value.trim().to_owned()
        };
        let known = question.parameters.iter().filter(|parameter| parameter.name != LEFT_OUT);
        let values = known.map(|parameter| (parameter, given(parameter))).collect();
        Asked { question, values, is_asked: visit.parameter("ask").is_some() }
    }

    /// Whether the form was sent.
    pub(super) fn is_asked(&self) -> bool {
        self.is_asked
    }

    /// The parameters that were given, those of the path left out.
    pub(super) fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        let given = self.values.iter().filter(|(parameter, value)| !parameter.is_in_path && !value.is_empty());
        given.map(|(parameter, value)| (&*parameter.name, &**value))
    }

    /// The path below `/v1/` with its names filled in, as a shell is told it; none where one is not given.
    pub(super) fn path_in_words(&self) -> Option<String> {
        self.path(str::to_owned)
    }

    fn path(&self, written: impl Fn(&str) -> String) -> Option<String> {
        let mut path = self.question.path.clone();
        for (parameter, value) in self.values.iter().filter(|(parameter, _)| parameter.is_in_path) {
            if value.is_empty() {
                return None;
            }
            path = path.replace(&format!("{{{}}}", parameter.name), &written(value));
        }
        Some(path)
    }

    /// The path and the query string that ask it.
    pub(super) fn target(&self) -> Option<String> {
        let path = self.path(encoded)?;
        let pairs: Vec<String> =
            self.given().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        Some(format!("/v1/{path}{query}"))
    }

    /// The page with another value of a parameter.
    pub(super) fn with(&self, visit: &Visit, name: &str, value: &str) -> Link {
        visit.here().with(&format!("{PREFIX}{name}"), value)
    }

    pub(super) fn form(&self, visit: &Visit, answer: Option<&Answer>) -> Markup {
        let link = visit.link(PATH);
        html! {
            form.ask-form method="get" action={ (link.path()) "#ask-answer" } {
                @for (name, value) in link.parameters() { input type="hidden" name=(name) value=(value); }
                input type="hidden" name="question" value=(self.question.path);
                input type="hidden" name="ask" value="yes";
                @if self.values.is_empty() { p.hint { (words!("ask-no-parameters")) } }
                div.fields-2 {
                    @for (parameter, value) in &self.values {
                        (field(parameter, value, answer.and_then(|answer| answer.refusal_of(&parameter.name))))
                    }
                }
                button.primary type="submit" { (words!("ask-ask")) }
            }
        }
    }
}

fn field(parameter: &ParameterTold, value: &str, error: Option<&str>) -> Markup {
    let name = format!("{PREFIX}{}", parameter.name);
    let (id, hint) = (format!("ask-{}", parameter.name), format!("ask-{}-hint", parameter.name));
    let wrong = format!("{id}-error");
    let described = if error.is_some() { format!("{wrong} {hint}") } else { hint.clone() };
    let (invalid, required) = (error.map(|_| "true"), parameter.is_required || parameter.is_in_path);
    html! {
        div.field {
            label for=(id) { code { (parameter.name) } @if !required { span.optional { " " (words!("forms-optional")) } } }
            @match &parameter.takes {
                Takes::OneOf(known) => select id=(id) name=(name) aria-describedby=(described) aria-invalid=[invalid] {
                    option value="" { @if required { (words!("ask-choose")) } @else { (words!("ask-not-given")) } }
                    @for one in known { option lang="en" value=(one) selected[one == value] { (one) } }
                },
                Takes::Day => input id=(id) name=(name) type="date" value=(value) required[required] aria-describedby=(described) aria-invalid=[invalid];,
                Takes::Number => input id=(id) name=(name) type="text" inputmode="numeric" value=(value) required[required] autocomplete="off" aria-describedby=(described) aria-invalid=[invalid];,
                Takes::Text => input id=(id) name=(name) type="text" value=(value) required[required] autocomplete="off" spellcheck="false" aria-describedby=(described) aria-invalid=[invalid];,
            }
            @if let Some(error) = error { p.error id=(wrong) role="alert" lang=[of_the_api(error)] { (error) } }
            p.hint id=(hint) lang=[of_the_api(&parameter.meaning)] { (with_code(&parameter.meaning)) }
        }
    }
}
