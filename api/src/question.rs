//! Questions for who builds something of several answers, as a page does: each knows its path, what answers it of a state, and
//! what reads its answer where another process gives it. Both ways give the same.

use projections::query::{CodeSplit, RewardTrade};
use projections::views::{
    Account, AsOf, CampaignRow, Changes, CodeDetail, CodeRow, Cohorts, Countries, Explained, List, OfferRow, Overview,
    ReferralDetail, ReferralRow, Referrers, Rewards, Series, TradeRules,
};

use schemas::Timestamp;

use crate::problem::Problem;
use crate::query::referrals::InviteeHistory;
use crate::query::{self, Asked};
use crate::together::read::{self, Fields, Read};
use crate::views::Actor;

/// What answers a question of a state.
type Here<'q, T> = dyn FnOnce(&Asked<'_>) -> Result<T, Problem> + 'q;

/// A question of the API, whose answer is a `T`. The parameters are given when it is asked.
pub struct Question<'q, T> {
    path: String,
    here: Box<Here<'q, T>>,
    read: fn(Fields) -> Read<T>,
}

impl<'q, T> Question<'q, T> {
    fn of(
        path: impl Into<String>,
        read: fn(Fields) -> Read<T>,
        here: impl FnOnce(&Asked<'_>) -> Result<T, Problem> + 'q,
    ) -> Question<'q, T> {
        Question { path: path.into(), here: Box::new(here), read }
    }

    /// Its path, with the names in it encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Answers it of a state.
    ///
    /// # Errors
    /// The refusal that the API gives.
    pub fn answer(self, asked: &Asked<'_>) -> Result<T, Problem> {
        (self.here)(asked)
    }

    /// Reads its answer as it was written. The position of one that several ledgers gave together is 0.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(&self, body: &[u8]) -> Result<T, Problem> {
        let read = Fields::of_one_or_several(body).and_then(self.read);
        read.ok_or_else(|| Problem::internal(&format_args!("what came is no answer to {}", self.path)))
    }
}

/// `GET /v1/overview`.
#[must_use]
pub fn overview() -> Question<'static, Overview> {
    Question::of("/v1/overview", read::overview, query::overview::overview)
}

/// `GET /v1/overview/series`.
#[must_use]
pub fn series() -> Question<'static, Series> {
    Question::of("/v1/overview/series", read::series, query::overview::series)
}

/// `GET /v1/countries`.
#[must_use]
pub fn countries() -> Question<'static, Countries> {
    Question::of("/v1/countries", read::countries, query::countries::countries)
}

/// `GET /v1/cohorts`.
#[must_use]
pub fn cohorts() -> Question<'static, Cohorts> {
    Question::of("/v1/cohorts", read::cohorts, query::cohorts::cohorts)
}

/// `GET /v1/changes`.
#[must_use]
pub fn changes() -> Question<'static, Changes> {
    Question::of("/v1/changes", read::changes, query::changes::changes)
}

/// `GET /v1/referrers`.
#[must_use]
pub fn referrers() -> Question<'static, Referrers> {
    Question::of("/v1/referrers", read::referrers, query::referrers::referrers)
}

/// `GET /v1/referrals`.
#[must_use]
pub fn referrals() -> Question<'static, List<ReferralRow>> {
    Question::of("/v1/referrals", read::referrals, query::referrals::referrals)
}

/// `GET /v1/referrals/{invitee}`.
#[must_use]
pub fn referral(invitee: &str) -> Question<'_, ReferralDetail> {
    let path = format!("/v1/referrals/{}", encoded(invitee));
    Question::of(path, read::referral_detail, move |asked| query::referrals::referral(asked, invitee))
}

/// `GET /v1/referrals/{invitee}/history`.
#[must_use]
pub fn referral_history(invitee: &str) -> Question<'_, InviteeHistory> {
    let path = format!("/v1/referrals/{}/history", encoded(invitee));
    Question::of(path, read::referral_history, move |asked| query::referrals::history(asked, invitee))
}

/// `GET /v1/codes`.
#[must_use]
pub fn codes() -> Question<'static, List<CodeRow>> {
    Question::of("/v1/codes", read::codes, query::codes::codes)
}

/// `GET /v1/codes/{code}`.
#[must_use]
pub fn code(code: &str) -> Question<'_, CodeDetail> {
    Question::of(format!("/v1/codes/{}", encoded(code)), read::code, move |asked| query::codes::code(asked, code))
}

/// `GET /v1/codes/{code}/referrals`.
#[must_use]
pub fn code_referrals(code: &str) -> Question<'_, List<ReferralRow>> {
    let path = format!("/v1/codes/{}/referrals", encoded(code));
    Question::of(path, read::referrals, move |asked| query::codes::code_referrals(asked, code))
}

/// `GET /v1/rewards`.
#[must_use]
pub fn rewards() -> Question<'static, Rewards> {
    Question::of("/v1/rewards", read::rewards, query::rewards::rewards)
}

/// `GET /v1/rewards/trades`, with what it reflects.
#[must_use]
pub fn reward_trades() -> Question<'static, (Vec<RewardTrade>, AsOf)> {
    Question::of("/v1/rewards/trades", read::reward_trades, query::rewards::reward_trades)
}

/// `GET /v1/trades/explain`, with who the events are of that it names, by their positions, as far as that is kept and who asks
/// may see it.
#[must_use]
pub fn explained() -> Question<'static, (Explained, Vec<(u64, Actor)>)> {
    Question::of("/v1/trades/explain", read::explained, |asked| {
        let explained = query::explain::explain(asked)?;
        let rates = [&explained.base_rate, &explained.rebate_rate];
        let set_by = rates.into_iter().filter_map(|rate| Some(rate.as_ref()?.event.as_ref()?.position));
        let reversal = explained.reversal.iter().map(|reversal| reversal.position);
        let mut actors = Vec::new();
        for position in std::iter::once(explained.position).chain(set_by).chain(reversal) {
            actors.extend(asked.actor(position)?.map(|actor| (position, actor)));
        }
        Ok((explained, actors))
    })
}

/// `GET /v1/trades/rules`.
#[must_use]
pub fn trade_rules() -> Question<'static, TradeRules> {
    Question::of("/v1/trades/rules", read::trade_rules, |asked| Ok(query::explain::rules(asked)?.1))
}

/// `GET /v1/account`. Where another process answers, its events are counted from 1 on in the place of their positions.
#[must_use]
pub fn account() -> Question<'static, Account> {
    Question::of("/v1/account", read::account, query::account::account)
}

/// `GET /v1/account/codes`.
#[must_use]
pub fn code_splits() -> Question<'static, Vec<CodeSplit>> {
    Question::of("/v1/account/codes", read::code_splits, |asked| Ok(query::codes::splits(asked)?.0))
}

/// `GET /v1/account/application`: since when an answer is waited for.
#[must_use]
pub fn application() -> Question<'static, Option<Timestamp>> {
    Question::of("/v1/account/application", read::application, |asked| {
        Ok(query::account::application(asked)?.waiting_since)
    })
}

/// `GET /v1/offers`.
#[must_use]
pub fn offers() -> Question<'static, List<OfferRow>> {
    Question::of("/v1/offers", read::offers, query::offers::offers)
}

/// `GET /v1/campaigns`.
#[must_use]
pub fn campaigns() -> Question<'static, List<CampaignRow>> {
    Question::of("/v1/campaigns", read::campaigns, query::campaigns::campaigns)
}

/// A text as it stands in a path's segment or a query string.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b',') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests;
