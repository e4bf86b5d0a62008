//! What a command asks for, as a digest: so a repetition under the same idempotency key is told from another command.
//!
//! The digest is of canonical content, which no renamed field or type of ours changes. A field that is absent leaves
//! nothing behind, so that one added later changes no digest of a command without it.

use schemas::Rate;

use super::Command;
use crate::state::KeyDigest;

/// The digest of a text.
pub(super) fn digest(text: &str) -> KeyDigest {
    let hash = blake3::hash(text.as_bytes());
    *hash.as_bytes().first_chunk().expect("a hash of 32 bytes has 16")
}

/// The digest of a command.
pub(super) fn fingerprint(command: &Command) -> KeyDigest {
    let mut content = Content(String::new());
    match command {
        Command::SetNote { invitee, note } => {
            content.field("command", "set_note").field("invitee", &invitee.to_string()).field("note", note);
        }
        Command::SetRebate { invitee, spot_rebate_rate, futures_rebate_rate } => {
            content.field("command", "set_rebate").field("invitee", &invitee.to_string());
            content.rate("spot_rebate_rate", Some(*spot_rebate_rate));
            content.rate("futures_rebate_rate", Some(*futures_rebate_rate));
        }
        Command::CreateCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default } => {
            content.field("command", "create_code").option("code", code.as_deref());
            content.rate("spot_rebate_rate", Some(*spot_rebate_rate));
            content.rate("futures_rebate_rate", Some(*futures_rebate_rate));
            content.field("note", note).flag("is_default", Some(*is_default));
        }
        Command::ChangeCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default } => {
            content.field("command", "change_code").field("code", code);
            content.rate("spot_rebate_rate", *spot_rebate_rate).rate("futures_rebate_rate", *futures_rebate_rate);
            content.option("note", note.as_deref()).flag("is_default", *is_default);
        }
        Command::JoinCampaign { campaign_id } => {
            content.field("command", "join_campaign").field("campaign_id", campaign_id);
        }
        Command::Apply { message } => {
            content.field("command", "apply").field("message", message);
        }
    }
    digest(&content.0)
}

/// Named fields one after another, each with the length of its value, so that no two contents are the same text.
struct Content(String);

impl Content {
    fn field(&mut self, name: &str, value: &str) -> &mut Content {
        self.0 += &format!("{name} {}:{value}\n", value.len());
        self
    }

    fn option(&mut self, name: &str, value: Option<&str>) -> &mut Content {
        if let Some(value) = value {
            self.field(name, value);
        }
        self
    }

    fn rate(&mut self, name: &str, rate: Option<Rate>) -> &mut Content {
        self.option(name, rate.map(|rate| rate.to_string()).as_deref())
    }

    fn flag(&mut self, name: &str, flag: Option<bool>) -> &mut Content {
        self.option(name, flag.map(|flag| if flag { "true" } else { "false" }))
    }
}

/// The digest of a command as version 0.1 wrote it into its event's id: of the text that Rust's `Debug` gave then.
pub(super) fn former_fingerprint(command: &Command) -> KeyDigest {
    digest(&former_text(command))
}

/// NOTE: frozen. What stands in ledgers is recognised by it, whatever becomes of our types.
fn former_text(command: &Command) -> String {
    let rate = |rate: &Rate| format!("Rate({})", rate.0);
    let some = |text: Option<String>| text.map_or_else(|| "None".to_owned(), |text| format!("Some({text})"));
    match command {
        Command::SetNote { invitee, note } => format!("SetNote {{ invitee: Uid({}), note: {note:?} }}", invitee.0),
        Command::SetRebate { invitee, spot_rebate_rate, futures_rebate_rate } => format!(
            "SetRebate {{ invitee: Uid({}), spot_rebate_rate: {}, futures_rebate_rate: {} }}",
            invitee.0,
            rate(spot_rebate_rate),
            rate(futures_rebate_rate)
        ),
        Command::CreateCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default } => format!(
            "CreateCode {{ code: {}, spot_rebate_rate: {}, futures_rebate_rate: {}, note: {note:?}, is_default: \
             {is_default} }}",
            some(code.as_ref().map(|code| format!("{code:?}"))),
            rate(spot_rebate_rate),
            rate(futures_rebate_rate)
        ),
        Command::ChangeCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default } => format!(
            "ChangeCode {{ code: {code:?}, spot_rebate_rate: {}, futures_rebate_rate: {}, note: {}, is_default: {} }}",
            some(spot_rebate_rate.as_ref().map(rate)),
            some(futures_rebate_rate.as_ref().map(rate)),
            some(note.as_ref().map(|note| format!("{note:?}"))),
            some(is_default.map(|flag| flag.to_string()))
        ),
        Command::JoinCampaign { campaign_id } => format!("JoinCampaign {{ campaign_id: {campaign_id:?} }}"),
        Command::Apply { message } => format!("Apply {{ message: {message:?} }}"),
    }
}

#[cfg(test)]
mod tests {
    use schemas::Uid;

    use super::super::identity::hexadecimal;
    use super::*;

    /// A command, and the text that version 0.1 hashed.
    fn samples() -> [(Command, &'static str); 7] {
        let (spot, futures) = (Rate(50_000), Rate(0));
        [
            (
                Command::SetNote { invitee: Uid(70), note: "he said \"é\"\n".into() },
                r#"SetNote { invitee: Uid(70), note: "he said \"é\"\n" }"#,
            ),
            (
                Command::SetRebate { invitee: Uid(70), spot_rebate_rate: spot, futures_rebate_rate: futures },
                "SetRebate { invitee: Uid(70), spot_rebate_rate: Rate(50000), futures_rebate_rate: Rate(0) }",
            ),
            (
                Command::CreateCode {
                    code: None,
                    spot_rebate_rate: spot,
                    futures_rebate_rate: futures,
                    note: String::new(),
                    is_default: false,
                },
                r#"CreateCode { code: None, spot_rebate_rate: Rate(50000), futures_rebate_rate: Rate(0), note: "", is_default: false }"#,
            ),
            (
                Command::CreateCode {
                    code: Some("FRIENDS".into()),
                    spot_rebate_rate: spot,
                    futures_rebate_rate: futures,
                    note: "n".into(),
                    is_default: true,
                },
                r#"CreateCode { code: Some("FRIENDS"), spot_rebate_rate: Rate(50000), futures_rebate_rate: Rate(0), note: "n", is_default: true }"#,
            ),
            (
                Command::ChangeCode {
                    code: "FRIENDS".into(),
                    spot_rebate_rate: Some(spot),
                    futures_rebate_rate: None,
                    note: Some("n".into()),
                    is_default: Some(true),
                },
                r#"ChangeCode { code: "FRIENDS", spot_rebate_rate: Some(Rate(50000)), futures_rebate_rate: None, note: Some("n"), is_default: Some(true) }"#,
            ),
            (Command::JoinCampaign { campaign_id: "spring".into() }, r#"JoinCampaign { campaign_id: "spring" }"#),
            (Command::Apply { message: "please".into() }, r#"Apply { message: "please" }"#),
        ]
    }

    #[test]
    fn what_version_0_1_wrote_is_recognised_for_ever() {
        for (command, text) in samples() {
            assert_eq!(former_text(&command), text);
        }
        // The id of an event in a ledger of version 0.1.
        let (command, _) = &samples()[6];
        assert_eq!(hexadecimal(former_fingerprint(command)), "1bc7ecf44a217a65aea5ca77b2060db4");
    }

    #[test]
    fn each_command_has_a_digest_of_its_own_and_it_is_never_another() {
        let all: Vec<String> = samples().iter().map(|(command, _)| hexadecimal(fingerprint(command))).collect();
        let expected = [
            "c704a6af0908d4ef51ccc49c37cf0d47",
            "259a07feb55a14e55fe5e75fa9f0c480",
            "a49492d2ee1321da13a1a6746d3bc90e",
            "17b0bfd4d19c329d4438594d2c65ea19",
            "48ab3ef227d28e3204ca9b26b6eee257",
            "dffa4568849208fb247a586c4ca3d471",
            "ddde0efe654b187f236e083db378cecc",
        ];
        assert_eq!(all, expected);
        assert_eq!(std::collections::BTreeSet::from_iter(&all).len(), all.len());
    }
}
