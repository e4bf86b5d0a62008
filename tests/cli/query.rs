//! `tributary query --url`: against a server of the test that answers one request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::cli_support::{Workplace, undisturbed};

/// A server that takes one request and gives one answer.
struct Server {
    url: String,
    request: JoinHandle<String>,
}

fn serve(status: &'static str, media_type: &'static str, body: &'static str) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let request = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut request = String::new();
        let mut reader = BufReader::new(stream.try_clone().expect("the stream"));
        while reader.read_line(&mut request).is_ok_and(|count| count > 2) {}
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("an answer sent");
        request
    });
    Server { url, request }
}

impl Server {
    fn request(self) -> String {
        self.request.join().expect("the request")
    }
}

const LIST: &str =
    r#"{"rows":[{"uid":70012,"note":"=1+1","commission":"1.5"}],"total":3,"next_cursor":"n","as_of":{"position":9}}"#;

/// The same as JSON is printed: with the end of a line, which a program that reads lines waits for.
const LIST_LINE: &str = "{\"rows\":[{\"uid\":70012,\"note\":\"=1+1\",\"commission\":\"1.5\"}],\
    \"total\":3,\"next_cursor\":\"n\",\"as_of\":{\"position\":9}}\n";
const TABLE: &str = "  uid  note  commission\n70012  =1+1         1.5\n";
const MORE: &str = "1 of 3 rows; go on with cursor=n\n";

#[test]
fn an_answer_is_printed_in_the_format_asked_for() {
    let workplace = Workplace::new();
    for (format, stdout, stderr) in [
        ("--format table", TABLE, MORE),
        ("--format csv", "uid,note,commission\n70012,'=1+1,1.5\n", MORE),
        ("--format csv --columns note", "note\n'=1+1\n", MORE),
        // Nobody looks: it is for a program, unless columns are chosen.
        ("", LIST_LINE, ""),
        ("--format auto", LIST_LINE, ""),
        ("--columns commission,uid", "commission    uid\n       1.5  70012\n", MORE),
        ("--columns all", TABLE, MORE),
        ("--format json", LIST_LINE, ""),
        ("--json", LIST_LINE, ""),
    ] {
        let server = serve("200 OK", "application/json", LIST);
        let run = workplace.run(&format!("query referrals uid=7 q=a&b --url {} --token t0k {format}", server.url));
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, stdout, stderr), "{format}");
        let request = server.request();
        assert!(request.starts_with("GET /v1/referrals?uid=7&q=a%26b HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("Bearer t0k"), "{request}");
    }
}

#[test]
fn what_the_api_answers_with_400_is_bad_usage_and_other_refusals_are_failures() {
    let workplace = Workplace::new();
    let problem =
        r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"from after to","field":"from"}"#;
    for (status, body, code, said) in [
        ("400 Bad Request", problem, 2, "tributary: Bad Request: from after to (from)\n"),
        ("403 Forbidden", r#"{"title":"Forbidden"}"#, 1, "tributary: Forbidden\n"),
        ("404 Not Found", "no JSON", 1, "tributary: status 404\n"),
        ("302 Found", "", 1, "tributary: status 302\n"),
    ] {
        let server = serve(status, "application/problem+json", body);
        let run = workplace.run_with("query overview uid=7", &[("TRIBUTARY_URL", &server.url)]);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (code, "", said), "{status}");
        server.request();
    }
}

#[test]
fn an_export_goes_through_as_it_is() {
    let workplace = Workplace::new();
    let server = serve("200 OK", "text/csv; charset=utf-8", "date,amount\n2026-03-01,1.5\n");
    let run = workplace.run(&format!("query rewards/export uid=7 --url {}", server.url));
    assert_eq!((run.code, run.stdout.as_str()), (0, "date,amount\n2026-03-01,1.5\n"));
    server.request();
}

#[test]
fn a_daemon_that_is_not_there_is_a_failure() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let run = Workplace::new().run(&format!("query status --url http://127.0.0.1:{port}"));
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    assert!(run.stderr.starts_with("tributary: no answer from http://127.0.0.1:"), "{}", run.stderr);
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let mut rows = String::from("{\"rows\":[");
    for uid in 1..50_000 {
        rows.push_str(&format!("{{\"uid\":{uid},\"note\":\"a note of some length\"}},"));
    }
    rows.push_str("{\"uid\":50000}]}");
    let server = serve("200 OK", "application/json", Box::leak(rows.into_boxed_str()));
    let mut child = undisturbed(&mut std::process::Command::new(env!("CARGO_BIN_EXE_tributary")))
        .args(["query", "referrals", "--format", "csv", "--url", &server.url])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let mut first = [0; 10];
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut first).expect("the header");
    drop(stdout);
    let ended = child.wait_with_output().expect("an end");
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
    server.request();
}

/// A proxy that refuses the one request that it gets.
fn refusing_proxy() -> Server {
    serve("403 Forbidden", "text/plain", "not through here")
}

#[test]
fn what_listens_here_is_asked_without_a_proxy_and_a_proxy_that_refuses_is_named() {
    let workplace = Workplace::new();
    let unset = [("no_proxy", ""), ("NO_PROXY", ""), ("all_proxy", ""), ("ALL_PROXY", "")];
    let run = |url: &str, proxy: &str, exempt: &str| {
        let variables = [&unset[..], &[("http_proxy", proxy), ("no_proxy", exempt)]].concat();
        workplace.run_with(&format!("query status --json --url {url}"), &variables)
    };
    let server = serve("200 OK", "application/json", LIST);
    let here = run(&server.url, "http://127.0.0.1:1", "");
    assert_eq!((here.code, here.stdout.as_str()), (0, LIST_LINE), "{}", here.stderr);
    server.request();

    let proxy = refusing_proxy();
    let name = proxy.url.trim_start_matches("http://").to_owned();
    let through = run("http://ledger.invalid:8080", &format!("http://who:secret@{name}"), "other.invalid");
    assert_eq!(through.code, 1);
    assert!(through.stderr.contains(&format!("the proxy {name}, which http_proxy names")), "{}", through.stderr);
    assert!(!through.stderr.contains("secret"), "{}", through.stderr);
    assert!(proxy.request().contains("ledger.invalid:8080"));

    let exempt = run("http://ledger.invalid:8080", "http://127.0.0.1:1", "invalid");
    assert!(exempt.code == 1 && !exempt.stderr.contains("proxy"), "{}", exempt.stderr);
    let unusable = run("http://ledger.invalid", "http://", "");
    assert!(unusable.code == 2 && unusable.stderr.contains("http_proxy"), "{}", unusable.stderr);
}

#[test]
fn columns_that_are_not_there_or_of_what_has_none_are_bad_usage() {
    let workplace = Workplace::new();
    for format in ["table", "csv"] {
        let server = serve("200 OK", "application/json", LIST);
        let run = workplace.run(&format!("query referrals --url {} --format {format} --columns uid,nte", server.url));
        server.request();
        let said = "tributary: there is no column \"nte\" (--columns); there are uid, note, commission\n";
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (2, "", said));
    }
    for other in ["--columns uid --json", "--columns uid --format json", "--columns uid,,note", "--columns ,"] {
        assert_eq!(workplace.run(&format!("query status --url http://127.0.0.1:1 {other}")).code, 2, "{other}");
    }
}

/// What a command shows on a terminal of 80 columns, and what it says on standard error.
fn on_a_terminal(workplace: &Workplace, arguments: &str) -> (String, String) {
    let command = format!("stty cols 80 rows 24; exec {} {arguments} 2>said", env!("CARGO_BIN_EXE_tributary"));
    let run = undisturbed(std::process::Command::new("script").args(["-qec", &command, "/dev/null"]))
        .current_dir(workplace.path())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("script, which has a terminal, can be run");
    let said = std::fs::read_to_string(workplace.path().join("said")).expect("what was said");
    assert!(run.status.success(), "{arguments}: {said}");
    (String::from_utf8(run.stdout).expect("UTF-8").replace("\r\n", "\n"), said)
}

#[test]
fn on_a_terminal_an_answer_is_a_table_that_fits_and_says_what_it_leaves_out() {
    let workplace = Workplace::new();
    let recorded = workplace.run("demo --record --data ledger --events 5000 --end 2026-04-20T00:00:00Z");
    assert_eq!(recorded.code, 0, "{}", recorded.stderr);
    let questions = [
        "feed after=100 limit=40",
        "overview uid=7",
        "overview/series uid=7 from=2026-04-01 to=2026-04-19",
        "referrals uid=7",
        "referrers from=2026-03-01",
        "withheld from=2026-03-01 to=2026-04-19 by=reason",
        "withheld/trades from=2026-03-01 to=2026-04-19 limit=5",
        "clawbacks from=2026-03-01 to=2026-04-19",
        "clawbacks/trades from=2026-03-01 to=2026-04-19",
        "countries uid=7 from=2026-03-01",
        "cohorts uid=7 from=2026-03-01",
        "codes uid=7",
        "offers uid=7",
        "campaigns uid=7",
        "rewards uid=7 from=2026-03-01",
        "account uid=7",
        "status",
        "quarantine",
        "audit",
        "referrals/70012 uid=7",
        "trades/explain invitee=70012 source=/exchange/spot id=story-4",
        "restatement uid=7 from=2026-03-01 to=2026-03-31 as_of=2026-04-03T00:00:00Z",
    ];
    let commands = questions.map(|question| format!("query {question} --data ledger"));
    let others = ["config", "quarantine list --data ledger", "replay --data ledger --what-if ledger/what-if.toml"];
    for command in commands.iter().map(String::as_str).chain(others) {
        let (shown, said) = on_a_terminal(&workplace, command);
        // Letters of other scripts are two columns wide; a line has not more letters than columns.
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{command}: {shown}");
        assert!(
            !shown.starts_with('{') && shown.lines().count() > usize::from(shown != "no rows\n"),
            "{command}: {shown}"
        );
        assert!(said.lines().filter(|line| line.starts_with("left out: ")).count() <= 1, "{command}: {said}");
        let fits = !said.contains("left out: ");
        assert!(fits || said.contains("--columns all shows them"), "{command}: {said}");
    }
    let (shown, said) = on_a_terminal(&workplace, "query feed after=100 limit=40 --data ledger");
    let head = shown.lines().next().expect("a head");
    assert!(head.starts_with("position  event_type"), "{head}");
    assert!(said.contains("recorded_at") && said.contains("postings"), "{said}");
    let (whole, said) = on_a_terminal(&workplace, "query feed after=100 limit=40 --columns all --data ledger");
    assert!(whole.lines().next().is_some_and(|head| head.contains("postings")) && said.is_empty(), "{said}");
    let (restated, _) = on_a_terminal(
        &workplace,
        "query restatement uid=7 from=2026-03-01 to=2026-03-31 as_of=2026-04-03T00:00:00Z --data ledger",
    );
    let names: Vec<&str> = restated.lines().filter_map(|line| line.split_whitespace().next()).take(4).collect();
    assert_eq!(names, ["name", "commission", "rebate", "position"], "{restated}");
    // Where nobody looks, the same is lines of JSON, and nothing is logged.
    let piped = workplace.run("query feed after=100 limit=40 --data ledger");
    assert!(piped.stdout.lines().count() == 40 && piped.stdout.lines().all(|line| line.starts_with('{')));
    assert_eq!(piped.stderr, "");
}

#[test]
fn nothing_is_logged_unless_that_is_asked_for() {
    let workplace = Workplace::new();
    for (data, seed) in [("ledger", 1), ("other", 2)] {
        let run = workplace
            .run(&format!("demo --record --data {data} --seed {seed} --events 1000 --end 2026-04-20T00:00:00Z"));
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    // Another ledger's checkpoint is not used, which is a warning.
    let checkpoint = |data: &str| workplace.path().join(data).join("checkpoint");
    std::fs::remove_dir_all(checkpoint("ledger")).expect("no checkpoint");
    std::fs::rename(checkpoint("other"), checkpoint("ledger")).expect("another's");
    let quiet = workplace.run("query status --data ledger");
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    let asked = workplace.run("query status --data ledger --log-level info");
    assert!(asked.code == 0 && asked.stderr.contains(" WARN "), "{}", asked.stderr);
}

#[test]
fn csv_begins_with_a_byte_order_mark_where_that_is_asked_for() {
    let workplace = Workplace::new();
    let server = serve("200 OK", "application/json", LIST);
    let run = workplace.run(&format!("query referrals uid=7 --url {} --format csv --csv-bom", server.url));
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "\u{feff}uid,note,commission\n70012,'=1+1,1.5\n"),
        "{}",
        run.stderr
    );
    server.request();
    for other in ["--csv-bom --json", "--csv-bom --format table", "--csv-bom"] {
        assert_eq!(workplace.run(&format!("query status --url http://127.0.0.1:1 {other}")).code, 2, "{other}");
    }
}
