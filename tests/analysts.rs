//! `docs/ANALYSTS.md` and `docs/OPERATIONS.md` as their readers would follow them: each command is run, each figure that
//! stands below it is what came out. With `TRIBUTARY_BLESS=1` what came out is written into the page instead.

mod analyst_support;
#[path = "../backups/tests/objects/server.rs"]
#[allow(dead_code, reason = "the tests of backups use the rest")]
mod object_server;

use std::path::PathBuf;

use analyst_support::difference::difference;
use analyst_support::page::{Block, Language, Page};
use analyst_support::reader::Reader;
use analyst_support::tools::Tools;
use object_server::Server;

/// What only a build with the feature `sql` has.
const SQL: &str = "tributary sql ";

/// How the addresses of object stores begin, which need a server.
const STORE: &str = "s3://";

fn page(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

#[test]
fn every_command_of_the_page_gives_what_stands_below_it() {
    let (compared, skipped) = follow("ANALYSTS.md", Tools::find());
    assert!(compared + skipped >= 12, "the page has its commands: {compared} compared, {skipped} skipped");
}

#[test]
fn every_command_of_the_operators_page_gives_what_stands_below_it() {
    let (compared, skipped) = follow("OPERATIONS.md", None);
    assert!(
        compared >= 8 && (skipped == 0 || std::env::var_os("TRIBUTARY_REQUIRE_S3").is_none()),
        "the page has its commands: {compared} compared, {skipped} skipped"
    );
}

/// Runs a page's commands one after the other. How many outputs were compared, and how many commands skipped.
fn follow(name: &str, tools: Option<Tools>) -> (usize, usize) {
    let is_blessed = std::env::var_os("TRIBUTARY_BLESS").is_some();
    let mut page = Page::read(&page(name));
    let mut reader = Reader::new(tools.as_ref());
    let is_about_stores = page.blocks.iter().any(|block| block.text.contains(STORE));
    let store = is_about_stores.then(Server::start).flatten();
    if let Some(store) = &store {
        reader.variables = vec![
            ("AWS_ENDPOINT_URL", format!("http://{}", store.address)),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "key".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ];
    }
    let (mut compared, mut skipped) = (0, 0);
    for at in 0..page.blocks.len() {
        let Block { language, text, line } = &page.blocks[at];
        if matches!(language, Language::Output | Language::Machine | Language::Cause) {
            continue;
        }
        if language.needs_tools() && tools.is_none() {
            println!("skipped: line {line} needs Python with DuckDB and pandas");
            skipped += 1;
            continue;
        }
        if *language == Language::Shell && text.contains(STORE) && store.is_none() {
            println!("skipped: line {line} needs a server that speaks S3");
            skipped += 1;
            continue;
        }
        if *language == Language::Shell && text.contains(SQL) && !cfg!(feature = "sql") {
            println!("skipped: line {line} needs a build with --features sql");
            skipped += 1;
            continue;
        }
        let said = reader.run(*language, text, *line);
        let Some(expected) = page.blocks.get_mut(at + 1).filter(|block| block.language == Language::Output) else {
            continue;
        };
        compared += 1;
        if is_blessed {
            expected.text = said;
        } else if let Some(difference) = difference(&expected.text, &said) {
            panic!("line {}: {difference}\n--- stands there\n{}\n--- came out\n{said}", expected.line, expected.text);
        }
    }
    if is_blessed {
        page.write();
    }
    (compared, skipped)
}

/// The notebook beside the page runs from top to bottom on what the page exported.
#[test]
fn the_notebook_runs_from_top_to_bottom() {
    let Some(tools) = Tools::find() else {
        println!("skipped: it needs Python with Jupyter");
        return;
    };
    let reader = Reader::new(Some(&tools));
    let page = Page::read(&page("ANALYSTS.md"));
    // What the page does before its notebook: the ledger and the files that the notebook opens.
    let of_it = |block: &&Block| block.language == Language::Shell && !block.text.contains(SQL);
    for block in page.blocks.iter().filter(of_it) {
        reader.run(Language::Shell, &block.text, block.line);
    }
    let notebook = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/analysts.ipynb");
    tools.execute_notebook(&notebook, reader.folder());
}
