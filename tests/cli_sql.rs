//! `tributary sql`: in a build without it, what is said; in one with it, what it answers, where, and what it refuses.

mod cli_support;

#[cfg(not(feature = "sql"))]
#[test]
fn a_build_without_it_says_how_it_is_had() {
    let workplace = cli_support::Workplace::new();
    let run = workplace.run("sql select --data nowhere");
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(run.stderr.contains("--features sql") && run.stderr.contains("tributary export"), "{}", run.stderr);
}

#[cfg(feature = "sql")]
mod with_it {
    use std::process::{Command, Stdio};

    use schemas::Timestamp;
    use serde_json::Value;
    use workload::Workload;

    use super::cli_support::{Run, Workplace, undisturbed};

    /// A ledger in `ledger`, imported in two pieces. Gives the position between them.
    fn imported(workplace: &Workplace) -> u64 {
        let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
        let lines: Vec<Vec<u8>> = Workload::sized(5, 3_000, end).lines().collect();
        let (first, second) = lines.split_at(lines.len() / 2);
        let mut positions = Vec::new();
        for (name, lines) in [("first.ndjson", first), ("second.ndjson", second)] {
            std::fs::write(workplace.path().join(name), lines.join(&b'\n')).expect("a file");
            let said = done(&workplace.run(&format!("import --data ledger {name} --quiet --json")));
            let said: Value = serde_json::from_str(&said).expect("JSON");
            positions.push(said["position"].as_u64().expect("a position"));
        }
        positions[0]
    }

    /// Asks with the statement as one argument.
    fn asked(workplace: &Workplace, statement: &str, arguments: &str) -> Run {
        asked_with(workplace, statement, arguments, "")
    }

    fn asked_with(workplace: &Workplace, statement: &str, arguments: &str, input: &str) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tributary"));
        command.args(["sql", statement]).args(arguments.split_ascii_whitespace()).current_dir(workplace.path());
        undisturbed(&mut command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary can be run");
        let mut stdin = child.stdin.take().expect("its input");
        std::io::Write::write_all(&mut stdin, input.as_bytes()).expect("it is taken");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        Run {
            code: output.status.code().expect("an exit code"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    #[track_caller]
    fn done(run: &Run) -> String {
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stdout.clone()
    }

    const REWARDS: &str = "select sum(commission) as total_rewards from daily where referrer_uid = 7";

    #[test]
    fn sums_are_what_query_answers_now_and_as_of_any_moment() {
        let workplace = Workplace::new();
        let between = imported(&workplace);
        let mut rewards = Vec::new();
        for (as_of, parameter) in
            [(String::new(), String::new()), (format!("--as-of {between}"), format!("as_of={between}"))]
        {
            let line = done(&asked(&workplace, REWARDS, &format!("--data ledger {as_of}")));
            let row: Value = serde_json::from_str(&line).expect("one row");
            let question =
                format!("query overview uid=7 from=2000-01-01 to=2100-01-01 {parameter} --data ledger --json");
            let answer: Value = serde_json::from_str(&done(&workplace.run(&question))).expect("JSON");
            assert_eq!(row["total_rewards"], answer["metrics"]["total_rewards"], "{as_of}");
            rewards.push(row["total_rewards"].clone());
        }
        assert_ne!(rewards[0], rewards[1], "more was earned since");
    }

    #[test]
    fn an_answer_is_a_table_lines_or_a_file() {
        let workplace = Workplace::new();
        imported(&workplace);
        let statement = "select product, sum(trades) as trades, sum(commission) as commission from daily group by product order by product";
        let lines = done(&asked(&workplace, statement, "--data ledger"));
        assert!(lines.lines().count() > 1 && lines.starts_with("{\"product\":\"futures\",\"trades\":"), "{lines}");
        assert_eq!(done(&asked(&workplace, statement, "--data ledger --json")), lines, "a pipe gets JSON");
        assert_eq!(done(&asked_with(&workplace, "-", "--data ledger", statement)), lines, "- is standard input");
        let table = done(&asked(&workplace, statement, "--data ledger --format table"));
        assert!(table.starts_with("product  trades") && table.lines().count() == lines.lines().count() + 1, "{table}");
        let csv = done(&asked(&workplace, statement, "--data ledger --format csv"));
        assert!(csv.starts_with("product,trades,commission\nfutures,"), "{csv}");
        for (file, begins) in [
            ("a.csv", &b"product,trades,commission\n"[..]),
            ("a.ndjson", b"{\"product\":"),
            ("a.parquet", b"PAR1"),
            ("a.csv.gz", b"\x1f\x8b"),
        ] {
            let said = done(&asked(&workplace, statement, &format!("--data ledger --out {file}")));
            assert!(said.starts_with(&format!("rows      {}\nposition  ", lines.lines().count())), "{said}");
            let bytes = std::fs::read(workplace.path().join(file)).expect("a file");
            assert!(bytes.starts_with(begins), "{file}");
        }
        let many = asked(&workplace, "select position from entries", "--data ledger --format table");
        assert_eq!(done(&many).lines().count(), 1_001, "the head and the first rows");
        assert!(many.stderr.contains("the first 1000 rows"), "{}", many.stderr);
    }

    #[test]
    fn what_is_wrong_is_bad_usage_and_what_fails_has_failed_and_neither_leaves_a_file() {
        let workplace = Workplace::new();
        imported(&workplace);
        for (statement, arguments, code, told) in [
            ("select comission from daily", "--data ledger --out a.csv", 2, "there is commission"),
            (
                "insert into daily select * from daily",
                "--data ledger --out a.csv",
                2,
                "statements read the ledger and nothing else",
            ),
            ("select 1 / 0", "--data ledger", 1, "zero"),
            ("select trades / (trades - trades) from daily", "--data ledger --out a.csv", 1, "zero"),
            ("select 1", "--data nowhere", 1, "no ledger"),
            ("select 1", "--data ledger --as-of 99999999", 2, "99999999"),
            ("select 1", "--data ledger --format parquet", 2, "--out"),
            ("select 1", "--data ledger --out a.xlsx", 2, "does not say its format"),
            ("select 1", "--data ledger --out a.csv --format table", 2, "terminal"),
            ("select 1", "--data ledger --csv-bom", 2, "--csv-bom"),
            (
                "select count(*) from generate_series(1, 9000000000000000)",
                "--data ledger --time-limit 1 --out a.csv",
                1,
                "--time-limit",
            ),
        ] {
            let run = asked(&workplace, statement, arguments);
            assert_eq!(run.code, code, "{statement} {arguments}: {}{}", run.stdout, run.stderr);
            assert!(run.stderr.contains(told), "{statement} {arguments}: {}", run.stderr);
            assert_eq!(run.stdout, "", "{statement} {arguments}");
            let left: Vec<_> = std::fs::read_dir(workplace.path())
                .expect("a folder")
                .flatten()
                .map(|entry| entry.file_name())
                .collect();
            assert_eq!(left.len(), 3, "{statement} {arguments} leaves {left:?}");
        }
    }

    #[test]
    fn broken_off_by_a_signal_it_leaves_nothing() {
        let workplace = Workplace::new();
        imported(&workplace);
        let aside = workplace.path().join("aside");
        std::fs::create_dir(&aside).expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tributary"));
        let endless = "select * from generate_series(1, 9000000000000) order by value desc";
        command
            .args(["sql", endless, "--data", "ledger", "--out", "a.csv", "--memory", "16"])
            .current_dir(workplace.path());
        let mut child =
            undisturbed(&mut command).env("TMPDIR", &aside).stderr(Stdio::piped()).spawn().expect("it runs");
        let is_empty = || std::fs::read_dir(&aside).expect("a folder").next().is_none();
        while is_empty() {
            assert!(child.try_wait().expect("a state").is_none(), "it has ended");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it is there");
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("interrupted"), "{said}");
        assert!(is_empty(), "what was laid aside is taken away");
        assert!(!workplace.path().join("a.csv").exists());
    }
}
