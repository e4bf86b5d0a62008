//! Every parameter of the API, each with one meaning wherever it stands.

use exports::Format;
use ledger::QuarantineState;
use projections::WhyNothing;
use projections::query::{By, ForgoneBy, Interval, LIMIT_MAX, Order, ReferralSort, ReferrerSort};
use projections::views::RewardKind;
use replay::AsOf;
use schemas::json::limits::{TEXT_CODE_POINTS_MAX, VIP_LEVEL_MAX};
use schemas::{Country, Day, EventType, Reason, Relationship, Uid, Visibility};
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::parameter::Parameter;
use super::readers::{any_text, country_or_unknown, flag, list, vip_level, whole_number};
use super::shapes::{array, boolean, day, integer, matching, moment, one_of, text};

/// The most entries that one answer of the feed has.
pub(crate) const FEED_LIMIT_MAX: usize = 10_000;

/// Whose data is asked for.
pub const UID: Parameter<Uid> = Parameter {
    name: "uid",
    meaning: "The referrer. The role `affiliate` may leave it out, and may name nobody else; any other has to name one.",
    expected: "a uid, 1 to 9007199254740991",
    is_required: false,
    read: Uid::parse,
    schema: Uid::schema,
};

/// The referrer, of a question that can be about all of them together.
pub(crate) const UID_OR_ALL: Parameter<Uid> = Parameter {
    name: "uid",
    meaning: "The referrer. Without it the answer is of all referrers together; to the role `affiliate` it is of itself, \
        and it may name nobody else.",
    expected: "a uid, 1 to 9007199254740991",
    is_required: false,
    read: Uid::parse,
    schema: Uid::schema,
};

/// The first day.
pub const FROM: Parameter<Day> = Parameter {
    name: "from",
    meaning: "The first UTC day of the range, included.",
    expected: "a date such as 2026-03-01",
    is_required: false,
    read: Day::parse,
    schema: day,
};

/// The last day.
pub const TO: Parameter<Day> = Parameter {
    name: "to",
    meaning: "The last UTC day of the range, included.",
    expected: "a date such as 2026-03-01",
    is_required: false,
    read: Day::parse,
    schema: day,
};

/// Which code.
pub const CODE: Parameter<String> = Parameter {
    name: "code",
    meaning: "One of the referrer's codes, to narrow the answer to.",
    expected: "a code",
    is_required: false,
    read: any_text,
    schema: text,
};

pub(crate) const INTERVAL: Parameter<Interval> = Parameter {
    name: "interval",
    meaning: "The length of a bucket; `day` by default. Weeks begin on Monday.",
    expected: "day, week or month",
    is_required: false,
    read: Interval::parse,
    schema: || one_of(&["day", "week", "month"]),
};

pub(crate) const BEFORE: Parameter<bool> = Parameter {
    name: "before",
    meaning: "Whether the answer also has the range before, which is as long and ends on the day before `from`, in buckets \
        of the same days; false by default.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const LIMIT: Parameter<usize> = Parameter {
    name: "limit",
    meaning: "How many rows a page has; 50 by default.",
    expected: "a number from 1 to 500",
    is_required: false,
    read: |text| whole_number(text).filter(|limit| (1..=LIMIT_MAX).contains(limit)),
    schema: || integer(1, LIMIT_MAX),
};

pub(crate) const CURSOR: Parameter<String> = Parameter {
    name: "cursor",
    meaning: "The `next_cursor` of the page before; filters and sort have to be as they were there.",
    expected: "a cursor that a list gave",
    is_required: false,
    read: any_text,
    schema: || matching("^[A-Za-z0-9_-]+$"),
};

pub(crate) const Q: Parameter<String> = Parameter {
    name: "q",
    meaning: "A prefix of the uid, or part of the note in any case.",
    expected: "a text",
    is_required: false,
    read: any_text,
    schema: text,
};

pub(crate) const LOOKED_FOR: Parameter<String> = Parameter {
    name: "name",
    meaning: "A uid, a code, the id of a campaign, an offer or an event, or a position of the ledger. Before an event's id \
        its source may stand, or the uid of its account, each with a blank behind it.",
    expected: "a text",
    is_required: true,
    read: any_text,
    schema: text,
};

pub(crate) const UPTO: Parameter<u64> = Parameter {
    name: "upto",
    meaning: "Looks further for the id of an event: in entries up to this position alone. An answer gives it as \
        `not_looked_upto`.",
    expected: "a position, from 0",
    is_required: false,
    read: |text| whole_number(text).and_then(|position| u64::try_from(position).ok()),
    schema: || integer(0, usize::MAX),
};

pub(crate) const REGISTERED_FROM: Parameter<Day> = Parameter {
    name: "registered_from",
    meaning: "Registered on this UTC day or later.",
    expected: "a date such as 2026-03-01",
    is_required: false,
    read: Day::parse,
    schema: day,
};

pub(crate) const REGISTERED_TO: Parameter<Day> = Parameter {
    name: "registered_to",
    meaning: "Registered on this UTC day or earlier.",
    expected: "a date such as 2026-03-01",
    is_required: false,
    read: Day::parse,
    schema: day,
};

pub(crate) const VIP: Parameter<Vec<u8>> = Parameter {
    name: "vip",
    meaning: "VIP levels, with commas between them.",
    expected: "levels from 0 to 20, with commas between them",
    is_required: false,
    read: |text| list(text, vip_level),
    schema: || array(integer(0, usize::from(VIP_LEVEL_MAX))),
};

pub(crate) const VERIFIED: Parameter<bool> = Parameter {
    name: "verified",
    meaning: "Whether the identity check was passed.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const DEPOSITED: Parameter<bool> = Parameter {
    name: "deposited",
    meaning: "Whether a first deposit was made.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const TRADED: Parameter<bool> = Parameter {
    name: "traded",
    meaning: "Whether a first trade was made.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const COUNTRY: Parameter<Vec<Option<Country>>> = Parameter {
    name: "country",
    meaning: "Countries, with commas between them; `ZZ` finds the unknown.",
    expected: "country codes such as DE, or ZZ for the unknown, with commas between them",
    is_required: false,
    read: |text| list(text, country_or_unknown),
    schema: || {
        let codes = Country::all().map(|country| country.to_string()).chain([Country::UNKNOWN_TEXT.to_owned()]);
        array(RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).build())))
    },
};

pub(crate) const COMMISSION_TYPE: Parameter<Relationship> = Parameter {
    name: "commission_type",
    meaning: "Which product groups the referral covers; `spot` and `futures` find `both` too.",
    expected: "spot, futures or both",
    is_required: false,
    read: Relationship::parse,
    schema: Relationship::schema,
};

pub(crate) const SORT: Parameter<ReferralSort> = Parameter {
    name: "sort",
    meaning: "The column to sort by; `registered_at` by default.",
    expected: "a column of the rows, such as registered_at",
    is_required: false,
    read: ReferralSort::parse,
    schema: || one_of(ReferralSort::NAMES),
};

/// The column that referrers are sorted by.
pub(crate) const REFERRER_SORT: Parameter<ReferrerSort> = Parameter {
    name: "sort",
    meaning: "The column to sort by; `total_rewards` by default.",
    expected: "a column of the rows, such as total_volume",
    is_required: false,
    read: ReferrerSort::parse,
    schema: || one_of(ReferrerSort::NAMES),
};

pub(crate) const ORDER: Parameter<Order> = Parameter {
    name: "order",
    meaning: "The direction; `desc` by default. Rows without a value come last in either.",
    expected: "asc or desc",
    is_required: false,
    read: |text| match text {
        "asc" => Some(Order::Ascending),
        "desc" => Some(Order::Descending),
        _ => None,
    },
    schema: || one_of(&["asc", "desc"]),
};

pub(crate) const KIND: Parameter<RewardKind> = Parameter {
    name: "kind",
    meaning: "What was earned as a referrer (`commission`, the default), or got back of own fees (`shared`).",
    expected: "commission or shared",
    is_required: false,
    read: RewardKind::parse,
    schema: || one_of(&["commission", "shared"]),
};

pub(crate) const CSV_BOM: Parameter<bool> = Parameter {
    name: "csv_bom",
    meaning: "Whether CSV begins with a byte order mark, by which spreadsheets know UTF-8; not by default.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const FORMAT: Parameter<Format> = Parameter {
    name: "format",
    meaning: "The format of the file; `csv` by default.",
    expected: "csv, ndjson or parquet",
    is_required: false,
    read: Format::parse,
    schema: || one_of(Format::NAMES),
};

pub(crate) const INVITEE: Parameter<Uid> = Parameter {
    name: "invitee",
    meaning: "The `uid` in the trade event.",
    expected: "a uid, 1 to 9007199254740991",
    is_required: true,
    read: Uid::parse,
    schema: Uid::schema,
};

pub(crate) const SOURCE: Parameter<String> = Parameter {
    name: "source",
    meaning: "The `source` of the trade event.",
    expected: "the source of the trade event",
    is_required: true,
    read: any_text,
    schema: text,
};

pub(crate) const ID: Parameter<String> = Parameter {
    name: "id",
    meaning: "The `id` of the trade event.",
    expected: "the id of the trade event",
    is_required: true,
    read: any_text,
    schema: text,
};

pub(crate) const QUARANTINE_STATE: Parameter<QuarantineState> = Parameter {
    name: "state",
    meaning: "What has become of the quarantined events; `open` by default.",
    expected: "open, discarded or replaced",
    is_required: false,
    read: |text| QuarantineState::ALL.iter().copied().find(|state| state.as_str() == text),
    schema: || one_of(&["open", "discarded", "replaced"]),
};

pub(crate) const REASON: Parameter<Reason> = Parameter {
    name: "reason",
    meaning: "Why the events were quarantined.",
    expected: "too_large, malformed, unknown_type, invalid_field or conflict",
    is_required: false,
    read: Reason::parse,
    schema: || one_of(&["too_large", "malformed", "unknown_type", "invalid_field", "conflict"]),
};

pub(crate) const ORIGIN: Parameter<String> = Parameter {
    name: "origin",
    meaning: "How the origin of the events begins: the name of a file, a topic.",
    expected: "a text",
    is_required: false,
    read: any_text,
    schema: text,
};

pub(crate) const RAW: Parameter<bool> = Parameter {
    name: "raw",
    meaning: "Whether the rows hold the bytes of their events; they do by default.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const ACT_REASON_PARAMETER: Parameter<String> = Parameter {
    name: "reason",
    meaning: "Why it is done, for who looks at it later.",
    expected: "a text of at most 2000 characters",
    is_required: false,
    read: |text| (text.chars().count() <= TEXT_CODE_POINTS_MAX).then(|| text.to_owned()),
    schema: || {
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(TEXT_CODE_POINTS_MAX));
        RefOr::T(Schema::Object(text.build()))
    },
};

/// Of what was withheld and taken back.
pub(crate) const FORGONE_UID: Parameter<Uid> = Parameter {
    name: "uid",
    meaning: "The referrer; without it the answer is of all of them together.",
    expected: "a uid, 1 to 9007199254740991",
    is_required: false,
    read: Uid::parse,
    schema: Uid::schema,
};

/// Of what was withheld.
pub(crate) const WITHHOLDING_REASONS: Parameter<Vec<WhyNothing>> = Parameter {
    name: "reason",
    meaning: "Why there was no commission, with commas between them.",
    expected: "reasons such as vip_level or suspended, with commas between them",
    is_required: false,
    read: |text| list(text, |text| WhyNothing::WITHHOLDING.into_iter().find(|why| why.as_str() == text)),
    schema: || {
        let names = WhyNothing::WITHHOLDING.map(WhyNothing::as_str);
        array(RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build())))
    },
};

/// Of what was taken back.
pub(crate) const REVERSAL_REASON: Parameter<String> = Parameter {
    name: "reason",
    meaning: "The reason that the reversals give, as it stands in them.",
    expected: "a text",
    is_required: false,
    read: any_text,
    schema: text,
};

/// Of what was withheld and taken back.
pub(crate) const FORGONE_BY: Parameter<ForgoneBy> = Parameter {
    name: "by",
    meaning: "What a row is of; `referrer` by default.",
    expected: "referrer, reason, code, country or day",
    is_required: false,
    read: ForgoneBy::parse,
    schema: || one_of(ForgoneBy::NAMES),
};

pub(crate) const VISIBILITY: Parameter<Visibility> = Parameter {
    name: "visibility",
    meaning: "Only campaigns that these see.",
    expected: "public or exclusive",
    is_required: false,
    read: Visibility::parse,
    schema: Visibility::schema,
};

/// Of the feed.
pub(crate) const EVENT_TYPES: Parameter<Vec<EventType>> = Parameter {
    name: "type",
    meaning: "Only entries of these types of event, with commas between them.",
    expected: "types of event such as referral.trade.v1, with commas between them",
    is_required: false,
    read: |text| list(text, EventType::from_name),
    schema: || {
        let names = EventType::ALL.iter().map(|kind| kind.name());
        array(RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build())))
    },
};

/// Of the audit.
pub(crate) const WHO: Parameter<String> = Parameter {
    name: "who",
    meaning: "By whom: the `sub` of a token, such as a uid.",
    expected: "a text",
    is_required: false,
    read: any_text,
    schema: text,
};

/// Of the audit.
pub(crate) const ACTOR_ROLE: Parameter<String> = Parameter {
    name: "role",
    meaning: "In which role.",
    expected: "a role such as operator",
    is_required: false,
    read: any_text,
    schema: text,
};

/// Of the audit.
pub(crate) const EVENT_TYPE: Parameter<EventType> = Parameter {
    name: "type",
    meaning: "Only what an event of this type came of, or was sent again by.",
    expected: "a type of event such as referral.affiliate.v1",
    is_required: false,
    read: EventType::from_name,
    schema: || {
        let names = EventType::ALL.iter().map(|kind| kind.name());
        RefOr::T(Schema::Object(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()))
    },
};

/// Of the feed.
pub(crate) const EVENT_UID: Parameter<Uid> = Parameter {
    name: "uid",
    meaning: "Only entries of events of this account: their `uid`, or the `owner_uid` of a code.",
    expected: "a uid, 1 to 9007199254740991",
    is_required: false,
    read: Uid::parse,
    schema: Uid::schema,
};

/// Of the feed.
pub(crate) const FOLLOW: Parameter<bool> = Parameter {
    name: "follow",
    meaning: "Whether a feed of lines goes on live, as one of server-sent events does; false by default.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const AFTER: Parameter<u64> = Parameter {
    name: "after",
    meaning: "The position after which the feed begins. By default 0, and for a live feed the ledger's end.",
    expected: "a position, from 0",
    is_required: false,
    read: |text| whole_number(text).and_then(|position| u64::try_from(position).ok()),
    schema: || integer(0, usize::MAX),
};

pub(crate) const FEED_LIMIT: Parameter<usize> = Parameter {
    name: "limit",
    meaning: "How many entries; 500 by default. A live feed ends after so many if it is given, else it goes on.",
    expected: "a number from 1 to 10000",
    is_required: false,
    read: |text| whole_number(text).filter(|limit| (1..=FEED_LIMIT_MAX).contains(limit)),
    schema: || integer(1, FEED_LIMIT_MAX),
};

/// Numbers of segments and places in them go up to 2^63 - 1, as lengths of files do.
const SEGMENT_NUMBER_MAX: usize = usize::MAX >> 1;

/// From which segment of the ledger on.
pub(crate) const FIRST_SEGMENT: Parameter<u64> = Parameter {
    name: "first",
    meaning: "The number of the first segment that is told; 1 by default.",
    expected: "a number from 1 to 9223372036854775807",
    is_required: false,
    read: |text| {
        whole_number(text).filter(|number| (1..=SEGMENT_NUMBER_MAX).contains(number)).map(|number| number as u64)
    },
    schema: || integer(1, SEGMENT_NUMBER_MAX),
};

/// How many segments of the ledger.
pub(crate) const SEGMENTS_LIMIT: Parameter<usize> = Parameter {
    name: "segments",
    meaning: "How many segments are told at most; 1000 by default.",
    expected: "a number from 1 to 10000",
    is_required: false,
    read: |text| whole_number(text).filter(|limit| (1..=FEED_LIMIT_MAX).contains(limit)),
    schema: || integer(1, FEED_LIMIT_MAX),
};

/// Where in a segment a range begins.
pub(crate) const RANGE_OFFSET: Parameter<usize> = Parameter {
    name: "offset",
    meaning: "The first byte of the segment that is given; 0 by default.",
    expected: "a number from 0 to 9223372036854775807",
    is_required: false,
    read: |text| whole_number(text).filter(|offset| *offset <= SEGMENT_NUMBER_MAX),
    schema: || integer(0, SEGMENT_NUMBER_MAX),
};

/// How long a range is.
pub(crate) const RANGE_BYTES: Parameter<usize> = Parameter {
    name: "bytes",
    meaning: "How many bytes are given at most; all that are durable by default.",
    expected: "a number from 1 to 9223372036854775807",
    is_required: false,
    read: |text| whole_number(text).filter(|bytes| (1..=SEGMENT_NUMBER_MAX).contains(bytes)),
    schema: || integer(1, SEGMENT_NUMBER_MAX),
};

/// Read before the question is asked, as it decides of which state it is asked.
/// Which moment is looked back from.
pub const AS_OF: Parameter<AsOf> = Parameter {
    name: "as_of",
    meaning: "An earlier position of the ledger, an RFC 3339 time (then: the last position recorded at or before it), or a \
        date (then: the last one recorded on that day, in UTC, or before it). The answer is what the same question would have been answered right after that was recorded.",
    expected: AsOf::EXPECTED,
    is_required: false,
    read: |text| AsOf::parse(text).ok(),
    schema: || moment(1),
};

/// The `as_of` of a restatement, which may be before the first entry.
pub(crate) const AS_OF_BEGINNING: Parameter<AsOf> = Parameter {
    name: "as_of",
    meaning: "What was known at the beginning: a position of the ledger, where 0 is nothing, an RFC 3339 time (then: the last \
        position recorded at or before it, or 0), or a date (then: the last one recorded on that day, in UTC, or before it, \
        or 0).",
    expected: "a position of the ledger (a whole number from 0), a date such as 2026-03-01 (up to the end of that day, in \
        UTC) or an RFC 3339 time such as 2026-03-01T00:00:00Z",
    is_required: true,
    read: |text| AsOf::parse(text).ok(),
    schema: || moment(0),
};

/// Read before the question is asked, as it decides of which state it is asked.
/// Up to when something was known.
pub const UNTIL: Parameter<AsOf> = Parameter {
    name: "until",
    meaning: "What was known at the end: a position of the ledger, an RFC 3339 time (then: the last position recorded at or \
        before it), or a date (then: the last one recorded on that day, in UTC, or before it); the present by default.",
    expected: AsOf::EXPECTED,
    is_required: false,
    read: |text| AsOf::parse(text).ok().filter(|moment| *moment != AsOf::Position(0)),
    schema: || moment(1),
};

pub(crate) const BY: Parameter<By> = Parameter {
    name: "by",
    meaning: "What the rows are by; `total` by default.",
    expected: "total, referrer, code, day, month, country or product",
    is_required: false,
    read: By::parse,
    schema: || one_of(By::NAMES),
};

pub(crate) const ALL: Parameter<bool> = Parameter {
    name: "all",
    meaning: "Whether rows without a difference are there, too.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const DRY_RUN: Parameter<bool> = Parameter {
    name: "dry_run",
    meaning: "Whether it is only told what would become of the events and what they would change; false by default.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};

pub(crate) const INGEST: Parameter<bool> = Parameter {
    name: "ingest",
    meaning: "Whether everything that is to be read must be being read, besides; false by default.",
    expected: "true or false",
    is_required: false,
    read: flag,
    schema: boolean,
};
