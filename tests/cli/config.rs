//! `tributary config` and `tributary token`: settings from file, variables and flags.

use crate::cli_support::Workplace;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

/// The row of a key, as value and origin.
fn row(listing: &str, key: &str) -> (Value, String) {
    let listing: Value = serde_json::from_str(listing).expect("JSON");
    let rows = listing["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("no row of {key}"));
    (row["value"].clone(), row["from"].as_str().expect("a text").to_owned())
}

#[test]
fn config_shows_what_is_in_force_and_where_it_came_from() {
    let workplace = Workplace::new();
    workplace.write("tributary.toml", "data = \"ledger\"\nlisten = \"127.0.0.1:9001\"\n[kafka]\nbrokers = [\"b:1\"]\n");
    let variables = [("TRIBUTARY_LISTEN", "127.0.0.1:9002"), ("TRIBUTARY_KAFKA_TOPICS", "a, b")];
    let run = workplace.run_with("config --json --topic c --topic d --kafka-property client.id=x", &variables);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for (key, value, from) in [
        ("data", Value::from("ledger"), "tributary.toml:1"),
        ("listen", Value::from("127.0.0.1:9002"), "TRIBUTARY_LISTEN"),
        ("kafka.brokers", Value::from(vec!["b:1"]), "tributary.toml:4"),
        ("kafka.topics", Value::from(vec!["c", "d"]), "--topic"),
        ("kafka.properties.client.id", Value::from("x"), "--kafka-property"),
        ("read_only", Value::from(false), "default"),
        ("auth.jwks_file", Value::Null, "default"),
    ] {
        assert_eq!(row(&run.stdout, key), (value, from.to_owned()), "{key}");
    }
}

#[test]
fn config_masks_secrets_in_every_format() {
    let workplace = Workplace::new();
    workplace.write(
        "tributary.toml",
        "[auth]\nhs256_secret = \"hidden, and of thirty-two bytes or more\"\n[kafka]\nsecurity = \"sasl_plaintext\"\n\
         sasl_mechanism = \"PLAIN\"\nsasl_username = \"u\"\nsasl_password = \"hidden\"\n",
    );
    for format in ["table", "json", "csv"] {
        let run = workplace.run(&format!("config --format {format} --kafka-property ssl.key.password=hidden"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(!run.stdout.contains("hidden") && run.stdout.contains("********"), "{format}: {}", run.stdout);
    }
}

#[test]
fn a_config_file_can_be_named_by_flag_or_variable_and_the_flag_wins() {
    let workplace = Workplace::new();
    workplace.write("a.toml", "data = \"a\"");
    workplace.write("b.toml", "data = \"b\"");
    let variables = [("TRIBUTARY_CONFIG", "b.toml")];
    for (arguments, value) in [("config --json", "b"), ("--config a.toml config --json", "a")] {
        let run = workplace.run_with(arguments, &variables);
        assert_eq!(row(&run.stdout, "data").0, Value::from(value), "{arguments}: {}", run.stderr);
    }
}

#[test]
fn a_token_is_signed_with_the_configured_secret() {
    let workplace = Workplace::new();
    workplace.write("secret.txt", "a secret of the test, of thirty-two bytes or more\n");
    for (arguments, role, subject) in [
        ("token --role affiliate --uid 7 --hs256-secret-file secret.txt", "affiliate", Value::from("7")),
        ("token --role operator --ttl 30d --hs256-secret-file secret.txt", "operator", Value::Null),
    ] {
        let run = workplace.run(arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments}");
        let key = DecodingKey::from_secret(b"a secret of the test, of thirty-two bytes or more");
        let token = jsonwebtoken::decode::<Value>(run.stdout.trim_end(), &key, &Validation::new(Algorithm::HS256));
        let claims = token.expect("a token that holds now").claims;
        assert_eq!((&claims["role"], &claims["sub"]), (&Value::from(role), &subject), "{arguments}");
    }
    let variables = [("TRIBUTARY_AUTH_HS256_SECRET", "another secret of thirty-two bytes or more")];
    assert_eq!(workplace.run_with("token --role analyst", &variables).code, 0);
}

#[test]
fn check_says_every_problem_of_every_layer_and_shows_nothing() {
    let workplace = Workplace::new();
    workplace.write(
        "tributary.toml",
        "listn = \"127.0.0.1:1\"\n[checkpoint]\nkeep = 5_000\nseconds = \"often\"\n[kafka]\nbrokers = [\"b:1\"]\nmode = \"all\"\n\
         [auth]\nhs256_secret_file = \"nowhere.txt\"\n[limits]\nstop_seconds = 0\n",
    );
    let run = workplace.run_with("config --check --log-level loud", &[("TRIBUTARY_READ_ONLY", "maybe")]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    for told in [
        "8 problems in the settings",
        "tributary.toml:1: no setting is called \"listn\"",
        "tributary.toml:3: \"checkpoint.keep\" has to be at most 1000",
        "tributary.toml:4: \"checkpoint.seconds\" has to be a whole number",
        "tributary.toml:7: \"kafka.mode\" has to be static, subset or group",
        "nowhere.txt: ",
        "tributary.toml:11: \"limits.stop_seconds\" has to be at least 1",
        "TRIBUTARY_READ_ONLY: \"read_only\" has to be true or false",
        "--log-level: \"log.level\" has to be a level",
    ] {
        assert!(run.stderr.contains(told), "{told} in {}", run.stderr);
    }

    // What only a start would find, in settings that are each well formed.
    workplace.write(
        "tributary.toml",
        "listen = \"0.0.0.0:8080\"\n[kafka]\nbrokers = [\"b:1\"]\n[kafka.properties]\n\"no.such.property\" = \"1\"\n",
    );
    let run = workplace.run("config --check");
    assert_eq!(run.code, 2);
    for told in ["2 problems", "listen: 0.0.0.0:8080 is no loopback address", "no.such.property"] {
        assert!(run.stderr.contains(told), "{told} in {}", run.stderr);
    }
    workplace.write("tributary.toml", "[checkpoint]\nkeep = 0\n");
    let run = workplace.run("config --check");
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "the settings can be taken\n", ""));
}
