//! Every page that links lead to, each kind once: what a page shows by a parameter of few values is a kind of its own,
//! one code among many is not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::window::Window;

/// Parameters whose value makes another page; of any other only its name counts.
const TELLING: [&str; 5] = ["kind", "visibility", "tab", "by", "state"];
/// Parameters that make no other page.
const MUTE: [&str; 7] = ["uid", "order", "sort", "cursor", "next", "range", "interval"];
/// A page that any of these narrows in the same way: seen once with some of them, it is seen.
const NARROWED: (&str, [&str; 4]) = ("/operator/withheld", ["referrer", "reason", "code", "country"]);
/// What is no page: files to save, pictures, the stream.
const NO_PAGE: [&str; 7] = ["/export", "/raw", ".svg", ".png", ".csv", "/live", "/v1/"];
/// No person comes deeper from a page of the menu.
const PAGES_MAX: usize = 120;

/// Visits every kind of page from `more` and from `/` on, and calls `at` in each. Which kinds there were, each with the
/// address visited.
pub async fn every_page(
    window: &Window,
    more: &[&str],
    mut at: impl AsyncFnMut(&Window, &str),
) -> BTreeMap<String, String> {
    let mut waiting: VecDeque<String> = more.iter().copied().chain(["/"]).map(str::to_owned).collect();
    let mut seen = BTreeSet::new();
    let mut visited = BTreeMap::new();
    while let Some(path) = waiting.pop_front() {
        let kind = kind(&path);
        if NO_PAGE.iter().any(|part| path.contains(part)) || !seen.insert(kind.clone()) {
            continue;
        }
        assert!(visited.len() < PAGES_MAX, "there are more kinds of pages than known: {visited:#?}");
        window.open(&path).await;
        at(window, &path).await;
        visited.insert(kind, path);
        let script = "return Array.from(document.links)
            .filter(link => link.origin === location.origin && !link.download)
            .map(link => link.pathname + link.search);";
        let links: Vec<String> = window.ask(script, vec![]).await;
        waiting.extend(links);
    }
    visited
}

/// The kind of page that an address leads to.
pub fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let segments: Vec<&str> = path.split('/').collect();
    let segments: Vec<&str> = segments
        .iter()
        .enumerate()
        .map(|(at, segment)| {
            let before = at.checked_sub(1).and_then(|at| segments.get(at)).copied().unwrap_or_default();
            let is_name = !segment.is_empty() && *segment == segment.to_uppercase();
            let is_of_many = matches!(before, "campaigns" | "offers") && *segment != "new";
            if is_name || is_of_many { "…" } else { segment }
        })
        .collect();
    let parameters: BTreeSet<String> = query
        .split('&')
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let is_mute = name.is_empty() || MUTE.contains(&name);
            let name = if path == NARROWED.0 && NARROWED.1.contains(&name) { "narrowed" } else { name };
            (!is_mute).then(|| if TELLING.contains(&name) { format!("{name}={value}") } else { name.to_owned() })
        })
        .collect();
    let parameters: Vec<String> = parameters.into_iter().collect();
    format!("{}?{}", segments.join("/"), parameters.join("&"))
}
