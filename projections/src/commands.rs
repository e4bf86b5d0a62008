//! Commands of the API (SPEC 4): a plain function decides, from the state at a moment, on the event to append,
//! or on the refusal. Nothing is written here.

mod fingerprint;
mod identity;

use std::borrow::Cow;

use ledger::{Position, ReadError};
use schemas::{AccountType, Application, Body, Code, Event, Join, Note, Rate, Rebate, Uid};

pub use self::identity::COMMAND_SOURCE;
pub(crate) use self::identity::is_command;
use self::identity::{Key, command_id, generated_code, key_of};
use crate::history::PRESENT;
use crate::query::{CODES_MAX, QueryError, View};

/// What a referrer asks for. Values are valid in themselves: rates in range, texts within their limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `PUT /v1/referrals/{invitee}/note`.
    SetNote {
        /// The invitee.
        invitee: Uid,
        /// The note, up to 200 code points.
        note: String,
    },
    /// `PUT /v1/referrals/{invitee}/rebate`.
    SetRebate {
        /// The invitee.
        invitee: Uid,
        /// What it gets of spot and margin fees.
        spot_rebate_rate: Rate,
        /// What it gets of futures fees.
        futures_rebate_rate: Rate,
    },
    /// `POST /v1/codes`.
    CreateCode {
        /// The code, 3 to 20 of `A-Z0-9_`; one is generated if absent.
        code: Option<String>,
        /// What an invitee gets of spot and margin fees.
        spot_rebate_rate: Rate,
        /// What an invitee gets of futures fees.
        futures_rebate_rate: Rate,
        /// A note, up to 200 code points.
        note: String,
        /// Whether it becomes the default.
        is_default: bool,
    },
    /// `PATCH /v1/codes/{code}`: what is given changes, the rest stays.
    ChangeCode {
        /// The code.
        code: String,
        /// What an invitee gets of spot and margin fees.
        spot_rebate_rate: Option<Rate>,
        /// What an invitee gets of futures fees.
        futures_rebate_rate: Option<Rate>,
        /// A note, up to 200 code points.
        note: Option<String>,
        /// Whether it is the default.
        is_default: Option<bool>,
    },
    /// `POST /v1/campaigns/{id}/join`.
    JoinCampaign {
        /// The campaign.
        campaign_id: String,
    },
    /// `POST /v1/account/apply`.
    Apply {
        /// What the applicant writes.
        message: String,
    },
}

/// What a command comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// This event is to be appended.
    Append(Box<Event<'static>>),
    /// It was done before, by the entry at this position: nothing is appended, the answer is the same.
    DoneBefore {
        /// The entry that did it; none where a join of the platform's did.
        position: Option<Position>,
    },
}

/// Why a command is refused; nothing is appended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// What is named is not the referrer's.
    #[error("{what} {name} is not there, or not this referrer's")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The referrer has as many codes as it can (SPEC 4.2).
    #[error("this referrer has {CODES_MAX} codes, the most there can be")]
    TooManyCodes,
    /// The code is taken.
    #[error("the code {code} is taken: choose another")]
    CodeTaken {
        /// The code.
        code: String,
    },
    /// A rebate lies above the base rate in force: the referrer would pay more than it earns (SPEC 4.2).
    #[error("a rebate of {rebate} lies above the base rate in force, {base}")]
    RebateAboveBase {
        /// Which field.
        field: &'static str,
        /// What was asked for.
        rebate: Rate,
        /// The base rate in force.
        base: Rate,
    },
    /// A sub-account owns no codes: they would belong to its major account.
    #[error("{uid} is a sub-account: its major account makes codes")]
    SubAccount {
        /// The account.
        uid: Uid,
    },
    /// The idempotency key was used for another command.
    #[error("this Idempotency-Key was used for another command: use a new one")]
    KeyReused,
    /// The ledger could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<QueryError> for Refusal {
    fn from(error: QueryError) -> Refusal {
        match error {
            QueryError::NotFound { what, name } => Refusal::NotFound { what, name },
            QueryError::Invalid { field, detail } => Refusal::NotFound { what: field, name: detail },
            QueryError::Read(error) => Refusal::Read(error),
        }
    }
}

/// Decides on a command of a referrer, made at `view.now`, with its idempotency key if it bears one.
///
/// # Errors
/// The refusal, which names the rule it stands on.
pub fn decide(view: &View<'_>, uid: Uid, command: &Command, key: Option<&str>) -> Result<Decision, Refusal> {
    let key = key.map(|key| key_of(uid, key, command));
    if let Some(key) = &key
        && let Some(position) = view.state.keyed_commands.get(&key.key)
    {
        let is_same = key.is_of(&view.reader.event(*position)?.id, command);
        return if is_same { Ok(Decision::DoneBefore { position: Some(*position) }) } else { Err(Refusal::KeyReused) };
    }
    let body = match command {
        Command::SetNote { invitee, note } => {
            require_invitee(view, uid, *invitee)?;
            Body::Note(Note { uid: *invitee, note: Cow::Owned(note.clone()) })
        }
        Command::SetRebate { invitee, spot_rebate_rate, futures_rebate_rate } => {
            require_invitee(view, uid, *invitee)?;
            require_within_base(view, uid, *spot_rebate_rate, *futures_rebate_rate)?;
            Body::Rebate(Rebate {
                uid: *invitee,
                spot_rebate_rate: *spot_rebate_rate,
                futures_rebate_rate: *futures_rebate_rate,
            })
        }
        Command::CreateCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default } => {
            let code = new_code(view, uid, key.as_ref(), code.as_deref())?;
            require_within_base(view, uid, *spot_rebate_rate, *futures_rebate_rate)?;
            Body::Code(Code {
                code: Cow::Owned(code),
                owner_uid: uid,
                spot_rebate_rate: *spot_rebate_rate,
                futures_rebate_rate: *futures_rebate_rate,
                note: Cow::Owned(note.clone()),
                is_default: *is_default,
            })
        }
        Command::ChangeCode { code, spot_rebate_rate, futures_rebate_rate, note, is_default } => {
            let held = view.code(uid, code)?.row;
            // A rate that is not touched stays as it was agreed, also where the base has since fallen below it.
            let asked = |rate: &Option<Rate>| rate.unwrap_or(Rate::ZERO);
            require_within_base(view, uid, asked(spot_rebate_rate), asked(futures_rebate_rate))?;
            Body::Code(Code {
                code: Cow::Owned(code.clone()),
                // The owner as the code's events name it: a sub-account, where the code is one's.
                owner_uid: view.state.index().code_owner(code).unwrap_or(uid),
                spot_rebate_rate: spot_rebate_rate.unwrap_or(held.spot_rebate_rate),
                futures_rebate_rate: futures_rebate_rate.unwrap_or(held.futures_rebate_rate),
                note: Cow::Owned(note.clone().unwrap_or(held.note)),
                is_default: is_default.unwrap_or(held.is_default),
            })
        }
        Command::JoinCampaign { campaign_id } => {
            if view.campaign(uid, campaign_id)?.joined {
                return Ok(Decision::DoneBefore { position: None });
            }
            Body::Join(Join { uid, campaign_id: Cow::Owned(campaign_id.clone()) })
        }
        Command::Apply { message } => Body::Application(Application { uid, message: Cow::Owned(message.clone()) }),
    };
    let id = command_id(view, &body, key.as_ref())?;
    Ok(Decision::Append(Box::new(Event {
        source: Cow::Borrowed(COMMAND_SOURCE),
        id: Cow::Owned(id),
        time: view.now,
        body,
    })))
}

fn require_invitee(view: &View<'_>, uid: Uid, invitee: Uid) -> Result<(), Refusal> {
    if view.is_invitee_of(uid, invitee) {
        Ok(())
    } else {
        Err(Refusal::NotFound { what: "invitee", name: invitee.to_string() })
    }
}

fn require_within_base(view: &View<'_>, uid: Uid, spot: Rate, futures: Rate) -> Result<(), Refusal> {
    let (spot_base, futures_base) = view.base_rates_now(uid);
    if spot > spot_base && !mutants::mutant!("rebate-above-the-base-rate-not-refused") {
        return Err(Refusal::RebateAboveBase { field: "spot_rebate_rate", rebate: spot, base: spot_base });
    }
    if futures > futures_base {
        return Err(Refusal::RebateAboveBase { field: "futures_rebate_rate", rebate: futures, base: futures_base });
    }
    Ok(())
}

/// The text of a new code: the one asked for, if it can be had, or one that nobody has.
fn new_code(view: &View<'_>, uid: Uid, key: Option<&Key>, asked: Option<&str>) -> Result<String, Refusal> {
    let account = view.state.find_account(uid);
    let registered = account.and_then(|account| view.state.account(account).registered);
    if registered.is_some_and(|registered| registered.account_type != AccountType::Major) {
        return Err(Refusal::SubAccount { uid });
    }
    let most = CODES_MAX + usize::from(mutants::mutant!("limit-of-codes-off-by-one"));
    if account.is_some_and(|account| view.state.codes_of(account, PRESENT).len() >= most) {
        return Err(Refusal::TooManyCodes);
    }
    match asked {
        Some(code) if view.state.index().code_owner(code).is_some() => {
            Err(Refusal::CodeTaken { code: code.to_owned() })
        }
        Some(code) => Ok(code.to_owned()),
        None => Ok(generated_code(view, uid, key)),
    }
}
