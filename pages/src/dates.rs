//! Days and months as they are written in words, by language. What is meant as ISO 8601 stays so in every language: see
//! `figures::day`.

use schemas::Day;

use super::language::Language;

/// A day of a year that is known: `4 Mar`.
pub(crate) fn day_in_short(day: Day) -> String {
    written(day, "%-d %b", "%-m月%-d日")
}

/// A month: `Mar 2026`.
pub(crate) fn month_in_short(day: Day) -> String {
    written(day, "%b %Y", "%Y年%-m月")
}

/// A month in full: `March 2026`.
pub(crate) fn month(day: Day) -> String {
    written(day, "%B %Y", "%Y年%-m月")
}

fn written(day: Day, english: &str, chinese: &str) -> String {
    let pattern = match Language::now() {
        Language::English => english,
        Language::Chinese => chinese,
    };
    day.to_date().format(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::language::speaking_within;
    use super::*;

    #[test]
    fn days_and_months_are_written_as_the_language_does() {
        let all = || {
            let day = Day::parse("2026-03-04").expect("a day");
            [day_in_short(day), month_in_short(day), month(day)]
        };
        assert_eq!(all(), ["4 Mar", "Mar 2026", "March 2026"]);
        assert_eq!(speaking_within(Language::Chinese, all), ["3月4日", "2026年3月", "2026年3月"]);
    }
}
