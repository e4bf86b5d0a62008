//! An analyst asks the API from a page: the answer is the one that a program gets, and the lines ask the same.

use std::process::Command;

use serde_json::Value;

use crate::harness::people::{AFFILIATE, CROWD_CODE};
use crate::harness::platform::Caller;
use crate::harness::{Looks, walk};

#[test]
fn a_question_is_chosen_asked_and_answered() {
    walk("ask", async |walk| {
        for looks in [Looks::default(), Looks::narrow(), Looks::without_scripts()] {
            let window = walk.signed_in_with(Caller::Analyst, looks).await;
            window.open("/operator/ask").await;
            window.press("codes/{code}/referrals").await;
            window.until_at("question=codes").await;
            window.fill("code", CROWD_CODE).await;
            window.fill("uid", &AFFILIATE.to_string()).await;
            window.choose("order", "asc").await;
            window.fill("limit", "5").await;
            window.press("Ask").await;
            window.until_at("ask=yes").await;
            let path = format!("/v1/codes/{CROWD_CODE}/referrals?uid={AFFILIATE}&order=asc&limit=5");
            let text: String = window.ask("return document.querySelector('#ask-answer pre').textContent", vec![]).await;
            let shown: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(shown, walk.platform.get(Caller::Analyst, &path));
            let rows = window.rows("#answer-table tbody tr").await;
            assert_eq!(rows.len(), 5);
            window.press("Next page").await;
            window.until_at("p-cursor").await;
            let next = window.rows("#answer-table tbody tr").await;
            assert!(next.len() == 5 && next.iter().all(|row| !rows.contains(row)));
            window.fill("limit", "0").await;
            window.press("Ask").await;
            window.until("the refusal at its field", async |window| window.shows("#ask-limit-error").await).await;
        }
    });
}

#[test]
fn the_lines_ask_the_same_from_a_shell() {
    walk("ask-lines", async |walk| {
        let window = walk.signed_in(Caller::Analyst).await;
        window.open(&format!("/operator/ask?question=overview&ask=yes&p-uid={AFFILIATE}")).await;
        let answer: String = window.ask("return document.querySelector('#ask-answer pre').textContent", vec![]).await;
        let shown: Value = serde_json::from_str(&answer).expect("JSON");
        let lines: Vec<String> = window
            .ask(
                "return Array.from(document.querySelectorAll('#ask-lines .copy-text'), one => one.textContent)",
                vec![],
            )
            .await;
        let token = walk.platform.token(Caller::Analyst);
        assert!(!window.driver.source().await.expect("a source").contains(&token), "nothing secret stands there");
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_tributary"));
        let path =
            format!("{}:{}", binary.parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
        let mut asked = 0;
        for line in lines {
            let line = if line.starts_with("tributary") { format!("{line} --json") } else { line };
            let output = Command::new("sh")
                .args(["-c", &line])
                .env("TRIBUTARY_TOKEN", &token)
                .env("PATH", &path)
                .output()
                .expect("a shell");
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(said["metrics"], shown["metrics"], "{line}");
            asked += 1;
        }
        assert_eq!(asked, 2);
    });
}
