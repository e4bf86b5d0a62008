//! What changed the terms on which amounts are made: standings and base rates, rebates of codes, the program's rules; and
//! the days on which campaigns begin and end. It explains why a figure went another way from a day on.

use schemas::{Affiliate, EventType, Program, Rate, Timestamp, Uid, Visibility};

use super::metrics::RANGE_DAYS;
use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::{DateRange, QueryError, RangeRequest, View};
use crate::codes::{CodeId, CodeTerms};
use crate::history::{Fact, History, PRESENT};
use crate::views::{ChangeKind, ChangeRow, ChangedTerms, Changes, EventRef};

impl View<'_> {
    /// `GET /v1/changes`: what holds from a day of the range on, up to now, ascending; an event that changes nothing of the
    /// terms is left out. Of all referrers together it has what is about all of them, and a code's where one is named.
    /// It costs the events of the standing, of the codes in question and of the program's rules, and the campaigns.
    ///
    /// # Errors
    /// If the code is not the referrer's, or not there, the range ends before it begins, or the cursor is not this list's.
    pub fn changes(
        &self,
        uid: impl Into<Option<Uid>>,
        range: RangeRequest,
        code: Option<&str>,
        request: &PageRequest,
    ) -> Result<Changes, QueryError> {
        let uid = uid.into();
        let range = range.resolve(self.now, RANGE_DAYS)?;
        let is_narrowed = uid.is_some() || code.is_some();
        let codes = if is_narrowed { self.codes_asked(uid, code)? } else { Vec::new() };
        let mut rows = self.standings_changed(uid);
        rows.extend(codes.into_iter().flat_map(|code| self.code_changed(code)));
        rows.extend(self.changed(&self.state.program, EventType::Program, ChangeKind::Program, of_program));
        rows.extend(self.campaigns_changed(uid));
        let rows = rows.into_iter().filter(|row| range.contains(row.date)).map(|row| (place(&row), row));
        let sorting = Sorting { value: Order::Ascending, keys: Order::Ascending };
        let list = page(rows, sorting, request, &("changes", uid, range, code), self, Ok)?;
        let DateRange { from, to } = range;
        Ok(Changes { uid, from, to, code: code.map(str::to_owned), list })
    }

    fn standings_changed(&self, uid: Option<Uid>) -> Vec<ChangeRow> {
        let history = uid.and_then(|uid| self.state.affiliates.get(&self.account(uid)?));
        let changed =
            history.map(|history| self.changed(history, EventType::Affiliate, ChangeKind::Standing, of_standing));
        changed.unwrap_or_default()
    }

    fn code_changed(&self, code: CodeId) -> Vec<ChangeRow> {
        let code = self.state.codes.get(code);
        let mut rows = self.changed(&code.terms, EventType::Code, ChangeKind::Code, of_code);
        rows.iter_mut().for_each(|row| row.code = Some(code.text.to_string()));
        rows
    }

    /// The facts of a history up to now that changed its terms.
    fn changed<T>(
        &self,
        history: &History<T>,
        event_type: EventType,
        kind: ChangeKind,
        terms: impl Fn(&T) -> ChangedTerms,
    ) -> Vec<ChangeRow> {
        let mut rows = Vec::new();
        let mut before = None;
        for fact in history.iter(PRESENT).filter(|fact| fact.time <= self.now) {
            let after = Some(terms(&fact.value));
            if before != after {
                rows.push(ChangeRow {
                    date: fact.time.day(),
                    kind,
                    code: None,
                    campaign_id: None,
                    title: None,
                    before,
                    after,
                    event: event_ref(fact, event_type),
                });
            }
            before = after;
        }
        rows
    }

    /// The first and the last day of each campaign as it is now, as far as the referrer may see it.
    fn campaigns_changed(&self, uid: Option<Uid>) -> Vec<ChangeRow> {
        let sees_exclusive = uid.is_none_or(|uid| self.is_approved_affiliate(uid));
        let in_force = self.state.campaigns.values().filter_map(|history| history.at(self.now, PRESENT));
        let seen = in_force.filter(|fact| fact.value.visibility == Visibility::Public || sees_exclusive);
        let today = self.now.day();
        let days = seen.flat_map(|fact| {
            let campaign = &fact.value;
            [(ChangeKind::CampaignStarts, campaign.starts), (ChangeKind::CampaignEnds, campaign.ends)].map(
                |(kind, date)| ChangeRow {
                    date,
                    kind,
                    code: None,
                    campaign_id: Some(campaign.id.to_string()),
                    title: Some(campaign.title.to_string()),
                    before: None,
                    after: None,
                    event: event_ref(fact, EventType::Campaign),
                },
            )
        });
        days.filter(|row| row.date <= today).collect()
    }
}

/// By day, then in the order in which terms hold; of the same moment by what it is and where it stands.
fn place(row: &ChangeRow) -> Place {
    let number = SortValue::Number;
    Place {
        value: Some(number(row.date.0.into())),
        keys: vec![
            number(row.event.time.max(row.date.start()).0.into()),
            number(row.kind as i128),
            number(row.event.position.into()),
        ],
    }
}

fn event_ref<T>(fact: &Fact<T>, event_type: EventType) -> EventRef {
    let (time, source, id): (Timestamp, &str, &str) = fact.order_key();
    EventRef {
        source: source.to_owned(),
        id: id.to_owned(),
        event_type: event_type.name(),
        time,
        position: fact.position,
    }
}

fn rates(spot: Rate, futures: Rate) -> ChangedTerms {
    ChangedTerms { spot_rate: Some(spot), futures_rate: Some(futures), ..ChangedTerms::default() }
}

fn of_standing(data: &Affiliate) -> ChangedTerms {
    ChangedTerms {
        status: Some(data.status.into()),
        futures_window_days: data.futures_window_days,
        ..rates(data.spot_rate, data.futures_rate)
    }
}

fn of_code(terms: &CodeTerms) -> ChangedTerms {
    rates(terms.spot_rebate_rate, terms.futures_rebate_rate)
}

fn of_program(rules: &Program) -> ChangedTerms {
    ChangedTerms {
        futures_window_days: rules.default_futures_window_days,
        spot_vip_max: Some(rules.spot_vip_max),
        futures_vip_max: Some(rules.futures_vip_max),
        ..rates(rules.default_spot_rate, rules.default_futures_rate)
    }
}
