//! Broken lines: one kind for every way in which what is read is no event, with the reason it must get.

use schemas::{Reason, Timestamp, Uid};

/// A way in which a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The line ends in its middle.
    CutShort,
    /// A byte that UTF-8 has not.
    NotUtf8,
    /// A byte order mark before the event.
    ByteOrderMark,
    /// A key of `data` stands there twice.
    KeyTwice,
    /// Half of a pair of surrogates.
    LoneSurrogate,
    /// A number beyond binary64.
    NumberTooGreat,
    /// Nesting above a hundred levels.
    TooDeep,
    /// JSON, but no object.
    NoObject,
    /// No JSON at all.
    NoJson,
    /// A CloudEvent of another version.
    OtherSpecversion,
    /// An empty id.
    EmptyId,
    /// No source.
    NoSource,
    /// An event of somebody else.
    ForeignType,
    /// A version of a type that is not there yet.
    FutureType,
    /// An amount as a number.
    AmountAsNumber,
    /// An amount with nine decimals.
    AmountTooFine,
    /// An amount that is no number.
    AmountNotANumber,
    /// A time before the year 2000.
    TimeTooOld,
    /// A time days after its arrival.
    TimeAhead,
    /// A time with second 60.
    LeapSecond,
    /// No time.
    NoTime,
    /// No data.
    NoData,
    /// Data that is no object.
    DataNoObject,
    /// A uid of 0.
    UidZero,
    /// A uid as text.
    UidAsText,
    /// A uid written with a point.
    UidWithPoint,
    /// A VIP level above 20.
    VipTooHigh,
    /// A product that there is not.
    UnknownProduct,
    /// A field that is required is missing.
    FieldMissing,
    /// More than a mebibyte.
    TooLarge,
}

impl Fault {
    /// All of them, the large one last.
    pub const ALL: [Fault; 30] = [
        Fault::CutShort,
        Fault::NotUtf8,
        Fault::ByteOrderMark,
        Fault::KeyTwice,
        Fault::LoneSurrogate,
        Fault::NumberTooGreat,
        Fault::TooDeep,
        Fault::NoObject,
        Fault::NoJson,
        Fault::OtherSpecversion,
        Fault::EmptyId,
        Fault::NoSource,
        Fault::ForeignType,
        Fault::FutureType,
        Fault::AmountAsNumber,
        Fault::AmountTooFine,
        Fault::AmountNotANumber,
        Fault::TimeTooOld,
        Fault::TimeAhead,
        Fault::LeapSecond,
        Fault::NoTime,
        Fault::NoData,
        Fault::DataNoObject,
        Fault::UidZero,
        Fault::UidAsText,
        Fault::UidWithPoint,
        Fault::VipTooHigh,
        Fault::UnknownProduct,
        Fault::FieldMissing,
        Fault::TooLarge,
    ];

    /// The reason it is quarantined with.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Fault::TooLarge => Reason::TooLarge,
            Fault::CutShort
            | Fault::NotUtf8
            | Fault::ByteOrderMark
            | Fault::KeyTwice
            | Fault::LoneSurrogate
            | Fault::NumberTooGreat
            | Fault::TooDeep
            | Fault::NoObject
            | Fault::NoJson
            | Fault::OtherSpecversion
            | Fault::EmptyId
            | Fault::NoSource => Reason::Malformed,
            Fault::ForeignType | Fault::FutureType => Reason::UnknownType,
            Fault::AmountAsNumber
            | Fault::AmountTooFine
            | Fault::AmountNotANumber
            | Fault::TimeTooOld
            | Fault::TimeAhead
            | Fault::LeapSecond
            | Fault::NoTime
            | Fault::NoData
            | Fault::DataNoObject
            | Fault::UidZero
            | Fault::UidAsText
            | Fault::UidWithPoint
            | Fault::VipTooHigh
            | Fault::UnknownProduct
            | Fault::FieldMissing => Reason::InvalidField,
        }
    }

    /// Appends a line broken in this way, without line end: a trade that would be fine but for it.
    pub fn write(self, uid: Uid, id: &str, time: Timestamp, out: &mut Vec<u8>) {
        let begin = out.len();
        let mut trade = Written::new(uid, id, time);
        match self {
            Fault::ByteOrderMark => out.extend_from_slice("\u{feff}".as_bytes()),
            Fault::KeyTwice => trade.vip_level = "0,\"vip_level\":1".to_owned(),
            Fault::LoneSurrogate => trade.symbol = "\"\\ud83d\"".to_owned(),
            Fault::NumberTooGreat => trade.vip_level = "1e400".to_owned(),
            Fault::TooDeep => trade.further = format!(",\"deep\":{}{}", "[".repeat(120), "]".repeat(120)),
            Fault::OtherSpecversion => trade.specversion = "\"0.3\"".to_owned(),
            Fault::EmptyId => trade.id = "\"\"".to_owned(),
            Fault::NoSource => trade.source = String::new(),
            Fault::ForeignType => trade.event_type = "\"com.example.order.placed\"".to_owned(),
            Fault::FutureType => trade.event_type = "\"referral.trade.v2\"".to_owned(),
            Fault::AmountAsNumber => trade.fee_usd = "1.50025".to_owned(),
            Fault::AmountTooFine => trade.fee_usd = "\"1.500250001\"".to_owned(),
            Fault::AmountNotANumber => trade.fee_usd = "\"NaN\"".to_owned(),
            Fault::TimeTooOld => trade.time = ",\"time\":\"1999-12-31T23:59:59.999999Z\"".to_owned(),
            Fault::TimeAhead => trade.time = format!(",\"time\":\"{}\"", time.plus_days(30_000)),
            Fault::LeapSecond => trade.time = ",\"time\":\"2016-12-31T23:59:60Z\"".to_owned(),
            Fault::NoTime => trade.time = String::new(),
            Fault::NoData => trade.data_key = "payload",
            Fault::UidZero => trade.uid = "0".to_owned(),
            Fault::UidAsText => trade.uid = format!("\"{uid}\""),
            Fault::UidWithPoint => trade.uid = format!("{uid}.0"),
            Fault::VipTooHigh => trade.vip_level = "21".to_owned(),
            Fault::UnknownProduct => trade.product = "\"options\"".to_owned(),
            Fault::FieldMissing => trade.symbol_key = "pair",
            Fault::TooLarge => trade.further = format!(",\"padding\":\"{}\"", "x".repeat(1 << 20)),
            Fault::NoObject | Fault::NoJson | Fault::DataNoObject | Fault::CutShort | Fault::NotUtf8 => {}
        }
        if self == Fault::NoObject {
            out.extend_from_slice(b"[1,2,3]");
        } else if self == Fault::NoJson {
            out.extend_from_slice(b"uid;product;volume_usd");
        } else {
            trade.write((self == Fault::DataNoObject).then_some("\"none\""), out);
        }
        if self == Fault::CutShort {
            out.truncate(begin + (out.len() - begin) * 2 / 3);
        } else if self == Fault::NotUtf8 {
            let middle = begin + (out.len() - begin) / 2;
            out[middle] = 0xff;
        }
    }
}

/// A trade as its pieces of JSON.
struct Written {
    specversion: String,
    event_type: String,
    source: String,
    id: String,
    time: String,
    data_key: &'static str,
    uid: String,
    product: String,
    symbol_key: &'static str,
    symbol: String,
    fee_usd: String,
    vip_level: String,
    further: String,
}

impl Written {
    fn new(uid: Uid, id: &str, time: Timestamp) -> Written {
        Written {
            specversion: "\"1.0\"".to_owned(),
            event_type: "\"referral.trade.v1\"".to_owned(),
            source: ",\"source\":\"/exchange/spot\"".to_owned(),
            id: format!("\"{id}\""),
            time: format!(",\"time\":\"{time}\""),
            data_key: "data",
            uid: uid.to_string(),
            product: "\"spot\"".to_owned(),
            symbol_key: "symbol",
            symbol: "\"BTCUSDT\"".to_owned(),
            fee_usd: "\"1.50025\"".to_owned(),
            vip_level: "0".to_owned(),
            further: String::new(),
        }
    }

    fn write(&self, data: Option<&str>, out: &mut Vec<u8>) {
        let Written { specversion, event_type, source, id, time, data_key, .. } = self;
        let Written { uid, product, symbol_key, symbol, fee_usd, vip_level, further, .. } = self;
        let own = format!(
            "{{\"uid\":{uid},\"product\":{product},\"{symbol_key}\":{symbol},\"volume_usd\":\"1500.25\",\
             \"fee_usd\":{fee_usd},\"fee_asset\":\"BNB\",\"fee_amount\":\"0.0025\",\"vip_level\":{vip_level}{further}}}"
        );
        let line = format!(
            "{{\"specversion\":{specversion},\"type\":{event_type}{source},\"id\":{id}{time},\"{data_key}\":{}}}",
            data.unwrap_or(&own)
        );
        out.extend_from_slice(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use schemas::json::read_event;

    use super::*;

    #[test]
    fn a_broken_line_is_refused_for_its_reason_and_the_same_line_unbroken_is_not() {
        let arrived = Timestamp::parse("2026-03-01T09:30:00Z").expect("a time");
        for fault in Fault::ALL {
            let mut line = Vec::new();
            fault.write(Uid(70_012), "x-1", arrived, &mut line);
            let refused = read_event(&line, arrived).map_err(|rejection| rejection.reason);
            assert_eq!(refused.err(), Some(fault.reason()), "{fault:?}");
        }
        let mut line = Vec::new();
        Written::new(Uid(70_012), "x-1", arrived).write(None, &mut line);
        assert!(read_event(&line, arrived).is_ok());
    }
}
