//! The history: everything that arrives up to the end, in order of arrival, drawn as it is asked for. What it
//! holds is the population and what is under way, whatever the number of events.

use std::collections::VecDeque;

use schemas::{AccountType, Body, Event, KycStatus, Timestamp};

use crate::agenda::{Agenda, Due, Step};
use crate::calendar::Calendar;
use crate::dice::{Dice, Share};
use crate::ids::Ids;
use crate::population::Population;
use crate::population::account::{Account, Stage};
use crate::population::referrer::draw_rebates;
use crate::scribe::Scribe;
use crate::shares::Shares;
use crate::traders::Traders;
use crate::workload::Workload;
use crate::{platform, standing};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The events of a workload up to its end, in the order in which they are sent: nothing is displaced.
pub(crate) struct InOrder {
    population: Population,
    shares: Shares,
    end: Timestamp,
    calendar: Calendar,
    agenda: Agenda,
    traders: Traders,
    scribe: Scribe,
    /// The next account to sign up.
    next_account: usize,
    ready: VecDeque<Event<'static>>,
    /// When the event given last arrived.
    arrival: Timestamp,
}

/// Who is next.
enum Next {
    Registration,
    Flow,
    Agenda,
}

impl InOrder {
    pub(crate) fn new(workload: &Workload) -> InOrder {
        let population = Population::new(workload);
        let mut scribe = Scribe { ids: Ids::of_history(), dice: Dice::new(workload.seed, 2) };
        let mut agenda = Agenda::default();
        let mut opening = platform::opening(workload, &mut scribe);
        opening.extend(standing::opening(workload, &population, &mut scribe));
        let fixed = opening.len() as u64 + expected_steps(&population, workload.end);
        for (arrival, event) in opening {
            agenda.enter(arrival, Due::Sending(Box::new(event)));
        }
        let flow = flow_count(workload.events, fixed, &workload.shares);
        InOrder {
            calendar: Calendar::new(workload.start(), workload.days.max(1), flow, Dice::new(workload.seed, 3)),
            shares: workload.shares.clone(),
            end: workload.end,
            population,
            agenda,
            traders: Traders::default(),
            scribe,
            next_account: 0,
            ready: VecDeque::new(),
            arrival: workload.start(),
        }
    }

    /// When the event given last arrived; it never goes back.
    pub(crate) fn arrival(&self) -> Timestamp {
        self.arrival
    }

    /// Whoever is next acts; false when nobody is left.
    fn advance(&mut self) -> bool {
        let registration = self.population.accounts.get(self.next_account).map(|account| account.registered);
        let (flow, agenda) = (self.calendar.peek(), self.agenda.peek());
        let candidates = [(registration, Next::Registration), (agenda, Next::Agenda), (flow, Next::Flow)];
        let first = candidates.into_iter().filter_map(|(at, next)| Some((at?, next))).min_by_key(|(at, _)| *at);
        self.arrival = first.as_ref().map_or(self.arrival, |(at, _)| self.arrival.max(*at));
        match first {
            None => return false,
            Some((at, Next::Flow)) => {
                self.calendar.step();
                self.flow(at);
            }
            Some((_, Next::Registration)) => {
                let account = self.next_account;
                self.next_account += 1;
                self.register(account);
            }
            Some((_, Next::Agenda)) => match self.agenda.take() {
                None => {}
                Some((_, Due::Arrival(event))) => self.ready.push_back(*event),
                // What is under way at the end still arrives; nothing new begins.
                Some((at, _)) if at > self.end => {}
                Some((at, Due::Sending(event))) => self.send(*event, at),
                Some((at, Due::Step(account, step))) => self.step(account, step, at),
            },
        }
        true
    }

    /// Sends an event on its way: mostly it arrives at once, sometimes late, sometimes twice.
    fn send(&mut self, event: Event<'static>, now: Timestamp) {
        let shares = &self.shares;
        let mut roll = self.scribe.dice.below(1_000_000);
        let mut is = |share: Share| {
            let hit = roll < share.0;
            roll = if hit { u32::MAX } else { roll - share.0 };
            hit
        };
        let limit = if is(shares.late_seconds) {
            MINUTE
        } else if is(shares.late_minutes) {
            HOUR
        } else if is(shares.late_hours) {
            DAY
        } else if is(shares.late_days) {
            6 * DAY
        } else {
            let (again, altered) = (is(shares.duplicates), is(shares.altered_duplicates));
            if again || altered {
                self.send_again(&event, altered, now);
            }
            self.ready.push_back(event);
            return;
        };
        let delay = limit / 60 + self.scribe.dice.micros(limit);
        if self.scribe.dice.hit(self.shares.duplicates) {
            self.send_again(&event, false, now);
        }
        self.agenda.enter(Timestamp(now.0 + delay), Due::Arrival(Box::new(event)));
    }

    /// A second delivery: at once, after some seconds, or after days.
    fn send_again(&mut self, event: &Event<'static>, altered: bool, now: Timestamp) {
        let dice = &mut self.scribe.dice;
        let delay = match dice.below(4) {
            0 => 0,
            1 => dice.micros(30 * SECOND),
            2 => dice.micros(HOUR),
            _ => dice.micros(9 * DAY),
        };
        let mut again = event.clone();
        if altered {
            again.time = Timestamp(again.time.0 - 1 - dice.micros(DAY));
            if let Body::Trade(trade) = &mut again.body {
                trade.fee_usd = trade.fee_usd + trade.fee_usd;
            }
        }
        self.agenda.enter(Timestamp(now.0 + delay), Due::Arrival(Box::new(again)));
    }

    /// One moment of the daily flow: a trade, mostly.
    fn flow(&mut self, now: Timestamp) {
        let shares = &self.shares;
        let mut roll = self.scribe.dice.below(1_000_000);
        let mut is = |share: Share| {
            let hit = roll < share.0;
            roll = if hit { u32::MAX } else { roll - share.0 };
            hit
        };
        if is(shares.deposits) {
            self.with_trader(now, |scribe, account, time| scribe.deposit(account.uid, account.pace, time));
        } else if is(shares.notes) {
            self.with_trader(now, |scribe, account, time| scribe.note(account.uid, time));
        } else if is(shares.rebates) {
            let time = self.effective(now, false);
            self.with_trader(now, |scribe, account, _| {
                let rates = draw_rebates(&mut scribe.dice);
                scribe.rebate(account.uid, rates, time)
            });
        } else if is(shares.code_changes) {
            let time = self.effective(now, true);
            let contradicting = self.shares.conflicts > Share::NONE && self.scribe.dice.below(40) == 0;
            if let Some(event) = standing::change_code(&self.population, contradicting, &mut self.scribe, time) {
                self.send(event, now);
            }
        } else if is(shares.affiliate_changes) {
            let time = self.effective(now, false);
            for (days, event) in standing::change_standing(&self.population, &mut self.scribe, time) {
                self.agenda.enter(now.plus_days(days), Due::Sending(Box::new(event)));
            }
        } else if is(shares.joins) {
            let uid = self.scribe.dice.pick(&self.population.referrers).uid;
            let campaign = self.scribe.dice.pick(&platform::CAMPAIGNS);
            let event = self.scribe.join(uid, campaign, now);
            self.send(event, now);
        } else if is(shares.applications) {
            self.with_trader(now, |scribe, account, time| scribe.application(account.uid, time));
        } else {
            self.trade(now);
        }
    }

    /// From when a change holds: now, or as it was agreed some days ago, or from tomorrow on.
    fn effective(&mut self, now: Timestamp, may_lie_ahead: bool) -> Timestamp {
        let dice = &mut self.scribe.dice;
        if dice.hit(self.shares.back_dated) {
            Timestamp(now.0 - dice.micros(7 * DAY))
        } else if may_lie_ahead && dice.hit(self.shares.ahead) {
            Timestamp(now.0 + dice.micros(20 * HOUR))
        } else {
            now
        }
    }

    fn with_trader(&mut self, now: Timestamp, act: impl FnOnce(&mut Scribe, &Account, Timestamp) -> Event<'static>) {
        if let Some(at) = self.traders.pick(&mut self.scribe.dice) {
            let event = act(&mut self.scribe, &self.population.accounts[at as usize], now);
            self.send(event, now);
        }
    }

    fn trade(&mut self, now: Timestamp) {
        let before_registration = self.scribe.dice.hit(self.shares.before_registration);
        let early = before_registration.then(|| self.who_trades_later()).flatten();
        let Some(at) = early.or_else(|| self.traders.pick(&mut self.scribe.dice)) else { return };
        let account = &self.population.accounts[at as usize];
        let event = self.scribe.trade(account.uid, account.pace, account.vip.level(now), now);
        self.follow_trade(&event, at, now);
        self.send(event, now);
    }

    /// Someone who signs up soon after.
    fn who_trades_later(&mut self) -> Option<u32> {
        let at = self.next_account + self.scribe.dice.below(30) as usize;
        self.population.accounts.get(at).map(|_| at as u32)
    }

    /// What may follow a trade: its other side, its reversal, a reversal of another that never was.
    fn follow_trade(&mut self, event: &Event<'static>, at: u32, now: Timestamp) {
        if self.scribe.dice.hit(self.shares.shared_ids)
            && let Some(other) = self.traders.pick(&mut self.scribe.dice)
            && other != at
        {
            let account = &self.population.accounts[other as usize];
            let level = account.vip.level(now);
            if let Some(other_side) = self.scribe.other_side(event, account.uid, level) {
                self.send(other_side, now);
            }
        }
        if self.scribe.dice.hit(self.shares.reversals) {
            let delay = match self.scribe.dice.below(4) {
                0 => self.scribe.dice.micros(10 * MINUTE),
                1 => self.scribe.dice.micros(DAY),
                _ => self.scribe.dice.micros(12 * DAY),
            };
            let time = Timestamp(now.0 + delay);
            // One in twenty is taken back twice; the earlier counts.
            let times = if self.scribe.dice.below(20) == 0 { 2 } else { 1 };
            for again in 0..times {
                let time = Timestamp(time.0 + again * HOUR);
                if let Some(reversal) = self.scribe.reversal(event, time) {
                    self.agenda.enter(time, Due::Sending(Box::new(reversal)));
                }
            }
        }
        if self.scribe.dice.hit(self.shares.orphan_reversals) {
            let uid = self.population.accounts[at as usize].uid;
            let reversal = self.scribe.orphan_reversal(uid, now);
            self.send(reversal, now);
        }
    }

    fn register(&mut self, at: usize) {
        let account = &self.population.accounts[at];
        let now = account.registered;
        let (stage, is_major, uid) = (account.stage, account.kind == AccountType::Major, account.uid);
        if account.seen {
            let code = standing::code_text(account, &self.population);
            let event = self.scribe.registration(account, code);
            if self.scribe.dice.hit(self.shares.conflicts) {
                let mut second = self.scribe.registration(account, Some("TRIBUTARY".to_owned()));
                second.time = Timestamp(now.0 + self.scribe.dice.micros(HOUR));
                let arrival = Timestamp(second.time.0 + self.scribe.dice.micros(2 * DAY));
                self.agenda.enter(arrival, Due::Sending(Box::new(second)));
            }
            if self.scribe.dice.hit(self.shares.late_registrations) {
                let arrival = Timestamp(now.0 + HOUR + self.scribe.dice.micros(5 * DAY));
                self.agenda.enter(arrival, Due::Arrival(Box::new(event)));
            } else {
                self.send(event, now);
            }
        }
        let dice = &mut self.scribe.dice;
        let at = at as u32;
        if !is_major {
            let wait = HOUR + dice.micros(DAY);
            self.agenda.enter(Timestamp(now.0 + wait), Due::Step(at, Step::Activation));
        } else if stage >= Stage::Verified && dice.below(100) == 0 {
            // The clock of the identity check is some seconds behind.
            let time = Timestamp(now.0 - dice.micros(30 * SECOND));
            let event = self.scribe.kyc(uid, KycStatus::Verified, time);
            self.send(event, now);
            self.after_check(at, now);
        } else if stage >= Stage::Verified || dice.below(5) < 2 {
            let wait = 2 * MINUTE + dice.micros(DAY).min(dice.micros(2 * DAY));
            self.agenda.enter(Timestamp(now.0 + wait), Due::Step(at, Step::Check { tries: 0 }));
        }
    }

    fn after_check(&mut self, at: u32, now: Timestamp) {
        if self.population.accounts[at as usize].stage >= Stage::Deposited {
            let wait = 10 * MINUTE + self.scribe.dice.micros(DAY).min(self.scribe.dice.micros(3 * DAY));
            self.agenda.enter(Timestamp(now.0 + wait), Due::Step(at, Step::FirstDeposit));
        }
    }

    fn step(&mut self, at: u32, step: Step, now: Timestamp) {
        let account = &self.population.accounts[at as usize];
        let (uid, pace, stage, vip) = (account.uid, account.pace, account.stage, account.vip);
        match step {
            Step::Check { tries } => {
                let passes = stage >= Stage::Verified;
                let status = match self.scribe.dice.below(100) {
                    0..12 => KycStatus::Rejected,
                    12..27 => KycStatus::Pending,
                    _ if passes => KycStatus::Verified,
                    _ => KycStatus::Rejected,
                };
                let status = if passes && tries >= 3 { KycStatus::Verified } else { status };
                let event = self.scribe.kyc(uid, status, now);
                self.send(event, now);
                if status == KycStatus::Verified {
                    self.after_check(at, now);
                } else if passes {
                    let wait = 10 * MINUTE + self.scribe.dice.micros(2 * DAY);
                    let next = Step::Check { tries: tries + 1 };
                    self.agenda.enter(Timestamp(now.0 + wait), Due::Step(at, next));
                }
            }
            Step::FirstDeposit => {
                let event = self.scribe.deposit(uid, pace, now);
                self.send(event, now);
                if stage >= Stage::Traded {
                    let wait = 5 * MINUTE + self.scribe.dice.micros(DAY);
                    self.agenda.enter(Timestamp(now.0 + wait), Due::Step(at, Step::Activation));
                }
            }
            Step::Activation => {
                self.traders.add(pace, at);
                let event = self.scribe.trade(uid, pace, vip.level(now), now);
                self.send(event, now);
                self.enter_vip(at, 1, now);
            }
            Step::Vip { level } => {
                let event = self.scribe.vip(uid, level, now);
                self.send(event, now);
                self.enter_vip(at, level + 1, now);
            }
        }
    }

    fn enter_vip(&mut self, at: u32, level: u8, now: Timestamp) {
        if let Some(reached) = self.population.accounts[at as usize].vip.reached(level) {
            self.agenda.enter(reached.max(now), Due::Step(at, Step::Vip { level }));
        }
    }
}

impl Iterator for InOrder {
    type Item = Event<'static>;

    fn next(&mut self) -> Option<Event<'static>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if !self.advance() {
                return None;
            }
        }
    }
}

/// About how many events the accounts' own steps come to, in all.
fn expected_steps(population: &Population, end: Timestamp) -> u64 {
    let hundredths: u64 = population
        .accounts
        .iter()
        .map(|account| {
            let registration = if account.seen { 100 } else { 0 };
            let steps = match (account.kind, account.stage) {
                (AccountType::Sub | AccountType::Other, _) => 100,
                (AccountType::Major, Stage::Registered) => 40,
                (AccountType::Major, Stage::Verified) => 137,
                (AccountType::Major, Stage::Deposited) => 237,
                (AccountType::Major, Stage::Traded) => 337,
            };
            let levels = if account.stage >= Stage::Traded { u64::from(account.vip.level(end)) } else { 0 };
            registration + steps + 100 * levels
        })
        .sum();
    hundredths / 100
}

/// How many moments the daily flow needs, so that all comes to about `events`.
fn flow_count(events: u64, fixed: u64, shares: &Shares) -> u64 {
    const MILLION: u64 = 1_000_000;
    let sent = events * MILLION / (MILLION + u64::from(shares.duplicates.0) + u64::from(shares.altered_duplicates.0));
    let followers = u64::from(shares.shared_ids.0 + shares.reversals.0 + shares.orphan_reversals.0);
    sent.saturating_sub(fixed) * MILLION / (MILLION + followers)
}
