use schemas::json::read_event;

use super::*;

const PROGRAM: &str = "type = \"referral.program.v1\"";

#[test]
fn what_cannot_be_read_is_named_by_line_edit_and_key() {
    let table: &[(&str, &str, Option<&str>)] = &[
        ("[[drop]]\ntype = ", "line 2: this is no TOML", None),
        ("drops = []", "line 1: there is no `drops` here; there are: drop and add", Some("drops")),
        ("drop = 7", "line 1: `drop` is a number: expected a list of tables", Some("drop")),
        ("[drop]\ntype = \"referral.program.v1\"", "line 1: `drop` is a table", Some("drop")),
        ("drop = [7]", "line 1, drop 1: this is a number: expected a table", None),
        ("[[drop]]\nuid = 7", "line 1, drop 1: `type` is missing", Some("type")),
        ("[[drop]]\ntype = 7", "line 2, drop 1: `type`: it is a number: expected a text", Some("type")),
        (
            "[[drop]]\ntype = \"referral.trade\"",
            "line 2, drop 1: `type`: there is no type \"referral.trade\"; there are: referral.registration.v1,",
            Some("type"),
        ),
        ("[[drop]]\n{}\nUID = 7", "line 3, drop 1: there is no `UID` here; there are: type, uid,", Some("UID")),
        ("[[drop]]\n{}\n\nuid = \"7\"", "line 4, drop 1: `uid`: it is a text: expected a uid", Some("uid")),
        ("[[drop]]\n{}\nuid = 0", "line 3, drop 1: `uid`: 0 is no uid", Some("uid")),
        ("[[drop]]\n{}\nuid = -7", "line 3, drop 1: `uid`: -7 is no uid", Some("uid")),
        ("[[drop]]\n{}\nuid = 7.0", "line 3, drop 1: `uid`: 7.0 is no uid", Some("uid")),
        ("[[drop]]\n{}\ncode = 7", "line 3, drop 1: `code`: it is a number", Some("code")),
        ("[[drop]]\n{}\nid = true", "line 3, drop 1: `id`: it is true or false", Some("id")),
        (
            "[[drop]]\n{}\nfrom = 2026-01-01T00:00:00Z",
            "line 3, drop 1: `from`: it is a date or time without",
            Some("from"),
        ),
        ("[[drop]]\n{}\nto = \"2026-01-01\"", "line 3, drop 1: `to`: \"2026-01-01\" does not say whether", Some("to")),
        ("[[drop]]\n{}\n[[drop]]\n{}\n[[drop]]", "line 5, drop 3: `type` is missing", Some("type")),
        ("[[add]]\ntime = \"t\"\ndata = {}", "line 1, add 1: `type` is missing", Some("type")),
        ("[[add]]\n{}\n[add.data]", "line 1, add 1: `time` is missing", Some("time")),
        ("[[add]]\n{}\ntime = 7\ndata = {}", "line 3, add 1: `time`: it is a number", Some("time")),
        ("[[add]]\n{}\ntime = \"t\"", "line 1, add 1: `data` is missing", Some("data")),
        ("[[add]]\n{}\ntime = \"t\"\ndata = []", "line 4, add 1: `data` is a list: expected a table", Some("data")),
        (
            "[[add]]\n{}\ntime = \"t\"\n[add.data]\nstarts = 2026-01-01",
            "line 5, add 1: `data` holds a date or time without quotes",
            Some("data"),
        ),
        ("[[add]]\n{}\ntime = \"t\"\ndata = {a = [nan]}", "line 4, add 1: `data` holds a number", Some("data")),
        (
            "[[add]]\n{}\ntime = \"t\"\ndata = {}\n\n[[add]]\n{}\ntime = \"t\"\nsource = \"/mine\"\ndata = {}",
            "line 9, add 2: there is no `source` here; there are: type, time and data",
            Some("source"),
        ),
    ];
    for (text, said, field) in table {
        // A line of its own stands for a good type.
        let text = text.replace("\n{}", &format!("\n{PROGRAM}"));
        let error = Rules::of_toml(&text).expect_err(&text);
        assert!(error.to_string().starts_with(said), "{text}\n{error}\n{said}");
        assert_eq!(error.field.as_deref(), *field, "{text}");
    }
}

#[test]
fn json_is_read_as_strictly() {
    for (text, said) in [
        ("", "line 1: this is no JSON"),
        ("{}x", "line 1: this is no JSON"),
        ("[]", "this is a list: expected a table"),
        ("null", "this is null: expected a table"),
        (r#"{"drop":null}"#, "`drop` is null: expected a list"),
        (r#"{"drop":[],"drop":[]}"#, "`drop` is there twice"),
        (r#"{"drop":[{"type":"referral.program.v1","uid":null}]}"#, "drop 1: `uid`: it is null"),
        (r#"{"drop":[{"type":"referral.program.v1","type":"referral.program.v1"}]}"#, "drop 1: `type` is there twice"),
        (r#"{"add":[{"type":"x","time":"t","data":null}]}"#, "add 1: `data` is null: expected a table"),
        (r#"{"add":[{"type":"x","data":{}}]}"#, "add 1: `time` is missing"),
    ] {
        let error = Rules::of_json(text).expect_err(text);
        assert!(error.to_string().starts_with(said), "{text}\n{error}\n{said}");
    }
}

#[test]
fn both_ways_of_writing_say_the_same() {
    let toml = r#"
        [[drop]]
        type = "referral.program.v1"
        uid = 70012
        code = "ALPHA"
        id = "spring"
        from = "2026-01-01T00:00:00Z"
        to = "2026-02-01T00:00:00+01:00"

        [[add]]
        type = "referral.program.v1"
        time = "2026-01-01T00:00:00Z"
        data = { a = "0.25", b = 90, c = [true, {}], d = 0.5 }

        [[add]]
        type = "anything"
        time = "tomorrow"
        [add.data]
    "#;
    let json = r#"{
        "add": [
            {"data": {"a": "0.25", "b": 90, "c": [true, {}], "d": 0.5}, "time": "2026-01-01T00:00:00Z", "type": "referral.program.v1"},
            {"type": "anything", "time": "tomorrow", "data": {}}
        ],
        "drop": [{"type": "referral.program.v1", "uid": 70012, "code": "ALPHA", "id": "spring",
            "from": "2026-01-01T00:00:00Z", "to": "2026-01-31T23:00:00Z"}]
    }"#;
    let rules = Rules::of_toml(toml).expect("rules");
    assert_eq!(Ok(&rules), Rules::of_json(json).as_ref());
    assert_eq!(rules.adds[0].data, r#"{"a":"0.25","b":90,"c":[true,{}],"d":0.5}"#);
    for (empty, of) in [("", Rules::of_toml as fn(&str) -> _), ("drop = []", Rules::of_toml), ("{}", Rules::of_json)] {
        assert_eq!(of(empty), Ok(Rules::default()), "{empty}");
    }
}

#[test]
fn a_drop_means_the_events_to_which_all_of_it_applies() {
    let event = |event_type: &str, data: &str| {
        let text = format!(
            r#"{{"specversion":"1.0","type":"referral.{event_type}.v1","source":"/t","id":"1","time":"2026-01-15T00:00:00Z","data":{data}}}"#
        );
        read_event(text.as_bytes(), Timestamp::parse("2026-04-01T00:00:00Z").expect("a time"))
            .expect("an event")
            .into_owned()
    };
    let registration = event("registration", r#"{"uid":7,"account_type":"major","code":"ALPHA"}"#);
    let nameless = event("registration", r#"{"uid":7,"account_type":"major"}"#);
    let code = event("code", r#"{"code":"ALPHA","owner_uid":7,"spot_rebate_rate":"0","futures_rebate_rate":"0"}"#);
    let campaign = event(
        "campaign",
        r#"{"id":"spring","visibility":"public","title":"","description":"","url":"","starts":"2026-01-01","ends":"2026-01-31"}"#,
    );
    for (event_type, rest, events, matches) in [
        ("registration", "", &registration, true),
        ("code", "", &registration, false),
        ("registration", "uid = 7\ncode = \"ALPHA\"", &registration, true),
        ("registration", "uid = 8\ncode = \"ALPHA\"", &registration, false),
        ("registration", "uid = 7\ncode = \"BETA\"", &registration, false),
        ("registration", "code = \"ALPHA\"", &nameless, false),
        ("registration", "id = \"1\"", &registration, false),
        ("code", "code = \"ALPHA\"", &code, true),
        ("code", "uid = 7", &code, false),
        ("campaign", "id = \"spring\"", &campaign, true),
        ("campaign", "id = \"autumn\"", &campaign, false),
        ("code", "from = \"2026-01-15T00:00:00Z\"", &code, true),
        ("code", "from = \"2026-01-15\"", &code, true),
        ("code", "from = \"2026-01-16\"", &code, false),
        ("code", "from = \"2026-01-15T00:00:00.000001Z\"", &code, false),
        ("code", "to = \"2026-01-15T00:00:00Z\"", &code, false),
        ("code", "to = \"2026-01-15T00:00:00.000001Z\"", &code, true),
    ] {
        let rules = Rules::of_toml(&format!("[[drop]]\ntype = \"referral.{event_type}.v1\"\n{rest}")).expect("rules");
        assert_eq!(rules.drops(events), matches, "{event_type} {rest}");
    }
}
