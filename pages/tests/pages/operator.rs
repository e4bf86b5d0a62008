//! The operator's pages: for operators alone, with the API's figures and refusals.

#[path = "operator/audit.rs"]
mod audit;
#[path = "operator/ingestion.rs"]
mod ingestion;
#[path = "operator/promotions.rs"]
mod promotions;
#[path = "operator/quarantine.rs"]
mod quarantine;
mod search;
#[path = "operator/standings.rs"]
mod standings;

use crate::browser::{Browser, Shown};
use crate::server::Server;

const PAGES: [&str; 10] = [
    "/operator",
    "/operator/ingestion",
    "/operator/quarantine",
    "/operator/applications",
    "/operator/affiliates",
    "/operator/affiliates/7",
    "/operator/rules",
    "/operator/offers",
    "/operator/campaigns",
    "/operator/offers/edit?id=bonus",
];

#[tokio::test]
async fn only_operators_and_auditors_see_them() {
    let server = Server::with_tokens().await;
    for (role, uid, status) in [
        ("affiliate", Some(7), 403),
        ("analyst", None, 403),
        ("service", None, 403),
        ("operator", None, 200),
        ("auditor", None, 200),
    ] {
        let mut browser = Browser::signed_in(&server, role, uid).await;
        for page in PAGES {
            let shown = browser.get(page).await;
            assert_eq!(shown.reply.status, status, "{page} for {role}: {}", shown.text());
        }
    }
}

#[tokio::test]
async fn an_auditor_sees_what_an_operator_sees_and_no_form_that_acts() {
    let server = Server::with_tokens().await;
    server.post_events("[{\"id\": \"none\"}]").await.expect(200);
    let mut auditor = Browser::signed_in(&server, "auditor", None).await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let of_a_referrer = ["/?uid=7", "/codes?uid=7", "/codes/ALPHA?uid=7", "/referrals/100?uid=7", "/account?uid=8"];
    for path in PAGES.iter().chain(&of_a_referrer).chain(&["/operator/quarantine/1"]) {
        let (seen, by_operator) = (auditor.get(path).await, operator.get(path).await);
        let heading =
            |page: &Shown| page.expect(200).text().split("<h1>").nth(1)?.split("</h1>").next().map(str::to_owned);
        assert_eq!(heading(&seen), heading(&by_operator), "{path}");
        // These are about the browser alone.
        let own = ["/appearance", "/language", "/sign-out", "/overview/cards", "/referrals/columns"];
        let page = seen.text();
        let forms = page.split("<form").skip(1).filter_map(|form| form.split('>').next());
        let acting: Vec<&str> = forms
            .filter(|form| form.contains("method=\"post\""))
            .filter(|form| !own.iter().any(|action| form.contains(&format!("action=\"{action}"))))
            .collect();
        assert!(acting.is_empty(), "{path}: {acting:?}");
        assert!(page.contains("action=\"/sign-out"), "{path} has forms");
    }
    auditor.get("/operator/what-if").await.expect(403);
    assert!(!auditor.get("/operator").await.text().contains("/operator/what-if"));
    assert!(operator.get("/operator").await.text().contains("/operator/what-if"));
}

#[tokio::test]
async fn nobody_but_an_operator_changes_anything_by_their_forms() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let fields =
        [("id", "mine"), ("visibility", "public"), ("title", "x"), ("starts", "2026-03-01"), ("ends", "2026-03-02")];
    let page = operator.get("/operator/campaigns/edit").await;
    let before = server.ledger.position();
    for (role, uid) in [("affiliate", Some(7)), ("auditor", None), ("analyst", None)] {
        let mut other = Browser::signed_in(&server, role, uid).await;
        // The other's own seal, beside the operator's form.
        let seal = other.get("/?uid=7").await.form("/appearance").hidden;
        let seal = seal.into_iter().find(|(name, _)| name == "_seal").expect("a seal");
        let mut sent = page.form("/operator/campaigns/edit").hidden;
        sent.retain(|(name, _)| name != "_seal");
        sent.push(seal);
        sent.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        for path in [
            "/operator/campaigns/edit",
            "/operator/offers/edit",
            "/operator/rules",
            "/operator/affiliates/7",
            "/operator/quarantine",
            "/operator/applications",
        ] {
            other.post(path, &sent).await.expect(403);
        }
    }
    assert_eq!(server.ledger.position(), before);
}

#[tokio::test]
async fn the_past_offers_no_commands_and_takes_none() {
    let server = Server::with_tokens().await;
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let fresh = operator.get("/operator/rules").await;
    for page in ["/operator/rules", "/operator/offers/edit?id=bonus", "/operator/affiliates/7"] {
        let separator = if page.contains('?') { '&' } else { '?' };
        let past = operator.get(&format!("{page}{separator}as_of=19")).await;
        past.expect(200);
        let posted = past.text().split("method=\"post\"").count() - 1;
        // Appearance, language and signing out stay.
        assert_eq!(posted, 3, "{page}: {}", past.text());
    }
    let sent = fresh.form("/operator/rules").hidden;
    let refused = operator.post("/operator/rules?as_of=19", &sent).await;
    assert!(refused.expect(403).text().contains("the page shows the past"));
}

#[tokio::test]
async fn the_start_tells_what_waits() {
    let server = Server::with_tokens().await;
    server.post_events("[5]").await.expect(200);
    let mut operator = Browser::signed_in(&server, "operator", None).await;
    let start = operator.get("/operator").await;
    let shown = start.expect(200).text();
    for (label, value) in [("In quarantine", 1), ("Applications", 0), ("Offers running", 1), ("Campaigns running", 2)] {
        let after = shown.split(&format!(">{label}</h2>")).nth(1).unwrap_or_else(|| panic!("no {label}"));
        assert_eq!(crate::browser::attribute(after, "data-value"), Some(value.to_string()), "{label}");
    }
}
