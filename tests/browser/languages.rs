//! The language of the pages, chosen by hand.

use crate::harness::people::AFFILIATE;
use crate::harness::platform::Caller;
use crate::harness::{Looks, walk};

const SPOKEN: &str = "return document.documentElement.lang";

#[test]
fn a_language_is_chosen_in_the_menu_and_stays() {
    walk("language", async |walk| {
        let window = walk.signed_in(Caller::Affiliate(AFFILIATE)).await;
        window.open("/rewards?range=7d").await;
        let spoken: String = window.ask(SPOKEN, vec![]).await;
        assert_eq!(spoken, "en");
        window.press_at("header details:last-of-type > summary").await;
        window.press("简体中文").await;
        window.find("html[lang=zh-Hans]").await;
        assert_eq!(window.place().await, "/rewards?range=7d", "back where one was");
        window.open("/").await;
        window.find("html[lang=zh-Hans] [data-copied=已复制]").await;
        window.open("/referrals").await;
        window.press_at("a[data-note-of]").await;
        window.until("a dialog", async |window| window.shows("dialog[open]").await).await;
        let title = window.text_of("dialog[open] h2").await;
        assert!(title.starts_with("被邀请人 ") && title.ends_with(" 的备注"), "what a script says: {title}");
        window.press_at("dialog[open] .dialog-head button").await;
        window.press_at("header details:last-of-type > summary").await;
        window.press("English").await;
        window.find("html[lang=en]").await;
    });
}

#[test]
fn who_is_not_signed_in_chooses_on_the_page_to_sign_in_on() {
    walk("language-signed-out", async |walk| {
        let window = walk.window(Looks::default()).await;
        window.open("/codes").await;
        window.press("简体中文").await;
        window.find("html[lang=zh-Hans] #token").await;
        window.fill("令牌", &walk.platform.token(Caller::Affiliate(AFFILIATE))).await;
        window.press("登录").await;
        window.find("html[lang=zh-Hans] nav.menu").await;
        assert_eq!(window.place().await, "/codes");
    });
}
