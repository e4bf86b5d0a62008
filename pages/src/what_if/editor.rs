//! The editor of a what-if: the rules as TOML, what the difference is by, and over which days.

use api::{Problem, ProblemKind};
use maud::{Markup, html};

use super::ready_made::READY_MADE;
use super::{PATH, is_about_the_form};
use crate::forms::{self, Field, Filled, Input};
use crate::language::of_the_api;
use crate::parts;
use crate::submission::Fields;
use crate::visit::Visit;
use crate::words::{Key, marked, words};

const FORM: &str = "what-if";
/// What the difference may be by, as the API names it and in words.
const BY: [(&str, Key); 7] = [
    ("total", Key("what-if-all-in-one")),
    ("referrer", Key("what-if-referrer")),
    ("code", Key("what-if-code")),
    ("day", Key("what-if-day")),
    ("month", Key("what-if-month")),
    ("country", Key("what-if-country")),
    ("product", Key("what-if-product")),
];
const PARAMETERS: [&str; 4] = ["by", "from", "to", "until"];
const FIELDS: &[&str] = &["rules", "by", "from", "to", "until", "all"];

/// What the form holds.
pub(super) struct Editor {
    filled: Filled,
    rules: String,
    all: bool,
}

impl Editor {
    /// An empty form, about the ledger up to this position or moment.
    pub(super) fn new(until: String) -> Editor {
        Editor {
            filled: Filled::with(&[("by", "total".to_owned()), ("until", until)]),
            rules: String::new(),
            all: false,
        }
    }

    /// A form that was sent.
    pub(super) fn sent(fields: &Fields) -> Editor {
        let mut values: Vec<(&str, String)> =
            PARAMETERS.iter().map(|name| (*name, fields.get(name).trim().to_owned())).collect();
        // Browsers send line ends of two characters; the reader's lines and columns are those of the page.
        let rules = fields.get("rules").replace("\r\n", "\n");
        values.push(("rules", rules.clone()));
        Editor { filled: Filled::with(&values), rules, all: fields.is_checked("all") }
    }

    /// The rules as entered.
    pub(super) fn rules(&self) -> &str {
        &self.rules
    }

    /// The parameters of the job, as the API takes them.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let filled = PARAMETERS.iter().map(|name| ((*name).to_owned(), self.filled.value(name).to_owned()));
        let mut parameters: Vec<(String, String)> = filled.filter(|(_, value)| !value.is_empty()).collect();
        parameters.push(("all".to_owned(), self.all.to_string()));
        parameters
    }

    /// Puts a ready-made edit below the rules.
    pub(super) fn insert(&mut self, name: &str) {
        if let Some(edit) = READY_MADE.iter().find(|edit| edit.name == name) {
            let between = if self.rules.trim().is_empty() { "" } else { "\n\n" };
            self.rules = format!("{}{between}{}", self.rules.trim_end(), edit.written());
        }
    }

    /// The same, with why it was refused.
    ///
    /// # Errors
    /// The refusal itself, if it is not about the form.
    pub(super) fn refused(self, problem: Problem) -> Result<Editor, Problem> {
        if !is_about_the_form(problem.kind) {
            return Err(problem);
        }
        let problem = if matches!(problem.kind, ProblemKind::InvalidBody | ProblemKind::TooLarge) {
            // The field that it names is one of an edit.
            Problem { field: Some("rules".to_owned()), ..problem }
        } else {
            problem
        };
        let values: Vec<(String, String)> =
            PARAMETERS.iter().map(|name| ((*name).to_owned(), self.filled.value(name).to_owned())).collect();
        Ok(Editor { filled: Filled::refused(Fields(values), problem), ..self })
    }

    pub(super) fn draw(&self, visit: &Visit) -> Markup {
        let by = BY.map(|(value, label)| (value, label.say()));
        let field = |name, label, hint, input| {
            Field { name, form: FORM, label, hint, input, is_required: false }.draw(&self.filled)
        };
        forms::post(
            visit,
            PATH,
            html! {
                (self.filled.general_error(FIELDS))
                (self.text_area())
                (ready_made())
                div.fields-2 {
                    (field("by", words!("what-if-difference-by"), "", Input::Select(&by)))
                    (field("from", words!("what-if-from"), words!("what-if-from-hint"), Input::Date))
                    (field("to", words!("what-if-to"), words!("what-if-to-hint"), Input::Date))
                    (field("until", words!("what-if-until"), words!("what-if-until-hint"), Input::Text { max: 40 }))
                }
                (forms::checkbox(FORM, "all", "true", words!("what-if-all-rows"), self.all))
                button.primary type="submit" name="do" value="ask" { (words!("what-if-ask")) }
            },
        )
    }

    fn text_area(&self) -> Markup {
        let error = self.filled.error("rules");
        let described = if error.is_some() { "what-if-rules-hint what-if-rules-error" } else { "what-if-rules-hint" };
        html! {
            div.field {
                label for="what-if-rules" { (words!("what-if-rules")) }
                p.hint #what-if-rules-hint { (marked!("what-if-rules-hint", drop = html! { code { "[[drop]]" } }, add = html! { code { "[[add]]" } })) }
                textarea #what-if-rules.rules name="rules" rows="16" maxlength="200000" spellcheck="false" autocomplete="off"
                    autocapitalize="none" aria-describedby=(described) aria-invalid=[error.map(|_| "true")] data-rules { "\n" (self.rules) }
                @if let Some(error) = error {
                    p.error #what-if-rules-error role="alert" lang=[of_the_api(error)] { (error) }
                    (self.line_of(error))
                }
            }
        }
    }

    /// The line that the reader of rules names, as it stands.
    fn line_of(&self, error: &str) -> Markup {
        let number = error.strip_prefix("line ").and_then(|rest| rest.split([',', ':']).next()?.trim().parse().ok());
        let line = number.and_then(|number: usize| Some((number, self.rules.lines().nth(number.checked_sub(1)?)?)));
        html! {
            @if let Some((number, line)) = line {
                pre.raw data-line=(number) tabindex="0" role="group" aria-label=(words!("what-if-line", number = number)) { code { (number) " | " (line) } }
            }
        }
    }
}

fn ready_made() -> Markup {
    let inside = html! {
        ul.plain-list {
            @for edit in &READY_MADE {
                li {
                    div.row {
                        button.small type="submit" name="do" value={ "insert " (edit.name) } formnovalidate data-insert={ "edit-" (edit.name) } {
                            (words!("what-if-insert")) span.visually-hidden { ": " (edit.label) }
                        }
                        span { (edit.label) }
                    }
                    pre.raw tabindex="0" role="group" aria-label=(edit.label) { code id={ "edit-" (edit.name) } { (edit.written()) } }
                }
            }
        }
    };
    parts::more(words!("what-if-ready-made"), inside)
}
