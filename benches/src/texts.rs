//! Texts as people write them: many scripts, right to left, emoji of several code points, quotes, markup, what a
//! spreadsheet would take for a formula.

/// Notes on invitees and codes.
pub(crate) const NOTES: [&str; 20] = [
    "met at the spring meetup",
    "asks about futures every week",
    "\"quoted\" and 'quoted', with \\ backslash",
    "<b>bold</b> <script>alert(1)</script> &amp;",
    "=SUM(A1:A9)",
    "@handle, +1 555 0100",
    "مستثمر جديد من القاهرة",
    "לקוח ותיק",
    "🦊🚀 vip soon",
    "👩‍👩‍👧‍👦 family account",
    "Größe, naïveté, žluťoučký kůň",
    "日本のトレーダー、夜に取引",
    "Второй аккаунт брата",
    "line one\nline two\ttabbed",
    "e\u{301} composed and \u{e9} whole",
    "zero\u{200b}width \u{202e}override",
    "- churn risk",
    "",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "100% sure; a,b;c",
];

/// Why trades are taken back.
pub(crate) const REVERSAL_REASONS: [&str; 5] = ["bust", "wash trade", "clawback", "error \"fat finger\"", ""];

/// What applicants write.
pub(crate) const APPLICATIONS: [&str; 5] = [
    "I run a channel with 12,000 readers.",
    "أدير مجتمعًا للمتداولين",
    "Newsletter, podcast & <meetups> 🎙️",
    "Quiero ser afiliado",
    "Please.",
];

#[cfg(test)]
mod tests {
    #[test]
    fn no_note_is_longer_than_a_note_may_be() {
        assert!(super::NOTES.iter().all(|note| note.chars().count() <= 200));
        assert!(super::NOTES.iter().any(|note| note.chars().count() == 200));
    }
}
