//! `docs/OPERATIONS.md` as an operator follows it on a machine: a real systemd, a real Kafka, a real Prometheus. Each case of
//! the runbook is produced first, by the commands that stand in a comment before it; what stands below a command is what came
//! out. It needs root on Linux; where no such machine can be had, it says so, and fails if `TRIBUTARY_REQUIRE_MACHINE` is set.

mod analyst_support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use analyst_support::difference::difference;
use analyst_support::page::{Block, Language, Page};

/// What `machine.sh` and `kafka.sh` end with where a program or a right is missing.
const CANNOT: i32 = 3;

/// Runs blocks one after the other, until one fails: what each says goes to files of its number.
const FOLLOW: &str = r#"
cd /root
for block in "$1"/*.sh; do
  name=${block%.sh}
  bash -euo pipefail "$block" >"$name.out" 2>"$name.err" </dev/null
  code=$?
  echo "$code" >"$name.code"
  if [ "$code" != 0 ]; then journalctl --no-pager --lines 30 --output cat >"$name.journal"; break; fi
done
"#;

fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether what ended so is to be passed over.
fn is_missing(code: Option<i32>, why: &[u8]) -> bool {
    if code != Some(CANNOT) {
        return false;
    }
    let why = String::from_utf8_lossy(why);
    needs::missing(needs::Need::Machine, &why);
    true
}

#[test]
fn every_command_of_the_runbook_does_on_a_machine_what_stands_there() {
    // The broker's packages are fetched outside, where there is a network.
    let fetched = Command::new(house().join("deploy/kafka/kafka.sh"))
        .args(["tool", "org.apache.kafka.tools.ClusterTool", "--help"])
        .output()
        .expect("the script can be run");
    if is_missing(fetched.status.code(), &fetched.stderr) {
        return;
    }
    let mut page = Page::read(&house().join("docs/OPERATIONS.md"));
    let is_run = |block: &Block| matches!(block.language, Language::Machine | Language::Cause);
    let run: Vec<usize> = (0..page.blocks.len()).filter(|at| is_run(&page.blocks[*at])).collect();
    assert!(run.len() > 40, "the page has its commands: {}", run.len());
    let folder = tempfile::tempdir().expect("a folder");
    let at = |number: usize, kind: &str| -> PathBuf { folder.path().join(format!("{number:04}.{kind}")) };
    for number in &run {
        std::fs::write(at(*number, "sh"), &page.blocks[*number].text).expect("written");
    }
    let followed = Command::new(house().join("deploy/systemd/machine.sh"))
        .arg(env!("CARGO_BIN_EXE_tributary"))
        .args(["bash", "-c", FOLLOW, "follow"])
        .arg(folder.path())
        .env("CHECKOUT", house())
        .stdin(Stdio::null())
        .output()
        .expect("the script can be run");
    if is_missing(followed.status.code(), &followed.stderr) {
        return;
    }
    assert!(followed.status.success(), "{}", String::from_utf8_lossy(&followed.stderr));

    let is_blessed = std::env::var_os("TRIBUTARY_BLESS").is_some();
    let read = |number: usize, kind: &str| std::fs::read_to_string(at(number, kind)).unwrap_or_default();
    for number in run {
        let Block { text, line, .. } = &page.blocks[number];
        let (said, told) = (read(number, "out"), read(number, "err"));
        let journal = read(number, "journal");
        assert_eq!(
            read(number, "code").trim(),
            "0",
            "line {line}:\n{text}\n--- said\n{said}\n--- told\n{told}\n--- journal\n{journal}"
        );
        let said = said.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned();
        let Some(expected) = page.blocks.get_mut(number + 1).filter(|block| block.language == Language::Output) else {
            continue;
        };
        if is_blessed {
            expected.text = said;
        } else if let Some(difference) = difference(&expected.text, &said) {
            panic!("line {}: {difference}\n--- stands there\n{}\n--- came out\n{said}", expected.line, expected.text);
        }
    }
    if is_blessed {
        page.write();
    }
}

#[test]
fn the_page_makes_the_cause_of_every_alert_and_waits_until_it_is_over() {
    let alerts = std::fs::read_to_string(house().join("deploy/prometheus/tributary.alerts.yml")).expect("the alerts");
    let names: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() > 25, "{names:?}");
    let page = Page::read(&house().join("docs/OPERATIONS.md"));
    let causes: Vec<&str> = page
        .blocks
        .iter()
        .filter(|block| block.language == Language::Cause)
        .flat_map(|block| block.text.lines())
        .collect();
    let waits = |what: &str, name: &str| {
        causes.iter().any(|line| line.strip_prefix(what).is_some_and(|rest| rest.split(' ').nth(1) == Some(name)))
    };
    for name in names {
        assert!(waits("until_alert", name), "the page does not make {name} fire");
        assert!(waits("until_well", name), "the page does not see that {name} is over");
    }
}
