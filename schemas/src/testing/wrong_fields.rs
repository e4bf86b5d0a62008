//! What can be wrong in each field of `data`, for every type: the table that holds the reader and the JSON
//! Schemas to the same contract.

use super::samples::{Sample, sample};
use crate::event::EventType;

/// A sample in which one field of `data` is wrong.
#[derive(Clone, Debug)]
pub struct WrongField {
    /// The event.
    pub sample: Sample,
    /// Its type.
    pub event_type: EventType,
    /// The field.
    pub field: &'static str,
    /// What stands there, as JSON text; `None` if the field was left out.
    pub json: Option<String>,
    /// Whether a JSON Schema can see it. It knows no tokens: to it, `1.0` and `1e2` are integers.
    pub schema_sees: bool,
}

/// What kind of values a field takes; each kind knows what is wrong for it.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Uid,
    Level,
    Window,
    OneOf,
    Text { min: usize, max: usize },
    Code,
    Usd,
    UsdFromZero,
    Asset,
    AssetFromZero,
    Rate,
    Bool,
    Country,
    Day,
    Tiers,
}

/// Whether a field must be there.
#[derive(Clone, Copy, PartialEq)]
enum Presence {
    /// It must.
    Required,
    /// It may be left out, but not be null.
    Defaulted,
    /// It may be left out or null.
    Nullable,
}

use Kind::{Asset, AssetFromZero, Bool, Code, Country, Day, Level, OneOf, Rate, Text, Tiers, Uid, Usd, UsdFromZero};
use Presence::{Defaulted, Nullable, Required};

const NAME: Kind = Text { min: 1, max: 256 };
const NOTE: Kind = Text { min: 0, max: 200 };
const TEXT: Kind = Text { min: 0, max: 2000 };

/// The contract's fields, written down here a second time and on purpose: a slip in the reader's table shows.
fn fields_of(event_type: EventType) -> &'static [(&'static str, Kind, Presence)] {
    match event_type {
        EventType::Registration => &[
            ("uid", Uid, Required),
            ("account_type", OneOf, Required),
            ("country", Country, Nullable),
            ("code", TEXT, Nullable),
            ("relationship", OneOf, Defaulted),
            ("parent_uid", Uid, Required),
        ],
        EventType::Kyc => &[("uid", Uid, Required), ("status", OneOf, Required)],
        EventType::Deposit => &[
            ("uid", Uid, Required),
            ("channel", TEXT, Required),
            ("asset", TEXT, Required),
            ("amount", AssetFromZero, Required),
            ("amount_usd", UsdFromZero, Required),
        ],
        EventType::Trade => &[
            ("uid", Uid, Required),
            ("product", OneOf, Required),
            ("symbol", TEXT, Required),
            ("volume_usd", UsdFromZero, Required),
            ("fee_usd", Usd, Required),
            ("fee_asset", TEXT, Required),
            ("fee_amount", Asset, Required),
            ("vip_level", Level, Required),
        ],
        EventType::Reversal => &[
            ("uid", Uid, Required),
            ("trade_source", TEXT, Required),
            ("trade_id", TEXT, Required),
            ("reason", TEXT, Required),
        ],
        EventType::Vip => &[("uid", Uid, Required), ("vip_level", Level, Required)],
        EventType::Affiliate => &[
            ("uid", Uid, Required),
            ("status", OneOf, Required),
            ("spot_rate", Rate, Required),
            ("futures_rate", Rate, Required),
            ("futures_window_days", Kind::Window, Nullable),
        ],
        EventType::Code => &[
            ("code", Code, Required),
            ("owner_uid", Uid, Required),
            ("spot_rebate_rate", Rate, Required),
            ("futures_rebate_rate", Rate, Required),
            ("note", NOTE, Defaulted),
            ("is_default", Bool, Defaulted),
        ],
        EventType::Rebate => {
            &[("uid", Uid, Required), ("spot_rebate_rate", Rate, Required), ("futures_rebate_rate", Rate, Required)]
        }
        EventType::Note => &[("uid", Uid, Required), ("note", NOTE, Required)],
        EventType::Program => &[
            ("default_spot_rate", Rate, Required),
            ("default_futures_rate", Rate, Required),
            ("default_futures_window_days", Kind::Window, Nullable),
            ("spot_vip_max", Level, Required),
            ("futures_vip_max", Level, Required),
        ],
        EventType::Offer => &[
            ("id", NAME, Required),
            ("kind", OneOf, Required),
            ("title", TEXT, Required),
            ("url", TEXT, Required),
            ("period", OneOf, Required),
            ("starts", Day, Nullable),
            ("ends", Day, Nullable),
            ("affiliates_only", Bool, Required),
            ("tiers", Tiers, Required),
        ],
        EventType::Campaign => &[
            ("id", NAME, Required),
            ("visibility", OneOf, Required),
            ("title", TEXT, Required),
            ("description", TEXT, Required),
            ("url", TEXT, Required),
            ("starts", Day, Required),
            ("ends", Day, Required),
        ],
        EventType::Join => &[("uid", Uid, Required), ("campaign_id", TEXT, Required)],
        EventType::Application => &[("uid", Uid, Required), ("message", TEXT, Required)],
    }
}

/// What is wrong for this kind, as JSON text.
fn wrong_values(kind: Kind) -> Vec<String> {
    let of = |values: &[&str]| values.iter().map(|json| (*json).to_owned()).collect::<Vec<_>>();
    // An object and a list are wrong everywhere, but for the one field that is a list.
    let mut values = if kind == Tiers { of(&["{}"]) } else { of(&["{}", "[]", "[1]"]) };
    values.extend(match kind {
        Uid => of(&[
            "0",
            "-1",
            "\"5\"",
            "9007199254740992",
            "18446744073709551615",
            "18446744073709551616",
            "1.5",
            "true",
            "123456789012345678901234567890",
        ]),
        Level => of(&["-1", "21", "\"0\"", "1.5", "256", "4294967296", "false"]),
        Kind::Window => of(&["-1", "36501", "\"30\"", "0.5", "65536", "true"]),
        OneOf => of(&["\"\"", "\"SPOT\"", "\"verified \"", "\"nothing like it\"", "1", "true"]),
        Code => {
            of(&["\"\"", "\"AB\"", "\"ABCDEFGHIJKLMNOPQRSTU\"", "\"abc\"", "\"AB-C\"", "\"ABÇ\"", "\"ABC\\n\"", "1"])
        }
        Text { min, max } => {
            let mut texts = of(&["1", "true", "-1.5"]);
            texts.extend(["a", "é", "𝄞"].map(|letter| format!("\"{}\"", letter.repeat(max + 1))));
            if min > 0 {
                texts.push("\"\"".into());
            }
            texts
        }
        Usd | UsdFromZero | Asset | AssetFromZero => {
            let mut amounts = of(&[
                "1",
                "1.5",
                "0",
                "\"\"",
                "\"-\"",
                "\"+1\"",
                "\"01\"",
                "\".5\"",
                "\"1.\"",
                "\"1e3\"",
                "\" 1\"",
                "\"1 \"",
                "\"1,5\"",
                "\"NaN\"",
                "\"Infinity\"",
                "\"0x10\"",
                "\"٣\"",
                "\"1_000\"",
                "\"--1\"",
                "\"1\\n\"",
                "true",
            ]);
            amounts.extend(if matches!(kind, Usd | UsdFromZero) {
                of(&["\"0.000000001\"", "\"1.000000000\"", "\"1000000000000000\""])
            } else {
                of(&[
                    "\"0.0000000000000000001\"",
                    "\"12345678901234567890123456789\"",
                    "\"12345678901.123456789012345678\"",
                ])
            });
            amounts.extend(if matches!(kind, UsdFromZero | AssetFromZero) {
                of(&["\"-0.00000001\"", "\"-1\""])
            } else if matches!(kind, Usd) {
                of(&["\"-1000000000000000\""])
            } else {
                of(&["\"-12345678901234567890123456789\""])
            });
            amounts
        }
        Rate => of(&[
            "0.5",
            "1",
            "\"\"",
            "\"-0.1\"",
            "\"1.000001\"",
            "\"1.1\"",
            "\"2\"",
            "\"0.0000001\"",
            "\"0.5000000\"",
            "\"10%\"",
            "\"00.5\"",
            "\".5\"",
            "true",
        ]),
        Bool => of(&["0", "1", "\"true\"", "\"\""]),
        Country => of(&["\"\"", "\"ZZ\"", "\"de\"", "\"DEU\"", "\"UK\"", "\"D\"", "49", "true"]),
        Day => of(&[
            "\"\"",
            "\"2026-02-29\"",
            "\"2026-13-01\"",
            "\"2026-3-1\"",
            "\"20260301\"",
            "\"2026-03-01T00:00:00Z\"",
            "20260301",
            "true",
        ]),
        Tiers => of(&[
            "1",
            "\"Gold\"",
            "[1]",
            "[null]",
            "[[]]",
            "[{}]",
            r#"[{"name":"Gold","reward":"1"}]"#,
            r#"[{"name":"Gold","all":[]}]"#,
            r#"[{"reward":"1","all":[]}]"#,
            r#"[{"name":null,"reward":"1","all":[]}]"#,
            r#"[{"name":"Gold","reward":1,"all":[]}]"#,
            r#"[{"name":"Gold","reward":"1","all":null}]"#,
            r#"[{"name":"Gold","reward":"1","all":{}}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{}]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[1]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{"metric":"traded"}]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{"at_least":1}]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{"metric":"nothing like it","at_least":1}]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{"metric":"traded","at_least":"1"}]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{"metric":"traded","at_least":-1}]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{"metric":"traded","at_least":1.5}]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{"metric":"spot_fees","at_least":1000}]}]"#,
            r#"[{"name":"Gold","reward":"1","all":[{"metric":"spot_fees","at_least":"0.000000001"}]}]"#,
        ]),
    });
    values
}

/// Integers that are none for the contract, because of how they are written.
const UNPLAIN_INTEGERS: &[&str] = &["-0", "1.0", "1e0", "1E0", "10e-1"];

/// Every field of every type, wrong in every way of its kind; missing and null included.
#[must_use]
pub fn wrong_fields() -> Vec<WrongField> {
    let mut wrong = Vec::new();
    for event_type in EventType::ALL.iter().copied() {
        for (field, kind, presence) in fields_of(event_type).iter().copied() {
            let mut add = |json: Option<&str>, schema_sees: bool| {
                let sample = sample(event_type).with(field, json);
                wrong.push(WrongField { sample, event_type, field, json: json.map(str::to_owned), schema_sees });
            };
            if presence == Required {
                add(None, true);
            }
            if presence != Nullable {
                add(Some("null"), true);
            }
            for json in wrong_values(kind) {
                add(Some(&json), true);
            }
            if matches!(kind, Uid | Level | Kind::Window) {
                for json in UNPLAIN_INTEGERS {
                    add(Some(json), false);
                }
            }
        }
    }
    wrong
}
