//! Words of English that a page in another language shows: in its texts, and in the attributes that are read out or
//! shown by scripts.

/// What is the same in every language: names.
const NAMES: &[&str] =
    &["CloudEvent", "Tributary", "Referral", "Pro", "Cookie", "Parquet", "English", "Kafka", "cURL", "curl"];

/// What users of the small history wrote where it stands among words of the page.
const OF_USERS: &[&str] = &["Trade more"];

/// Elements whose texts are no words of the page: names of the code, times, what users wrote.
const NO_WORDS: &[&str] = &["script", "style", "code", "pre", "time", "bdi", "samp", "kbd", "textarea"];

/// Elements that nothing closes.
const VOID: &[&str] = &["input", "meta", "link", "br", "hr", "img", "!DOCTYPE"];

/// Attributes that somebody reads, or hears.
const READ: &[&str] = &["aria-label", "title", "placeholder", "alt", "aria-valuetext", "aria-description"];

/// Attributes of scripts that hold no words.
const OF_SCRIPTS: &[&str] = &[
    "data-value",
    "data-copy",
    "data-insert",
    "data-live",
    "data-dialog",
    "data-load",
    "data-base",
    "data-theme",
    "data-sign-in",
    "data-colour",
    "data-country",
    "data-rate",
    "data-of",
    "data-zone",
    "data-chart",
    "data-usd",
    "data-zone-switch",
];

/// The words of English in a page.
pub fn english_in(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    // The elements that are open within one whose text is none of the page's, from it on.
    let mut within: Vec<String> = Vec::new();
    for piece in html.split('<').skip(1) {
        let (tag, text) = tag_and_text(piece);
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if let Some(closed) = tag.strip_prefix('/') {
            if within.last().is_some_and(|open| open == closed) {
                within.pop();
            }
        } else {
            let attributes = attributes_of(tag);
            let is_other = attributes.iter().any(|(name, value)| name == "lang" && !value.starts_with("zh"));
            let opens = !VOID.contains(&name) && !tag.ends_with('/');
            if opens && (!within.is_empty() || NO_WORDS.contains(&name) || is_other) {
                within.push(name.to_owned());
            } else if within.is_empty() && !is_other {
                for (name, value) in &attributes {
                    let is_read =
                        READ.contains(&&**name) || (name.starts_with("data-") && !OF_SCRIPTS.contains(&&**name));
                    found.extend(
                        is_read
                            .then(|| words_of(value).into_iter().map(|word| format!("{name}={word}")))
                            .into_iter()
                            .flatten(),
                    );
                }
            }
        }
        if within.is_empty() {
            found.extend(words_of(text));
        }
    }
    found
}

/// A piece behind a `<`: what stands up to the `>` that ends the tag, and the text behind it.
fn tag_and_text(piece: &str) -> (&str, &str) {
    let mut is_quoted = false;
    for (at, character) in piece.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            '>' if !is_quoted => return (&piece[..at], &piece[at + 1..]),
            _ => {}
        }
    }
    (piece, "")
}

fn attributes_of(tag: &str) -> Vec<(String, String)> {
    let mut rest = tag.split_once(' ').map_or("", |(_, rest)| rest);
    let mut found = Vec::new();
    while let Some((name, behind)) = rest.split_once("=\"") {
        let (value, behind) = behind.split_once('"').unwrap_or((behind, ""));
        found.push((name.rsplit(' ').next().unwrap_or_default().to_owned(), value.to_owned()));
        rest = behind;
    }
    found
}

/// What reads as a word: Latin letters, more than one, of which one at least is small. What has digits, points or strokes in
/// it is a name: an id, a kind of event, a path.
fn words_of(text: &str) -> Vec<String> {
    // What a script puts in is named in braces.
    let text = text.split('{').map(|part| part.split_once('}').map_or(part, |(_, behind)| behind)).collect::<String>();
    let text = OF_USERS.iter().fold(text, |text, title| text.replace(title, " "));
    let text = text.replace("&quot;", " ").replace("&amp;", " ").replace("&lt;", " ").replace("&gt;", " ");
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || ".:/_-+@'".contains(c);
    let tokens = text.split(|c: char| !is_of_token(c)).map(|token| token.trim_matches(|c: char| ".:-'".contains(c)));
    let is_word = |token: &&str| {
        token.len() > 1
            && token.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-' || byte == b'\'')
            && token.bytes().any(|byte| byte.is_ascii_lowercase())
            && !NAMES.contains(token)
    };
    tokens.filter(is_word).map(str::to_owned).collect()
}

#[test]
fn words_are_found_where_they_are_read_and_names_are_not() {
    let found = |html| english_in(html).join(" ");
    assert_eq!(found("<p>总览 Overview <b>of all</b></p>"), "Overview of all");
    assert_eq!(
        found("<input placeholder=\"Find it\" name=\"not this\"><p title=\"x > y, see\">好</p>"),
        "placeholder=Find placeholder=it title=see"
    );
    assert_eq!(found("<p data-copied=\"Copied {name}\" data-value=\"abc\">好</p>"), "data-copied=Copied");
    assert_eq!(found("<p lang=\"en\">the <b>API</b> says<br>so</p><p>but not this</p>"), "but not this");
    assert_eq!(found("<button lang=\"en\">English</button> <button lang=\"zh-Hans\">Chinese</button>"), "Chinese");
    assert_eq!(found("<p>USD UTC ALPHA referral.trade.v1 /tests 12k <code>some code</code> Tributary</p>"), "");
}
