//! A walk: a platform of its own, windows on it, and what is left of them when it fails.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use futures_util::FutureExt;
use thirtyfour::extensions::query::{ElementPollerWithTimeout, IntoElementPoller};

use super::chromedriver::{self, Chromedriver};
use super::platform::{Caller, Platform};
use super::window::{Looks, Window};
use super::{history, skipped};

/// What a walk has.
pub struct Walk {
    pub platform: Platform,
    driver: Arc<Chromedriver>,
    windows: RefCell<Vec<Rc<Window>>>,
}

/// Walks on a platform with the small history of [`history::realistic`].
pub fn walk(name: &str, steps: impl AsyncFnOnce(&Walk)) {
    walk_on(name, history::realistic(), steps);
}

/// Walks on a platform with this history, one event a line. Where no browser is, it says so.
pub fn walk_on(name: &str, lines: &[Vec<u8>], steps: impl AsyncFnOnce(&Walk)) {
    walk_with(name, || Platform::with_history(lines), steps);
}

/// Walks on a platform that is made once there is a browser.
pub fn walk_with(name: &str, platform: impl FnOnce() -> Platform, steps: impl AsyncFnOnce(&Walk)) {
    let driver = match chromedriver::shared() {
        Ok(driver) => driver,
        Err(missing) => return skipped(missing),
    };
    // The driver's client speaks TLS by a provider that the process chooses; another walk may have chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let walk = Walk { platform: platform(), driver, windows: RefCell::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome: Result<(), Box<dyn Any + Send>> = runtime.block_on(async {
        let outcome = AssertUnwindSafe(steps(&walk)).catch_unwind().await;
        for (at, window) in walk.windows.take().into_iter().enumerate() {
            if outcome.is_err() {
                window.keep(&folder(), &format!("{name}-{}", at + 1)).await;
            }
            window.close().await;
        }
        outcome
    });
    if let Err(panic) = outcome {
        eprintln!("what the walk saw last is kept under {}", folder().display());
        resume_unwind(panic);
    }
}

impl Walk {
    /// A new window with a fresh profile that nobody signed in to.
    pub async fn window(&self, looks: Looks) -> Rc<Window> {
        let window = Rc::new(Window::open_one(&self.driver, self.platform.seen(), looks).await);
        self.windows.borrow_mut().push(Rc::clone(&window));
        window
    }

    /// A wide and light window in which this caller signed in by the form.
    pub async fn signed_in(&self, caller: Caller) -> Rc<Window> {
        self.signed_in_with(caller, Looks::default()).await
    }

    /// A window with these looks in which this caller signed in by the form.
    pub async fn signed_in_with(&self, caller: Caller, looks: Looks) -> Rc<Window> {
        let window = self.window(looks).await;
        window.sign_in(&self.platform.token(caller)).await;
        window
    }

    /// A wide and light window in which this caller chose Chinese, and signed in.
    pub async fn signed_in_in_chinese(&self, caller: Caller) -> Rc<Window> {
        let window = self.window(Looks::default()).await;
        window.open("/").await;
        window.press("简体中文").await;
        window.find("html[lang=zh-Hans] #token").await;
        window.fill("令牌", &self.platform.token(caller)).await;
        window.press("登录").await;
        window.find("html[lang=zh-Hans] nav.menu").await;
        window
    }
}

/// Where pictures and sources of a failure are kept.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// How long, and how often, is looked for what a page is to show.
pub fn patience() -> Arc<dyn IntoElementPoller + Send + Sync> {
    Arc::new(ElementPollerWithTimeout::new(std::time::Duration::from_secs(20), std::time::Duration::from_millis(50)))
}
