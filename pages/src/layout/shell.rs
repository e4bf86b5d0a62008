//! A page whose content takes long: its shell, what stands around the content, is sent first, so that something is seen
//! at once, and the content follows when it is there. What is quick is sent whole.

use api::{Problem, Unfinished, question};
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{FutureExt, StreamExt, stream};
use maud::{Markup, html};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::problem::told;
use super::{Page, document, heading, respond};
use crate::language::{Language, speaking, speaking_within};
use crate::visit::Visit;

/// After so long the shell is sent alone: with it, a browser has painted within a tenth of a second.
const PATIENCE: Duration = Duration::from_millis(20);

/// Sends the page that `content` makes, which has this title and nothing beside it; and the shell before it where that
/// takes long. The shell says that all is well: whether the visitor may ask is settled here before it, and whoever calls
/// has seen to it that no other parameter can be refused any more.
pub(crate) async fn shell_first(
    visit: &Visit,
    title: &'static str,
    section: &'static str,
    content: impl Future<Output = Result<Response, Problem>> + Send + 'static,
) -> Result<Response, Problem> {
    visit.read_ledger(|read| read.ask(&[], question::account())).await?;
    shell_at_once(visit, title, section, content).await
}

/// The same of a page about the platform, whose caller has settled that the visitor may ask.
pub(crate) async fn shell_at_once(
    visit: &Visit,
    title: &'static str,
    section: &'static str,
    content: impl Future<Output = Result<Response, Problem>> + Send + 'static,
) -> Result<Response, Problem> {
    let visit = visit.clone();
    let language = Language::now();
    let page = move |main: Markup| {
        let page = || document(&visit.visitor, title, &Page::bare(title, section, main).body(&visit));
        speaking_within(language, page)
    };
    send(heading(title, &html! {}).into_string(), page, content).await
}

/// `page` makes a page around something else than the content: nothing yet, or why there is none.
async fn send(
    heading: String,
    page: impl Fn(Markup) -> String + Send + 'static,
    content: impl Future<Output = Result<Response, Problem>> + Send + 'static,
) -> Result<Response, Problem> {
    // A task of its own goes on however slowly the shell is taken: it may be waited for. It ends with the answer.
    let mut task = JoinSet::new();
    task.spawn(speaking(Language::now(), content));
    if let Ok(made) = tokio::time::timeout(PATIENCE, task.join_next()).await {
        return settled(made);
    }
    let shell = page(html! {});
    let shell = shell.split_once(&heading).map(|(before, _)| format!("{before}{heading}")).unwrap_or_default();
    let (ended, unfinished) = watch::channel(None);
    let rest = speaking(Language::now(), async move {
        let (status, document) = match settled(task.join_next().await) {
            Ok(page) => (page.status(), to_bytes(page.into_body(), usize::MAX).await.unwrap_or_default()),
            Err(problem) => {
                tracing::error!(detail = %problem.detail, "a page's content failed after its shell was sent");
                (problem.kind.status(), page(told(&problem)).into())
            }
        };
        ended.send_replace(Some(status));
        after(&document, &heading)
    });
    let parts = stream::iter([Bytes::from(shell)]).chain(rest.into_stream()).map(Ok::<_, Infallible>);
    let mut response = respond(StatusCode::OK, Body::from_stream(parts));
    // A proxy that gathers an answer before it passes it on would keep the shell back.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response.extensions_mut().insert(Unfinished(unfinished));
    Ok(response)
}

/// What the task of a page ended with.
fn settled(ended: Option<Result<Result<Response, Problem>, JoinError>>) -> Result<Response, Problem> {
    match ended {
        Some(Ok(page)) => page,
        Some(Err(panic)) => Err(Problem::internal(&panic)),
        None => Err(Problem::internal(&"the page was given up")),
    }
}

/// What follows a page's heading.
fn after(page: &Bytes, heading: &str) -> Bytes {
    let found = page.windows(heading.len()).position(|text| text == heading.as_bytes());
    page.slice(found.map_or(0, |at| at + heading.len())..)
}

#[cfg(test)]
mod tests {
    use api::ProblemKind;
    use std::time::Duration;

    use http_body_util::BodyExt;

    use super::*;

    const HEADING: &str = "<h1>Rewards</h1>";

    fn page(main: &str) -> String {
        format!("<body>{HEADING}{main}</body>")
    }

    async fn after_a_while(millis: u64, page: Result<String, Problem>) -> Result<Response, Problem> {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        page.map(|page| respond(StatusCode::OK, page))
    }

    /// The parts of an answer in the order in which they come, and when.
    async fn parts(millis: u64, content: Result<String, Problem>) -> Vec<(String, u128)> {
        let began = tokio::time::Instant::now();
        let content = after_a_while(millis, content);
        let answer = send(HEADING.to_owned(), |main| page(&main.into_string()), content).await;
        let mut body = answer.expect("a page").into_body();
        let mut parts = Vec::new();
        while let Some(part) = body.frame().await {
            let part = part.expect("it cannot fail").into_data().expect("data");
            parts.push((String::from_utf8(part.to_vec()).expect("UTF-8"), began.elapsed().as_millis()));
        }
        parts
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_quick_comes_whole() {
        assert_eq!(parts(10, Ok(page("<p>0.1</p>"))).await, [(page("<p>0.1</p>"), 10)]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_shell_comes_before_what_takes_long() {
        let parts = parts(1_000, Ok(page("<p>0.1</p>"))).await;
        assert_eq!(parts, [(format!("<body>{HEADING}"), 20), ("<p>0.1</p></body>".to_owned(), 1_000)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_late_is_told_within_the_shell() {
        let parts = parts(1_000, Err(Problem::new(ProblemKind::Unavailable, "the ledger cannot be read"))).await;
        assert_eq!(parts.len(), 2);
        assert!(parts[1].0.contains("the ledger cannot be read") && parts[1].0.ends_with("</body>"), "{parts:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_told_before_the_shell_and_after_it() {
        for millis in [0, 1_000] {
            let content = async move {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                panic!("on purpose")
            };
            let answer = send(HEADING.to_owned(), |main| page(&main.into_string()), content).await;
            if millis == 0 {
                assert_eq!(answer.expect_err("a refusal").kind.status(), 500);
                continue;
            }
            let body = answer.expect("a shell").into_body().collect().await.expect("it cannot fail").to_bytes();
            let body = String::from_utf8(body.to_vec()).expect("UTF-8");
            assert!(body.contains("the request failed") && body.ends_with("</body>"), "{body}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_answer_tells_what_its_content_ended_with_or_that_nobody_took_it() {
        let refused = || Err(Problem::new(ProblemKind::Unavailable, "the ledger cannot be read"));
        for (content, status) in [(Ok(page("")), StatusCode::OK), (refused(), StatusCode::SERVICE_UNAVAILABLE)] {
            let answer = send(HEADING.to_owned(), |_| page(""), after_a_while(1_000, content)).await;
            let mut answer = answer.expect("a shell");
            let unfinished = answer.extensions_mut().remove::<Unfinished>().expect("it is unfinished");
            let (_, told) = tokio::join!(answer.into_body().collect(), unfinished.status());
            assert_eq!(told, Some(status));
        }
        let answer = send(HEADING.to_owned(), |_| page(""), after_a_while(1_000, Ok(page("")))).await;
        let unfinished = answer.expect("a shell").extensions_mut().remove::<Unfinished>().expect("it is unfinished");
        assert_eq!(unfinished.status().await, None);
    }
}
