use std::collections::BTreeMap;

use jsonwebtoken::{EncodingKey, Header};
use schemas::Uid;
use serde_json::{Value, json};

use super::*;

const SECRET: &[u8] = b"a secret of thirty-two bytes, at least";
const JWKS: &str = include_str!("../../tests/keys/jwks.json");
/// Signed once with keys that were thrown away: the set holds their public halves.
const TOKENS: &str = include_str!("../../tests/keys/tokens.json");
const NOW: Timestamp = Timestamp(4_000_000_000_000_000);
const NOW_SECONDS: i64 = 4_000_000_000;

fn hs256(claims: &Value, secret: &[u8]) -> String {
    jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(secret)).expect("a token")
}

fn asks(authenticator: &Authenticator, authorization: &str) -> Result<Caller, Problem> {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, HeaderValue::from_str(authorization).expect("a header"));
    Ok(authenticator.caller(&headers, NOW)?)
}

fn refused(authenticator: &Authenticator, authorization: &str, case: &str) {
    let problem = asks(authenticator, authorization).expect_err(case);
    assert_eq!(problem.status(), 401, "{case}");
    let (name, challenge) = &problem.headers[0];
    assert_eq!(name, header::WWW_AUTHENTICATE, "{case}");
    assert!(challenge.to_str().expect("text").starts_with("Bearer realm="), "{case}");
}

#[test]
fn without_a_key_anyone_is_an_operator() {
    let open = Authenticator::new(None, None).expect("open");
    assert!(open.is_open());
    assert_eq!(open.caller(&HeaderMap::new(), NOW).expect("anyone"), Caller::operator());
    assert_eq!(asks(&open, "Bearer nonsense"), Ok(Caller::operator()));
    assert!(Authenticator::new(Some(b""), None).is_err());
}

#[test]
fn a_secret_takes_what_was_signed_with_it_while_it_is_valid() {
    let auth = Authenticator::new(Some(SECRET), None).expect("a secret");
    let signed = |claims: Value| format!("Bearer {}", hs256(&claims, SECRET));
    let affiliate = Ok(Caller::affiliate(Uid(7)));
    for claims in [
        json!({"sub": "7", "role": "affiliate"}),
        json!({"sub": "7", "role": "affiliate", "exp": NOW_SECONDS + 1, "nbf": NOW_SECONDS, "aud": "x", "iss": "y"}),
        json!({"sub": "7", "role": "affiliate", "exp": 4_000_000_000.5e1}),
    ] {
        assert_eq!(asks(&auth, &signed(claims.clone())), affiliate, "{claims}");
    }
    assert_eq!(asks(&auth, &signed(json!({"sub": "7", "role": "affiliate"})).replace("Bearer", "bEARER")), affiliate);
    for role in ["analyst", "operator", "service", "auditor"] {
        let caller = asks(&auth, &signed(json!({"role": role}))).expect("a caller");
        assert_eq!((caller.role().as_str(), caller.own_data_of()), (role, None));
    }
    for (case, claims) in [
        ("expired", json!({"sub": "7", "role": "affiliate", "exp": NOW_SECONDS})),
        ("long expired", json!({"sub": "7", "role": "affiliate", "exp": -1e300})),
        ("not valid yet", json!({"sub": "7", "role": "affiliate", "nbf": NOW_SECONDS + 1})),
        ("an expiry that is no number", json!({"sub": "7", "role": "affiliate", "exp": "4000000001"})),
        ("no role", json!({"sub": "7"})),
        ("an unknown role", json!({"sub": "7", "role": "admin"})),
        ("an affiliate without sub", json!({"role": "affiliate"})),
        ("an affiliate whose sub is no uid", json!({"sub": "07", "role": "affiliate"})),
        ("an affiliate whose sub is no text", json!({"sub": 7, "role": "affiliate"})),
    ] {
        refused(&auth, &signed(claims), case);
    }
}

#[test]
fn a_claim_of_another_type_is_refused_by_its_name_and_not_for_the_signature() {
    let auth = Authenticator::new(Some(SECRET), None).expect("a secret");
    let jose = "eyJhbGciOiJIUzI1NiJ9";
    let signed = |claims: &str| {
        use base64::Engine;
        let message = format!("{jose}.{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims));
        let key = EncodingKey::from_secret(SECRET);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("a signature");
        format!("Bearer {message}.{signature}")
    };
    for (claims, why) in [
        (r#"{"sub":1,"role":"affiliate"}"#, "its claim sub has to be a text"),
        (r#"{"sub":null,"role":"affiliate"}"#, "its claim sub has to be a text"),
        (r#"{"sub":"1","role":["operator"]}"#, "its claim role has to be a text"),
        (r#"{"sub":"1","role":"operator","exp":"4102444800"}"#, "its claim exp has to be a number of seconds"),
        // A token that says how long it holds, and says it wrongly, does not hold for ever.
        (r#"{"sub":"1","role":"operator","exp":null}"#, "its claim exp has to be a number of seconds"),
        (r#"{"sub":"1","role":"operator","nbf":true}"#, "its claim nbf has to be a number of seconds"),
        (r#"{"sub":"1","role":"analyst","role":"operator"}"#, "its claim role is there twice"),
        (r#"["operator"]"#, "its claims are no JSON object"),
        ("operator", "its claims are no JSON object"),
        ("", "its claims are no JSON object"),
    ] {
        let problem = asks(&auth, &signed(claims)).expect_err(claims);
        assert_eq!((problem.status(), &*problem.detail), (401, &*format!("the token is not valid: {why}")), "{claims}");
    }
    let good = signed(r#"{"role":"operator","sub":"1","aud":["x"],"scope":{"a":1},"iat":"never read"}"#);
    assert_eq!(asks(&auth, &good).expect("a caller").role().as_str(), "operator");
}

#[test]
fn what_a_secret_did_not_sign_is_refused() {
    let auth = Authenticator::new(Some(SECRET), None).expect("a secret");
    let claims = json!({"sub": "1", "role": "operator"});
    let good = hs256(&claims, SECRET);
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwicm9sZSI6Im9wZXJhdG9yIn0.";
    let (unsigned, _) = good.rsplit_once('.').expect("a signature");
    for (case, header) in [
        ("another secret", format!("Bearer {}", hs256(&claims, b"another secret of more than 32 bytes"))),
        ("no signature", format!("Bearer {unsigned}.")),
        ("two parts", format!("Bearer {unsigned}")),
        ("alg none", format!("Bearer {none}")),
        ("another scheme", format!("Basic {good}")),
        ("no scheme", good.clone()),
        ("nothing", "Bearer ".to_owned()),
        ("nonsense", "Bearer a.b.c".to_owned()),
    ] {
        refused(&auth, &header, case);
    }
    let mut twice = HeaderMap::new();
    for _ in 0..2 {
        twice.append(header::AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {good}")).expect("a header"));
    }
    for headers in [twice, HeaderMap::new()] {
        assert_eq!(Problem::from(auth.caller(&headers, NOW).expect_err("two tokens, or none")).status(), 401);
    }
}

#[test]
fn public_keys_take_tokens_of_their_own_algorithm_and_kid() {
    let auth = Authenticator::new(None, Some(JWKS)).expect("keys");
    let tokens: BTreeMap<String, String> = serde_json::from_str(TOKENS).expect("tokens");
    let may = |name: &str| asks(&auth, &format!("Bearer {}", tokens[name]));
    assert_eq!(may("eddsa"), Ok(Caller::affiliate(Uid(7))));
    assert_eq!(may("eddsa_without_kid"), Ok(Caller::affiliate(Uid(7))));
    assert_eq!(may("rs256").expect("a caller").role().as_str(), "operator");
    for name in [
        "eddsa_of_another_kid",
        "eddsa_of_another_key",
        "eddsa_with_critical_extension",
        "eddsa_signature_said_to_be_rs256",
        "rs256_said_to_be_rs512",
    ] {
        refused(&auth, &format!("Bearer {}", tokens[name]), name);
    }
}

#[test]
fn a_public_key_is_no_secret() {
    let auth = Authenticator::new(None, Some(JWKS)).expect("keys");
    let set: Value = serde_json::from_str(JWKS).expect("JSON");
    let claims = json!({"sub": "1", "role": "operator"});
    for text in [&set["keys"][0]["x"], &set["keys"][1]["n"]].map(|text| text.as_str().expect("text")) {
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text).expect("base64url");
        for secret in [text.as_bytes(), bytes.as_slice(), JWKS.as_bytes()] {
            refused(&auth, &format!("Bearer {}", hs256(&claims, secret)), "HS256 signed with a public key");
        }
    }
}

#[test]
fn a_set_without_a_key_for_us_or_with_a_broken_one_is_refused_at_the_start() {
    let small = "A".repeat(170);
    for (case, set) in [
        ("no JSON", "keys".to_owned()),
        ("no list", "{}".to_owned()),
        ("empty", json!({"keys": []}).to_string()),
        ("a secret", json!({"keys": [{"kty": "oct", "k": "AAAA"}]}).to_string()),
        ("for encryption", json!({"keys": [{"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}]}).to_string()),
        ("a short RSA key", json!({"keys": [{"kty": "RSA", "n": small, "e": "AQAB"}]}).to_string()),
        ("a short Ed25519 key", json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}]}).to_string()),
        ("a private key", JWKS.replacen("\"x\":", "\"d\": \"AAAA\", \"x\":", 1)),
    ] {
        assert!(Authenticator::new(None, Some(&set)).is_err(), "{case}");
    }
}

#[test]
fn tokens_of_public_keys_are_held_to_issuer_and_audience_and_those_of_the_secret_are_not() {
    let rules = TokenRules {
        issuer: Some("https://id.example".to_owned()),
        audience: vec!["ledger".to_owned(), "other-name".to_owned()],
        ..TokenRules::default()
    };
    let auth = Authenticator::new(Some(SECRET), Some(&of_tests::jwks())).expect("keys").with_rules(rules);
    let said = |claims: Value| asks(&auth, &format!("Bearer {}", of_tests::signed("ec", &claims)));
    let good = json!({"role": "auditor", "iss": "https://id.example", "aud": ["x", "ledger"]});
    assert_eq!(said(good).expect("a caller").role().as_str(), "auditor");
    for (claims, why) in [
        (json!({"role": "auditor", "aud": "ledger"}), "another issuer"),
        (json!({"role": "auditor", "iss": "https://id.example/", "aud": "ledger"}), "another issuer"),
        (json!({"role": "auditor", "iss": 1, "aud": "ledger"}), "its claim iss has to be a text"),
        (json!({"role": "auditor", "iss": "https://id.example"}), "another audience"),
        (json!({"role": "auditor", "iss": "https://id.example", "aud": ["x"]}), "another audience"),
        (json!({"role": "auditor", "iss": "https://id.example", "aud": {"a": 1}}), "its claim aud has to be a text"),
    ] {
        let problem = said(claims.clone()).expect_err("refused");
        assert!(problem.status() == 401 && problem.detail.contains(why), "{claims}: {}", problem.detail);
    }
    assert!(asks(&auth, &format!("Bearer {}", hs256(&json!({"role": "operator"}), SECRET))).is_ok());
    for (ahead, status) in [(60, None), (61, Some(401))] {
        let nbf = json!({"role": "auditor", "iss": "https://id.example", "aud": "ledger", "nbf": NOW_SECONDS + ahead});
        assert_eq!(said(nbf).err().map(|problem| problem.status()), status, "a clock that is {ahead} s ahead");
    }
}

#[test]
fn the_claims_of_role_and_uid_are_found_where_the_settings_say() {
    let rules = TokenRules {
        role_claim: "realm.roles".to_owned(),
        uid_claim: "https://exchange.example/uid".to_owned(),
        roles: BTreeMap::from([("ops".to_owned(), crate::caller::Role::Operator)]),
        default_role: Some(crate::caller::Role::Affiliate),
        ..TokenRules::default()
    };
    let auth = Authenticator::new(None, Some(&of_tests::jwks())).expect("keys").with_rules(rules);
    let said = |claims: Value| asks(&auth, &format!("Bearer {}", of_tests::signed("ed", &claims)));
    let uid = "https://exchange.example/uid";
    assert_eq!(said(json!({"realm": {"roles": ["x", "ops"]}})).expect("a caller").role().as_str(), "operator");
    assert_eq!(said(json!({(uid): 7, "sub": "8", "role": "operator"})), Ok(Caller::affiliate(Uid(7))));
    assert_eq!(said(json!({(uid): "7", "realm": {"roles": []}})), Ok(Caller::affiliate(Uid(7))));
    for claims in [json!({}), json!({(uid): true}), json!({(uid): 1.5}), json!({"realm": {"roles": 3}, (uid): 7})] {
        assert_eq!(said(claims.clone()).expect_err("refused").status(), 401, "{claims}");
    }
}

#[test]
fn a_session_is_taken_until_it_expires_and_by_the_secret_it_was_made_beside() {
    let auth = Authenticator::new(Some(SECRET), None).expect("a secret");
    let session = auth.session(&Caller::affiliate(Uid(7)), "someone", NOW, 60).expect("a session");
    let asked = |auth: &Authenticator, seconds: i64| {
        auth.bearer_of(&session, Timestamp(NOW.0 + seconds * 1_000_000)).map_err(Problem::from)
    };
    assert_eq!(asked(&auth, 59), Ok(Caller::affiliate(Uid(7))));
    assert_eq!(asked(&auth, 60).expect_err("expired").status(), 401);
    let again = Authenticator::new(Some(SECRET), None).expect("a secret");
    assert!(asked(&again, 0).is_ok(), "another start with the same secret");
    let other = Authenticator::new(Some(b"another secret of more than 32 bytes"), None).expect("a secret");
    assert_eq!(asked(&other, 0).expect_err("another key").status(), 401);
    let named = auth.name_of(&session).expect("its name");
    assert_eq!((named.0.map(|jti| jti.len()), named.1), (Some(32), Some(NOW_SECONDS + 60)));
}

#[tokio::test]
async fn a_key_that_is_new_at_the_provider_is_fetched_for_the_first_token_that_names_it() {
    let provider = Arc::new(of_tests::Provider::default());
    let url = "https://id.example/jwks";
    let fetch: Arc<dyn crate::fetch::Fetch> = Arc::<of_tests::Provider>::clone(&provider);
    let limits = RefreshLimits { pause: std::time::Duration::ZERO, ..RefreshLimits::default() };
    let keys = Arc::new(ProviderKeys::new(url.to_owned(), fetch, Kept::Nowhere, limits));
    let auth = Authenticator::new(None, None).expect("open").with_provider(keys);
    assert!(!auth.is_open());
    let app = crate::app::App::new(auth, Arc::new(ingest::metrics::Metrics::new()));
    let token = of_tests::signed("ec", &json!({"role": "operator"}));
    let nobody = app.bearer_of(&token).await.expect_err("no keys yet");
    assert_eq!(nobody.status(), 503, "who cannot be judged yet is not refused for good");
    provider.answers(url, 200, JWKS);
    assert_eq!(app.bearer_of(&token).await.expect_err("an unknown key").status(), 401);
    provider.answers(url, 200, &of_tests::jwks());
    assert_eq!(app.bearer_of(&token).await.expect("a caller").role().as_str(), "operator");
    let asked = || provider.asked.lock().expect("a lock").len();
    let before = asked();
    for other in ["nonsense", &hs256(&json!({"role": "operator"}), SECRET), "eyJhbGciOiJub25lIn0.e30."] {
        assert!(app.bearer_of(other).await.is_err());
    }
    assert_eq!(asked(), before, "for what no key of a provider signs it is not asked");
}
