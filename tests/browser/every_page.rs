//! What holds on every page, whoever looks and on whatever screen: found by following the links, so that a new page is
//! held to it from its first day.

use serde_json::json;

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

/// Holds a page against the judge in each of these looks; in the last of them each of its dialogs, too, its menus and whatever is
/// folded away.
async fn judge(window: &Window, path: &str, looks: &[Looks], found: &mut Vec<String>) {
    let all = looks.len();
    for (at, looks) in looks.iter().enumerate() {
        let is_last = at + 1 == all;
        window.look(*looks).await;
        let mut hold = async |what: &str| {
            let barriers = judges::barriers(window).await;
            let place = format!("{path}{what} at {} {:?}", looks.width, looks.scheme);
            found.extend(barriers.iter().map(|line| format!("{place}: {line}")));
        };
        hold("").await;
        if !is_last {
            continue;
        }
        let dialogs: usize = window.ask("return document.querySelectorAll('dialog').length", vec![]).await;
        for dialog in 0..dialogs {
            let opened: String = window.ask(OPEN_DIALOG, vec![json!(dialog)]).await;
            hold(&format!(" with its dialog {opened}")).await;
            window.ask::<bool>("document.querySelector('dialog[open]').close(); return true;", vec![]).await;
        }
        if window.ask::<bool>(OPEN_ALL, vec![]).await {
            hold(" with all that folds open").await;
            window.ask::<bool>("window.opened.forEach(one => { one.open = false; }); return true;", vec![]).await;
        }
    }
}

/// Opens a dialog as who presses what opens it does, and tells its name.
const OPEN_DIALOG: &str = "const dialog = document.querySelectorAll('dialog')[arguments[0]];
    const opener = document.querySelector(`[data-dialog='${dialog.id}']`) ?? document.querySelector('[data-note-of]');
    if (opener) opener.click(); else dialog.showModal();
    if (!dialog.open) throw new Error(`${dialog.id} does not open`);
    return dialog.id;";

/// Opens whatever is folded, and tells whether there is any.
const OPEN_ALL: &str = "const folded = document.querySelectorAll('details:not([open])');
    folded.forEach(one => { one.open = true; });
    window.opened = folded;
    return folded.length > 0;";

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
            let cut = "return Array.from(document.querySelectorAll('.menu a')).filter(one => one.scrollWidth > one.clientWidth)
                .map(one => one.textContent);";
            let cut: Vec<String> = window.ask(cut, vec![]).await;
            found.extend(cut.iter().map(|entry| format!("{path}: the menu has no room for {entry}")));
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

#[test]
fn in_chinese_nothing_stands_out_of_a_phone_either() {
    walk("chinese-phone", async |walk| {
        let window = walk.signed_in_in_chinese(Caller::Operator).await;
        let mut found = Vec::new();
        let pages = every_page(&window, OF_AN_AFFILIATE, async |window, path| {
            window.look(Looks { width: 360, ..Looks::default() }).await;
            let wide: u32 = window.ask("return document.documentElement.scrollWidth", vec![]).await;
            if wide > 360 {
                found.push(format!("{path} is {wide} pixels wide on a phone of 360"));
            }
            window.look(Looks::default()).await;
        })
        .await;
        assert!(pages.len() >= 20 && found.is_empty(), "of {} pages:\n{}", pages.len(), found.join("\n"));
    });
}
