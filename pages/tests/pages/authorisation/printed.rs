//! The table as a page of the docs.

use super::table::{API, Line, OF_NOBODY, PAGES, PARTS, ROLES};

const BEFORE: &str = "\
# Who may what

Printed from the table in `pages/tests/pages/authorisation/table.rs`, whose tests hold every cell against a running server
with real tokens: `cargo test -p tributary-pages authorisation`. Every endpoint of the OpenAPI document and every page stands
in it.

In each cell: about its **own** data / about **another's** / where **nobody** is named. An affiliate's own is that of its token;
to the other roles, which see any, both are somebody that they name.

| sign | it is answered |
|---|---|
| ✓ | as asked; a command where the state allows it |
| ✗ | 403: not for this role, or not its own |
| ? | 400: it has to say about whom; of a page, the page that asks |
| · | there is no such case: it is about nobody |

Without a token everything is answered with 401, or with the page to sign in, except where *no token* stands. Where no key is
set, the server listens on loopback alone and everyone is an operator.
";

fn cell(may: &str) -> String {
    if let Some(one) = may.strip_prefix("..") {
        return sign(one.chars().next().unwrap_or('.')).to_owned();
    }
    may.chars().map(sign).collect::<Vec<_>>().join(" / ")
}

fn sign(sign: char) -> &'static str {
    match sign {
        '+' => "✓",
        '-' => "✗",
        '?' => "?",
        '0' => "404",
        _ => "·",
    }
}

fn put(heading: &str, lines: &[Line], out: &mut String) {
    out.push_str(&format!("\n## {heading}\n\n| | {} |\n|---|{}\n", ROLES.join(" | "), "---|".repeat(ROLES.len())));
    for line in lines {
        let open = if line.needs_token { "" } else { ", no token" };
        let cells: Vec<String> = line.may.iter().map(|may| cell(may)).collect();
        out.push_str(&format!("| `{} {}`{open} | {} |\n", line.method.to_uppercase(), line.path, cells.join(" | ")));
    }
}

/// The page.
pub fn page() -> String {
    let mut out = BEFORE.to_owned();
    put("The API", API, &mut out);
    put("The pages", PAGES, &mut out);
    let of_nobody: Vec<String> = OF_NOBODY.iter().map(|path| format!("`{path}`")).collect();
    let parts: Vec<String> = PARTS.iter().map(|path| format!("`{path}`")).collect();
    out.push_str(&format!(
        "\nBy what it is about, or by what the server was given, as their own tests hold: {}.\n",
        parts.join(", ")
    ));
    out.push_str(&format!("\nBefore anybody is known: {}, and the pages' own files.\n", of_nobody.join(", ")));
    out
}
