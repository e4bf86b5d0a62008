//! Moments and days as we read, write and find them are chrono's, in every year that can be written
//! (`docs/decisions/0014-calendar.md`).

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc, Weekday};
use proptest::prelude::*;
use schemas::{Day, Timestamp};

/// All days of the years 0000 to 9999.
fn every_day() -> impl Iterator<Item = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(0, 1, 1).expect("a date");
    first.iter_days().take_while(|date| date.year() <= 9999)
}

#[test]
fn a_day_is_its_date_in_every_year() {
    let mut days = 0;
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
    for date in every_day() {
        let day = Day::from_date(date);
        assert_eq!(i64::from(day.0), date.signed_duration_since(epoch).num_days());
        assert_eq!(day.to_date(), date);
        let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
        assert_eq!(
            (day.start().0, day.end().0),
            (midnight, midnight + TimeDelta::days(1).num_microseconds().expect("few"))
        );
        assert_eq!([day.start(), Timestamp(day.end().0 - 1)].map(Timestamp::day), [day, day]);
        days += 1;
    }
    assert_eq!(days, 3_652_425, "of ten thousand years");
}

#[test]
fn weeks_months_quarters_and_years_begin_and_end_where_chrono_says() {
    // Each day would take long; these are all ends and beginnings, and the days beside them.
    let near_a_month = |date: &NaiveDate| date.day() <= 2 || date.day() >= 27;
    for date in every_day().filter(near_a_month) {
        let day = Day::from_date(date);
        // The last week that can be written is not whole.
        let sunday = Day::from_date(date.week(Weekday::Mon).last_day());
        assert_eq!(day.week_end(), sunday.min(Day::LAST), "{date}");
        let first = day.month_start();
        assert_eq!(Some(first.to_date()), date.with_day(1), "{date}");
        assert_eq!(first.last_of_months(1).to_date(), first.to_date() + Months::new(1) - TimeDelta::days(1), "{date}");
        let quarter = day.quarter_start().to_date();
        assert_eq!((quarter.year(), quarter.quarter(), quarter.day()), (date.year(), date.quarter(), 1), "{date}");
        assert_eq!(quarter.month() % 3, 1, "{date}");
        assert_eq!(Some(day.year_end().to_date()), NaiveDate::from_ymd_opt(date.year(), 12, 31), "{date}");
        assert_eq!(day.month_end(), first.last_of_months(1), "{date}");
    }
}

#[test]
fn a_day_is_read_and_written_as_its_date() {
    for date in every_day().filter(|date| date.day() == 1 || date.day() >= 28) {
        let text = date.format("%Y-%m-%d").to_string();
        assert_eq!(Day::from_date(date).to_string(), text);
        assert_eq!(Day::parse(&text).map(Day::to_date), Some(date));
    }
}

/// Moments of RFC 3339 of every year, with dates that are none among them.
fn moments() -> impl Strategy<Value = String> {
    let date = prop_oneof![
        "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
        "(0000|9999|1969|1970|2000|2100)-(01|02|12)-(01|28|29|31)"
    ];
    let time =
        prop_oneof!["([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]", "(00:00:00|23:59:59|24:00:00|23:60:00|23:59:60)"];
    let fraction = prop_oneof![Just(String::new()), "\\.[0-9]{1,9}", "\\.(000000|999999)[0-9]{0,3}"];
    let offset = prop_oneof!["[Zz]", "[+-]([01][0-9]|2[0-4]):[0-6][0-9]"];
    (date, "[Tt]", time, fraction, offset)
        .prop_map(|(date, t, time, fraction, offset)| [date, t, time, fraction, offset].concat())
}

/// Such a moment with one character exchanged, left out or put in.
fn near_moments() -> impl Strategy<Value = String> {
    (moments(), any::<prop::sample::Index>(), "[-+:.TtZz 0-9\u{2212}]{0,1}", 0usize..=1).prop_map(
        |(text, at, new, out)| {
            let at = at.index(text.len());
            [&text[..at], &new, &text[at + out..]].concat()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// SPEC 1 is RFC 3339 without a second 60, kept at microseconds, further digits cut.
    #[test]
    fn a_moment_is_read_as_chrono_reads_it(text in prop_oneof![moments(), near_moments()]) {
        let chronos = DateTime::parse_from_rfc3339(&text).ok();
        // chrono takes a blank for the T, another minus, and a second 60, which the contract excludes.
        let is_ours = text.is_ascii() && !text.contains(' ') && text.get(17..19) != Some("60");
        let expected = chronos.filter(|_| is_ours).map(|time| Timestamp(time.timestamp_micros()));
        // Where its offset leads out of the years that can be written, it is none.
        let expected = expected.filter(|time| (Day::FIRST..=Day::LAST).contains(&time.day()));
        prop_assert_eq!(Timestamp::parse(&text), expected, "{}", text);
    }

    #[test]
    fn a_moment_is_written_as_chrono_writes_it(micros in first_micros()..=last_micros(), cut in 0u32..=6) {
        let unit = 10i64.pow(cut);
        let time = Timestamp(micros.div_euclid(unit) * unit);
        let chronos = DateTime::<Utc>::from_timestamp_micros(time.0).expect("within four digits").trunc_subsecs(6);
        let text = time.to_string();
        // Theirs has a fraction of three, six or nine digits.
        let theirs = chronos.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
        let theirs = theirs.trim_end_matches("0").trim_end_matches(".");
        prop_assert_eq!(&text, &format!("{theirs}Z"));
        prop_assert_eq!(Timestamp::parse(&text), Some(time));
    }
}

/// The first microsecond of the year 0000.
fn first_micros() -> i64 {
    Timestamp::parse("0000-01-01T00:00:00Z").expect("a moment").0
}

/// The last one of the year 9999.
fn last_micros() -> i64 {
    Timestamp::parse("9999-12-31T23:59:59.999999Z").expect("a moment").0
}
