//! Pages in Markdown lead to what is there: a relative link names a file or a folder, and a place of a page that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// The pages of the house.
fn pages() -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    found
}

/// The lines of a page that are text: what stands in blocks of code is none.
fn text_of(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    page.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The places that a page has, each named after its heading as sites that show Markdown do it.
fn places(page: &str) -> BTreeSet<String> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let headings = text_of(page)
        .filter_map(|(_, line)| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    let mut places = BTreeSet::new();
    for heading in headings {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let name: String =
            heading.trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect();
        let before = count.entry(name.clone()).or_default();
        places.insert(if *before == 0 { name } else { format!("{name}-{before}") });
        *before += 1;
    }
    places
}

/// Where a page's links lead, with the lines that they stand in; those to other hosts aside.
fn links(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text_of(page) {
        for (at, opening) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')]
            .iter()
            .flat_map(|(begin, end)| line.match_indices(begin).map(move |(at, begin)| (at + begin.len(), *end)))
        {
            let target = line[at..].split(opening).next().unwrap_or_default();
            let is_elsewhere =
                target.contains("://") || target.contains([' ', '`', '<']) || target.starts_with("mailto:");
            if !is_elsewhere && !target.is_empty() {
                found.push((number + 1, target.to_owned()));
            }
        }
    }
    found
}

/// A path without its `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

#[test]
fn every_link_of_a_page_leads_to_what_is_there() {
    let texts: BTreeMap<PathBuf, String> =
        pages().into_iter().map(|page| (page.clone(), std::fs::read_to_string(page).expect("a text"))).collect();
    let (mut looked_at, mut dead) = (0, Vec::new());
    for (page, text) in &texts {
        for (line, target) in links(text) {
            let (file, place) = target.split_once('#').unwrap_or((&target, ""));
            let to = if file.is_empty() { page.clone() } else { plain(&page.parent().expect("a folder").join(file)) };
            let has_place = place.is_empty() || texts.get(&to).is_some_and(|text| places(text).contains(place));
            if !to.exists() || !has_place {
                dead.push(format!("{}:{line} leads to {target}", page.display()));
            }
            looked_at += 1;
        }
    }
    assert!(looked_at > 80, "{looked_at} links");
    assert!(dead.is_empty(), "{dead:#?}");
}

#[test]
fn places_are_named_after_their_headings() {
    let page = "# One: `two`, three\n```sh\n# no heading\n[no](link)\n```\n## Again\n## Again\n#no\n[a](b.md#c) <img src=\"d.png\">\n[e](https://f.example)";
    assert_eq!(places(page).into_iter().collect::<Vec<_>>(), ["again", "again-1", "one-two-three"]);
    assert_eq!(links(page), [(9, "b.md#c".to_owned()), (9, "d.png".to_owned())]);
}
