//! Files that a page gives to be saved.

use std::path::Path;

use serde_json::json;

use super::window::Window;
use crate::daemon_support::wait_for;

/// Has a window save files in a folder, and ask nothing.
pub async fn keep_downloads_in(window: &Window, folder: &Path) {
    let folder = folder.to_str().expect("UTF-8");
    window.tell("Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": folder })).await;
}

/// The text of the file with this ending in the folder, once it is whole: the browser puts an empty one there under its name first, and
/// what comes beside it.
pub fn saved(folder: &Path, ending: &str) -> String {
    wait_for("the file is saved", 30, || {
        let files: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        let is = |path: &Path, ending: &str| path.extension().is_some_and(|extension| extension == ending);
        if files.iter().any(|path| is(path, "crdownload")) {
            return None;
        }
        let text = std::fs::read_to_string(files.iter().find(|path| is(path, ending))?).expect("a text");
        Some(text).filter(|text| !text.is_empty())
    })
}
