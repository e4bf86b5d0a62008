//! A page whose content takes long: what stands around it is sent first, so that something is seen at once, and the
//! content follows when it is there. What is quick is sent whole.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{FutureExt, StreamExt, stream};
use maud::{Markup, html};

use super::problem::words;
use super::{Page, document, heading, respond};
use crate::pages::visit::Visit;
use crate::problem::Problem;

/// After so long the frame is sent alone: with it, a browser has painted within a tenth of a second.
const PATIENCE: Duration = Duration::from_millis(20);

/// Sends the page that `content` makes, which has this title and nothing beside it; and the frame before it where that
/// takes long. The frame says that all is well: whoever calls has seen to it that nothing in the request can be refused
/// any more.
pub(in crate::pages) async fn framed(
    visit: &Visit,
    title: &'static str,
    section: &'static str,
    content: impl Future<Output = Result<Response, Problem>> + Send + 'static,
) -> Result<Response, Problem> {
    let visit = visit.clone();
    let page = move |main: Markup| document(&visit.visitor, title, &Page::bare(title, section, main).body(&visit));
    frame_first(heading(title, &html! {}).into_string(), page, content).await
}

/// `page` makes a page around something else than the content: nothing yet, or why there is none.
async fn frame_first(
    heading: String,
    page: impl Fn(Markup) -> String + Send + 'static,
    content: impl Future<Output = Result<Response, Problem>> + Send + 'static,
) -> Result<Response, Problem> {
    let mut content = Box::pin(content);
    if let Ok(page) = tokio::time::timeout(PATIENCE, &mut content).await {
        return page;
    }
    let frame = page(html! {});
    let frame = frame.split_once(&heading).map(|(before, _)| format!("{before}{heading}")).unwrap_or_default();
    let rest = async move {
        let whole = match content.await {
            Ok(page) => to_bytes(page.into_body(), usize::MAX).await.unwrap_or_default(),
            Err(problem) => {
                tracing::error!(detail = %problem.detail, "a page's content failed after its frame was sent");
                page(words(&problem)).into()
            }
        };
        after(&whole, &heading)
    };
    let parts = stream::iter([Bytes::from(frame)]).chain(rest.into_stream()).map(Ok::<_, Infallible>);
    Ok(respond(StatusCode::OK, Body::from_stream(parts)))
}

/// What follows a page's heading.
fn after(page: &Bytes, heading: &str) -> Bytes {
    let found = page.windows(heading.len()).position(|text| text == heading.as_bytes());
    page.slice(found.map_or(0, |at| at + heading.len())..)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt;

    use super::*;
    use crate::problem::ProblemKind;

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
        let answer = frame_first(HEADING.to_owned(), |main| page(&main.into_string()), content).await;
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
    async fn the_frame_comes_before_what_takes_long() {
        let parts = parts(1_000, Ok(page("<p>0.1</p>"))).await;
        assert_eq!(parts, [(format!("<body>{HEADING}"), 20), ("<p>0.1</p></body>".to_owned(), 1_000)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_late_is_told_within_the_frame() {
        let parts = parts(1_000, Err(Problem::new(ProblemKind::Unavailable, "the ledger cannot be read"))).await;
        assert_eq!(parts.len(), 2);
        assert!(parts[1].0.contains("the ledger cannot be read") && parts[1].0.ends_with("</body>"), "{parts:?}");
    }
}
