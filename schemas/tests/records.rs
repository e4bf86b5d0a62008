//! The on-disk form of events: every event comes back as it was, and what was written once reads for ever.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use schemas::record::{self, RecordError};
use schemas::{
    AccountType, Affiliate, AffiliateStatus, Application, AssetAmount, Body, Campaign, Code, Condition, Country, Day,
    Deposit, Dictionary, Event, EventType, Join, Kyc, KycStatus, Metric, Note, Offer, OfferKind, Period, Product,
    Program, Rate, Rebate, Registration, Relationship, Reversal, Threshold, Tier, Timestamp, Trade, Uid, Usd, Vip,
    Visibility, testing,
};

/// The texts of the samples' dictionary, in order.
const TEXTS: [&str; 5] = ["/exchange/spot", "BTCUSDT", "BNB", "p2p", "WELCOME_20"];

fn dictionary() -> Dictionary {
    let dictionary = Dictionary::new();
    for (id, text) in (0..).zip(TEXTS) {
        assert_eq!(dictionary.insert(text), Some(id));
    }
    dictionary
}

fn usd(text: &str) -> Usd {
    Usd::parse(text).expect("an amount")
}

fn asset(text: &str) -> AssetAmount {
    AssetAmount::parse(text).expect("an amount")
}

fn text(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// The events of the samples: of each type one with texts that the dictionary holds, and one at the limits.
fn bodies(event_type: EventType) -> Vec<Body<'static>> {
    let (uid, far_uid) = (Uid(70_012), Uid(Uid::MAX));
    match event_type {
        EventType::Registration => vec![
            Body::Registration(Registration {
                uid,
                account_type: AccountType::Major,
                country: Country::parse("DE"),
                code: Some(text("WELCOME_20")),
                relationship: Relationship::Both,
                parent_uid: None,
            }),
            Body::Registration(Registration {
                uid: far_uid,
                account_type: AccountType::Other,
                country: None,
                code: Some(text("a code as typed")),
                relationship: Relationship::Futures,
                parent_uid: Some(uid),
            }),
            Body::Registration(Registration {
                uid,
                account_type: AccountType::Sub,
                country: Country::parse("XK"),
                code: None,
                relationship: Relationship::Spot,
                parent_uid: Some(Uid(1)),
            }),
        ],
        EventType::Kyc => KycStatus::ALL.iter().map(|status| Body::Kyc(Kyc { uid, status: *status })).collect(),
        EventType::Deposit => vec![
            Body::Deposit(Deposit {
                uid,
                channel: text("p2p"),
                asset: text("BNB"),
                amount: asset("0.5"),
                amount_usd: usd("310.75"),
            }),
            Body::Deposit(Deposit {
                uid: far_uid,
                channel: text("bank wire é"),
                asset: text(""),
                amount: asset("1234567890.123456789012345678"),
                amount_usd: usd("999999999999999.99999999"),
            }),
        ],
        EventType::Trade => vec![
            Body::Trade(Trade {
                uid,
                product: Product::Spot,
                symbol: text("BTCUSDT"),
                volume_usd: usd("1500.25"),
                fee_usd: usd("1.50025"),
                fee_asset: text("BNB"),
                fee_amount: asset("0.0025"),
                vip_level: 0,
            }),
            Body::Trade(Trade {
                uid: far_uid,
                product: Product::Futures,
                symbol: text("a market nobody knows"),
                volume_usd: usd("0"),
                fee_usd: usd("-0.00000001"),
                fee_asset: text("XYZ"),
                fee_amount: asset("-9999999999999999999999999999"),
                vip_level: 20,
            }),
            Body::Trade(Trade {
                uid,
                product: Product::Margin,
                symbol: text("BTCUSDT"),
                volume_usd: usd("123456789.12345678"),
                fee_usd: usd("100000000000"),
                fee_asset: text("BTCUSDT"),
                fee_amount: asset("0.000000000000000001"),
                vip_level: 7,
            }),
        ],
        EventType::Reversal => vec![
            Body::Reversal(Reversal {
                uid,
                trade_source: text("/exchange/spot"),
                trade_id: text("9f1c-771"),
                reason: text("wash trade"),
            }),
            Body::Reversal(Reversal {
                uid: far_uid,
                trade_source: text("/elsewhere"),
                trade_id: text("日本"),
                reason: text(""),
            }),
        ],
        EventType::Vip => vec![Body::Vip(Vip { uid, vip_level: 3 })],
        EventType::Affiliate => vec![
            Body::Affiliate(Affiliate {
                uid,
                status: AffiliateStatus::Approved,
                spot_rate: Rate(400_000),
                futures_rate: Rate(250_001),
                futures_window_days: Some(36_500),
            }),
            Body::Affiliate(Affiliate {
                uid,
                status: AffiliateStatus::Suspended,
                spot_rate: Rate::ZERO,
                futures_rate: Rate::ONE,
                futures_window_days: None,
            }),
        ],
        EventType::Code => vec![
            Body::Code(Code {
                code: text("WELCOME_20"),
                owner_uid: uid,
                spot_rebate_rate: Rate(100_000),
                futures_rebate_rate: Rate(50_000),
                note: text("for the spring campaign"),
                is_default: true,
            }),
            Body::Code(Code {
                code: text("ABC"),
                owner_uid: far_uid,
                spot_rebate_rate: Rate::ZERO,
                futures_rebate_rate: Rate::ZERO,
                note: text(""),
                is_default: false,
            }),
        ],
        EventType::Rebate => {
            vec![Body::Rebate(Rebate { uid, spot_rebate_rate: Rate(123_456), futures_rebate_rate: Rate(1) })]
        }
        EventType::Note => vec![Body::Note(Note { uid, note: text("met at the fair \u{1F600}") })],
        EventType::Program => vec![
            Body::Program(Program::BUILT_IN),
            Body::Program(Program {
                default_spot_rate: Rate(250_000),
                default_futures_rate: Rate(100_000),
                default_futures_window_days: Some(90),
                spot_vip_max: 20,
                futures_vip_max: 0,
            }),
        ],
        EventType::Offer => vec![
            Body::Offer(Offer {
                id: text("spring-bonus"),
                kind: OfferKind::Bonus,
                title: text("Spring bonus"),
                url: text("/offers/spring"),
                period: Period::Quarter,
                starts: Day::parse("2026-03-01"),
                ends: Day::parse("2026-05-31"),
                affiliates_only: true,
                tiers: vec![
                    Tier {
                        name: text("gold"),
                        reward: text("500 USD"),
                        all: vec![
                            Condition { metric: Metric::NewTraders, at_least: Threshold::Count(100) },
                            Condition { metric: Metric::NewTraderVolume, at_least: Threshold::Usd(usd("1000000.5")) },
                        ],
                    },
                    Tier { name: text("none"), reward: text(""), all: vec![] },
                ],
            }),
            Body::Offer(Offer {
                id: text("e"),
                kind: OfferKind::Evaluation,
                title: text(""),
                url: text(""),
                period: Period::Month,
                starts: None,
                ends: None,
                affiliates_only: false,
                tiers: vec![Tier {
                    name: text("every metric"),
                    reward: text("r"),
                    all: Metric::ALL
                        .iter()
                        .map(|metric| Condition {
                            metric: *metric,
                            at_least: if metric.is_count() {
                                Threshold::Count(u64::MAX)
                            } else {
                                Threshold::Usd(usd("-1"))
                            },
                        })
                        .collect(),
                }],
            }),
        ],
        EventType::Campaign => Visibility::ALL
            .iter()
            .map(|visibility| {
                Body::Campaign(Campaign {
                    id: text("summer"),
                    visibility: *visibility,
                    title: text("Summer"),
                    description: text("Two weeks of it"),
                    url: text("/campaigns/summer"),
                    starts: Day(20_000),
                    ends: Day(-5),
                })
            })
            .collect(),
        EventType::Join => vec![Body::Join(Join { uid, campaign_id: text("summer") })],
        EventType::Application => {
            vec![Body::Application(Application { uid, message: text("I write about markets.\nDaily.") })]
        }
    }
}

fn samples(event_type: EventType) -> Vec<Event<'static>> {
    let known = |body| Event {
        source: text("/exchange/spot"),
        id: text("9f1c-771"),
        time: Timestamp::parse("2026-03-01T09:30:00.123456Z").expect("a time"),
        body,
    };
    let far = |body| Event {
        source: text("/a/source/that/the/dictionary/does/not/hold"),
        id: text("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        time: Timestamp::EVENT_MIN,
        body,
    };
    let last = bodies(event_type).pop().map(far);
    bodies(event_type).into_iter().map(known).chain(last).collect()
}

fn sample_path(event_type: EventType) -> PathBuf {
    let name = event_type.name().trim_start_matches("referral.").trim_end_matches(".v1");
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/v1").join(name).with_extension("hex")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().map(|digit| (digit as char).to_digit(16).expect("a digit") as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn encoded(event: &Event<'_>, dictionary: &Dictionary) -> Vec<u8> {
    let mut bytes = Vec::new();
    record::encode(event, dictionary, &mut bytes);
    bytes
}

/// With `TRIBUTARY_WRITE_SAMPLES` set, samples that are missing are written; those that are there never change.
#[test]
fn a_record_of_version_1_reads_and_is_written_for_ever_as_in_the_samples() {
    let dictionary = dictionary();
    for event_type in EventType::ALL {
        let path = sample_path(*event_type);
        let events = samples(*event_type);
        if !path.exists() && std::env::var_os("TRIBUTARY_WRITE_SAMPLES").is_some() {
            let lines: String = events.iter().map(|event| hex(&encoded(event, &dictionary)) + "\n").collect();
            std::fs::write(&path, lines).expect("the sample is written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(kept.lines().count(), events.len(), "{}", path.display());
        for (line, event) in kept.lines().zip(&events) {
            let bytes = unhex(line);
            assert_eq!(&record::decode(&bytes, &dictionary).expect("a sample reads"), event, "{}", path.display());
            assert_eq!(hex(&encoded(event, &dictionary)), line, "{}", path.display());
        }
    }
}

#[test]
fn an_ordinary_trade_takes_few_bytes() {
    assert_eq!(encoded(&samples(EventType::Trade)[0], &dictionary()).len(), 36);
}

#[test]
fn a_newer_version_is_named_and_so_is_the_one_this_program_reads() {
    let dictionary = dictionary();
    let mut bytes = encoded(&samples(EventType::Trade)[0], &dictionary);
    for version in [0, 2, 7] {
        bytes[0] = version << 5 | 3;
        let error = record::decode(&bytes, &dictionary).expect_err("no such version");
        assert_eq!(error.to_string(), format!("the record has version {version}, this program reads up to version 1"));
    }
}

#[test]
fn what_is_no_record_is_an_error() {
    let dictionary = dictionary();
    let trade = encoded(&samples(EventType::Trade)[0], &dictionary);
    assert!(matches!(record::decode(&[], &dictionary), Err(RecordError::Empty)));
    assert!(matches!(
        record::decode(&[1 << 5 | 15], &dictionary),
        Err(RecordError::UnknownType { found: 15, version: 1 })
    ));
    assert!(matches!(
        record::decode(&[&*trade, &[0]].concat(), &dictionary),
        Err(RecordError::TrailingBytes { count: 1 })
    ));
    for length in 0..trade.len() {
        assert!(record::decode(&trade[..length], &dictionary).is_err(), "cut to {length} bytes");
    }
    assert!(matches!(record::decode(&trade, &Dictionary::new()), Err(RecordError::UnknownText { id: 0..=2, held: 0 })));
}

#[test]
fn encoding_names_the_texts_that_the_dictionary_lacks() {
    let event = samples(EventType::Trade).remove(1);
    let mut missing = Vec::new();
    record::encode_noting(&event, &dictionary(), &mut Vec::new(), |text| missing.push(text.to_owned()));
    assert_eq!(missing, ["a market nobody knows", "XYZ"]);
}

proptest! {
    #[test]
    fn every_event_comes_back_as_it_was(
        event in testing::event(Timestamp(1_800_000_000_000_000)),
        known in any::<bool>(),
    ) {
        let dictionary = Dictionary::new();
        let mut bytes = Vec::new();
        if known {
            record::encode_noting(&event, &dictionary, &mut bytes, |text| { dictionary.insert(text); });
            bytes.clear();
        }
        record::encode(&event, &dictionary, &mut bytes);
        prop_assert_eq!(record::decode(&bytes, &dictionary).expect("decodes"), event);
    }

    #[test]
    fn no_bytes_make_decoding_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0u8..15) {
        let dictionary = dictionary();
        let _ = record::decode(&bytes, &dictionary);
        let _ = record::decode(&[&[1 << 5 | kind], &*bytes].concat(), &dictionary);
    }

    #[test]
    fn a_flipped_bit_never_makes_decoding_panic(
        event in testing::event(Timestamp(1_800_000_000_000_000)),
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let dictionary = dictionary();
        let mut bytes = encoded(&event, &dictionary);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let _ = record::decode(&bytes, &dictionary);
    }
}
