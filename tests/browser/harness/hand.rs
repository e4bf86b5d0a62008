//! What a person does on a page with: a mouse on a wide screen, the keyboard alone, or a finger on a telephone. A job that is
//! told once is done with each.

use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use thirtyfour::Key;

use super::Looks;
use super::platform::Caller;
use super::walk::Walk;
use super::window::Window;

/// With what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// A mouse, and keys to write.
    Mouse,
    /// Keys alone: what has the focus is seen to have it.
    Keys,
    /// A finger on a screen of 390 pixels, and its keys to write.
    Finger,
}

/// Two taps at one place within 300 ms are one double tap to a browser, and what is tapped on is always brought to the middle.
const BETWEEN_TAPS: Duration = Duration::from_millis(400);

/// No page has more places for the focus than this.
const PLACES_MAX: usize = 600;

/// Somebody before a window.
pub struct Person {
    pub window: Rc<Window>,
    hand: Hand,
}

impl Person {
    /// Comes to the page to sign in on, and signs in.
    pub async fn comes(walk: &Walk, hand: Hand, caller: Caller) -> Person {
        let looks = if hand == Hand::Finger { Looks::narrow() } else { Looks::default() };
        let person = Person { window: walk.window(looks).await, hand };
        if hand == Hand::Finger {
            person.window.tell("Emulation.setTouchEmulationEnabled", json!({"enabled": true})).await;
        }
        person.window.open("/").await;
        person.fills("#token", &walk.platform.token(caller)).await;
        person.presses("form:has(#token) button[type=submit]").await;
        person.window.find("nav.menu").await;
        person
    }

    /// Goes to a page by the menu, which stands behind a button on a telephone.
    pub async fn goes(&self, page: &str) {
        if !self.window.shows("nav.menu a").await {
            self.presses(".menu-button").await;
            self.window.until("the menu", async |window| window.shows("nav.menu a").await).await;
        }
        self.presses(&format!("nav.menu a[href='{page}'], nav.menu a[href^='{page}?']")).await;
        let current =
            format!("nav.menu a[href='{page}'][aria-current=page], nav.menu a[href^='{page}?'][aria-current=page]");
        self.window.find(&current).await;
    }

    /// Presses the first of what this selector finds that is seen.
    pub async fn presses(&self, selector: &str) {
        match self.hand {
            Hand::Mouse => self.window.press_at(selector).await,
            Hand::Keys => {
                self.comes_to(selector).await;
                self.window.type_keys(Key::Enter).await;
            }
            Hand::Finger => self.taps(selector).await,
        }
    }

    /// Ticks a box, or takes its tick away.
    pub async fn ticks(&self, selector: &str) {
        match self.hand {
            Hand::Mouse => self.window.press_at(selector).await,
            Hand::Keys => {
                self.comes_to(selector).await;
                self.window.type_keys(Key::Space).await;
            }
            Hand::Finger => self.taps(selector).await,
        }
    }

    /// Writes a text into a field, over what is there.
    pub async fn fills(&self, selector: &str, text: &str) {
        match self.hand {
            Hand::Mouse => self.window.press_at(selector).await,
            Hand::Keys => self.comes_to(selector).await,
            Hand::Finger => {
                self.taps(selector).await;
                let script = "return document.activeElement.matches(arguments[0])";
                let has_it = async |window: &Window| window.ask::<bool>(script, vec![json!(selector)]).await;
                self.window.until(&format!("{selector} has the focus"), has_it).await;
            }
        }
        let chain = self.window.driver.action_chain().key_down(Key::Control).send_keys("a").key_up(Key::Control);
        chain.send_keys(text).perform().await.expect("written");
    }

    /// Chooses an option of a field by its value.
    pub async fn chooses(&self, selector: &str, value: &str) {
        if self.hand != Hand::Keys {
            let option = self.window.find(&format!("{selector} option[value='{value}']")).await;
            option.click().await.expect("chosen");
            return;
        }
        self.comes_to(selector).await;
        self.window.type_keys(Key::Home).await;
        let script =
            "const one = document.activeElement; return [one.value, String(one.selectedIndex + 1 === one.length)]";
        loop {
            let [held, is_last]: [String; 2] = self.window.ask(script, vec![]).await;
            if held == value {
                return;
            }
            assert_eq!(is_last, "false", "{selector} has no {value}");
            self.window.type_keys(Key::Down).await;
        }
    }

    /// Sets a day: by its digits, in the order in which the browser asks for them; else as its calendar does.
    pub async fn picks_day(&self, selector: &str, day: &str) {
        if self.hand == Hand::Keys {
            self.comes_to(selector).await;
            let script = "return new Intl.DateTimeFormat().formatToParts(new Date()).map(part => part.type)";
            let order: Vec<String> = self.window.ask(script, vec![]).await;
            let parts: Vec<&str> = day.split('-').collect();
            let digits = order.iter().filter_map(|part| match &**part {
                "year" => Some(parts[0]),
                "month" => Some(parts[1]),
                "day" => Some(parts[2]),
                _ => None,
            });
            self.window.type_keys(digits.collect::<String>()).await;
        } else {
            let script = "const [selector, day] = arguments;
                const field = document.querySelector(selector);
                field.value = day;
                ['input', 'change'].forEach(kind => field.dispatchEvent(new Event(kind, {bubbles: true})));
                return null;";
            self.window.ask::<Option<u8>>(script, vec![json!(selector), json!(day)]).await;
        }
        let held = self.window.find(selector).await.prop("value").await.expect("a property");
        assert_eq!(held.as_deref(), Some(day), "{selector}");
    }

    /// Goes on by the tabulator until what this selector finds has the focus, which must be seen.
    pub async fn comes_to(&self, selector: &str) {
        for _ in 0..PLACES_MAX {
            let script = "const one = document.activeElement;
                if (!one || !one.matches(arguments[0])) return null;
                const style = getComputedStyle(one);
                return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';";
            let is_seen: Option<bool> = self.window.ask(script, vec![json!(selector)]).await;
            if let Some(is_seen) = is_seen {
                assert!(is_seen, "{selector} has the focus, and nothing shows it");
                return;
            }
            self.window.type_keys(Key::Tab).await;
        }
        panic!("the tabulator never comes to {selector} on {}", self.window.place().await);
    }

    /// Taps on the middle of the first of what this selector finds that is seen, which nothing else may cover.
    async fn taps(&self, selector: &str) {
        // Where it stands is looked at once the page has been drawn as it was scrolled: a finger goes where it is seen.
        let script = "const done = arguments[arguments.length - 1];
            const one = Array.from(document.querySelectorAll(arguments[0])).find(one => one.checkVisibility());
            if (!one) return done(null);
            one.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
                const box = one.getClientRects()[0];
                const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
                const met = document.elementFromPoint(x, y);
                const is_met = met && (one.contains(met) || met.contains(one) || Array.from(one.labels || []).some(label => label.contains(met)));
                done([x, y, is_met ? 1 : 0]);
            })));";
        self.window.find(selector).await;
        tokio::time::sleep(BETWEEN_TAPS).await;
        let place = self.window.driver.execute_async(script, vec![json!(selector)]).await.expect("an answer");
        let place: Option<[f64; 3]> = serde_json::from_value(place.json().clone()).expect("a place");
        let here = self.window.place().await;
        let [x, y, is_met] = place.unwrap_or_else(|| panic!("{selector} is not seen on {here}"));
        let width: f64 = self.window.ask("return window.innerWidth", vec![]).await;
        assert!(0.0 < x && x < width, "{selector} lies beside the screen on {here}");
        assert!(is_met > 0.0, "something lies over {selector} on {here}");
        let points = json!([{"x": x, "y": y}]);
        self.window.tell("Input.dispatchTouchEvent", json!({"type": "touchStart", "touchPoints": points})).await;
        self.window.tell("Input.dispatchTouchEvent", json!({"type": "touchEnd", "touchPoints": []})).await;
    }
}
