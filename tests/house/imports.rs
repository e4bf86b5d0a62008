//! Which files of a room use which, by the paths that they name, and where that runs in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The files of a room by their modules' paths below `crate`, each with the files that it uses. A file may use what
/// stands in the one that it belongs to: that is no edge.
pub type Uses = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// Reads the sources of a room.
pub fn uses_in(src: &Path) -> Uses {
    let mut texts = BTreeMap::new();
    read_folder(src, &[], &mut texts);
    let edges = texts.iter().map(|(module, text)| {
        let named = paths_in(text).into_iter().filter_map(|path| absolute(module, &path));
        let files = named.map(|path| file_of(&texts, path)).filter(|file| !module.starts_with(file));
        (module.clone(), files.collect())
    });
    edges.collect()
}

/// Files that use each other, in groups, by way of others or not; the largest group first.
pub fn circles(uses: &Uses) -> Vec<Vec<String>> {
    let reached: BTreeMap<_, _> = uses.keys().map(|file| (file, reached_from(uses, file))).collect();
    let mut groups: BTreeSet<Vec<String>> = BTreeSet::new();
    for (file, beyond) in &reached {
        let group = beyond.iter().filter(|other| reached[*other].contains(*file));
        let group: Vec<String> = group.map(|file| file.join("::")).collect();
        if group.len() > 1 {
            groups.insert(group);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

fn reached_from(uses: &Uses, file: &Vec<String>) -> BTreeSet<Vec<String>> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Vec<String>> = uses[file].iter().collect();
    while let Some(file) = next.pop() {
        if reached.insert(file.clone()) {
            next.extend(&uses[file]);
        }
    }
    reached
}

fn read_folder(folder: &Path, module: &[String], texts: &mut BTreeMap<Vec<String>, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let inner: Vec<String> = module.iter().cloned().chain([name.clone()]).collect();
        if path.is_dir() {
            read_folder(&path, &inner, texts);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let is_root = module.is_empty() && (name == "lib" || name == "main");
            let text = std::fs::read_to_string(&path).expect("a text");
            texts.insert(if is_root { Vec::new() } else { inner }, text);
        }
    }
}

/// The paths that a text names from `crate`, `self` or `super` on, but for its comments and its tests.
fn paths_in(text: &str) -> Vec<Vec<String>> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ");
    let mut paths = Vec::new();
    for root in ["crate", "self", "super"] {
        for (at, _) in text.match_indices(&format!("{root}::")) {
            let before = text[..at].chars().next_back();
            // `super::super::x` is read from its beginning.
            if before.is_none_or(|before| !before.is_alphanumeric() && before != '_' && before != ':') {
                expand(&[], &text[at..], &mut paths);
            }
        }
    }
    paths
}

/// A path with its braces, as all the paths that it stands for. The rest of the text behind it is returned.
fn expand<'t>(prefix: &[String], text: &'t str, paths: &mut Vec<Vec<String>>) -> &'t str {
    let mut path = prefix.to_vec();
    let mut rest = text.trim_start();
    loop {
        if let Some(inner) = rest.strip_prefix('{') {
            rest = inner;
            while !rest.starts_with('}') && !rest.is_empty() {
                let behind = expand(&path, rest, paths);
                // `x as y` and whatever else stands before the next one.
                rest = behind.trim_start_matches(|next| next != ',' && next != '}');
                rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
            }
            return rest.strip_prefix('}').unwrap_or(rest);
        }
        let end = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
        path.push(rest[..end].to_owned());
        match rest[end..].strip_prefix("::") {
            Some(behind) => rest = behind,
            None => {
                paths.push(path);
                return &rest[end..];
            }
        }
    }
}

/// A path from the root of the room; none if it leads out of it.
fn absolute(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let ups = path.iter().take_while(|segment| *segment == "super").count();
    let (base, rest) = match path.first().map(String::as_str) {
        Some("crate") => (&module[..0], &path[1..]),
        Some("self") => (module, &path[1..]),
        _ => (&module[..module.len().checked_sub(ups)?], &path[ups..]),
    };
    Some(base.iter().chain(rest).cloned().collect())
}

/// The file that what a path names stands in.
fn file_of(texts: &BTreeMap<Vec<String>, String>, mut path: Vec<String>) -> Vec<String> {
    while !texts.contains_key(&path) && !path.is_empty() {
        path.pop();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split("::").map(str::to_owned).collect()
    }

    #[test]
    fn a_path_stands_for_all_that_its_braces_hold() {
        let text =
            "use crate::a::{self, B, c::{D, E as F}};\nlet x = super::g::h(crate::I); // crate::j::K\nself::l::m();";
        let expected = [
            "crate::a::self",
            "crate::a::B",
            "crate::a::c::D",
            "crate::a::c::E",
            "crate::I",
            "self::l::m",
            "super::g::h",
        ];
        assert_eq!(paths_in(text), expected.map(path));
    }

    #[test]
    fn a_circle_is_found_by_way_of_others_and_none_where_the_way_does_not_lead_back() {
        let uses = |edges: &[(&str, &[&str])]| -> Uses {
            edges.iter().map(|(file, used)| (path(file), used.iter().map(|used| path(used)).collect())).collect()
        };
        let round = uses(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a", "e"]), ("e", &["d"])]);
        assert_eq!(circles(&round), [vec!["a", "b", "c"], vec!["d", "e"]]);
        assert!(circles(&uses(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])])).is_empty());
    }
}
