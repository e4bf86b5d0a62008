//! What holds on every page, whoever looks and on whatever screen: found by following the links, so that a new page is
//! held to it from its first day.

use crate::harness::crawl::every_page;
use crate::harness::people::{AFFILIATE, HOPEFUL};
use crate::harness::platform::Caller;
use crate::harness::window::{Scheme, Window};
use crate::harness::{Looks, judges, walk};

/// The most that a page may weigh with all that it needs, in bytes.
const WEIGHT_MAX: u64 = 150_000;

const LOOKS: [Looks; 4] = [
    Looks { width: 1440, scheme: Scheme::Light, has_scripts: true },
    Looks { width: 1440, scheme: Scheme::Dark, has_scripts: true },
    Looks { width: 390, scheme: Scheme::Light, has_scripts: true },
    Looks { width: 390, scheme: Scheme::Dark, has_scripts: true },
];

/// Where an analyst and an operator begin besides: at somebody's data, and where the platform has none.
const OF_AN_AFFILIATE: &[&str] = &["/?uid=7"];

#[test]
fn an_affiliates_pages_have_no_serious_barrier() {
    no_serious_barrier("axe-affiliate", Caller::Affiliate(AFFILIATE), &[], &LOOKS);
}

#[test]
fn the_pages_of_one_who_is_no_affiliate_yet_have_no_serious_barrier() {
    no_serious_barrier("axe-hopeful", Caller::Affiliate(HOPEFUL), &[], &[LOOKS[3]]);
}

#[test]
fn an_analysts_pages_have_no_serious_barrier() {
    no_serious_barrier("axe-analyst", Caller::Analyst, OF_AN_AFFILIATE, &[LOOKS[1], LOOKS[2]]);
}

#[test]
fn an_operators_pages_have_no_serious_barrier() {
    no_serious_barrier("axe-operator", Caller::Operator, OF_AN_AFFILIATE, &LOOKS);
}

#[test]
fn an_auditors_pages_have_no_serious_barrier() {
    no_serious_barrier("axe-auditor", Caller::Auditor, OF_AN_AFFILIATE, &[LOOKS[0]]);
}

fn no_serious_barrier(name: &str, caller: Caller, more: &[&str], looks: &[Looks]) {
    walk(name, async |walk| {
        if !judges::are_here() {
            return;
        }
        let window = walk.window(Looks::default()).await;
        window.open("/sign-in").await;
        let mut found = Vec::new();
        judge(&window, "/sign-in", looks, &mut found).await;
        window.sign_in(&walk.platform.token(caller)).await;
        let pages = every_page(&window, more, async |window, path| judge(window, path, looks, &mut found).await).await;
        println!("{caller:?} saw {} pages: {:#?}", pages.len(), pages.keys());
        assert!(pages.len() >= 12, "{pages:#?}");
        assert!(found.is_empty(), "{} barriers:\n{}", found.len(), found.join("\n"));
    });
}

async fn judge(window: &Window, path: &str, looks: &[Looks], found: &mut Vec<String>) {
    for looks in looks {
        window.look(*looks).await;
        let barriers = judges::barriers(window).await;
        found.extend(barriers.iter().map(|line| format!("{path} at {} {:?}: {line}", looks.width, looks.scheme)));
    }
}

#[test]
fn every_page_is_valid_html() {
    walk("valid-html", async |walk| {
        if !judges::are_here() {
            return;
        }
        let signed_out = walk.window(Looks::default()).await;
        signed_out.open("/").await;
        let mut sources = vec![("sign-in".to_owned(), walk.platform.fetch("", "/").body)];
        for caller in [Caller::Affiliate(AFFILIATE), Caller::Affiliate(HOPEFUL), Caller::Analyst, Caller::Operator] {
            let window = walk.signed_in(caller).await;
            let cookies = window.cookies().await;
            let more: &[&str] = if caller == Caller::Operator { OF_AN_AFFILIATE } else { &[] };
            let pages = every_page(&window, more, async |_, _| ()).await;
            let no_pages =
                ["/nowhere", "/codes/NOSUCHCODE", "/?from=never", "/referrals?vip=x", "/restatement?as_of=never"]
                    .map(str::to_owned);
            for path in pages.values().chain(&no_pages) {
                sources.push((format!("{caller:?} {path}"), walk.platform.fetch(&cookies, path).body));
            }
        }
        let faults = judges::faults(&sources);
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}

#[test]
fn every_page_is_light_and_its_console_is_quiet_and_nothing_stands_out_of_a_phone() {
    walk("light-and-quiet", async |walk| {
        let window = walk.signed_in(Caller::Operator).await;
        window.driver.browser_log().await.expect("the console");
        let mut found = Vec::new();
        let pages = every_page(&window, OF_AN_AFFILIATE, async |window, path| {
            let script = "return [performance.getEntriesByType('navigation'), performance.getEntriesByType('resource')]
                .flat().filter(one => !one.name.includes('/live')).reduce((sum, one) => sum + one.encodedBodySize, 0);";
            let weight: u64 = window.ask(script, vec![]).await;
            if weight == 0 || weight > WEIGHT_MAX {
                found.push(format!("{path} weighs {weight} bytes"));
            }
            for entry in window.driver.browser_log().await.expect("the console") {
                found.push(format!("{path} says on the console: {entry:?}"));
            }
            for width in [390, 360] {
                window.look(Looks { width, ..Looks::default() }).await;
                let script = "return document.documentElement.scrollWidth";
                let wide: u32 = window.ask(script, vec![]).await;
                if wide > width {
                    found.push(format!("{path} is {wide} pixels wide on a phone of {width}"));
                }
            }
            window.look(Looks::default()).await;
        })
        .await;
        assert!(found.is_empty(), "of {} pages:\n{}", pages.len(), found.join("\n"));
    });
}
