//! Forms are taken from this server's own pages only.

use crate::browser::Browser;
use crate::server::Server;

#[tokio::test]
async fn a_form_without_its_seal_changes_nothing() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let mut other = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let seal_of_other = other.get("/").await.form("/appearance").hidden;
    let field = ("appearance".to_owned(), "dark".to_owned());
    for fields in [vec![field.clone()], [seal_of_other, vec![field.clone()]].concat()] {
        let refused = browser.post("/appearance", &fields).await;
        assert!(refused.expect(403).text().contains("this form is out of date"));
    }
    assert!(!browser.cookies.contains_key("tributary_appearance"));
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let mut fields = browser.get("/").await.form("/appearance").hidden;
    fields.push(("appearance".to_owned(), "dark".to_owned()));
    for headers in [[("origin", "https://evil.example")], [("origin", "null")], [("sec-fetch-site", "cross-site")]] {
        browser.post_from("/appearance", &fields, &headers).await.expect(403);
    }
    browser.post("/appearance", &fields).await;
    assert_eq!(browser.cookies["tributary_appearance"], "dark");
    assert!(browser.get("/").await.text().contains("<html lang=\"en\" data-theme=\"dark\">"));
}
