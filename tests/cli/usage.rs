//! Help, bad usage, completions, manual pages: what everyone meets first.

use crate::cli_support::Workplace;

#[test]
fn bad_usage_has_exit_code_2_and_prints_nothing_on_standard_output() {
    let workplace = Workplace::new();
    workplace.write("broken.toml", "dta = 1");
    for arguments in [
        "",
        "nonsense",
        "config --nonsense",
        "config --format xml",
        "config --json --format csv",
        "config --listen nowhere",
        "config --log-level nonsense",
        "config --mode statik",
        "config --hs256-secret-file broken.toml",
        "config --config missing.toml",
        "config --config broken.toml",
        "config --kafka-property =x",
        "query",
        "query overview uid --url http://127.0.0.1:1",
        "query overview --url ftp://127.0.0.1",
        "token",
        "token --role affiliate",
        "token --role king",
        "token --role operator --uid 0",
        "token --role operator --ttl 0",
        "token --role operator",
        "completions tcsh",
    ] {
        let run = workplace.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments}: {}", run.stderr);
        assert!(!run.stderr.is_empty(), "{arguments}");
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let workplace = Workplace::new();
    for (arguments, part) in [
        ("--help", "Exit codes: 0 done, 1 failed, 2 bad usage, 3 the ledger is damaged."),
        ("query --help", "Examples:"),
        ("--version", "tributary "),
    ] {
        let run = workplace.run(arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments}");
        assert!(run.stdout.contains(part), "{arguments}: {}", run.stdout);
    }
}

#[test]
fn a_token_in_the_environment_is_not_shown_by_help() {
    let run = Workplace::new().run_with("query --help", &[("TRIBUTARY_TOKEN", "hidden-token")]);
    assert!(!run.stdout.contains("hidden-token"), "{}", run.stdout);
}

#[test]
fn every_shell_gets_completions() {
    let workplace = Workplace::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = workplace.run(&format!("completions {shell}"));
        assert_eq!(run.code, 0, "{shell}: {}", run.stderr);
        assert!(run.stdout.contains("kafka-property"), "{shell}");
    }
}

#[test]
fn every_command_gets_a_page_of_the_manual() {
    let workplace = Workplace::new();
    let run = workplace.run("man --out pages");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let help = workplace.run("--help").stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // What is said of a command may go on in lines that are indented further.
    let named = commands.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let commands: Vec<&str> = named.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"run") && commands.contains(&"backup"), "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let page = read(&workplace, &format!("pages/tributary-{command}.1"));
        assert!(page.contains(&format!("tributary\\-{command}")) && page.contains("Examples:"), "{command}: {page}");
    }
    assert!(read(&workplace, "pages/tributary.1").contains("Exit codes:"));

    workplace.write("file", "no folder");
    let run = workplace.run("man --out file");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("can't make file"), "{}", run.stderr);
}

fn read(workplace: &Workplace, name: &str) -> String {
    std::fs::read_to_string(workplace.path().join(name)).expect("a page")
}
