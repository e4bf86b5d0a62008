//! Parameters of a question, read strictly: what is not known, given twice or wrong is refused with its name, and
//! never ignored. The same table describes them in the OpenAPI document.

mod catalog;
mod of_record;
mod parameter;
mod query_string;
mod readers;
mod replication;
mod shapes;

pub use catalog::*;
pub(crate) use of_record::*;
pub use parameter::{Described, Parameter};
pub(crate) use parameter::{describe, parameters};
pub use query_string::read_query_string;
pub use readers::is_standby_name;
pub(crate) use replication::*;
pub(crate) use shapes::day_or_time;

use projections::query::{PageRequest, RangeRequest};

use crate::problem::{Problem, ProblemKind};

/// The parameters that were given, each of them known and given once.
pub struct Given<'p> {
    pairs: &'p [(String, String)],
    known: &'static [&'static dyn Described],
}

impl<'p> Given<'p> {
    /// Takes what was given, if all of it is known.
    pub fn of(pairs: &'p [(String, String)], known: &'static [&'static dyn Described]) -> Result<Self, Problem> {
        for (at, (name, _)) in pairs.iter().enumerate() {
            if !known.iter().any(|parameter| parameter.name() == name) {
                let names: Vec<&str> = known.iter().map(|parameter| parameter.name()).collect();
                let takes = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                return Err(invalid(name, format!("there is no such parameter here; there is: {takes}")));
            }
            if pairs[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(invalid(name, "it is given twice".to_owned()));
            }
        }
        Ok(Given { pairs, known })
    }

    /// A parameter's value, if it was given.
    pub fn get<T>(&self, parameter: &Parameter<T>) -> Result<Option<T>, Problem> {
        debug_assert!(self.is_known(parameter.name), "{} is read and not declared", parameter.name);
        let Some((_, text)) = self.pairs.iter().find(|(name, _)| name == parameter.name) else { return Ok(None) };
        let value = (parameter.read)(text);
        value.map(Some).ok_or_else(|| invalid(parameter.name, format!("expected {}", parameter.expected)))
    }

    /// A parameter that has to be there.
    pub fn require<T>(&self, parameter: &Parameter<T>) -> Result<T, Problem> {
        let missing = || invalid(parameter.name, format!("it is missing: expected {}", parameter.expected));
        self.get(parameter)?.ok_or_else(missing)
    }

    /// `from` and `to`.
    pub fn range(&self) -> Result<RangeRequest, Problem> {
        Ok(RangeRequest { from: self.get(&FROM)?, to: self.get(&TO)? })
    }

    /// `limit` and `cursor`.
    pub(crate) fn page(&self) -> Result<PageRequest, Problem> {
        let limit = self.get(&LIMIT)?.unwrap_or(PageRequest::default().limit);
        Ok(PageRequest { limit, cursor: self.get(&CURSOR)? })
    }

    fn is_known(&self, name: &str) -> bool {
        self.known.iter().any(|parameter| parameter.name() == name)
    }
}

fn invalid(name: &str, detail: String) -> Problem {
    Problem::of_field(ProblemKind::InvalidParameter, name, detail)
}

#[cfg(test)]
mod tests {
    use schemas::{Day, Uid};

    use super::*;

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_unknown_repeated_wrong_or_missing_is_named() {
        const KNOWN: &[&dyn Described] = &[&UID, &FROM, &TO, &LIMIT, &CURSOR, &AS_OF];
        let table: &[(&[(&str, &str)], &str)] = &[
            (&[("uid", "7"), ("form", "2026-01-01")], "form"),
            (&[("uid", "7"), ("uid", "7")], "uid"),
            (&[("uid", "007")], "uid"),
            (&[("uid", "9007199254740992")], "uid"),
            (&[], "uid"),
            (&[("uid", "7"), ("from", "2026-02-30")], "from"),
            (&[("uid", "7"), ("to", "")], "to"),
            (&[("uid", "7"), ("limit", "0")], "limit"),
            (&[("uid", "7"), ("limit", "501")], "limit"),
            (&[("uid", "7"), ("limit", "+5")], "limit"),
            (&[("uid", "7"), ("limit", "99999999999999999999999")], "limit"),
            (&[("uid", "7"), ("as_of", "1"), ("as_of", "1")], "as_of"),
            (&[("uid", "7"), ("UID", "7")], "UID"),
            (&[("uid", "7"), ("\0", "")], "\0"),
        ];
        for (given, field) in table {
            let given = pairs(given);
            let read = Given::of(&given, KNOWN).and_then(|given| {
                given.require(&UID)?;
                given.range()?;
                given.page().map(|_| ())
            });
            let problem = read.expect_err("a refusal");
            assert_eq!((problem.status(), problem.field.as_deref()), (400, Some(*field)), "{given:?}");
        }
    }

    #[test]
    fn what_is_right_is_read() {
        const KNOWN: &[&dyn Described] = &[&UID, &FROM, &TO, &VIP, &VERIFIED, &COUNTRY];
        let given = pairs(&[("uid", "7"), ("from", "2026-01-31"), ("vip", "0,20,3"), ("verified", "false")]);
        let given = Given::of(&given, KNOWN).expect("known");
        assert_eq!(given.get(&UID).expect("a uid"), Some(Uid(7)));
        assert_eq!(given.range().expect("a range").from, Day::parse("2026-01-31"));
        assert_eq!(given.get(&VIP).expect("levels"), Some(vec![0, 20, 3]));
        assert_eq!(given.get(&VERIFIED).expect("a flag"), Some(false));
        assert_eq!(given.get(&COUNTRY).expect("nothing"), None);
    }
}
