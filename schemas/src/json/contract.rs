//! The contract's table: for each type of event the fields of `data`, in the contract's order, with their rules.
//!
//! The reader, the writer and the JSON Schemas all come from this one table.

use serde_json::Value;

use super::rules::{
    AssetAmountRule, BoolRule, Broken, CodeRule, CountryRule, DayRule, LevelRule, OneOf, OrDefault, OrNull, RateRule,
    Rule, TextRule, UidRule, UsdRule, WindowRule,
};
use super::slot::{Shape, Slot};
use super::tiers::{TIER, TiersRule};
use crate::event::{
    self, AccountType, AffiliateStatus, Body, EventType, KycStatus, OfferKind, Period, Product, Relationship,
    Visibility,
};
use crate::rejection::{Reason, Rejection};

/// Any text.
type Text = TextRule<0, 2000>;
/// A text that is part of an identity.
type Name = TextRule<1, 256>;
/// A note.
type NoteText = TextRule<0, 200>;
/// USD, at least 0.
type UsdFromZero = UsdRule<false>;
/// USD of any sign.
type UsdSigned = UsdRule<true>;
/// An asset's amount, at least 0.
type AssetFromZero = AssetAmountRule<false>;
/// An asset's amount of any sign.
type AssetSigned = AssetAmountRule<true>;
/// One of the texts of an enum, `both` where it is left out.
type RelationshipOrBoth = OrDefault<OneOf<Relationship>>;

/// A field of `data` as the JSON Schemas describe it.
pub(crate) struct FieldSchema {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub meaning: &'static str,
    /// Its rule.
    pub schema: Value,
}

/// Declares the fields of every type once.
macro_rules! contract {
    ($($variant:ident = $event_meaning:literal { $($field:ident: $rule:ty = $meaning:literal,)* })*) => {
        /// The names that `data` has in an event of this type.
        pub(super) fn shape_of(event_type: EventType) -> &'static Shape {
            match event_type {
                $(EventType::$variant => const {
                    &Shape {
                        names: &[$(stringify!($field),)*],
                        list: if matches!(EventType::$variant, EventType::Offer) { Some((8, &TIER)) } else { None },
                    }
                },)*
            }
        }

        /// Reads the fields of `data` in the contract's order.
        fn read_fields<'a>(event_type: EventType, slots: &mut [Slot<'a>]) -> Result<Body<'a>, Rejection> {
            let mut slots = slots.iter_mut();
            match event_type {
                $(EventType::$variant => Ok(Body::$variant(event::$variant {
                    $($field: read_next::<$rule>(&mut slots, stringify!($field))?,)*
                })),)*
            }
        }

        /// Writes `data` as JSON, every field in the contract's order.
        pub(super) fn write_body(body: &Body<'_>, out: &mut Vec<u8>) {
            match body {
                $(Body::$variant(data) => {
                    let mut before = b'{';
                    $(
                        out.push(before);
                        out.extend_from_slice(concat!("\"", stringify!($field), "\":").as_bytes());
                        <$rule as Rule>::write(&data.$field, out);
                        before = b',';
                    )*
                    debug_assert_eq!(before, b',', "every type has a field");
                    out.push(b'}');
                })*
            }
        }

        /// What an event of this type tells.
        pub(crate) fn meaning(event_type: EventType) -> &'static str {
            match event_type { $(EventType::$variant => $event_meaning,)* }
        }

        /// The fields of `data` in an event of this type, for its JSON Schema.
        pub(crate) fn field_schemas(event_type: EventType) -> Vec<FieldSchema> {
            match event_type {
                $(EventType::$variant => vec![$(FieldSchema {
                    name: stringify!($field),
                    required: <$rule as Rule>::REQUIRED,
                    meaning: $meaning,
                    schema: <$rule as Rule>::schema(),
                },)*],)*
            }
        }
    };
}

contract! {
    Registration = "An account signed up." {
        uid: UidRule = "The account that signed up.",
        account_type: OneOf<AccountType> = "What kind of account. Only a major account can be an invitee.",
        country: OrNull<CountryRule> = "Its country; null where it is not known.",
        code: OrNull<Text> = "The referral code it signed up with, as typed.",
        relationship: RelationshipOrBoth = "Which product groups the referral covers.",
        parent_uid: OrNull<UidRule> = "The parent; required for sub and other accounts, ignored for major ones.",
    }
    Kyc = "Outcome of an identity check." {
        uid: UidRule = "The account.",
        status: OneOf<KycStatus> = "The outcome of the identity check.",
    }
    Deposit = "Money came in." {
        uid: UidRule = "The account.",
        channel: Text = "How: p2p, crypto, fiat and cash count as a deposit, any other text does not.",
        asset: Text = "Which asset.",
        amount: AssetFromZero = "How much of it.",
        amount_usd: UsdFromZero = "Its value in USD.",
    }
    Trade = "One executed trade of this account." {
        uid: UidRule = "The account that traded.",
        product: OneOf<Product> = "What kind of trade.",
        symbol: Text = "The market.",
        volume_usd: UsdFromZero = "Its volume in USD.",
        fee_usd: UsdSigned = "The net fee paid in USD; negative for a maker rebate.",
        fee_asset: Text = "The asset the fee was paid in.",
        fee_amount: AssetSigned = "How much of it.",
        vip_level: LevelRule = "The account's VIP level at this trade.",
    }
    Reversal = "The trade with exactly this uid, source and id is taken back (bust, wash trade, clawback)." {
        uid: UidRule = "The account that traded.",
        trade_source: Text = "The source of the trade that is taken back.",
        trade_id: Text = "The id of the trade that is taken back.",
        reason: Text = "Why it is taken back.",
    }
    Vip = "The account's VIP level changed." {
        uid: UidRule = "The account.",
        vip_level: LevelRule = "Its new VIP level.",
    }
    Affiliate = "This referrer's whole standing and base rates from its time on." {
        uid: UidRule = "The referrer.",
        status: OneOf<AffiliateStatus> = "Its standing from this time on.",
        spot_rate: RateRule = "Its base rate of spot and margin.",
        futures_rate: RateRule = "Its base rate of futures.",
        futures_window_days: OrNull<WindowRule> =
            "Days from an invitee's registration in which its futures trades earn; null: no window.",
    }
    Code = "The code's whole new state from its time on; the first one creates it." {
        code: CodeRule = "The code.",
        owner_uid: UidRule = "Who owns it.",
        spot_rebate_rate: RateRule = "What the invitee gets of spot and margin fees.",
        futures_rebate_rate: RateRule = "What the invitee gets of futures fees.",
        note: OrDefault<NoteText> = "The owner's note.",
        is_default: OrDefault<BoolRule> = "Whether it becomes the owner's default.",
    }
    Rebate = "This invitee's own rebate rates from its time on." {
        uid: UidRule = "The invitee.",
        spot_rebate_rate: RateRule = "What it gets of spot and margin fees.",
        futures_rebate_rate: RateRule = "What it gets of futures fees.",
    }
    Note = "The referrer's note on an invitee." {
        uid: UidRule = "The invitee.",
        note: NoteText = "The note; empty wipes what was there.",
    }
    Program = "Platform-wide rules from its time on." {
        default_spot_rate: RateRule = "Base rate of spot and margin for who has no affiliate event.",
        default_futures_rate: RateRule = "Base rate of futures for who has no affiliate event.",
        default_futures_window_days: OrNull<WindowRule> =
            "Futures window for who has no affiliate event, in days; null: no window.",
        spot_vip_max: LevelRule = "The highest VIP level whose spot and margin trades earn.",
        futures_vip_max: LevelRule = "The highest VIP level whose futures trades earn.",
    }
    Offer = "An affiliate-exclusive program; the whole new state of this id." {
        id: Name = "The offer; shares one space of names with codes and campaigns.",
        kind: OneOf<OfferKind> = "What it pays for.",
        title: Text = "Its title.",
        url: Text = "Where to read more.",
        period: OneOf<Period> = "Over what it counts.",
        starts: OrNull<DayRule> = "Its first day.",
        ends: OrNull<DayRule> = "Its last day.",
        affiliates_only: BoolRule = "Whether only approved affiliates take part.",
        tiers: TiersRule = "Its tiers, highest first.",
    }
    Campaign = "A campaign; the whole new state of this id." {
        id: Name = "The campaign; shares one space of names with codes and offers.",
        visibility: OneOf<Visibility> = "Who sees it: everyone, or approved affiliates.",
        title: Text = "Its title.",
        description: Text = "What it is about.",
        url: Text = "Where to read more.",
        starts: DayRule = "Its first day.",
        ends: DayRule = "Its last day.",
    }
    Join = "A referrer joined a campaign." {
        uid: UidRule = "The referrer.",
        campaign_id: Text = "The campaign.",
    }
    Application = "A user applied to become an affiliate." {
        uid: UidRule = "Who applied.",
        message: Text = "What they wrote.",
    }
}

/// Reads `data` of an event of this type.
///
/// # Errors
/// `invalid_field`: the first field, in the contract's order, that breaks its rule.
pub(super) fn read_body<'a>(event_type: EventType, slots: &mut [Slot<'a>]) -> Result<Body<'a>, Rejection> {
    match event_type {
        EventType::Registration => read_registration(slots),
        EventType::Kyc
        | EventType::Deposit
        | EventType::Trade
        | EventType::Reversal
        | EventType::Vip
        | EventType::Affiliate
        | EventType::Code
        | EventType::Rebate
        | EventType::Note
        | EventType::Program
        | EventType::Offer
        | EventType::Campaign
        | EventType::Join
        | EventType::Application => read_fields(event_type, slots),
    }
}

/// A sub or other account has a parent; whatever a major account says about one is ignored.
fn read_registration<'a>(slots: &mut [Slot<'a>]) -> Result<Body<'a>, Rejection> {
    let [_, account_type, _, _, _, parent_uid, ..] = slots else {
        return Err(invalid("data", Broken { detail: "expected the fields of a registration".into() }));
    };
    let is_major = matches!(account_type, Slot::Text(text) if text == AccountType::Major.as_str());
    if is_major {
        *parent_uid = Slot::Absent;
    }
    let parent_is_there = !matches!(parent_uid, Slot::Absent | Slot::Null);
    let body = read_fields(EventType::Registration, slots)?;
    if !is_major && !parent_is_there {
        let detail = "expected the uid of the parent, which sub and other accounts have; came nothing or null";
        return Err(invalid("parent_uid", Broken { detail: detail.into() }));
    }
    Ok(body)
}

fn read_next<'s, 'a: 's, R: Rule>(
    slots: &mut impl Iterator<Item = &'s mut Slot<'a>>,
    name: &'static str,
) -> Result<R::Value<'a>, Rejection> {
    match slots.next() {
        Some(slot) => R::read(slot).map_err(|broken| invalid(name, broken)),
        None => R::read(&mut Slot::Absent).map_err(|broken| invalid(name, broken)),
    }
}

#[cold]
pub(super) fn invalid(name: &str, broken: Broken) -> Rejection {
    Rejection::of_field(Reason::InvalidField, name, format!("{name}: {}", broken.detail))
}
