//! Every command that the README, the pages under `docs/` and `--help` tell. The README's are run, in the order in which
//! they stand there; of the others it is held that the command line takes them (those of ANALYSTS and OPERATIONS are run by
//! `analysts.rs`).

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::tributary;

/// What the README tells and is run elsewhere, or needs what a test does not have; each with who runs it.
const ELSEWHERE: [(&str, &str); 7] = [
    ("cargo run -- demo", "tests/daemon/demo.rs, and who reads the README"),
    ("cargo test", "it is this"),
    ("deploy/kafka/kafka.sh", "the tests with a real broker"),
    ("cargo run --release -p tributary-workload --example ndjson", "the tests with a real broker"),
    ("tributary backup --data ledger --to s3://", "tests/cli/ship.rs, with a server that speaks S3"),
    ("tributary run --data standby", "tests/standby"),
    ("cargo run --release -- run", "tests/daemon/kill.rs, the tests with a real broker"),
];

/// Pages whose commands are run, by `analysts.rs` and `operations.rs`.
const RUN: [&str; 2] = ["ANALYSTS.md", "OPERATIONS.md"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The lines of a page's blocks for a shell, without their comments; a line that ends in `\` goes on.
fn lines_of(page: &Path) -> Vec<String> {
    lines_in(&std::fs::read_to_string(page).expect("the page"))
}

/// The same of a text.
fn lines_in(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut is_inside, mut goes_on) = (false, false);
    for line in text.lines() {
        if line.starts_with("```") {
            is_inside = line == "```sh";
        } else if is_inside {
            let line = line.split(" #").next().unwrap_or_default().trim();
            let part = line.strip_suffix('\\').unwrap_or(line);
            match lines.last_mut().filter(|_| goes_on) {
                Some(last) => last.push_str(part),
                None if line.is_empty() || line.starts_with('#') => {}
                None => lines.push(part.to_owned()),
            }
            goes_on = line.ends_with('\\');
        }
    }
    lines
}

/// A demo for the commands that ask a server, ended when this is dropped.
struct Server(Child, String);

impl Server {
    fn start() -> Server {
        let mut process = tributary()
            .args(["demo", "--events", "20000", "--rate", "0", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary can be run");
        let out = BufReader::new(process.stdout.take().expect("its output"));
        let line = out.lines().map_while(Result::ok).find(|line| line.contains("listens on http://"));
        let line = line.expect("it says where it listens");
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split(';').next()).expect("an address").to_owned();
        Server(process, address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The README without the lines by which an exchange has Tributary, and these.
fn readme() -> (Vec<String>, Vec<String>) {
    let text = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let (before, rest) = text.split_once("## In an exchange, in five lines\n").expect("the five lines");
    let (own, after) = rest.split_once("\n## ").expect("what follows");
    (lines_in(&format!("{before}\n## {after}")), lines_in(own))
}

/// `PATH` with the binary of the tests.
fn path() -> std::ffi::OsString {
    let own = Path::new(env!("CARGO_BIN_EXE_tributary")).parent().expect("a folder").to_owned();
    let before = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([own].into_iter().chain(std::env::split_paths(&before))).expect("a path")
}

#[test]
fn the_five_lines_by_which_an_exchange_has_it_work_one_after_the_other() {
    let (_, lines) = readme();
    assert_eq!(lines.len(), 5, "{lines:#?}");
    let (makes_the_key, runs) = lines[0].split_once(" && tributary run --data ledger ").expect("the daemon");
    let folder = tempfile::tempdir().expect("a folder");
    let run = |script: &str| {
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", script]).current_dir(folder.path()).env("PATH", path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRIBUTARY_")) {
            shell.env_remove(name);
        }
        let output = shell.output().expect("bash");
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    run(makes_the_key);
    let secret = folder.path().join("secret");
    let flags = runs.trim_end_matches(" &").replace(" secret", &format!(" {}", secret.display()));
    let flags: Vec<&str> = flags.split(' ').collect();
    let daemon = Daemon::ready(&folder.path().join("ledger"), &flags, &[]);
    let lines = lines[1..].join("\n").replace("localhost:8080", daemon.address());
    let said = run(&lines.replace("curl ", "curl --silent --show-error --fail "));
    for expected in ["\"accepted\"", "/sign-in/link?link=", "\"postings\"", "\"r-1\""] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn every_command_of_the_readme_is_run_and_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start();
    let mut run = 0;
    for line in readme().0 {
        if ELSEWHERE.iter().any(|(begins, _)| line.starts_with(begins)) {
            continue;
        }
        let line = line.replace("localhost:8080", &server.1).replace("curl ", "curl --silent --show-error --fail ");
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", &line]).current_dir(folder.path()).env("PATH", path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRIBUTARY_")) {
            shell.env_remove(name);
        }
        let output = shell.output().expect("bash");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {}\n{said}", output.status);
        let says = !output.stdout.is_empty() || line.contains("--out") || line.contains("--record");
        assert!(says, "{line} says nothing: {said}");
        run += 1;
    }
    assert!(run >= 20, "the README tells commands: {run}");
}

/// Words as a shell splits them: what stands in quotes is one.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut quote): (Vec<String>, _) = (Vec::new(), None);
    let mut is_new = true;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, ' ') => {
                is_new = true;
                continue;
            }
            (_, letter) => {
                if is_new {
                    words.push(String::new());
                }
                words.last_mut().expect("a word was begun").push(letter);
            }
        }
        if is_new && quote.is_some() {
            words.push(String::new());
        }
        is_new = false;
    }
    words
}

/// The arguments of each call of `tributary` in a line, up to where the shell takes over.
fn calls(line: &str) -> Vec<Vec<String>> {
    // What another command gives stands for one word.
    let mut plain = line.to_owned();
    while let Some((begin, end)) = plain.find("$(").and_then(|begin| Some((begin, begin + plain[begin..].find(')')?))) {
        let is_head = plain[..begin].trim_end_matches('"').ends_with("--against ");
        plain.replace_range(begin..=end, &if is_head { format!("1:{}", "0".repeat(64)) } else { "a=1".to_owned() });
    }
    let line = &*plain;
    let line = format!(" {}", line.trim_start());
    let parts = line.split(" tributary ").skip(1).filter(|_| !line.contains("cargo "));
    parts
        .map(|part| {
            let end = part.find(['|', '>', ';', ')', '`', '#']).unwrap_or(part.len());
            let end = [" && ", " 2>"].iter().filter_map(|mark| part.find(mark)).fold(end, usize::min);
            words(&part[..end])
        })
        .filter(|words: &Vec<String>| !words.is_empty())
        .collect()
}

/// Whether the command line takes the arguments, which are not acted on.
fn assert_taken(arguments: &[String], told: &str) {
    let output = tributary().args(arguments).arg("--help").output().expect("the binary can be run");
    assert!(output.status.success(), "{told}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_command_of_the_docs_is_one_that_the_command_line_takes() {
    let (mut taken, mut pages) = (0, 0);
    for page in std::fs::read_dir(root().join("docs")).expect("the pages").flatten() {
        let path = page.path();
        pages += 1;
        let is_run = RUN.iter().any(|name| path.ends_with(name));
        if !is_run && path.extension().is_some_and(|extension| extension == "md") {
            for line in lines_of(&path) {
                for call in calls(&line) {
                    assert_taken(&call, &format!("{}: {line}", path.display()));
                    taken += 1;
                }
            }
        }
    }
    assert!(pages >= 8, "{pages} pages, {taken} commands");
}

#[test]
fn every_example_of_the_help_is_one_that_the_command_line_takes() {
    let help = |arguments: &[&str]| {
        let output = tributary().args(arguments).arg("--help").output().expect("the binary can be run");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let commands = commands_in(&help(&[]));
    assert!(commands.len() >= 14, "{commands:?}");
    let mut below = Vec::new();
    for command in &commands {
        let names = commands_in(&help(&[command]));
        below.extend(names.into_iter().map(|name| vec![command.clone(), name]));
    }
    assert!(below.len() >= 5, "quarantine and token have commands of their own: {below:?}");
    let mut taken = 0;
    for command in commands.iter().map(|command| vec![command.clone()]).chain(below) {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let text = help(&words);
        // An example that is longer than a narrow terminal goes on in the next line, as a shell takes it.
        let examples = text.split_once("\nExamples:\n").map(|(_, examples)| examples).unwrap_or_default();
        let longest = examples.lines().map(str::len).max().unwrap_or(0);
        assert!(longest <= 80, "an example of {words:?} is wrapped in its middle where a terminal is 80 wide: {text}");
        // What a narrow terminal wraps goes on at its edge.
        let is_wrapped = examples.lines().any(|line| !line.is_empty() && !line.starts_with("  "));
        assert!(!is_wrapped, "an example of {words:?} is wrapped in its middle: {text}");
        let examples = examples.replace(" \\\n      ", " ");
        assert!(!examples.is_empty() || words.len() > 1, "{words:?} shows no example");
        for example in examples.lines().take_while(|line| line.starts_with("  ")) {
            // Another user's, or another program's, is longer than what is meant here.
            let begins =
                example.trim_start().starts_with("tributary ") || example.trim_start().starts_with("TRIBUTARY_");
            for call in if begins { calls(example) } else { Vec::new() } {
                taken += 1;
                assert_taken(&call, example);
            }
        }
    }
    assert!(taken >= 30, "the help shows examples: {taken}");
}

/// The commands that a help names.
fn commands_in(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        // What is indented further goes on about the command before.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_ascii_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}
