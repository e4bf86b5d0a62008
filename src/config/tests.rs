//! The order of the layers, and what is refused with which words.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::kafka::Partitions;
use super::*;

/// A configuration file in a directory of its own.
struct File {
    path: PathBuf,
    _directory: tempfile::TempDir,
}

fn file(text: &str) -> File {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("tributary.toml");
    std::fs::write(&path, text).expect("a file");
    File { path, _directory: directory }
}

fn variables(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn settings(text: &str) -> Settings {
    let file = file(text);
    load(Some(&file.path), [], Vec::new()).expect("settings that can be taken").0
}

fn refusal(text: &str, given: &[(&str, &str)]) -> String {
    let file = file(text);
    let error = load(Some(&file.path), variables(given), Vec::new()).expect_err("settings that can't be taken");
    error.to_string().replace(&file.path.display().to_string(), "FILE")
}

#[test]
fn flags_go_over_variables_and_variables_over_the_file_and_the_file_over_defaults() {
    let file = file("data = \"of the file\"\nlisten = \"127.0.0.1:1\"\n[kafka]\ntopics = [\"of-the-file\"]\n");
    let given = variables(&[("TRIBUTARY_DATA", "of the variable"), ("TRIBUTARY_LISTEN", "127.0.0.1:2")]);
    let flags = vec![(Key::Data, "data", Value::Text("of the flag".to_owned()))];
    let (settings, layers) = load(Some(&file.path), given, flags).expect("settings");
    assert_eq!(settings.data.as_deref(), Some(Path::new("of the flag")));
    assert_eq!(settings.listen.port(), 2);
    assert_eq!(layers.given[&Key::KafkaTopics].value, Value::Texts(vec!["of-the-file".to_owned()]));
    assert_eq!(layers.given[&Key::Data].origin, Origin::Flag { name: "data" });
    assert_eq!(layers.given[&Key::Listen].origin, Origin::Variable { name: "TRIBUTARY_LISTEN".to_owned() });
    assert_eq!(layers.given[&Key::KafkaTopics].origin, Origin::File { path: file.path.clone(), line: 4 });
    assert_eq!(settings.checkpoint.interval, Duration::from_secs(60));
}

#[test]
fn properties_of_the_kafka_client_add_up_over_the_layers() {
    let file = file("[kafka]\nbrokers = [\"b:1\"]\n[kafka.properties]\n\"fetch.min.bytes\" = 1\nclient.id = \"a\"\n");
    let given = variables(&[("TRIBUTARY_KAFKA_PROPERTIES", "client.id=b; check.crcs=false")]);
    let flags = vec![(
        Key::KafkaProperties,
        "kafka-property",
        Value::Pairs([("check.crcs".to_owned(), "true".to_owned())].into()),
    )];
    let (settings, _) = load(Some(&file.path), given, flags).expect("settings");
    let properties = settings.kafka.expect("brokers are given").properties;
    let pairs: Vec<(&str, &str)> = properties.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(
        pairs,
        [("check.crcs", "true"), ("client.id", "b"), ("fetch.min.bytes", "1"), ("security.protocol", "plaintext")]
    );
}

#[test]
fn what_is_not_a_setting_or_has_no_meaning_is_refused_with_its_place() {
    for (text, said) in [
        ("dta = \"x\"", "FILE:1: no setting is called \"dta\"; known are data, listen, "),
        ("\n[kafka]\nbroker = \"x\"", "FILE:3: no setting is called \"kafka.broker\"; known are kafka.brokers, "),
        ("[kafkaa]\nbrokers = \"x\"", "FILE:1: no setting is called \"kafkaa\""),
        ("kafka = 3", "FILE:1: no setting is called \"kafka\""),
        ("data = 3", "FILE:1: \"data\" has to be a text, not an integer"),
        ("read_only = \"yes\"", "FILE:1: \"read_only\" has to be true or false, not a string"),
        ("[limits]\nbatch_events = -1", "FILE:2: \"limits.batch_events\" has to be a whole number of at least 0"),
        ("[limits]\nbatch_events = 0", "FILE:2: \"limits.batch_events\" has to be at least 1, not \"0\""),
        (
            "[index]\nrun_events = 9_999",
            "FILE:2: \"index.run_events\" has to be from 10000 to 1000000000 events, of 8 bytes of memory each, not \"9999\"",
        ),
        ("[index]\nrun_events = 1_000_000_001", "FILE:2: \"index.run_events\" has to be from 10000 to 1000000000"),
        ("listen = \"localhost\"", "FILE:1: \"listen\" has to be an address and a port such as 127.0.0.1:8080"),
        ("[log]\nlevel = \"lou=d=er\"", "FILE:2: \"log.level\" has to be a level"),
        ("[log]\nformat = \"xml\"", "FILE:2: \"log.format\" has to be text or json, not \"xml\""),
        (
            "[http]\npublic_url = \"ledger.example\"",
            "FILE:2: \"http.public_url\" has to be an address that begins with",
        ),
        ("[http]\ntrusted_proxies = [\"proxy\"]", "FILE:2: \"http.trusted_proxies\" has to be addresses or nets"),
        ("[http]\ncors_origins = [\"*\"]", "FILE:2: \"http.cors_origins\" has to be origins such as"),
        ("[cassandra]\nkeyspace = \"Tributary\"", "FILE:2: \"cassandra.keyspace\" has to be the name of a keyspace"),
        ("[cassandra]\nhosts = \"a:b\"", "FILE:2: \"cassandra.hosts\" has to be hosts, or host:port, not \"a:b\""),
        ("[cassandra]\nuser = \"u\"", "FILE:2: \"cassandra.user\" needs \"cassandra.password\" too"),
        ("[cassandra]\npassword = \"p\"", "FILE:2: \"cassandra.password\" needs \"cassandra.user\" too"),
        ("[cassandra]\nca_file = \"ca\"", "FILE:2: \"cassandra.ca_file\" needs \"cassandra.tls\" too"),
        (
            "[cassandra]\ntls = true\nkey_file = \"key\"",
            "FILE:3: \"cassandra.key_file\" needs \"cassandra.certificate_file\" too",
        ),
        (
            "[cassandra]\nreplication_factor = 0",
            "FILE:2: \"cassandra.replication_factor\" has to be from 1 to 100, no more than there are nodes, not \"0\"",
        ),
        ("[publish]\ninterval_ms = 49", "FILE:2: \"publish.interval_ms\" has to be from 50 to 3600000 milliseconds"),
        ("[publish]\naddress = \"shard-0\"", "FILE:2: \"publish.address\" has to be the address of this daemon's API"),
        ("[http]\nprobes_listen = \"9090\"", "FILE:2: \"http.probes_listen\" has to be an address and a port"),
        ("[route]\nlisten = \"9090\"", "FILE:2: \"route.listen\" has to be an address and a port"),
        ("[http]\nidle_seconds = 0", "FILE:2: \"http.idle_seconds\" has to be at least 1, not \"0\""),
        (
            "[http]\nconnections_max = 576",
            "FILE:2: \"http.connections_max\" has to be more than http.live_pages_max and http.live_feeds_max together, \
             not \"576\"",
        ),
        ("[kafka]\nbrokers = \"b:1\"\ntopics = []", "FILE:2: \"kafka.brokers\" needs \"kafka.topics\" too"),
        ("[kafka]\nbrokers = \"b:1\"\nmode = \"all\"", "FILE:3: \"kafka.mode\" has to be static, subset or group"),
        ("[kafka]\nbrokers = \"b:1\"\nmode = \"subset\"", "FILE:3: \"kafka.mode\" needs \"kafka.partitions\" too"),
        (
            "[kafka]\nbrokers = \"b:1\"\npartitions = [\"referral-events:0\"]",
            "default: \"kafka.mode\" has to be subset where kafka.partitions are given, not \"static\"",
        ),
        (
            "[kafka]\nbrokers = \"b:1\"\nmode = \"subset\"\npartitions = [\"other:0\"]",
            "FILE:4: \"kafka.partitions\" has to be partitions of one of kafka.topics",
        ),
        ("[kafka]\nbrokers = \"b:1\"\nsecurity = \"tls\"", "FILE:3: \"kafka.security\" has to be plaintext, ssl"),
        ("[kafka.properties]\na = [1]", "FILE:1: \"kafka.properties\" has to be a table of texts"),
        ("data = \"a\"\ndata = \"b\"", "FILE:2: duplicate key"),
        ("data = ", "FILE:1: "),
        ("[auth]\nhs256_secret_file = \"/nowhere\"", "/nowhere: "),
        // What is not used is judged all the same.
        ("[kafka]\nmode = \"statik\"", "FILE:2: \"kafka.mode\" has to be static, subset or group, not \"statik\""),
        ("[kafka]\nsecurity = \"tls\"", "FILE:2: \"kafka.security\" has to be plaintext, ssl"),
        ("[kafka]\nsasl_mechanism = \"SCRAM\"", "FILE:2: \"kafka.sasl_mechanism\" has to be PLAIN, SCRAM-SHA-256"),
        (
            "[kafka]\nsasl_username = \"u\"",
            "FILE:2: \"kafka.sasl_username\" means nothing without kafka.security = sasl_",
        ),
        ("[kafka]\nkey_password = \"p\"", "FILE:2: \"kafka.key_password\" means nothing without kafka.security = ssl"),
        (
            "[kafka]\noauth_scope = \"s\"",
            "FILE:2: \"kafka.oauth_scope\" means nothing without kafka.sasl_mechanism = OAUTH",
        ),
        ("[kafka]\nsecurity = \"sasl_ssl\"", "FILE:2: \"kafka.security\" needs \"kafka.sasl_mechanism\" too"),
        ("[kafka]\nmode = \"subset\"", "FILE:2: \"kafka.mode\" needs \"kafka.partitions\" too"),
        (
            "[log]\nlevel = \"nonsense\"",
            "FILE:2: \"log.level\" has to be a level (off, error, warn, info, debug, trace)",
        ),
        ("[log]\nlevel = \"info,nonsense\"", "FILE:2: \"log.level\" has to be a level"),
        ("link_base = \"nonsense\"", "FILE:1: \"link_base\" has to be an address such as https://exchange.example"),
        ("[limits]\nbatch_bytes = 1_000_000_000", "FILE:2: \"limits.batch_bytes\" has to be at most 536870912"),
        (
            "[checkpoint]\nkeep = 1_001",
            "FILE:2: \"checkpoint.keep\" has to be at most 1000, of which each is a state on disk",
        ),
        (
            "[checkpoint]\nseconds = 18446744073709551615",
            "FILE:2: \"checkpoint.seconds\" has to be at most 604800, a week",
        ),
        (
            "[http]\nidle_seconds = 86_401",
            "FILE:2: \"http.idle_seconds\" has to be at most 86400, a day, not \"86401\"",
        ),
        ("[as_of]\nstates = 1_000_000", "FILE:2: \"as_of.states\" has to be at most 1000"),
        ("[limits]\ndecoders = 5000", "FILE:2: \"limits.decoders\" has to be at most 1024, not \"5000\""),
        ("[limits]\nstop_seconds = 0", "FILE:2: \"limits.stop_seconds\" has to be at least 1, not \"0\""),
        (
            "[auth]\nhs256_secret = \"31 bytes are too few for a key.\"",
            "FILE:2: \"auth.hs256_secret\" has to be a secret of at least 32 bytes, not \"fewer, which may be guessed\"",
        ),
    ] {
        let refused = refusal(text, &[]);
        assert!(refused.starts_with(said), "{text:?}: {refused}");
    }
}

#[test]
fn a_variable_that_means_nothing_is_refused_and_a_service_link_is_not() {
    let refused = refusal("", &[("TRIBUTARY_DTA", "x")]);
    assert!(refused.starts_with("TRIBUTARY_DTA: no setting is called"), "{refused}");
    let refused = refusal("", &[("TRIBUTARY_READ_ONLY", "maybe")]);
    assert_eq!(refused, "TRIBUTARY_READ_ONLY: \"read_only\" has to be true or false, not \"maybe\"");
    let harmless = [
        ("TRIBUTARY_PORT", "tcp://10.0.0.1:8080"),
        ("TRIBUTARY_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("TRIBUTARY_SERVICE_HOST", "10.0.0.1"),
        ("TRIBUTARY_API_SERVICE_PORT", "8080"),
        ("TRIBUTARY_DATA", ""),
        ("TRIBUTARY_URL", "http://127.0.0.1:8080"),
        ("PATH", "x"),
    ];
    let file = file("");
    assert!(load(Some(&file.path), variables(&harmless), Vec::new()).is_ok());
}

#[test]
fn how_the_api_is_reached_and_bounded_is_set_in_its_own_section() {
    let text = "[http]\npublic_url = \"https://exchange.example/ledger/\"\ntrusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\n\
                cors_origins = [\"https://console.example\"]\nprobes_listen = \"0.0.0.0:9090\"\nidle_seconds = 5\n\
                live_feeds_max = 3\n[audit]\naddresses = false";
    let http = settings(text).http;
    let reach = &http.options.reach;
    assert!(!http.options.keeps_addresses);
    assert_eq!(reach.base_path(), "/ledger");
    let trusted =
        ["10.1.2.3", "192.0.2.1", "192.0.2.2", "127.0.0.1"].map(|ip| reach.is_trusted(ip.parse().expect("an address")));
    assert_eq!(trusted, [true, true, false, false]);
    assert_eq!((reach.cors_origins.len(), http.options.live_feeds_max, http.options.live_pages_max), (1, 3, 512));
    assert_eq!(
        (http.probes_listen.map(|address| address.port()), http.limits.idle_timeout),
        (Some(9090), Duration::from_secs(5))
    );
    // What nobody set is as the API has it by itself.
    let http = settings("").http;
    assert_eq!((http.probes_listen, http.limits), (None, api::ServeLimits::default()));
    assert_eq!(http.options, api::HttpOptions::default());
}

#[test]
fn a_file_that_is_named_has_to_be_there() {
    let missing = Path::new("/nowhere/tributary.toml");
    assert!(matches!(load(Some(missing), [], Vec::new()), Err(ConfigError::Unreadable { .. })));
    let given = variables(&[("TRIBUTARY_CONFIG", "/nowhere/tributary.toml")]);
    assert!(matches!(load(None, given, Vec::new()), Err(ConfigError::Unreadable { .. })));
}

#[test]
fn without_brokers_there_is_no_kafka() {
    assert_eq!(settings("").kafka, None);
}

#[test]
fn partitions_are_given_one_by_one_or_as_ranges() {
    let text =
        "[kafka]\nbrokers = \"b:1\"\ntopics = [\"a\", \"b\"]\nmode = \"subset\"\npartitions = [\"a:0-2,7\", \"b:3\"]";
    let some =
        |topic: &str, partitions: &[i32]| Partitions { topic: topic.to_owned(), partitions: partitions.to_vec() };
    let kafka = settings(text).kafka.expect("brokers are given");
    assert_eq!(kafka.mode, KafkaMode::Subset(vec![some("a", &[0, 1, 2, 7]), some("b", &[3])]));
}

#[test]
fn security_is_told_to_the_client_in_its_own_names() {
    let text = "[kafka]\nbrokers = \"b:1\"\nsecurity = \"sasl_ssl\"\nca_file = \"ca.pem\"\nsasl_mechanism = \"PLAIN\"\n\
                sasl_username = \"u\"\nsasl_password = \"p\"\n[kafka.properties]\nsasl.mechanism = \"SCRAM-SHA-256\"";
    let properties = settings(text).kafka.expect("brokers are given").properties;
    for (name, value) in [
        ("security.protocol", "sasl_ssl"),
        ("ssl.ca.location", "ca.pem"),
        ("sasl.username", "u"),
        ("sasl.password", "p"),
        ("sasl.mechanism", "SCRAM-SHA-256"),
    ] {
        assert_eq!(properties.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[test]
fn a_secret_comes_from_its_key_or_from_a_file_and_not_from_both() {
    let secret = file("a secret of thirty-two bytes or more\n");
    let path = secret.path.display();
    assert_eq!(
        settings(&format!("[auth]\nhs256_secret_file = \"{path}\"")).auth.hs256_secret,
        Some(b"a secret of thirty-two bytes or more".to_vec())
    );
    assert_eq!(
        settings("[auth]\nhs256_secret = \"another of thirty-two bytes or more\"").auth.hs256_secret,
        Some(b"another of thirty-two bytes or more".to_vec())
    );
    let both = refusal(&format!("[auth]\nhs256_secret = \"x\"\nhs256_secret_file = \"{path}\""), &[]);
    assert_eq!(both, "FILE:3: \"auth.hs256_secret_file\" and \"auth.hs256_secret\" exclude each other");
    let named = file("[auth]\nhs256_secret = \"of the file, and of thirty-two bytes or more\"");
    let given = variables(&[("TRIBUTARY_AUTH_HS256_SECRET_FILE", &path.to_string())]);
    let (stronger, _) = load(Some(&named.path), given, Vec::new()).expect("settings");
    assert_eq!(
        stronger.auth.hs256_secret,
        Some(b"a secret of thirty-two bytes or more".to_vec()),
        "the variable goes over the file"
    );
}

#[test]
fn a_secret_that_may_be_guessed_is_refused_wherever_it_comes_from_and_is_not_shown() {
    let short = file("31 bytes are too few for a key.\n");
    let refused = refusal(&format!("[auth]\nhs256_secret_file = \"{}\"", short.path.display()), &[]);
    assert!(
        refused.starts_with("FILE:2: \"auth.hs256_secret_file\" has to be a secret of at least 32 bytes"),
        "{refused}"
    );
    assert!(!refused.contains("too few"), "{refused}");
}

#[test]
fn levels_and_directives_are_taken() {
    for level in ["off", "warn", "TRACE", "info,ledger=debug", "ledger=debug", "warn,ingest[step]=trace"] {
        assert_eq!(settings(&format!("[log]\nlevel = \"{level}\"")).log.level, level);
    }
}

#[test]
fn a_provider_is_read_with_what_its_tokens_have_to_say() {
    let text = "[auth]\njwks_url = \"https://id.example/jwks\"\njwks_seconds = 60\nissuer = \"https://id.example\"\naudience = \"a\"\n\
                [auth.claims]\nrole = \"realm.roles\"\n[auth.claims.roles]\n\"ledger-ops\" = \"operator\"\nnested.name = \"auditor\"\n\
                [auth.oidc]\nissuer = \"https://id.example\"\nclient_id = \"c\"\nscopes = [\"email\"]\nclient_secret = \"hidden\"";
    let auth = settings(text).auth;
    assert_eq!(auth.refresh.every.as_secs(), 60);
    assert_eq!((auth.rules.role_claim.as_str(), auth.rules.uid_claim.as_str()), ("realm.roles", "sub"));
    let roles: Vec<_> = auth.rules.roles.iter().map(|(value, role)| (value.as_str(), role.as_str())).collect();
    assert_eq!(roles, [("ledger-ops", "operator"), ("nested.name", "auditor")]);
    assert!(!format!("{auth:?}").contains("hidden"));
    let oidc = auth.oidc.expect("a provider to sign in with");
    assert_eq!((oidc.scopes, oidc.session_seconds), (vec!["openid".to_owned(), "email".to_owned()], 28_800));
    for (text, why) in [
        ("[auth]\nissuer = \"x\"", "\"auth.issuer\" needs \"auth.jwks_url\" too"),
        ("[auth]\naudience = [\"x\"]", "\"auth.audience\" needs \"auth.jwks_url\" too"),
        ("[auth]\njwks_url = \"id.example\"", "an address that begins with https://, or with http:// on this machine"),
        ("[auth]\njwks_url = \"http://id.example/jwks\"", "or with http:// on this machine"),
        ("[auth.oidc]\nissuer = \"http://id.example\"\nclient_id = \"c\"", "or with http:// on this machine"),
        ("[auth]\njwks_seconds = 0", "at least 1"),
        ("[auth.claims.roles]\na = \"admin\"", "a role: affiliate, analyst, operator, service or auditor"),
        ("[auth.claims]\ndefault_role = \"admin\"", "a role: affiliate, analyst, operator, service or auditor"),
        ("[auth.oidc]\nissuer = \"https://x\"", "\"auth.oidc.issuer\" needs \"auth.oidc.client_id\" too"),
        ("[auth.oidc]\nclient_id = \"x\"", "\"auth.oidc.client_id\" needs \"auth.oidc.issuer\" too"),
        ("[auth.oidc]\nclient_secret = \"x\"", "\"auth.oidc.client_secret\" needs \"auth.oidc.issuer\" too"),
        ("[http]\nclient_address = \"x-real-ip\"", "x-forwarded-for or forwarded"),
        ("[http.rate]\ncaller_per_second = 2000000", "from 0, which is no limit, to 1000000"),
    ] {
        let file = file(text);
        let error = load(Some(&file.path), [], Vec::new()).expect_err(text).to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn a_rate_is_off_unless_it_is_set_and_has_ten_seconds_at_once_unless_more_is_said() {
    let rates = |text: &str| settings(text).http.options.rates;
    assert_eq!(rates(""), api::RateLimits::default());
    let given = rates("[http.rate]\ncaller_per_second = 20\naddress_per_second = 50\naddress_burst = 60\n");
    assert_eq!(given.of_caller, Some(api::Rate { per_second: 20, burst: 200 }));
    assert_eq!(given.of_address, Some(api::Rate { per_second: 50, burst: 60 }));
}

#[test]
fn no_secret_is_listed_or_shown_for_debugging() {
    let text = "[auth]\nhs256_secret = \"hidden-1, and of thirty-two bytes or more\"\n[kafka]\nbrokers = \"b:1\"\n\
                security = \"sasl_ssl\"\nsasl_mechanism = \"PLAIN\"\nsasl_username = \"u\"\nsasl_password = \"hidden-2\"\n\
                key_password = \"hidden-3\"\n[kafka.properties]\nssl.key.pem = \"hidden-4\"\nsasl.jaas.config = \"hidden-5\"";
    let file = file(text);
    let (settings, layers) = load(Some(&file.path), [], Vec::new()).expect("settings");
    let listed = serde_json::to_string(&listing(&layers)).expect("JSON");
    assert!(!listed.contains("hidden"), "{listed}");
    assert_eq!(listed.matches("********").count(), 5);
    assert!(!format!("{:?}", settings.auth).contains("hidden"));
}

/// The example file, and what it would be with every setting that is commented out put in.
fn example() -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/tributary.example.toml");
    let text = std::fs::read_to_string(path).expect("the example configuration");
    let full = text.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|char: char| char.is_ascii_lowercase() || char == '"') => setting,
        _ => line,
    });
    let full = full.collect::<Vec<_>>().join("\n");
    (text, full)
}

#[test]
fn the_example_file_shows_every_setting_and_sets_the_defaults() {
    let (text, full) = example();
    let shipped = file(&text);
    let (settings, layers) = load(Some(&shipped.path), [], Vec::new()).expect("the example as it is");
    for (key, given) in &layers.given {
        if let Some(default) = key.default_value() {
            assert_eq!(given.value, default, "{}", key.name());
        }
    }
    assert_eq!(settings.kafka, None, "the example starts without a broker");
    let full = file(&full);
    let mut layers = Layers::default();
    let mut problems = Vec::new();
    super::file::read(&full.path, &mut layers, &mut problems);
    assert!(problems.is_empty(), "the example with all that is commented out: {problems:?}");
    for key in Key::ALL {
        let is_there = layers.given.contains_key(key) || layers.pairs.keys().any(|(of, _)| of == key);
        assert!(is_there, "{} is not in the example", key.name());
    }
}

#[test]
fn a_clients_secret_goes_to_an_authorization_server_over_tls_or_on_this_machine_alone() {
    let tokens = |url: &str| {
        let text = format!(
            "[kafka]\nbrokers = \"b:1\"\nsecurity = \"sasl_ssl\"\nsasl_mechanism = \"OAUTHBEARER\"\n\
             oauth_token_url = \"{url}\"\noauth_client_id = \"c\"\noauth_client_secret = \"hidden\""
        );
        let file = file(&text);
        load(Some(&file.path), [], Vec::new()).map(|(settings, layers)| {
            let shown = format!("{:?}{}", settings.kafka.expect("brokers").tokens, serde_json::json!(listing(&layers)));
            assert!(!shown.contains("hidden"), "{shown}");
        })
    };
    for url in ["https://login.example/token", "http://127.0.0.1:8081/token", "http://localhost/token"] {
        assert!(tokens(url).is_ok(), "{url}");
    }
    for url in
        ["http://login.example/token", "http://localhost.login.example/token", "login.example", "ftp://127.0.0.1"]
    {
        let refused = tokens(url).expect_err("refused").to_string();
        assert!(refused.contains("has to be an address that begins with https://"), "{url}: {refused}");
    }
}
