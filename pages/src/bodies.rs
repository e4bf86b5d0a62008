//! The fields of a form as the body of the API's command, so that the same rules are read by the same code.

use api::Problem;
use api::body::{BodyFields, Shape};
use serde_json::{Map, Value};

use super::submission::Fields;

/// A body in the making.
#[derive(Default)]
pub(crate) struct FormBody(Map<String, Value>);

impl FormBody {
    /// With a text as it was entered. Line ends are line feeds again, as before a browser sent them.
    pub(crate) fn text(mut self, fields: &Fields, name: &str) -> FormBody {
        self.0.insert(name.to_owned(), Value::String(fields.get(name).replace("\r\n", "\n")));
        self
    }

    /// With a text, unless it was left empty.
    pub(crate) fn text_if_any(self, fields: &Fields, name: &str) -> FormBody {
        if fields.get(name).is_empty() { self } else { self.text(fields, name) }
    }

    /// With a rate that was typed as people do.
    ///
    /// # Errors
    /// If it is none, or could be two.
    pub(crate) fn rate(mut self, fields: &Fields, name: &str) -> Result<FormBody, Problem> {
        self.0.insert(name.to_owned(), Value::String(fields.rate(name)?));
        Ok(self)
    }

    /// The same, if it is another rate than the form was given with: what the field `was_…` bears.
    ///
    /// # Errors
    /// If it is none, or could be two.
    pub(crate) fn rate_if_changed(self, fields: &Fields, name: &str) -> Result<FormBody, Problem> {
        if fields.rate(name)? == fields.get(&format!("was_{name}")) { Ok(self) } else { self.rate(fields, name) }
    }

    /// With a text, if it is another than the form was given with: what the field `was_…` bears.
    pub(crate) fn text_if_changed(self, fields: &Fields, name: &str) -> FormBody {
        if fields.get(name) == fields.get(&format!("was_{name}")) { self } else { self.text(fields, name) }
    }

    /// With whether a checkbox was checked.
    pub(crate) fn flag(mut self, fields: &Fields, name: &str) -> FormBody {
        self.0.insert(name.to_owned(), Value::Bool(fields.is_checked(name)));
        self
    }

    /// With whether a checkbox was checked, if that is otherwise than the form was given.
    pub(crate) fn flag_if_changed(self, fields: &Fields, name: &str) -> FormBody {
        let was = fields.get(&format!("was_{name}")) == "true";
        if fields.is_checked(name) == was { self } else { self.flag(fields, name) }
    }

    /// Reads it as the API reads a body.
    pub(crate) fn read(self, shape: Shape) -> Result<BodyFields, Problem> {
        BodyFields::read(Value::Object(self.0).to_string().as_bytes(), shape)
    }
}

#[cfg(test)]
mod tests {
    use api::body::{IS_DEFAULT, NOTE, SPOT_REBATE_RATE};
    use api::commands::codes::CodeChangeBody;

    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn only_what_was_changed_is_given() {
        let sent = fields(&[
            ("spot_rebate_rate", "20"),
            ("was_spot_rebate_rate", "0.1"),
            ("futures_rebate_rate", "12.50 %"),
            ("was_futures_rebate_rate", "0.125"),
            ("note", "a\r\nb"),
            ("was_note", "a\r\nb"),
            ("was_is_default", "true"),
        ]);
        let body = FormBody::default()
            .rate_if_changed(&sent, "spot_rebate_rate")
            .and_then(|body| body.rate_if_changed(&sent, "futures_rebate_rate"))
            .expect("rates")
            .text_if_changed(&sent, "note")
            .flag_if_changed(&sent, "is_default");
        assert!(!body.0.contains_key("futures_rebate_rate"), "the same rate, otherwise written");
        let read = body.read(CodeChangeBody::SHAPE).expect("a body");
        assert_eq!(read.get(&SPOT_REBATE_RATE).expect("a rate").map(|rate| rate.to_string()), Some("0.2".to_owned()));
        assert_eq!(read.get(&NOTE), Ok(None));
        assert_eq!(read.get(&IS_DEFAULT), Ok(Some(false)));
    }

    #[test]
    fn line_ends_are_as_they_were_entered() {
        let sent = fields(&[("note", "a\r\n\"b\"")]);
        let read = FormBody::default().text(&sent, "note").read(CodeChangeBody::SHAPE).expect("a body");
        assert_eq!(read.get(&NOTE), Ok(Some("a\n\"b\"".to_owned())));
    }
}
