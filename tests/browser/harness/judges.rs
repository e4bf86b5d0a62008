//! What judges pages: axe-core in the page, html-validate beside it. Both come from npm by the lock file in this
//! folder: `npm ci --ignore-scripts --prefix tests/browser`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::skipped;
use super::window::Window;

/// axe-core's source, if it is installed.
static AXE: LazyLock<Option<String>> =
    LazyLock::new(|| std::fs::read_to_string(packages().join("axe-core/axe.min.js")).ok());

fn packages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/node_modules")
}

/// Whether the judges are installed; says so where they are not.
pub fn are_here() -> bool {
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    let has_all = has_node && AXE.is_some() && packages().join("html-validate").is_dir();
    if !has_all {
        skipped("no axe-core and html-validate: node, and npm ci --ignore-scripts --prefix tests/browser");
    }
    has_all
}

/// What axe-core holds against the page as it stands: one line for each rule that it breaks, however little that is.
pub async fn barriers(window: &Window) -> Vec<String> {
    let axe = AXE.as_ref().expect("axe-core is installed");
    window.ask::<Value>(&format!("if (!window.axe) {{ {axe} }} return true;"), vec![]).await;
    let script = "const done = arguments[arguments.length - 1];
        axe.run(document, {resultTypes: ['violations']}).then(
            found => done(found.violations.map(rule => `${rule.id} (${rule.impact}): ${rule.help}: ` + rule.nodes.slice(0, 3)
                    .map(node => node.target.join(' ') + ' ' + node.failureSummary.replace(/\\s+/g, ' ')).join(' | '))),
            error => done(['axe-core failed: ' + error]));";
    let found = window.driver.execute_async(script, vec![]).await.expect("axe-core answers");
    found.convert().expect("lines")
}

/// What html-validate holds against these pages: one line a fault. A page is a name and its source.
pub fn faults(pages: &[(String, String)]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/htmlvalidate.json"),
        folder.path().join(".htmlvalidate.json"),
    )
    .expect("the rules");
    for (at, (_, source)) in pages.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{at:04}.html")), source).expect("written");
    }
    // What it writes to a pipe it cuts when it is much.
    let told = folder.path().join("told.json");
    let output = Command::new("node")
        .arg(packages().join("html-validate/bin/html-validate.mjs"))
        .args(["--formatter", &format!("json={}", told.display()), "--ext", "html", "."])
        .current_dir(folder.path())
        .output()
        .expect("node runs");
    let said = std::fs::read_to_string(&told)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let files: Vec<Value> = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let mut faults = Vec::new();
    for file in &files {
        let path = Path::new(file["filePath"].as_str().expect("a path"));
        let at: usize = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").parse().expect("a number");
        for message in file["messages"].as_array().expect("messages") {
            let place = json!([message["line"], message["column"], message["selector"]]);
            faults.push(format!("{}: {}: {} {place}", pages[at].0, message["ruleId"], message["message"]));
        }
    }
    faults
}
