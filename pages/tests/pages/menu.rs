//! The menu: every link in it leads to a page, for each role that sees it.

use crate::browser::Browser;
use crate::server::Server;

#[tokio::test]
async fn every_link_of_the_menu_leads_to_a_page() {
    let server = Server::with_tokens().await;
    for (role, uid) in [
        ("affiliate", Some(7)),
        ("affiliate", Some(8)),
        ("analyst", None),
        ("operator", None),
        ("service", None),
        ("auditor", None),
    ] {
        let mut browser = Browser::signed_in(&server, role, uid).await;
        for start in if uid.is_some() { &["/"][..] } else { &["/", "/?uid=7"] } {
            let page = browser.get(start).await;
            let html = page.expect(200).text();
            let menu = html.split("<nav class=\"menu\"").nth(1).and_then(|rest| rest.split("</nav>").next());
            let menu = menu.unwrap_or_else(|| panic!("no menu for {role}"));
            let links: Vec<String> =
                menu.split("<a ").skip(1).filter_map(|link| crate::browser::attribute(link, "href")).collect();
            assert!(!links.is_empty());
            for link in links {
                let page = browser.get(&link).await;
                assert_eq!(page.reply.status, 200, "{link} for {role}: {}", page.text());
            }
        }
    }
}
