//! What goes on after the history: trades, deposits, sign-ups with the time that the caller says it is.

use schemas::{Event, KycStatus, Timestamp, Uid};

use crate::dice::Dice;
use crate::ids::Ids;
use crate::population::Population;
use crate::population::account::{Account, CodeUse, Pace, Stage, VipCourse};
use crate::population::referrer::draw_rebates;
use crate::scribe::Scribe;
use crate::standing;
use crate::traders::Traders;
use crate::workload::Workload;

/// An endless stream of events after the end of a history. It reads no clock: the caller says what time it is.
pub struct Live {
    population: Population,
    traders: Traders,
    scribe: Scribe,
    /// Between one event and the next; none: none comes.
    pause_micros: Option<i64>,
    /// Up to when events were given.
    until: Option<Timestamp>,
    /// The uid of the account that signed up last.
    last_uid: u64,
    /// Accounts that signed up live and are not verified yet.
    fresh: Vec<Uid>,
    reversible: Option<Event<'static>>,
}

/// So many who signed up live wait for their check; who came before is forgotten.
const FRESH_MAX: usize = 50;

/// At most so long a pause is made up for, or until the next event is due.
const CATCH_UP_MICROS_MAX: i64 = 1_000_000;

impl Live {
    pub(crate) fn new(workload: &Workload, pause_micros: Option<i64>) -> Live {
        let population = Population::new(workload);
        let mut traders = Traders::default();
        for (account, at) in population.accounts.iter().zip(0..) {
            if account.stage >= Stage::Traded {
                traders.add(account.pace, at);
            }
        }
        Live {
            population,
            traders,
            scribe: Scribe { ids: Ids::at(workload.end), dice: Dice::new(workload.seed, 5) },
            pause_micros: pause_micros.map(|pause| pause.max(1)),
            until: None,
            last_uid: 0,
            fresh: Vec::new(),
            reversible: None,
        }
    }

    /// All events that are due up to `now`, by the rate, in order of time; after a long pause only the last
    /// second is made up for. The first call begins the stream at `now`, with nothing due.
    pub fn due(&mut self, now: Timestamp) -> Vec<Event<'static>> {
        let Some(pause) = self.pause_micros else { return Vec::new() };
        let until = self.until.unwrap_or(now).max(Timestamp(now.0 - CATCH_UP_MICROS_MAX.max(pause)));
        let count = (now.0 - until.0).max(0) / pause;
        self.until = Some(Timestamp(until.0 + count * pause).max(until));
        (1..=count).map(|number| self.next(Timestamp(until.0 + number * pause))).collect()
    }

    /// One event that happens at `now`.
    pub fn next(&mut self, now: Timestamp) -> Event<'static> {
        self.scribe.ids.advance_to(now);
        match self.scribe.dice.below(1_000) {
            0..30 => self.sign_up(now),
            30..50 => match self.fresh.pop() {
                Some(uid) => self.scribe.kyc(uid, KycStatus::Verified, now),
                None => self.sign_up(now),
            },
            50..90 => self.by_trader(|scribe, account| scribe.deposit(account.uid, account.pace, now), now),
            90..95 => self.by_trader(|scribe, account| scribe.note(account.uid, now), now),
            95..98 => self.by_trader(
                |scribe, account| {
                    let rates = draw_rebates(&mut scribe.dice);
                    scribe.rebate(account.uid, rates, now)
                },
                now,
            ),
            98..103 => {
                let taken_back = self.reversible.take();
                let reversal = taken_back.and_then(|trade| self.scribe.reversal(&trade, now));
                reversal.unwrap_or_else(|| self.trade(now))
            }
            _ => self.trade(now),
        }
    }

    fn trade(&mut self, now: Timestamp) -> Event<'static> {
        let trade =
            self.by_trader(|scribe, account| scribe.trade(account.uid, account.pace, account.vip.level(now), now), now);
        if self.reversible.is_none() {
            self.reversible = Some(trade.clone());
        }
        trade
    }

    fn by_trader(
        &mut self,
        act: impl FnOnce(&mut Scribe, &Account) -> Event<'static>,
        now: Timestamp,
    ) -> Event<'static> {
        match self.traders.pick(&mut self.scribe.dice) {
            Some(at) => act(&mut self.scribe, &self.population.accounts[at as usize]),
            None => self.sign_up(now),
        }
    }

    /// A new account, with the code of a popular referrer. Its uid comes from the moment, a tenth of a second
    /// each, so that no stream after this one gives it again.
    fn sign_up(&mut self, now: Timestamp) -> Event<'static> {
        const TENTH: i64 = 100_000;
        let since_2020 = (now.0 - 1_577_836_800_000_000).max(0) / TENTH;
        self.last_uid = (self.last_uid + 1).max(1_000_000_000 + since_2020 as u64);
        let dice = &mut self.scribe.dice;
        let alike = dice.below(self.population.accounts.len() as u32) as usize;
        let like = &self.population.accounts[alike];
        let code = if dice.below(4) == 0 { CodeUse::Known(0) } else { like.code };
        let account = Account {
            uid: Uid(self.last_uid),
            registered: now,
            kind: schemas::AccountType::Major,
            parent: None,
            country: like.country,
            code,
            relationship: like.relationship,
            stage: Stage::Verified,
            pace: Pace::Casual,
            vip: VipCourse { from: now, step_days: 1, cap: 0 },
            seen: true,
        };
        if self.fresh.len() < FRESH_MAX {
            self.fresh.push(account.uid);
        }
        let code = standing::code_text(&account, &self.population);
        self.scribe.registration(&account, code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use schemas::{EventType, StreamKey};

    use super::*;

    fn stream(seed: u64) -> (Timestamp, Live) {
        let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
        (end, Workload { invitees: 300, referrers: 5, ..Workload::demo(seed, end) }.live(100))
    }

    #[test]
    fn it_gives_as_many_events_as_are_due_and_makes_up_for_a_second_at_most() {
        let (end, mut live) = stream(1);
        let after = |millis: i64| Timestamp(end.0 + millis * 1_000);
        for (at, due) in [(0, 0), (100, 10), (105, 0), (110, 1), (1_110, 100), (60_000, 100), (59_000, 0)] {
            assert_eq!(live.due(after(at)).len(), due, "at {at} ms");
        }
    }

    #[test]
    fn it_goes_on_at_the_pace_of_the_history_where_no_other_is_asked_for() {
        let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
        // 86,400 events in ten days: one in ten seconds.
        let workload = Workload { invitees: 300, referrers: 5, days: 10, events: 86_400, ..Workload::demo(1, end) };
        let mut live = workload.live_on();
        let after = |seconds: i64| Timestamp(end.0 + seconds * 1_000_000);
        for (at, due) in [(0, 0), (9, 0), (10, 1), (19, 0), (20, 1), (95, 1), (105, 1)] {
            assert_eq!(live.due(after(at)).len(), due, "at {at} s");
        }
    }

    #[test]
    fn an_event_has_the_time_it_is_asked_for_and_an_identity_of_its_own() {
        let (end, mut live) = stream(2);
        let mut identities = HashSet::new();
        let mut types = HashSet::new();
        for number in 0..20_000 {
            let now = Timestamp(end.0 + number * 7_000);
            let event = live.next(now);
            assert_eq!(event.time, now);
            types.insert(event.event_type());
            if let StreamKey::Account(uid) = event.stream() {
                assert!(identities.insert((uid, event.source.to_string(), event.id.to_string())), "{event:?}");
            }
        }
        for wanted in [EventType::Registration, EventType::Kyc, EventType::Trade, EventType::Reversal] {
            assert!(types.contains(&wanted), "{wanted:?}");
        }
    }
}
