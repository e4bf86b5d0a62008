//! Whether what came out is what stands on the page.

/// Where what came out is not what was expected; a line of `…` stands for any lines.
pub fn difference(expected: &str, said: &str) -> Option<String> {
    let (expected, said): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), said.lines().collect());
    let mut at = 0;
    let mut lines = expected.iter().peekable();
    while let Some(line) = lines.next() {
        if *line == "…" {
            match lines.peek() {
                None => return None,
                Some(next) => match said[at..].iter().position(|line| line == *next) {
                    Some(skipped) => at += skipped,
                    None => return Some(format!("nothing like `{next}` comes")),
                },
            }
            continue;
        }
        match said.get(at) {
            Some(found) if found == line => at += 1,
            Some(found) => return Some(format!("expected `{line}`, found `{found}`")),
            None => return Some(format!("expected `{line}`, found the end")),
        }
    }
    said.get(at).map(|line| format!("expected the end, found `{line}`"))
}

#[test]
fn a_difference_is_found_wherever_it_is() {
    let table = [
        ("a\nb", "a\nb", true),
        ("a\n…\nd", "a\nb\nc\nd", true),
        ("a\n…", "a\nb\nc", true),
        ("…\nc", "a\nb\nc", true),
        ("", "", true),
        ("a", "b", false),
        ("a", "a\nb", false),
        ("a\nb", "a", false),
        ("a\n…\ne", "a\nb\nc\nd", false),
        ("…\nb", "a\nb\nc", false),
    ];
    for (expected, said, is_same) in table {
        assert_eq!(difference(expected, said).is_none(), is_same, "{expected:?} {said:?}");
    }
}
