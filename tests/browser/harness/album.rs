//! The pictures of pages that are kept under `docs/screenshots/pages`, and what new ones are held against them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::picture::Picture;
use super::walk::folder;

/// What stands before the list of pictures.
const TABLE_BEGINS: &str = "# Every page

Half as large as it is, of the demo's data on a day that stands still, wide and on a phone. The test `pictures` holds each page
against them; `just pictures` takes them anew and writes this list.

| page | now | before |
|---|---|---|
";

/// The kept pictures, and what was found so far.
pub struct Album {
    kept: PathBuf,
    /// Whether new pictures are kept from now on in the place of those that look otherwise.
    accepts: bool,
    held: BTreeSet<String>,
    found: Vec<String>,
    accepted: Vec<String>,
}

impl Album {
    /// The album of this repository. `TEST_ACCEPT_PICTURES=1` (`just pictures`) keeps new pictures.
    pub fn open() -> Album {
        Album {
            kept: Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots/pages"),
            accepts: std::env::var("TEST_ACCEPT_PICTURES").is_ok_and(|value| value == "1"),
            held: BTreeSet::new(),
            found: Vec::new(),
            accepted: Vec::new(),
        }
    }

    /// Whether a picture looks as the one that is kept under this name, if one is.
    pub fn looks_the_same(&self, name: &str, picture: &Picture) -> bool {
        self.kept(name).is_some_and(|kept| picture.difference(&kept).is_none())
    }

    /// Whether a page of this name was held already.
    pub fn has_held(&self, page: &str) -> bool {
        let begins = format!("{page}.");
        self.held.range(begins.clone()..).next().is_some_and(|name| name.starts_with(&begins))
    }

    /// Holds a picture against the one that is kept under this name.
    pub fn hold(&mut self, name: &str, picture: &Picture) {
        assert!(self.held.insert(name.to_owned()), "two pages are called {name}");
        let kept = self.kept(name);
        let difference = kept.as_ref().map(|kept| picture.difference(kept));
        let says = match &difference {
            Some(None) => return,
            Some(Some(difference)) => difference.says.clone(),
            None => "no picture of it is kept".to_owned(),
        };
        if self.accepts {
            std::fs::create_dir_all(&self.kept).expect("a folder");
            std::fs::write(self.path(name), picture.write()).expect("written");
            self.accepted.push(format!("{name}: {says}"));
            return;
        }
        let shown = difference.flatten().map(|difference| difference.shown);
        for (what, picture) in [("new", Some(picture)), ("kept", kept.as_ref()), ("difference", shown.as_ref())] {
            if let Some(picture) = picture {
                std::fs::write(looked_at().join(format!("{name}.{what}.png")), picture.write()).expect("written");
            }
        }
        self.found.push(format!("{name}: {says}"));
    }

    /// Ends: fails if a page looks otherwise, or if a picture is kept of a page that is no more.
    pub fn close(mut self) {
        for name in names(&self.kept, ".png").difference(&self.held) {
            if self.accepts {
                std::fs::remove_file(self.path(name)).expect("removed");
                self.accepted.push(format!("{name}: there is no such page any more"));
            } else {
                self.found.push(format!("{name}: a picture is kept, and there is no such page any more"));
            }
        }
        if self.accepts {
            std::fs::write(self.kept.join("README.md"), self.table()).expect("written");
            println!("{} of {} pictures are new:\n{}", self.accepted.len(), self.held.len(), self.accepted.join("\n"));
        }
        assert!(
            self.found.is_empty(),
            "{} of {} pictures are not as they were kept; new, kept and what differs lie in {}. Look at them, and if they are \
             as they should be: just pictures\n{}",
            self.found.len(),
            self.held.len(),
            looked_at().display(),
            self.found.join("\n")
        );
        let table = std::fs::read_to_string(self.kept.join("README.md")).unwrap_or_default();
        assert_eq!(table, self.table(), "the list of pictures is not as it should be: just pictures");
    }

    /// The list of all pictures, with those that there are of how pages were before.
    fn table(&self) -> String {
        let before = names(&self.kept.join("../before"), ".webp");
        let mut pages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (page, looks) in self.held.iter().filter_map(|name| name.split_once('.')) {
            pages.entry(page).or_default().insert(looks);
        }
        let mut table = TABLE_BEGINS.to_owned();
        for (page, looks) in pages {
            let now = looks.into_iter().map(|looks| format!("[{looks}]({page}.{looks}.png)"));
            let before = before.iter().filter_map(|name| {
                let looks = name.strip_prefix(page)?.strip_prefix('-')?;
                looks
                    .starts_with(|char: char| char.is_ascii_digit())
                    .then(|| format!("[{looks}](../before/{name}.webp)"))
            });
            let [now, before] = [now.collect::<Vec<_>>(), before.collect()].map(|links| links.join(", "));
            table.push_str(&format!("| {page} | {now} | {before} |\n"));
        }
        table
    }

    fn kept(&self, name: &str) -> Option<Picture> {
        std::fs::read(self.path(name)).ok().map(|bytes| Picture::read(&bytes))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.kept.join(format!("{name}.png"))
    }
}

/// The names of the files in a folder that end so, without their ending.
fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let Ok(files) = std::fs::read_dir(folder) else { return BTreeSet::new() };
    let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
    names.filter_map(|name| name.strip_suffix(ending).map(str::to_owned)).collect()
}

/// Where pictures lie that are not as they were kept.
fn looked_at() -> PathBuf {
    let folder = folder().join("pictures");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}
