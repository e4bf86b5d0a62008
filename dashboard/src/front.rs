//! `GET /`: what runs here and where to look.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tributary</title>
<h1>Tributary</h1>
<p>An event-sourced commission ledger for referral programs. This is its HTTP API.</p>
<ul>
<li><a href="/openapi.json">/openapi.json</a>: every path, with its parameters and answers (OpenAPI 3.1)
<li>/v1/overview?uid=…: the metrics of a referrer; /v1/referrals, /v1/codes, /v1/rewards beside it
<li><a href="/readyz">/readyz</a>: whether the numbers are whole
<li><a href="/metrics">/metrics</a>: for Prometheus
</ul>
</html>
"#;

pub(crate) async fn get_front() -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    ([(header::CONTENT_TYPE, html)], PAGE).into_response()
}
