//! On a telephone: lists are cards with what matters first, the pages are behind a button, and nothing lies off the
//! screen without a sign; on a wide screen a long list keeps its head in view. None of it takes a script.

use serde_json::json;

use crate::harness::people::{AFFILIATE, noon};
use crate::harness::platform::Caller;
use crate::harness::window::Window;
use crate::harness::{Looks, walk};

const CALLER: Caller = Caller::Affiliate(AFFILIATE);

/// Which lists are wider than their place: those that are cards must not be.
async fn too_wide(window: &Window) -> Vec<String> {
    let script = "return Array.from(document.querySelectorAll('.as-cards'))
        .filter(list => list.scrollWidth > list.clientWidth)
        .map(list => list.querySelector('table').id + ' ' + list.scrollWidth);";
    window.ask(script, vec![]).await
}

#[test]
fn lists_are_cards_with_what_matters_first() {
    for (name, has_scripts) in [("cards-phone", true), ("cards-phone-without-scripts", false)] {
        walk(name, async |walk| {
            let window = walk.signed_in_with(CALLER, Looks { has_scripts, ..Looks::narrow() }).await;
            for (path, table) in [
                ("/codes", "codes"),
                ("/rewards?range=all", "rewards"),
                ("/referrals?sort=commission", "referrals"),
                ("/countries?range=all", "countries-table"),
            ] {
                window.open(path).await;
                window.find(&format!("#{table} tbody tr")).await;
                // Without its list being laid out because it is near, nothing has a place.
                let script = "const row = document.querySelector(`#${arguments[0]} tbody tr`);
                    row.scrollIntoView({block: 'center'});
                    const [head, first] = ['th', '.matters'].map(one => row.querySelector(one).getBoundingClientRect());
                    const others = Array.from(row.querySelectorAll('td:not(.matters)'), one => one.getBoundingClientRect())
                        .filter(box => box.height > 0);
                    return [Math.round(Math.abs(head.top - first.top)) < 24, first.left > head.left,
                        others.length > 0 && others.every(box => box.top >= head.bottom - 1)];";
                let placed: [bool; 3] = window.ask(script, vec![json!(table)]).await;
                assert_eq!(placed, [true; 3], "{path}: in one line, beside each other, before the others");
                assert_eq!(too_wide(&window).await, Vec::<String>::new(), "{path}");
                assert!(!window.shows(&format!("#{table} thead")).await, "{path}: labels stand at each figure instead");
            }
        });
    }
}

#[test]
fn cards_are_sorted_where_no_heading_is() {
    walk("sort-phone", async |walk| {
        let window = walk.signed_in_with(CALLER, Looks::narrow()).await;
        window.open("/referrals").await;
        window.press_at(".sort-menu > summary").await;
        window.press("Commission, USD").await;
        window.until_at("sort=commission").await;
        let expected: Vec<String> = walk.platform.get(CALLER, "/v1/referrals?sort=commission&limit=5")["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| row["uid"].to_string())
            .collect();
        let shown: Vec<String> =
            window.rows("#referrals tbody tr").await.into_iter().take(5).map(|row| row[0].clone()).collect();
        assert_eq!(shown, expected);
    });
}

#[test]
fn a_button_opens_the_pages_without_a_script() {
    walk("menu-phone", async |walk| {
        for looks in [Looks::narrow(), Looks { has_scripts: false, ..Looks::narrow() }] {
            let window = walk.signed_in_with(CALLER, looks).await;
            window.open("/").await;
            assert!(!window.shows("nav.menu a").await, "closed at first");
            window.press("Menu").await;
            window.until("the menu opens", async |window| window.shows("nav.menu a").await).await;
            window.press_at("nav.menu a[href^='/rewards']").await;
            window.until_at("/rewards").await;
        }
        let wide = walk.signed_in(CALLER).await;
        assert!(wide.shows("nav.menu a").await && !wide.shows(".menu-button").await, "where there is room it stands");
    });
}

#[test]
fn head_and_first_column_stay_in_view_on_a_wide_screen() {
    walk("sticky", async |walk| {
        let window = walk.signed_in(CALLER).await;
        window.open("/referrals?limit=200").await;
        let script = "const box = document.querySelector('.referral-table .table-scroll');
            box.scrollTop = box.scrollHeight;
            box.scrollLeft = box.scrollWidth;
            const place = one => box.querySelector(one).getBoundingClientRect();
            const edge = box.getBoundingClientRect();
            return [box.scrollTop > 0, Math.abs(place('thead th').top - edge.top) < 3,
                Math.abs(place('tbody tr:last-child th').left - edge.left) < 3];";
        let held: [bool; 3] = window.ask(script, vec![]).await;
        assert_eq!(held, [true; 3], "it scrolls, and the head and the uids stay");
    });
}

#[test]
fn a_menu_of_the_header_stands_within_the_screen() {
    walk("header-menus-phone", async |walk| {
        for looks in [Looks::narrow(), Looks { has_scripts: false, ..Looks::narrow() }] {
            let window = walk.signed_in_with(Caller::Operator, looks).await;
            // The widest that stand there: whose data is shown, and a moment that the page looks back from.
            let past = format!("/?uid={AFFILIATE}&as_of={}", noon(1));
            for path in ["/", &past] {
                window.open(path).await;
                let menus = window.all(".tools > details").await.len();
                assert_eq!(menus, 2, "as of when, and who is signed in");
                for at in 1..=menus {
                    let menu = format!(".tools > details:nth-of-type({at})");
                    window.press_at(&format!("{menu} > summary")).await;
                    window.until("the menu opens", async |window| window.shows(&format!("{menu} .panel")).await).await;
                    let script = "const box = document.querySelector(arguments[0] + ' .panel').getBoundingClientRect();
                        return [box.left, box.right, innerWidth, document.documentElement.scrollWidth].map(Math.round);";
                    let [left, right, screen, page]: [i32; 4] = window.ask(script, vec![json!(menu)]).await;
                    assert!(
                        0 <= left && left < right && right <= screen,
                        "{path}, menu {at}: {left} to {right} of {screen}"
                    );
                    assert!(page <= screen, "{path}, menu {at}: the page is {page} wide on a screen of {screen}");
                    window.press_at(&format!("{menu} > summary")).await;
                }
            }
        }
    });
}

/// What finds somebody stands behind a button there, so that the page itself begins near the top.
#[test]
fn the_header_of_who_sees_all_is_one_row_and_finds_without_a_script() {
    walk("header-phone", async |walk| {
        for looks in [Looks::narrow(), Looks { has_scripts: false, ..Looks::narrow() }] {
            for (caller, at) in [(Caller::Operator, "/"), (Caller::Operator, "/?uid=7"), (Caller::Analyst, "/")] {
                let window = walk.signed_in_with(caller, looks).await;
                window.open(at).await;
                let script = "return Math.round(document.querySelector('.top').getBoundingClientRect().height)";
                let height: u32 = window.ask(script, vec![]).await;
                assert!(height < 72, "{caller:?} {at}: {height}");
                assert!(!window.shows("#chooser-uid").await, "{at}: closed at first");
                window.press_at(".finder-button").await;
                window.until("the fields", async |window| window.shows("#chooser-uid").await).await;
                let field = window.find("#chooser-uid").await;
                field.send_keys(AFFILIATE.to_string()).await.expect("written");
                window.press_at(".chooser button").await;
                window.until_at(&format!("uid={AFFILIATE}")).await;
            }
        }
        let wide = walk.signed_in(Caller::Operator).await;
        assert!(
            wide.shows("#search-name").await && !wide.shows(".finder-button").await,
            "where there is room it stands"
        );
    });
}
