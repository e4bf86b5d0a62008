//! Ask the API: any of its questions with its parameters, the answer, and the lines that ask the same from a shell. The
//! questions are those of the one table of endpoints. For who reads any referrer's data.

mod answer;
mod asked;
mod inside;
mod lines;
mod ordered;

use api::{Privilege, Problem, ProblemKind, QuestionTold, questions};
use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use self::asked::Asked;
use super::entries::{Audience, Entry};
use super::language::of_the_api;
use super::layout::Page;
use super::parts;
use super::visit::Visit;
use crate::site::Site;
use crate::words::{Key, words};

const PATH: &str = "/operator/ask";

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: PATH, label: Key("layout-menu-ask"), audience: Audience::Analysts }];

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_ask))
}

async fn get_ask(visit: Visit, headers: HeaderMap) -> Result<Response, Problem> {
    visit.caller.require(Privilege::ReadAny)?;
    let Some(path) = visit.parameter("question") else {
        let main = html! {
            p { (words!("ask-says")) }
            (all(&visit))
        };
        return Ok(Page { title: words!("ask-title"), section: PATH, as_of: None, aside: html! {}, main }.show(&visit));
    };
    let unknown = || Problem::new(ProblemKind::NotFound, format!("the API has no question {path}"));
    let question = questions().iter().find(|question| question.path == path).ok_or_else(unknown)?;
    let asked = Asked::of(&visit, question);
    let answer = match asked.target() {
        Some(target) if asked.is_asked() => Some(inside::ask(&visit, &target).await?),
        _ => None,
    };
    let main = html! {
        p lang=[of_the_api(&question.meaning)] { (with_code(&question.meaning)) }
        div.ask {
            (parts::section("ask-form", words!("ask-parameters"), asked.form(&visit, answer.as_ref())))
            (parts::section("ask-lines", words!("ask-from-shell"), lines::draw(&visit, &headers, &asked)))
        }
        @if let Some(answer) = &answer { (parts::section("ask-answer", words!("ask-answer"), answer.draw(&visit, &asked))) }
    };
    let aside = html! { a.button href=(visit.link(PATH)) { (words!("ask-all")) } };
    Ok(Page { title: &words!("ask-one", path = path), section: PATH, as_of: None, aside, main }.show(&visit))
}

/// All questions that the visitor's role may ask, by what they begin with.
fn all(visit: &Visit) -> Markup {
    let mut groups: Vec<(&str, Vec<&QuestionTold>)> = Vec::new();
    for question in questions().iter().filter(|question| question.is_for(&visit.caller)) {
        let first = question.path.split('/').next().unwrap_or_default();
        match groups.iter_mut().find(|(name, _)| *name == first) {
            Some((_, group)) => group.push(question),
            None => groups.push((first, vec![question])),
        }
    }
    html! {
        ul.questions {
            @for question in groups.iter().flat_map(|(_, group)| group) {
                li {
                    a href=(visit.link(PATH).with("question", &question.path)) { code { (question.path) } }
                    p.hint lang=[of_the_api(&question.meaning)] { (with_code(first_sentence(&question.meaning))) }
                }
            }
        }
    }
}

/// A text of the API's document: what stands between backticks in it is code.
fn with_code(text: &str) -> Markup {
    html! { @for (at, part) in text.split('`').enumerate() { @if at % 2 == 0 { (part) } @else { code { (part) } } } }
}

fn first_sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(with_code("a `b` <c>").into_string(), "a <code>b</code> &lt;c&gt;");
    }

    #[test]
    fn a_question_is_told_by_its_first_sentence() {
        assert_eq!(first_sentence("One. Two."), "One.");
        assert_eq!(first_sentence("Rates of 0.5 and more. Two."), "Rates of 0.5 and more.");
        assert_eq!(first_sentence(""), "");
    }
}
