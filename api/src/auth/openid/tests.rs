use schemas::Uid;
use serde_json::{Value, json};

use super::super::of_tests::{Provider, jwks, signed};
use super::*;
use crate::caller::Role;

const ISSUER: &str = "https://id.example";
const DOCUMENT: &str = "https://id.example/.well-known/openid-configuration";
const TOKENS: &str = "https://id.example/token";
const KEYS: &str = "https://id.example/jwks";
const BACK: &str = "https://ledger.example/sign-in/provider/back";
const NOW: Timestamp = Timestamp(4_000_000_000_000_000);
const SECONDS: i64 = 4_000_000_000;

fn flow() -> Flow {
    Flow { state: "a state".to_owned(), nonce: "a nonce".to_owned(), verifier: "a verifier".to_owned() }
}

fn document() -> Value {
    json!({
        "issuer": ISSUER, "authorization_endpoint": "https://id.example/auth", "token_endpoint": TOKENS,
        "jwks_uri": KEYS, "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    })
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "tributary", "sub": "someone", "nonce": "a nonce", "exp": SECONDS + 60, "role": "operator"})
}

fn options(secret: Option<&str>) -> OpenIdOptions {
    OpenIdOptions {
        issuer: ISSUER.to_owned(),
        client_id: "tributary".to_owned(),
        client_secret: secret.map(str::to_owned),
        scopes: vec!["openid".to_owned(), "email".to_owned()],
        name: "The Exchange".to_owned(),
        session_seconds: 60,
    }
}

/// A provider that gives this token, and who asks it.
fn giving(secret: Option<&str>, token: &str) -> (Arc<Provider>, Arc<OpenId>) {
    let provider = Arc::new(Provider::default());
    provider.answers(DOCUMENT, 200, &document().to_string());
    provider.answers(KEYS, 200, &jwks());
    provider.answers(TOKENS, 200, &json!({"access_token": "unread", "id_token": token}).to_string());
    let fetch: Arc<dyn Fetch> = Arc::<Provider>::clone(&provider);
    (provider, Arc::new(OpenId::new(options(secret), fetch)))
}

async fn sign_in(openid: &Arc<OpenId>) -> Result<SignedIn, Problem> {
    openid.sign_in(&flow(), "a code", BACK, (&TokenRules::default(), NOW)).await
}

#[tokio::test]
async fn a_browser_is_sent_with_all_that_the_flow_demands() {
    let (provider, openid) = giving(Some("a secret"), "");
    let url = openid.authorization_url(&flow(), BACK).await.expect("an address");
    // The challenge is the digest of the verifier, as `printf 'a verifier' | openssl dgst -sha256 -binary | basenc --base64url` gives it.
    assert_eq!(
        url,
        "https://id.example/auth?response_type=code&client_id=tributary\
         &redirect_uri=https%3A%2F%2Fledger.example%2Fsign-in%2Fprovider%2Fback&scope=openid+email&state=a+state\
         &nonce=a+nonce&code_challenge=a8Xydxs4829ltqgGef8OlDLr0Swt-8yWfySBRiYF8tw&code_challenge_method=S256"
    );
    openid.authorization_url(&flow(), BACK).await.expect("an address");
    assert_eq!(*provider.asked.lock().expect("a lock"), [DOCUMENT], "its document is read once");
}

#[tokio::test]
async fn a_code_is_exchanged_for_who_signed_in() {
    for kid in ["ed", "ec"] {
        let mut said = claims();
        // Of a clock that goes ahead.
        said["nbf"] = json!(SECONDS + 60);
        let (provider, openid) = giving(Some("a s:ecret"), &signed(kid, &said));
        let signed_in = sign_in(&openid).await.expect("signed in");
        assert_eq!((signed_in.caller.role(), &*signed_in.subject), (Role::Operator, "someone"), "{kid}");
        let posted = provider.posted.lock().expect("a lock");
        let (url, authorization, fields) = &posted[0];
        assert_eq!((&**url, authorization.as_deref()), (TOKENS, Some("Basic dHJpYnV0YXJ5OmErcyUzQWVjcmV0")));
        let field = |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| &**value);
        assert_eq!(field("grant_type"), Some("authorization_code"));
        assert_eq!((field("code"), field("code_verifier")), (Some("a code"), Some("a verifier")));
        assert_eq!((field("redirect_uri"), field("client_secret")), (Some(BACK), None));
    }
    let (provider, public) = giving(None, &signed("ed", &claims()));
    assert!(sign_in(&public).await.is_ok());
    let posted = provider.posted.lock().expect("a lock");
    assert_eq!(posted[0].1, None);
    assert!(posted[0].2.contains(&("client_id".to_owned(), "tributary".to_owned())));
}

#[tokio::test]
async fn the_claims_that_the_settings_name_say_the_role_and_the_uid() {
    let mut said = claims();
    said["groups"] = json!(["others", "ledger-affiliates"]);
    said["exchange"] = json!({"uid": 7});
    let (_, openid) = giving(None, &signed("ed", &said));
    let rules = TokenRules {
        role_claim: "groups".to_owned(),
        uid_claim: "exchange.uid".to_owned(),
        roles: [("ledger-affiliates".to_owned(), Role::Affiliate)].into(),
        ..TokenRules::default()
    };
    let signed_in = openid.sign_in(&flow(), "a code", BACK, (&rules, NOW)).await.expect("signed in");
    assert_eq!(signed_in.caller, Caller::affiliate(Uid(7)));
}

#[tokio::test]
async fn a_token_that_is_not_of_this_provider_client_and_sign_in_is_refused() {
    let changed = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims
    };
    for (case, claims, why) in [
        ("another issuer", changed("iss", json!("https://evil.example")), "another issuer"),
        ("another client", changed("aud", json!("other")), "another client"),
        ("several without a party", changed("aud", json!(["tributary", "other"])), "another client"),
        ("another party", changed("azp", json!("other")), "another client"),
        ("another sign-in", changed("nonce", json!("other")), "another sign-in"),
        ("no nonce", changed("nonce", json!("")), "another sign-in"),
        ("expired", changed("exp", json!(SECONDS)), "it has expired"),
        ("not yet valid", changed("nbf", json!(SECONDS + 61)), "it is not valid yet"),
        ("no role here", changed("role", json!("staff")), "its role is none of"),
        ("an affiliate without a uid", changed("role", json!("affiliate")), "an affiliate's sub has to be its uid"),
    ] {
        let (_, openid) = giving(None, &signed("ed", &claims));
        let problem = sign_in(&openid).await.expect_err(case);
        assert_eq!(problem.status(), 401, "{case}");
        assert!(problem.detail.contains(why), "{case}: {}", problem.detail);
    }
    let mut lasting = claims();
    lasting.as_object_mut().expect("an object").remove("exp");
    let by_secret = jsonwebtoken::encode(
        &jsonwebtoken::Header::default(),
        &claims(),
        &jsonwebtoken::EncodingKey::from_secret(b"a secret of the client, which signs nothing here"),
    );
    for (case, token) in [
        ("no end", signed("ed", &lasting)),
        ("signed with the client's secret", by_secret.expect("a token")),
        ("no signature", "eyJhbGciOiJub25lIn0.e30.".to_owned()),
        ("nonsense", "nonsense".to_owned()),
    ] {
        let (_, openid) = giving(Some("a secret of the client, which signs nothing here"), &token);
        assert_eq!(sign_in(&openid).await.expect_err(case).status(), 401, "{case}");
    }
}

#[tokio::test]
async fn what_a_provider_refuses_or_cannot_do_is_said() {
    let (provider, openid) = giving(None, &signed("ed", &claims()));
    provider.answers(TOKENS, 400, r#"{"error": "invalid_grant", "error_description": "the code\nis old"}"#);
    let problem = sign_in(&openid).await.expect_err("refused");
    assert_eq!(problem.status(), 401);
    assert!(problem.detail.contains("invalid_grant: the codeis old"), "{}", problem.detail);
    provider.answers(TOKENS, 200, "{}");
    assert_eq!(sign_in(&openid).await.expect_err("no token").status(), 503);
    provider.is_silent_at(TOKENS);
    assert_eq!(sign_in(&openid).await.expect_err("no answer").status(), 503);

    let (provider, openid) = giving(None, "");
    provider.is_silent_at(DOCUMENT);
    let problem = openid.authorization_url(&flow(), BACK).await.expect_err("no document");
    assert_eq!(problem.status(), 503);
    assert!(problem.detail.contains("with The Exchange now"), "{}", problem.detail);
    assert!(!problem.detail.contains("nobody answers"), "how the network is, is not told: {}", problem.detail);
    assert!(said_by_provider("e", Some(&"x".repeat(10_000))).len() <= SAID_MAX);
}

#[tokio::test]
async fn a_document_of_another_issuer_or_without_https_is_none() {
    let evil = json!("https://evil.example");
    let plain = json!("http://id.example/x");
    for (field, value) in [
        ("issuer", &evil),
        ("authorization_endpoint", &plain),
        ("token_endpoint", &plain),
        ("jwks_uri", &plain),
        ("jwks_uri", &json!("http://localhost.evil.example/jwks")),
        ("authorization_endpoint", &json!("javascript:alert(1)")),
    ] {
        let (provider, openid) = giving(None, "");
        let mut other = document();
        other[field] = value.clone();
        provider.answers(DOCUMENT, 200, &other.to_string());
        let refused = openid.authorization_url(&flow(), BACK).await;
        assert_eq!(refused.expect_err(field).status(), 503, "{field}: {value}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_asked_once_however_many_want_to_sign_in() {
    let (provider, openid) = giving(None, "");
    provider.is_silent_at(DOCUMENT);
    let asking: Vec<_> = (0..200)
        .map(|_| {
            let openid = Arc::clone(&openid);
            tokio::spawn(
                async move { openid.authorization_url(&flow(), BACK).await.map_err(|problem| problem.status()) },
            )
        })
        .collect();
    for one in asking {
        assert_eq!(one.await.expect("no panic"), Err(503));
    }
    assert_eq!(*provider.asked.lock().expect("a lock"), [DOCUMENT]);
}
