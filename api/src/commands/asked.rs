//! A command as the API takes it over HTTP: for who gives one to another process.

use axum::http::Method;
use projections::commands::Command;
use schemas::Rate;
use serde_json::{Map, Value};

use crate::body::{FUTURES_REBATE_RATE, IS_DEFAULT, MESSAGE, NEW_CODE, NOTE, SPOT_REBATE_RATE};
use crate::question::encoded;

/// A command's request, but for whom it is, its key and who gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandAsked {
    /// POST, PUT or PATCH.
    pub method: Method,
    /// Its path, with the names in it encoded.
    pub path: String,
    /// Its body.
    pub body: Value,
}

impl CommandAsked {
    /// The request that this command is read from.
    #[must_use]
    pub fn of(command: &Command) -> CommandAsked {
        let (method, path, body) = match command {
            Command::SetNote { invitee, note } => {
                (Method::PUT, format!("/v1/referrals/{invitee}/note"), Body::default().text(NOTE.name, Some(note)))
            }
            Command::SetRebate { invitee, spot_rebate_rate, futures_rebate_rate } => {
                let rates = Body::default().rates(Some(*spot_rebate_rate), Some(*futures_rebate_rate));
                (Method::PUT, format!("/v1/referrals/{invitee}/rebate"), rates)
            }
            Command::CreateCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default } => {
                let body = Body::default().rates(Some(*spot_rebate_rate), Some(*futures_rebate_rate));
                let body = body.text(NEW_CODE.name, code.as_ref()).text(NOTE.name, Some(note));
                (Method::POST, "/v1/codes".to_owned(), body.flag(IS_DEFAULT.name, Some(*is_default)))
            }
            Command::ChangeCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default } => {
                let body = Body::default().rates(*spot_rebate_rate, *futures_rebate_rate);
                let body = body.text(NOTE.name, note.as_ref()).flag(IS_DEFAULT.name, *is_default);
                (Method::PATCH, format!("/v1/codes/{}", encoded(code)), body)
            }
            Command::JoinCampaign { campaign_id } => {
                (Method::POST, format!("/v1/campaigns/{}/join", encoded(campaign_id)), Body::default())
            }
            Command::Apply { message } => {
                (Method::POST, "/v1/account/apply".to_owned(), Body::default().text(MESSAGE.name, Some(message)))
            }
        };
        CommandAsked { method, path, body: Value::Object(body.0) }
    }
}

/// A body in the making. What is not given is not in it.
#[derive(Default)]
struct Body(Map<String, Value>);

impl Body {
    fn text(mut self, name: &str, text: Option<&String>) -> Body {
        self.0.extend(text.map(|text| (name.to_owned(), Value::from(text.as_str()))));
        self
    }

    fn flag(mut self, name: &str, flag: Option<bool>) -> Body {
        self.0.extend(flag.map(|flag| (name.to_owned(), Value::from(flag))));
        self
    }

    fn rates(mut self, spot: Option<Rate>, futures: Option<Rate>) -> Body {
        for (name, rate) in [(SPOT_REBATE_RATE.name, spot), (FUTURES_REBATE_RATE.name, futures)] {
            self.0.extend(rate.map(|rate| (name.to_owned(), Value::from(rate.to_string()))));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use schemas::Uid;

    use super::*;
    use crate::body::{BodyFields, Shape};
    use crate::commands::account::ApplicationBody;
    use crate::commands::codes::{CodeChangeBody, NewCodeBody, code_change, new_code};
    use crate::commands::referrals::{NoteBody, RebateBody, note_on, rebate_of};

    fn read(asked: &CommandAsked, shape: Shape) -> BodyFields {
        BodyFields::read(asked.body.to_string().as_bytes(), shape).expect("a body")
    }

    #[test]
    fn a_command_is_read_from_its_request_as_it_was() {
        let rate = |text: &str| Rate::parse(text).expect("a rate");
        let (spot_rebate_rate, futures_rebate_rate) = (rate("0.05"), rate("0.1234"));
        let note = "a \"friend\"\n✓".to_owned();
        let of = Uid(7);

        let command = Command::SetNote { invitee: of, note: note.clone() };
        let asked = CommandAsked::of(&command);
        assert_eq!((&asked.method, &*asked.path), (&Method::PUT, "/v1/referrals/7/note"));
        assert_eq!(note_on(&read(&asked, NoteBody::SHAPE)).expect("a command")(of), command);

        let command = Command::SetRebate { invitee: of, spot_rebate_rate, futures_rebate_rate };
        let asked = CommandAsked::of(&command);
        assert_eq!((&asked.method, &*asked.path), (&Method::PUT, "/v1/referrals/7/rebate"));
        assert_eq!(rebate_of(&read(&asked, RebateBody::SHAPE)).expect("a command")(of), command);

        for (code, is_default) in [(None, false), (Some("ALPHA_1".to_owned()), true)] {
            let note = note.clone();
            let command = Command::CreateCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default };
            let asked = CommandAsked::of(&command);
            assert_eq!((&asked.method, &*asked.path), (&Method::POST, "/v1/codes"));
            assert_eq!(new_code(&read(&asked, NewCodeBody::SHAPE)).expect("a command"), command);
        }

        for (spot_rebate_rate, futures_rebate_rate, note, is_default) in [
            (None, None, None, None),
            (Some(spot_rebate_rate), None, Some(note), Some(false)),
            (None, Some(futures_rebate_rate), None, Some(true)),
        ] {
            let code = "A/B".to_owned();
            let command =
                Command::ChangeCode { code: code.clone(), spot_rebate_rate, futures_rebate_rate, note, is_default };
            let asked = CommandAsked::of(&command);
            assert_eq!((&asked.method, &*asked.path), (&Method::PATCH, "/v1/codes/A%2FB"));
            assert_eq!(code_change(code, &read(&asked, CodeChangeBody::SHAPE)).expect("a command"), command);
        }

        let asked = CommandAsked::of(&Command::Apply { message: "please".to_owned() });
        assert_eq!((&asked.method, &*asked.path), (&Method::POST, "/v1/account/apply"));
        assert_eq!(read(&asked, ApplicationBody::SHAPE).require(&MESSAGE).expect("a text"), "please");
        let asked = CommandAsked::of(&Command::JoinCampaign { campaign_id: "a b".to_owned() });
        assert_eq!(
            (&asked.method, &*asked.path, asked.body),
            (&Method::POST, "/v1/campaigns/a%20b/join", serde_json::json!({}))
        );
    }
}
