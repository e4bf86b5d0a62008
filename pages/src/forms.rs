//! Forms: fields with their label, hint and error beside them; what was entered stays after an error.
//!
//! A page makes a [`Filled`] from what holds now, or from a [`Submission`]'s fields and the [`Problem`] that refused
//! them, and draws each field from it. A problem with a `field` stands at the field of that name; any other above all.
//!
//! [`Submission`]: super::submission::Submission

use api::Problem;
use maud::{Markup, html};

use super::language::of_the_api;
use super::link::Link;
use super::moment;
use super::submission::{Fields, KEY_FIELD, SEAL_FIELD};
use super::visit::Visit;
use super::words::words;

/// What the fields of a form hold, and why they were refused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filled {
    fields: Fields,
    problem: Option<Problem>,
}

impl Filled {
    /// With what holds now, by the fields' names.
    pub(crate) fn with(values: &[(&str, String)]) -> Filled {
        let fields = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Filled { fields: Fields(fields), problem: None }
    }

    /// With what was sent, and why it was refused.
    pub(crate) fn refused(fields: Fields, problem: Problem) -> Filled {
        Filled { fields, problem: Some(problem) }
    }

    /// What a field holds.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    /// Whether a checkbox is checked.
    pub(crate) fn is_checked(&self, name: &str) -> bool {
        self.fields.is_checked(name)
    }

    /// What is wrong with a field.
    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        let problem = self.problem.as_ref()?;
        (problem.field.as_deref() == Some(name)).then_some(problem.detail.as_str())
    }

    /// What is wrong with none of these fields, to stand above all of them.
    pub(crate) fn general_error(&self, names: &[&str]) -> Markup {
        let general = self.problem.as_ref().filter(|problem| {
            let field = problem.field.as_deref();
            field.is_none_or(|field| !names.contains(&field))
        });
        html! { @if let Some(problem) = general { p.problem role="alert" lang=[of_the_api(&problem.detail)] { (problem.detail) } } }
    }
}

/// How a field is entered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Input<'a> {
    /// A line of text, of at most so many characters.
    Text { max: usize },
    /// A rate, typed as [`per_cent`](super::per_cent) says: `15`, `15%`.
    Rate,
    /// A whole number.
    Number { min: i64, max: i64 },
    /// A UTC day.
    Date,
    /// A moment in UTC, picked; [`moment`] writes it as the API takes it.
    Moment,
    /// Several lines of text.
    Area { rows: u32, max: usize },
    /// One of these: the value, and what it is called.
    Select(&'a [(&'a str, &'a str)]),
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    /// Its name; also its id, after `form`.
    pub(crate) name: &'a str,
    /// What makes its id the only one on the page, where several forms stand on it.
    pub(crate) form: &'a str,
    /// What it is called.
    pub(crate) label: &'a str,
    /// What to enter, or what it does; may be empty.
    pub(crate) hint: &'a str,
    /// How it is entered.
    pub(crate) input: Input<'a>,
    /// Whether it has to be filled in.
    pub(crate) is_required: bool,
}

impl Field<'_> {
    /// The field with its label, hint and error.
    pub(crate) fn draw(&self, filled: &Filled) -> Markup {
        let id = format!("{}-{}", self.form, self.name);
        let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
        let error = filled.error(self.name);
        let described: Vec<&str> =
            [(!self.hint.is_empty()).then_some(&*hint_id), error.map(|_| &*error_id)].into_iter().flatten().collect();
        let described = Some(described.join(" ")).filter(|ids| !ids.is_empty());
        let invalid = error.map(|_| "true");
        let value = filled.value(self.name);
        let (name, required) = (self.name, self.is_required);
        html! {
            div.field {
                label for=(id) { (self.label) @if !required { span.optional { " " (words!("forms-optional")) } } }
                @match self.input {
                    Input::Text { max } => {
                        input id=(id) name=(name) type="text" value=(value) maxlength=(max) required[required] aria-describedby=[described] aria-invalid=[invalid] autocomplete="off";
                    }
                    Input::Rate => {
                        input id=(id) name=(name) type="text" maxlength="16" value=(value) required[required] aria-describedby=[described] aria-invalid=[invalid] autocomplete="off";
                    }
                    Input::Number { min, max } => {
                        input id=(id) name=(name) type="number" min=(min) max=(max) step="1" value=(value) required[required] aria-describedby=[described] aria-invalid=[invalid];
                    }
                    Input::Date => {
                        input id=(id) name=(name) type="date" value=(value) required[required] aria-describedby=[described] aria-invalid=[invalid];
                    }
                    Input::Moment => {
                        @let moment = moment::for_input(&moment::as_the_api_takes_it(value));
                        input id=(id) name=(name) type="datetime-local" step=[moment::step(moment.as_deref())] value=[&moment] required[required] aria-describedby=[described] aria-invalid=[invalid];
                    }
                    Input::Area { rows, max } => {
                        textarea id=(id) name=(name) rows=(rows) maxlength=(max) required[required] aria-describedby=[described] aria-invalid=[invalid] { "\n" (value) }
                    }
                    Input::Select(options) => {
                        select id=(id) name=(name) required[required] aria-describedby=[described] aria-invalid=[invalid] {
                            @for (option, label) in options { option value=(option) selected[*option == value] { (label) } }
                        }
                    }
                }
                @if !self.hint.is_empty() { p.hint id=(hint_id) { (self.hint) } }
                @if let Some(error) = error { p.error id=(error_id) role="alert" lang=[of_the_api(error)] { (error) } }
            }
        }
    }
}

/// How rates are typed, to stand below the fields of a form that has some.
pub(crate) fn rate_rule() -> Markup {
    html! { p.hint { (words!("forms-rate-rule")) } }
}

/// A checkbox with its label. Where several have one name, it ends with `[]`.
pub(crate) fn checkbox(form: &str, name: &str, value: &str, label: &str, is_checked: bool) -> Markup {
    let id = format!("{form}-{}-{value}", name.trim_end_matches("[]"));
    html! {
        div.check { input id=(id) type="checkbox" name=(name) value=(value) checked[is_checked]; label for=(id) { (label) } }
    }
}

/// A form that changes something, around its fields and buttons. It bears the seal, and a key that makes it safe to
/// send twice. Its address keeps whose data is shown.
pub(crate) fn post(visit: &Visit, path: &str, inside: Markup) -> Markup {
    html! {
        form method="post" action=(visit.link(path)) {
            (sealed(&visit.seal()))
            input type="hidden" name=(KEY_FIELD) value=(format!("{:032x}", rand::random::<u128>()));
            (inside)
        }
    }
}

/// The hidden field that bears a form's seal.
pub(super) fn sealed(seal: &str) -> Markup {
    html! { input type="hidden" name=(SEAL_FIELD) value=(seal); }
}

/// What a GET form keeps of an address: its browser drops the parameters of the form's own.
pub(crate) fn hidden_parameters(link: &Link) -> Markup {
    html! { @for (name, value) in link.parameters() { input type="hidden" name=(name) value=(value); } }
}
