//! Who takes part: referrers with their codes, invitees, sub-accounts. Drawn whole before the first event,
//! so that the history and the live stream speak of the same people.

pub(crate) mod account;
pub(crate) mod country;
pub(crate) mod referrer;

use schemas::{AccountType, Relationship, Timestamp, Uid};

use crate::dice::{Dice, Zipf};
use crate::shares::Shares;
use crate::workload::Workload;
use account::{Account, CodeUse, Pace, Stage, UNKNOWN_CODES, VipCourse};
use country::Countries;
use referrer::{ReferralCode, Referrer};

/// Everyone, accounts in the order of their registration.
pub(crate) struct Population {
    pub(crate) referrers: Vec<Referrer>,
    pub(crate) codes: Vec<ReferralCode>,
    pub(crate) accounts: Vec<Account>,
}

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// What the drawing of an account needs at hand.
struct Census<'a> {
    start: Timestamp,
    end: Timestamp,
    shares: &'a Shares,
    referrers: &'a [Referrer],
    codes: &'a [ReferralCode],
    popularity: Zipf,
    countries: Countries,
}

impl Population {
    pub(crate) fn new(workload: &Workload) -> Population {
        let mut dice = Dice::new(workload.seed, 1);
        let (start, end) = (workload.start(), workload.end);
        let (referrers, mut codes) = referrer::draw(workload.referrers.max(1), start, end, &mut dice);
        let census = Census {
            start,
            end,
            shares: &workload.shares,
            referrers: &referrers,
            codes: &codes,
            popularity: Zipf::new(referrers.len()),
            countries: Countries::new(workload.shares.unknown_country),
        };

        let mut accounts: Vec<Account> =
            (0..referrers.len()).map(|index| census.referrer_account(index, &mut dice)).collect();
        let subs = workload.shares.sub_accounts.of(u64::from(workload.invitees)) as u32;
        for _ in 0..workload.invitees - subs {
            accounts.push(census.invitee(&mut dice));
        }
        let parents = accounts.len() as u32;
        let mut parent_of = Vec::new();
        for _ in 0..subs {
            // One in twenty is the account of a sub-account, a chain of two.
            let last = accounts.len() as u32;
            let parent = if last > parents && dice.below(20) == 0 {
                parents + dice.below(last - parents)
            } else {
                dice.low(parents)
            };
            accounts.push(census.sub_account(&accounts[parent as usize], &mut dice));
            parent_of.push((last, parent));
        }
        give_uids(&mut accounts, referrers.len(), &mut dice);
        let mut sub_account_of_referrer = Vec::new();
        for (sub, parent) in parent_of {
            let (sub, parent) = (sub as usize, parent as usize);
            accounts[sub].parent = Some(accounts[parent].uid);
            if parent < referrers.len() {
                sub_account_of_referrer.push((parent, accounts[sub].uid));
            }
        }
        referrer::hand_codes_to_sub_accounts(&referrers, &mut codes, &sub_account_of_referrer);
        accounts.sort_by_key(|account| (account.registered, account.uid));
        Population { referrers, codes, accounts }
    }
}

/// Gives uids that ascend with the registration, with gaps; referrers have theirs.
fn give_uids(accounts: &mut [Account], referrers: usize, dice: &mut Dice) {
    let mut order: Vec<u32> = (referrers as u32..accounts.len() as u32).collect();
    order.sort_by_key(|at| (accounts[*at as usize].registered, *at));
    let mut uid = 70_000_000;
    for at in order {
        uid += 1 + u64::from(dice.below(13));
        accounts[at as usize].uid = Uid(uid);
    }
}

impl Census<'_> {
    /// Most invitees sign up during the history, ever more of them; some were there before.
    fn registered(&self, dice: &mut Dice) -> Timestamp {
        if dice.below(100) < 15 {
            return Timestamp(self.start.0 - dice.micros(300 * DAY));
        }
        let span = self.end.0 - self.start.0;
        let first = dice.micros(span);
        let offset = if dice.below(2) == 0 { first } else { first.max(dice.micros(span)) };
        Timestamp(self.start.0 + offset)
    }

    fn referrer_account(&self, index: usize, dice: &mut Dice) -> Account {
        let referrer = &self.referrers[index];
        let registered = referrer.registered;
        let own_code = CodeUse::Known(referrer.codes.start as u32);
        let code = if index == 0 {
            // The demo referrer is another's invitee too, so that its shared rewards have something in them.
            self.code_by_popularity(dice, |code| code.owner != referrer.uid).map_or(CodeUse::None, CodeUse::Known)
        } else if dice.hit(self.shares.self_referrals) {
            own_code
        } else if dice.below(2) == 0 {
            self.known_code(registered, dice)
        } else {
            CodeUse::None
        };
        Account {
            uid: referrer.uid,
            registered,
            kind: AccountType::Major,
            parent: None,
            country: self.countries.draw(dice),
            code,
            relationship: Relationship::Both,
            stage: Stage::Traded,
            pace: Pace::Regular,
            vip: VipCourse { from: registered.plus_days(30), step_days: 60, cap: 1 },
            seen: index == 0 || !dice.hit(self.shares.unseen_referrers),
        }
    }

    fn invitee(&self, dice: &mut Dice) -> Account {
        let registered = self.registered(dice);
        let roll = dice.below(1_000_000);
        let (none, unknown, early) =
            (self.shares.no_code.0, self.shares.unknown_code.0, self.shares.code_before_creation.0);
        let code = if roll < none {
            CodeUse::None
        } else if roll < none + unknown {
            CodeUse::Unknown(dice.below(UNKNOWN_CODES.len() as u32) as u8)
        } else if roll < none + unknown + early {
            self.code_by_popularity(dice, |code| code.created > registered)
                .map_or_else(|| self.known_code(registered, dice), CodeUse::Known)
        } else {
            self.known_code(registered, dice)
        };
        let stage = dice.weighted(&[
            (15, Stage::Registered),
            (18, Stage::Verified),
            (9, Stage::Deposited),
            (58, Stage::Traded),
        ]);
        let pace = dice.weighted(&[(6, Pace::Whale), (54, Pace::Heavy), (300, Pace::Regular), (640, Pace::Casual)]);
        Account {
            uid: Uid(0),
            registered,
            kind: AccountType::Major,
            parent: None,
            country: self.countries.draw(dice),
            code,
            relationship: dice.weighted(&[
                (80, Relationship::Both),
                (13, Relationship::Spot),
                (7, Relationship::Futures),
            ]),
            stage,
            pace,
            vip: VipCourse::draw(pace, registered, dice),
            seen: true,
        }
    }

    /// A sub-account of `parent`, signed up after it, or sometimes some hours before.
    fn sub_account(&self, parent: &Account, dice: &mut Dice) -> Account {
        let offset = if dice.below(10) == 0 { -dice.micros(6 * HOUR) } else { dice.micros(20 * DAY) };
        let registered = Timestamp((parent.registered.0 + offset).min(self.end.0));
        Account {
            uid: Uid(0),
            registered,
            kind: if dice.below(4) == 0 { AccountType::Other } else { AccountType::Sub },
            country: parent.country,
            // What a sub-account names itself has no effect: it follows its parent.
            code: if dice.below(10) == 0 { self.known_code(registered, dice) } else { CodeUse::None },
            relationship: Relationship::Both,
            stage: Stage::Traded,
            pace: if parent.pace == Pace::Casual { Pace::Casual } else { Pace::Heavy },
            parent: None,
            vip: parent.vip,
            seen: true,
        }
    }

    /// A code that exists at the moment.
    fn known_code(&self, at: Timestamp, dice: &mut Dice) -> CodeUse {
        self.code_by_popularity(dice, |code| code.created <= at).map_or(CodeUse::None, CodeUse::Known)
    }

    /// A code that will do, popular referrers' and their first codes more often.
    fn code_by_popularity(&self, dice: &mut Dice, will_do: impl Fn(&ReferralCode) -> bool) -> Option<u32> {
        const TRIES_MAX: u32 = 12;
        for _ in 0..TRIES_MAX {
            let codes = &self.referrers[self.popularity.rank(dice)].codes;
            let at = codes.start + dice.low(codes.len() as u32) as usize;
            if self.codes.get(at).is_some_and(&will_do) {
                return Some(at as u32);
            }
        }
        None
    }
}
