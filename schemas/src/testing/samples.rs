//! One valid event of each type, as text whose parts can be exchanged one by one.

use crate::event::EventType;

/// A valid event as text, in parts: the envelope's attributes and the fields of `data`, each as JSON text.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The envelope but for `data`: name and JSON text of each attribute.
    pub envelope: Vec<(&'static str, String)>,
    /// `data`: name and JSON text of each field.
    pub data: Vec<(&'static str, String)>,
}

impl Sample {
    /// The same with another text as the field of `data`; without it, if there is none.
    #[must_use]
    pub fn with(mut self, field: &'static str, json: Option<&str>) -> Sample {
        put(&mut self.data, field, json);
        self
    }

    /// The same with another text as the attribute of the envelope; without it, if there is none.
    #[must_use]
    pub fn with_attribute(mut self, attribute: &'static str, json: Option<&str>) -> Sample {
        put(&mut self.envelope, attribute, json);
        self
    }

    /// The fields of `data` as one JSON object.
    #[must_use]
    pub fn data_text(&self) -> String {
        object(&self.data)
    }

    /// The whole event.
    #[must_use]
    pub fn text(&self) -> String {
        let mut parts = self.envelope.clone();
        parts.push(("data", self.data_text()));
        object(&parts)
    }
}

fn put(parts: &mut Vec<(&'static str, String)>, name: &'static str, json: Option<&str>) {
    match (parts.iter().position(|(at, _)| *at == name), json) {
        (Some(index), Some(json)) => parts[index].1 = json.to_owned(),
        (Some(index), None) => {
            parts.remove(index);
        }
        (None, Some(json)) => parts.push((name, json.to_owned())),
        (None, None) => {}
    }
}

fn object(parts: &[(&str, String)]) -> String {
    let fields: Vec<String> = parts.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// A valid event of this type, with every field written out; its time is 2026-03-01T09:30:00.123456Z.
#[must_use]
pub fn sample(event_type: EventType) -> Sample {
    let data: &[(&'static str, &str)] = match event_type {
        EventType::Registration => &[
            ("uid", "70012"),
            ("account_type", r#""sub""#),
            ("country", r#""DE""#),
            ("code", r#""MARKET_1""#),
            ("relationship", r#""both""#),
            ("parent_uid", "70001"),
        ],
        EventType::Kyc => &[("uid", "70012"), ("status", r#""verified""#)],
        EventType::Deposit => &[
            ("uid", "70012"),
            ("channel", r#""p2p""#),
            ("asset", r#""USDT""#),
            ("amount", r#""250.5""#),
            ("amount_usd", r#""250.49""#),
        ],
        EventType::Trade => &[
            ("uid", "70012"),
            ("product", r#""spot""#),
            ("symbol", r#""BTCUSDT""#),
            ("volume_usd", r#""1500.25""#),
            ("fee_usd", r#""1.50025""#),
            ("fee_asset", r#""BNB""#),
            ("fee_amount", r#""0.0025""#),
            ("vip_level", "0"),
        ],
        EventType::Reversal => &[
            ("uid", "70012"),
            ("trade_source", r#""/exchange/spot""#),
            ("trade_id", r#""9f1c-771""#),
            ("reason", r#""wash trade""#),
        ],
        EventType::Vip => &[("uid", "70012"), ("vip_level", "3")],
        EventType::Affiliate => &[
            ("uid", "70001"),
            ("status", r#""approved""#),
            ("spot_rate", r#""0.4""#),
            ("futures_rate", r#""0.3""#),
            ("futures_window_days", "365"),
        ],
        EventType::Code => &[
            ("code", r#""MARKET_1""#),
            ("owner_uid", "70001"),
            ("spot_rebate_rate", r#""0.1""#),
            ("futures_rebate_rate", r#""0.05""#),
            ("note", r#""spring""#),
            ("is_default", "true"),
        ],
        EventType::Rebate => {
            &[("uid", "70012"), ("spot_rebate_rate", r#""0.1""#), ("futures_rebate_rate", r#""0.05""#)]
        }
        EventType::Note => &[("uid", "70012"), ("note", r#""met at the fair""#)],
        EventType::Program => &[
            ("default_spot_rate", r#""0.2""#),
            ("default_futures_rate", r#""0.1""#),
            ("default_futures_window_days", "180"),
            ("spot_vip_max", "2"),
            ("futures_vip_max", "1"),
        ],
        EventType::Offer => &[
            ("id", r#""spring-bonus""#),
            ("kind", r#""bonus""#),
            ("title", r#""Spring bonus""#),
            ("url", r#""https://partners.example/spring""#),
            ("period", r#""month""#),
            ("starts", r#""2026-03-01""#),
            ("ends", r#""2026-05-31""#),
            ("affiliates_only", "true"),
            (
                "tiers",
                r#"[{"name":"Gold","reward":"500 USDT","all":[{"metric":"new_traders","at_least":20},{"metric":"spot_fees","at_least":"1000"}]},{"name":"Silver","reward":"100 USDT","all":[]}]"#,
            ),
        ],
        EventType::Campaign => &[
            ("id", r#""summer-2026""#),
            ("visibility", r#""public""#),
            ("title", r#""Summer""#),
            ("description", r#""Bring a friend""#),
            ("url", r#""https://partners.example/summer""#),
            ("starts", r#""2026-03-01""#),
            ("ends", r#""2026-08-31""#),
        ],
        EventType::Join => &[("uid", "70001"), ("campaign_id", r#""summer-2026""#)],
        EventType::Application => &[("uid", "70001"), ("message", r#""I run a channel""#)],
    };
    let envelope = [
        ("specversion", r#""1.0""#.to_owned()),
        ("type", format!("\"{}\"", event_type.name())),
        ("source", r#""/exchange/spot""#.to_owned()),
        ("id", r#""9f1c-771""#.to_owned()),
        ("time", r#""2026-03-01T09:30:00.123456Z""#.to_owned()),
    ];
    Sample { envelope: envelope.into(), data: data.iter().map(|(name, json)| (*name, (*json).to_owned())).collect() }
}
