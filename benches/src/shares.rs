//! How much of each awkward thing a workload holds.

use crate::dice::Share;

/// The shares of all that is awkward. Each says of what it is a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Of all events: delivered seconds late.
    pub late_seconds: Share,
    /// Of all events: delivered minutes late.
    pub late_minutes: Share,
    /// Of all events: delivered hours late.
    pub late_hours: Share,
    /// Of all events: delivered days late.
    pub late_days: Share,
    /// Of all events: displaced, that is held back until up to [`Shares::displaced_by`] others have come, whatever
    /// their time. This is on top of what is late.
    pub displaced: Share,
    /// How many events a displaced one falls behind at most; how many is drawn evenly.
    pub displaced_by: u32,
    /// Of all events: delivered twice.
    pub duplicates: Share,
    /// Of all events: sent again under the same identity with other content.
    pub altered_duplicates: Share,
    /// Of trades: taken back later.
    pub reversals: Share,
    /// Of trades: followed by a reversal of a trade that does not exist.
    pub orphan_reversals: Share,
    /// Of trades: under the id of the trade before, as the other side of one execution has it.
    pub shared_ids: Share,
    /// Of trades: made by an account that registers only later.
    pub before_registration: Share,
    /// Of registrations: delivered hours or days late, after the account's first trades.
    pub late_registrations: Share,
    /// Of registrations: followed by a second, contradicting one.
    pub conflicts: Share,
    /// Of invitees: with no code.
    pub no_code: Share,
    /// Of invitees: with a code that nobody owns.
    pub unknown_code: Share,
    /// Of invitees: with a code that is created only later.
    pub code_before_creation: Share,
    /// Of accounts: of unknown country.
    pub unknown_country: Share,
    /// Sub-accounts and other function accounts, as a share of invitees.
    pub sub_accounts: Share,
    /// Of referrers: registered with their own code.
    pub self_referrals: Share,
    /// Of referrers: whose registration never arrives.
    pub unseen_referrers: Share,
    /// Of changes of rates, codes and standings: effective some days before they arrive.
    pub back_dated: Share,
    /// Of changes of codes: effective some hours after they arrive.
    pub ahead: Share,
    /// Of the daily flow: deposits.
    pub deposits: Share,
    /// Of the daily flow: notes on invitees.
    pub notes: Share,
    /// Of the daily flow: an invitee's own rebate rates.
    pub rebates: Share,
    /// Of the daily flow: changes of codes.
    pub code_changes: Share,
    /// Of the daily flow: upgrades, downgrades and suspensions of affiliates.
    pub affiliate_changes: Share,
    /// Of the daily flow: joins of campaigns.
    pub joins: Share,
    /// Of the daily flow: applications to become an affiliate.
    pub applications: Share,
    /// Of lines: a broken line beside it.
    pub broken_lines: Share,
    /// Of lines: the same event in another spelling (order of keys, blanks, offset, further attributes).
    pub respelled_lines: Share,
    /// Of lines: a line of white space beside it.
    pub blank_lines: Share,
}

impl Shares {
    /// What a busy platform delivers.
    pub const REALISTIC: Shares = Shares {
        late_seconds: Share::percent(5),
        late_minutes: Share::percent(1),
        late_hours: Share::per_million(3_000),
        late_days: Share::per_million(1_000),
        displaced: Share::NONE,
        displaced_by: 100_000,
        duplicates: Share::per_million(8_000),
        altered_duplicates: Share::per_million(200),
        reversals: Share::per_million(3_000),
        orphan_reversals: Share::per_million(50),
        shared_ids: Share::percent(3),
        before_registration: Share::per_million(300),
        late_registrations: Share::per_million(15_000),
        conflicts: Share::per_million(500),
        no_code: Share::percent(8),
        unknown_code: Share::per_million(15_000),
        code_before_creation: Share::percent(1),
        unknown_country: Share::percent(4),
        sub_accounts: Share::per_million(25_000),
        self_referrals: Share::percent(5),
        unseen_referrers: Share::per_million(25_000),
        back_dated: Share::percent(30),
        ahead: Share::percent(2),
        deposits: Share::per_million(15_000),
        notes: Share::per_million(400),
        rebates: Share::per_million(400),
        code_changes: Share::per_million(100),
        affiliate_changes: Share::per_million(40),
        joins: Share::per_million(30),
        applications: Share::per_million(40),
        broken_lines: Share::per_million(2_000),
        respelled_lines: Share::per_million(5_000),
        blank_lines: Share::per_million(100),
    };

    /// Everything awkward many times as often, for tests of some thousand events.
    pub const HOSTILE: Shares = Shares {
        late_seconds: Share::percent(10),
        late_minutes: Share::percent(10),
        late_hours: Share::percent(8),
        late_days: Share::percent(6),
        displaced: Share::NONE,
        displaced_by: 100_000,
        duplicates: Share::percent(10),
        altered_duplicates: Share::percent(2),
        reversals: Share::percent(8),
        orphan_reversals: Share::percent(1),
        shared_ids: Share::percent(20),
        before_registration: Share::percent(4),
        late_registrations: Share::percent(30),
        conflicts: Share::percent(5),
        no_code: Share::percent(10),
        unknown_code: Share::percent(5),
        code_before_creation: Share::percent(20),
        unknown_country: Share::percent(10),
        sub_accounts: Share::percent(25),
        self_referrals: Share::percent(20),
        unseen_referrers: Share::percent(10),
        back_dated: Share::percent(50),
        ahead: Share::percent(10),
        deposits: Share::percent(8),
        notes: Share::percent(3),
        rebates: Share::percent(5),
        code_changes: Share::percent(5),
        affiliate_changes: Share::percent(5),
        joins: Share::percent(2),
        applications: Share::percent(1),
        broken_lines: Share::percent(10),
        respelled_lines: Share::percent(30),
        blank_lines: Share::percent(3),
    };
}

impl Default for Shares {
    fn default() -> Shares {
        Shares::REALISTIC
    }
}
