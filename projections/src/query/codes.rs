//! Codes (SPEC 4.2): the list, one code, the default.

use ledger::AccountId;
use schemas::{ProductGroup, Rate, Uid, Usd};

use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::{QueryError, View};
use crate::codes::{CodeId, CodeTerms};
use crate::history::{Fact, PRESENT};
use crate::views::{CodeDetail, CodeRow, List};

/// The most codes a referrer can have by commands (SPEC 4.2).
pub const CODES_MAX: usize = 20;

/// How the fees that a code brings are split, and what to share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSplit {
    /// The code.
    pub code: String,
    /// What the referrer keeps of spot and margin fees now.
    pub spot_rate: Rate,
    /// What the referrer keeps of futures fees now.
    pub futures_rate: Rate,
    /// What an invitee gets of spot and margin fees.
    pub spot_rebate_rate: Rate,
    /// What an invitee gets of futures fees.
    pub futures_rebate_rate: Rate,
    /// What to share.
    pub link: String,
}

impl View<'_> {
    /// `GET /v1/codes`: a referrer's codes in force, by code.
    ///
    /// # Errors
    /// If the cursor is not this list's.
    pub fn codes(&self, uid: Uid, request: &PageRequest) -> Result<List<CodeRow>, QueryError> {
        let codes = self.codes_asked(Some(uid), None)?;
        let in_force = codes.into_iter().filter(|code| self.created_at(*code).is_some());
        let places = in_force.map(|code| {
            let place = place_of(&self.state.codes.get(code).text);
            (place, code)
        });
        let sorting = Sorting { value: Order::Ascending, keys: Order::Ascending };
        let default = self.default_code(uid);
        page(places, sorting, request, &question(uid), self, |code| Ok(self.code_row(code, default == Some(code))))
    }

    /// `GET /v1/codes/{code}`.
    ///
    /// # Errors
    /// If the code is not the referrer's, or its time has not come.
    pub fn code(&self, uid: Uid, code: &str) -> Result<CodeDetail, QueryError> {
        let code = self.code_in_force(uid, code)?;
        let row = self.code_row(code, self.default_code(uid) == Some(code));
        Ok(CodeDetail { row, as_of: self.as_of() })
    }

    /// A code that is the referrer's and in force now.
    pub(super) fn code_in_force(&self, uid: Uid, text: &str) -> Result<CodeId, QueryError> {
        let not_found = || QueryError::NotFound { what: "code", name: text.to_owned() };
        let code = self.state.codes.find(text).ok_or_else(not_found)?;
        let account = self.account(uid).ok_or_else(not_found)?;
        let is_owner = self.state.code_owner(code, PRESENT) == Some(account);
        if is_owner && self.created_at(code).is_some() { Ok(code) } else { Err(not_found()) }
    }

    /// A code that is in force now, whoever owns it.
    pub(super) fn code_of_anybody(&self, text: &str) -> Result<CodeId, QueryError> {
        let code = self.state.codes.find(text).filter(|code| self.created_at(*code).is_some());
        code.ok_or_else(|| QueryError::NotFound { what: "code", name: text.to_owned() })
    }

    /// A code's first event, once its time has come.
    pub(super) fn created_at(&self, code: CodeId) -> Option<&Fact<CodeTerms>> {
        self.state.codes.get(code).terms.first(PRESENT).filter(|fact| fact.time <= self.now)
    }

    /// The code of the owner's latest event that says it is the default, unless a later one of that code says not.
    pub(crate) fn default_code(&self, uid: Uid) -> Option<CodeId> {
        let account = self.account(uid)?;
        let mut latest: Option<(CodeId, &Fact<CodeTerms>)> = None;
        for code in self.state.codes_of(account, PRESENT) {
            let terms = &self.state.codes.get(code).terms;
            let said = terms.iter(PRESENT).rev().find(|fact| fact.time <= self.now && fact.value.is_default);
            let Some(said) = said else { continue };
            latest = match latest {
                Some((held, fact)) if self.is_said_later((held, fact), (code, said)) => Some((held, fact)),
                Some(_) | None => Some((code, said)),
            };
        }
        let (code, said) = latest?;
        let in_force = self.state.codes.get(code).terms.at(self.now, PRESENT)?;
        (in_force.position == said.position || in_force.value.is_default).then_some(code)
    }

    /// Whether one code's event is later than another's in the order of equals; the code's name decides last.
    fn is_said_later(&self, one: (CodeId, &Fact<CodeTerms>), other: (CodeId, &Fact<CodeTerms>)) -> bool {
        let name = |code: CodeId| &self.state.codes.get(code).text;
        (one.1.order_key(), name(one.0)) > (other.1.order_key(), name(other.0))
    }

    /// The text of a referrer's default code.
    #[must_use]
    pub fn default_code_text(&self, uid: Uid) -> Option<String> {
        self.default_code(uid).map(|code| self.state.codes.get(code).text.to_string())
    }

    /// The major accounts registered with a code that are its owner's invitees.
    pub(super) fn invitees_of(&self, code: CodeId) -> impl DoubleEndedIterator<Item = AccountId> + '_ {
        let owner = self.state.code_owner(code, PRESENT);
        let invitees = self.state.codes.get(code).invitees.iter().copied();
        invitees.filter(move |invitee| owner.is_some() && owner != Some(*invitee))
    }

    /// How the fees that a code brings are split, and what to share: what the pages show of it at once, however many
    /// registered with it.
    ///
    /// # Errors
    /// If the code is not the referrer's, or its time has not come.
    pub fn code_split(&self, uid: Uid, code: &str) -> Result<CodeSplit, QueryError> {
        Ok(self.split(self.code_in_force(uid, code)?))
    }

    fn split(&self, code: CodeId) -> CodeSplit {
        let row = self.state.codes.get(code);
        let owner = self.state.code_owner(code, PRESENT);
        let keeps =
            |group: ProductGroup, rebate: Rate| match owner.map(|owner| self.state.base_rate(owner, group, self.now)) {
                Some((base, false)) => base.saturating_sub(rebate),
                Some((_, true)) | None => Rate::ZERO,
            };
        let terms = row.terms.at(self.now, PRESENT).map(|fact| &fact.value);
        let spot_rebate_rate = terms.map_or(Rate::ZERO, |terms| terms.spot_rebate_rate);
        let futures_rebate_rate = terms.map_or(Rate::ZERO, |terms| terms.futures_rebate_rate);
        CodeSplit {
            code: row.text.to_string(),
            spot_rate: keeps(ProductGroup::Spot, spot_rebate_rate),
            futures_rate: keeps(ProductGroup::Futures, futures_rebate_rate),
            spot_rebate_rate,
            futures_rebate_rate,
            link: self.links.code(&row.text),
        }
    }

    pub(super) fn code_row(&self, code: CodeId, is_default: bool) -> CodeRow {
        let row = self.state.codes.get(code);
        let created_at = row.terms.first(PRESENT).map_or(self.now, |fact| fact.time);
        let terms = row.terms.at(self.now, PRESENT).map(|fact| &fact.value);
        let (mut referrals, mut commission) = (0, Usd::ZERO);
        for invitee in self.invitees_of(code) {
            referrals += 1;
            commission += self.state.totals(invitee).commission;
        }
        let CodeSplit { code, spot_rate, futures_rate, spot_rebate_rate, futures_rebate_rate, link } = self.split(code);
        CodeRow {
            code,
            created_at,
            referrals,
            commission,
            spot_rate,
            futures_rate,
            spot_rebate_rate,
            futures_rebate_rate,
            note: terms.map_or_else(String::new, |terms| terms.note.to_string()),
            is_default,
            link,
        }
    }
}

/// The place of a code in the list.
pub(super) fn place_of(code: &str) -> Place {
    Place { value: Some(SortValue::Text(code.to_owned())), keys: Vec::new() }
}

/// What a cursor of the list belongs to.
pub(super) fn question(uid: Uid) -> impl std::fmt::Debug {
    ("codes", uid)
}
