//! A browser's window: what a person does and sees in it. A step that cannot be done fails the walk and says on
//! which page; what is awaited is a condition, never a time.

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities};

use super::chromedriver::Chromedriver;
use super::page::Figure;
use super::platform::Seen;
use super::walk::patience;

/// Which of the two sets of colours the machine asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    #[default]
    Light,
    Dark,
}

/// How a window is.
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    pub width: u32,
    pub scheme: Scheme,
    pub has_scripts: bool,
}

impl Default for Looks {
    fn default() -> Looks {
        Looks { width: 1440, scheme: Scheme::Light, has_scripts: true }
    }
}

impl Looks {
    /// A telephone's.
    pub fn narrow() -> Looks {
        Looks { width: 390, ..Looks::default() }
    }

    /// A browser that runs no script of a page.
    pub fn without_scripts() -> Looks {
        Looks { has_scripts: false, ..Looks::default() }
    }
}

/// A window with a profile of its own.
pub struct Window {
    pub driver: WebDriver,
    address: String,
    _profile: tempfile::TempDir,
}

impl Window {
    pub(super) async fn open_one(chromedriver: &Chromedriver, seen: &Seen, looks: Looks) -> Window {
        let profile = chromedriver.profile();
        let capabilities = capabilities(chromedriver, profile.path(), seen, looks).expect("capabilities");
        let driver = WebDriver::builder(&chromedriver.url, capabilities)
            .poller(patience())
            .connect()
            .await
            .expect("a browser's session");
        let window = Window { driver, address: seen.address.clone(), _profile: profile };
        window.look(looks).await;
        window
    }

    /// Changes width and colours.
    pub async fn look(&self, looks: Looks) {
        let is_narrow = looks.width < 600;
        let height = if is_narrow { 844 } else { 900 };
        let metrics = json!({"width": looks.width, "height": height, "deviceScaleFactor": 1, "mobile": is_narrow});
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = match looks.scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        // Without motion nothing is caught half way.
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.tell("Emulation.setEmulatedMedia", json!({"features": features})).await;
    }

    /// Says something in Chromium's own protocol.
    pub async fn tell(&self, method: &str, parameters: Value) -> Value {
        match self.driver.cdp().send_raw(method, parameters).await {
            Ok(answer) => answer,
            Err(error) => panic!("{method}: {error}"),
        }
    }

    /// Opens a path of the platform, such as `/codes`.
    pub async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.address)).await.expect("the page opens");
    }

    /// Signs in by the form, and waits until it is gone.
    pub async fn sign_in(&self, token: &str) {
        self.open("/").await;
        self.fill("Token", token).await;
        self.press("Sign in").await;
        self.until("signed in", async |window| window.shows("header.top .tools").await).await;
    }

    /// Path and query of the page shown.
    pub async fn place(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", url.path())
    }

    /// The value of a parameter of the page's address.
    pub async fn parameter(&self, name: &str) -> Option<String> {
        let url = self.driver.current_url().await.expect("an address");
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The first element that this selector finds, awaited.
    pub async fn find(&self, selector: &str) -> WebElement {
        match self.driver.query(By::Css(selector)).first().await {
            Ok(element) => element,
            Err(error) => panic!("{selector} on {}: {error}", self.place().await),
        }
    }

    /// All that this selector finds now.
    pub async fn all(&self, selector: &str) -> Vec<WebElement> {
        self.driver.find_all(By::Css(selector)).await.expect("an answer")
    }

    /// Whether this selector finds something that is seen now.
    pub async fn shows(&self, selector: &str) -> bool {
        for element in self.all(selector).await {
            if element.is_displayed().await.unwrap_or(false) {
                return true;
            }
        }
        false
    }

    /// The text that a person sees on the page.
    pub async fn text(&self) -> String {
        self.text_of("body").await
    }

    /// The text that a person sees in the first element of this selector; of a page that is just being left, that of the next one.
    pub async fn text_of(&self, selector: &str) -> String {
        loop {
            match self.find(selector).await.text().await {
                Ok(text) => return text,
                Err(error) if error.to_string().contains("stale element") => {}
                Err(error) => panic!("a text of {selector}: {error}"),
            }
        }
    }

    /// Waits until this holds.
    pub async fn until(&self, what: &str, holds: impl AsyncFn(&Window) -> bool) {
        let end = Instant::now() + Duration::from_secs(20);
        while !holds(self).await {
            assert!(Instant::now() < end, "waited for: {what}, on {}", self.place().await);
            tokio::task::yield_now().await;
        }
    }

    /// Waits until the page's address has this in it.
    pub async fn until_at(&self, part: &str) {
        self.until(&format!("the address has {part}"), async |window| window.place().await.contains(part)).await;
    }

    /// Presses the button, link or summary that reads exactly this and is seen.
    pub async fn press(&self, label: &str) {
        let path = format!(
            "//*[self::a or self::button or self::summary or @role='button'][normalize-space()={0} or @aria-label={0}]",
            quoted(label)
        );
        self.click(By::XPath(path), label).await;
    }

    /// Clicks the first of what this selector finds that is seen.
    pub async fn press_at(&self, selector: &str) {
        self.click(By::Css(selector), selector).await;
    }

    async fn click(&self, by: By, what: &str) {
        let element = match self.driver.query(by).and_displayed().first().await {
            Ok(element) => element,
            Err(error) => panic!("nothing to press reads {what:?} on {}: {error}", self.place().await),
        };
        element.scroll_into_view().await.expect("in view");
        if let Err(error) = element.click().await {
            panic!("{what:?} cannot be pressed on {}: {error}", self.place().await);
        }
    }

    /// The field that bears this label.
    pub async fn field(&self, label: &str) -> WebElement {
        let path = format!("//label[starts-with(normalize-space(), {})]", quoted(label));
        let found = self.driver.query(By::XPath(path)).and_displayed().first().await;
        let of = match found {
            Ok(found) => found,
            Err(error) => panic!("no field is labelled {label:?} on {}: {error}", self.place().await),
        };
        match of.attr("for").await.expect("an attribute") {
            Some(id) => self.driver.find(By::Id(id)).await.expect("what the label is for"),
            None => of.find(By::Css("input, select, textarea")).await.expect("what the label holds"),
        }
    }

    /// Writes a text into the field that bears this label, over what is there.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.expect("a field to write in");
        field.send_keys(text).await.expect("written");
    }

    /// Sets a day in the field that bears this label, as its calendar does: the keys to type one differ by language.
    pub async fn pick_day(&self, label: &str, day: &str) {
        let field = self.field(label).await;
        let script = "const [field, day] = arguments;
            field.value = day;
            ['input', 'change'].forEach(kind => field.dispatchEvent(new Event(kind, {bubbles: true})));";
        let field = field.to_json().expect("an element");
        self.driver.execute(script, vec![field, json!(day)]).await.expect("picked");
    }

    /// Chooses the option with this value in the field that bears this label.
    pub async fn choose(&self, label: &str, value: &str) {
        let field = self.field(label).await;
        let option = field.find(By::Css(format!("option[value='{value}']"))).await;
        option.unwrap_or_else(|error| panic!("{label}: no {value}: {error}")).click().await.expect("chosen");
    }

    /// Presses a key, or writes, wherever the focus is.
    pub async fn type_keys(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.expect("typed");
    }

    /// Every figure within what this selector finds: `data-value` and text.
    pub async fn figures(&self, within: &str) -> Vec<Figure> {
        let script = "return Array.from(document.querySelectorAll(arguments[0] + ' [data-value]'))
            .map(one => ({value: one.dataset.value, text: one.textContent}));";
        self.ask(script, vec![json!(within)]).await
    }

    /// The rows of a table, or of what else is found by `rows`, cell by cell: the exact value where a cell has one, else
    /// its text.
    pub async fn rows(&self, rows: &str) -> Vec<Vec<String>> {
        let script = "return Array.from(document.querySelectorAll(arguments[0])).map(row =>
            Array.from(row.children).map(cell => {
                const figure = cell.matches('[data-value]') ? cell : cell.querySelector('[data-value]');
                return figure ? figure.dataset.value : cell.textContent.trim();
            }));";
        self.ask(script, vec![json!(rows)]).await
    }

    /// The exact value of the figure that stands within what this selector finds, read at once: live figures change.
    pub async fn value(&self, within: &str) -> String {
        let figure = format!("{within} [data-value]");
        self.find(&figure).await;
        let script = "return document.querySelector(arguments[0])?.dataset.value ?? null;";
        let value: Option<String> = self.ask(script, vec![json!(figure)]).await;
        value.unwrap_or_else(|| panic!("{figure} is gone"))
    }

    /// Runs a script in the page, past its policy, and reads what it returns.
    pub async fn ask<T: serde::de::DeserializeOwned>(&self, script: &str, arguments: Vec<Value>) -> T {
        let returned = match self.driver.execute(script, arguments).await {
            Ok(returned) => returned,
            Err(error) => panic!("on {}: {error}", self.place().await),
        };
        returned.convert().expect("what the script returns")
    }

    /// The cookies of the window, as a request bears them.
    pub async fn cookies(&self) -> String {
        let cookies = self.driver.get_all_cookies().await.expect("cookies");
        cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect::<Vec<_>>().join("; ")
    }

    /// The page as a picture: what of it and how, as Chromium's protocol says it; a PNG where no other format is asked for.
    pub async fn picture_of(&self, what: Value) -> Vec<u8> {
        let answer = self.tell("Page.captureScreenshot", what).await;
        let text = answer["data"].as_str().expect("a picture");
        STANDARD.decode(text).expect("base64")
    }

    /// Keeps what a failed walk saw.
    pub(super) async fn keep(&self, folder: &Path, name: &str) {
        // What is kept helps, and is no test: the failure is told all the same.
        let _ = self.driver.screenshot(&folder.join(format!("{name}.png"))).await;
        if let Ok(source) = self.driver.source().await {
            let _ = std::fs::write(folder.join(format!("{name}.html")), source);
        }
        if let Ok(url) = self.driver.current_url().await {
            eprintln!("{name} stood at {url}");
        }
    }

    pub(super) async fn close(&self) {
        let _ = self.driver.clone().quit().await;
    }
}

fn capabilities(
    driver: &Chromedriver,
    profile: &Path,
    seen: &Seen,
    looks: Looks,
) -> WebDriverResult<ChromeCapabilities> {
    let mut capabilities = ChromeCapabilities::new();
    capabilities.set_binary(&driver.chromium.to_string_lossy())?;
    for argument in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ] {
        capabilities.add_arg(argument)?;
    }
    for argument in &seen.arguments {
        capabilities.add_arg(argument)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    if !looks.has_scripts {
        let blocked = 2;
        let preferences = json!({"profile.managed_default_content_settings.javascript": blocked});
        capabilities.add_experimental_option("prefs", preferences)?;
    }
    capabilities.set_browser_log_level(thirtyfour::LoggingPrefsLogLevel::All)?;
    Ok(capabilities)
}

/// A text as XPath writes it.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}
