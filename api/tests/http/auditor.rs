//! The role `auditor`: it reads what an operator reads, and no request of it changes anything, whatever stands in the
//! document.

use axum::http::{Method, header};

use crate::documented::{document, operations};
use crate::server::{Server, bearer, full};

/// What the names in the paths' templates stand for.
const NAMES: [(&str, &str); 7] = [
    ("{invitee}", "100"),
    ("{code}", "ALPHA"),
    ("{id}", "1"),
    ("{jti}", "one"),
    ("{number}", "1"),
    ("{position}", "1"),
    ("{file}", "x"),
];

fn path_of(template: &str) -> String {
    let path = NAMES.iter().fold(template.to_owned(), |path, (name, value)| path.replace(name, value));
    assert!(!path.contains('{'), "{template} has a name that this test does not know");
    path
}

#[tokio::test]
async fn no_request_that_changes_something_is_taken_from_an_auditor() {
    let server = Server::with_tokens().await;
    let document = document(&server).await;
    let before = server.ledger.position();
    let mut tried = 0;
    for (template, method, _) in operations(&document).into_iter().filter(|(_, method, _)| method != "get") {
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        let request = server.request(method.clone(), &path_of(&template));
        let request = request.header(header::AUTHORIZATION, bearer("auditor", Some(7)));
        let reply = server.send(request.body(full("{}")).expect("a request")).await;
        reply.expect_problem(403, None);
        tried += 1;
    }
    assert!(tried >= 10, "{tried}");
    assert_eq!(server.ledger.position(), before);
}

#[tokio::test]
async fn an_auditor_is_answered_what_an_operator_is() {
    let server = Server::with_tokens().await;
    let document = document(&server).await;
    let (auditor, operator) = (bearer("auditor", None), bearer("operator", None));
    for (template, _, operation) in operations(&document).into_iter().filter(|(_, method, _)| method == "get") {
        let takes = |name: &str| operation.to_string().contains(&format!("\"name\":\"{name}\""));
        let uid = if takes("uid") && template != "/v1/feed" { "?uid=7" } else { "?" };
        let explained =
            if takes("invitee") && template.ends_with("explain") { "&invitee=100&source=/tests&id=t1" } else { "" };
        let path = format!("{}{uid}{explained}", path_of(&template)).trim_end_matches('?').to_owned();
        let (by_auditor, by_operator) = (server.get_as(&auditor, &path).await, server.get_as(&operator, &path).await);
        assert_eq!(by_auditor.status, by_operator.status, "{path}: {}", by_auditor.text());
        assert_ne!(by_auditor.status, 403, "{path}");
    }
}
