//! Bytes of any kind as text that can be read safely: what is not UTF-8, and what does not show or would turn the
//! text around, is shown by its number.

use crate::words::words;
use maud::{Markup, html};

/// A run of text, or one thing shown by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Run {
    Text(String),
    /// A byte that is no UTF-8: `\xff`.
    Byte(u8),
    /// A character that does not show: `\u{202e}`.
    Hidden(char),
}

/// The first bytes, as many as are wanted, and whether there are more.
pub(super) fn show(bytes: &[u8], most: usize) -> Markup {
    let shown = bytes.get(..most).unwrap_or(bytes);
    html! {
        pre.raw tabindex="0" role="group" aria-label=(words!("operator-raw-bytes")) {
            code {
                @for run in runs(shown) {
                    @match run {
                        Run::Text(text) => (text),
                        Run::Byte(byte) => mark.raw-byte title=(words!("operator-no-utf-8")) { (format!("\\x{byte:02x}")) },
                        Run::Hidden(letter) => mark.raw-byte title=(words!("operator-does-not-show")) { (letter.escape_unicode()) },
                    }
                }
            }
        }
        @if shown.len() < bytes.len() { p.hint { (words!("operator-first-bytes", shown = shown.len(), all = bytes.len())) } }
    }
}

fn runs(bytes: &[u8]) -> Vec<Run> {
    let mut runs = Vec::new();
    for chunk in bytes.utf8_chunks() {
        let mut text = String::new();
        for letter in chunk.valid().chars() {
            if is_hidden(letter) {
                push_text(&mut runs, &mut text);
                runs.push(Run::Hidden(letter));
            } else {
                text.push(letter);
            }
        }
        push_text(&mut runs, &mut text);
        runs.extend(chunk.invalid().iter().map(|byte| Run::Byte(*byte)));
    }
    runs
}

fn push_text(runs: &mut Vec<Run>, text: &mut String) {
    if !text.is_empty() {
        runs.push(Run::Text(std::mem::take(text)));
    }
}

/// Control characters but for line ends and tabs, marks of direction, and what has no width.
fn is_hidden(letter: char) -> bool {
    (letter.is_control() && !matches!(letter, '\n' | '\t'))
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_shown_by_its_number() {
        let text = |text: &str| Run::Text(text.to_owned());
        let table: [(&[u8], Vec<Run>); 5] = [
            (b"{\"a\":1}\n", vec![text("{\"a\":1}\n")]),
            (b"a\xff\xc3b", vec![text("a"), Run::Byte(0xff), Run::Byte(0xc3), text("b")]),
            ("é\u{202e}x".as_bytes(), vec![text("é"), Run::Hidden('\u{202e}'), text("x")]),
            (b"\x00\r", vec![Run::Hidden('\0'), Run::Hidden('\r')]),
            (b"", vec![]),
        ];
        for (bytes, expected) in table {
            assert_eq!(runs(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn markup_in_the_bytes_stays_text() {
        let shown = show(b"<script>alert(1)</script>", 1_000).into_string();
        assert!(!shown.contains("<script") && shown.contains("&lt;script"), "{shown}");
        assert!(show(b"abcdef", 3).into_string().contains("The first 3 bytes of 6"));
    }
}
