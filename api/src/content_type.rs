//! The media type of a request, without its parameters.

use axum::http::{HeaderMap, header};

use crate::problem::{Problem, ProblemKind};

/// Which of these media types a body has; their parameters do not matter.
///
/// # Errors
/// 415 if it has none of them, or none is told.
pub fn require_media_type(headers: &HeaderMap, expected: &[&str]) -> Result<(), Problem> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let told = values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok());
    let essence = told.map(|told| told.split(';').next().unwrap_or_default().trim());
    if essence.is_some_and(|essence| expected.iter().any(|one| essence.eq_ignore_ascii_case(one))) {
        return Ok(());
    }
    let came = essence.map_or_else(|| "none".to_owned(), |essence| format!("{essence:?}"));
    let detail = format!("expected Content-Type: {}; came {came}", expected.join(" or "));
    Err(Problem::of_field(ProblemKind::UnsupportedMediaType, header::CONTENT_TYPE.as_str(), detail))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_media_type_is_compared_without_its_parameters_and_case() {
        let headers = |values: &[&'static str]| {
            let values = values.iter().map(|value| (header::CONTENT_TYPE, HeaderValue::from_static(value)));
            values.collect::<HeaderMap>()
        };
        let takes = |values: &[&'static str]| require_media_type(&headers(values), &["application/json"]).is_ok();
        for value in ["application/json", "Application/JSON; charset=utf-8", "application/json ;a=b"] {
            assert!(takes(&[value]), "{value}");
        }
        for values in [
            &[][..],
            &[""],
            &["text/plain"],
            &["application/jsonp"],
            &["application/json, text/plain"],
            &["application/json", "application/json"],
        ] {
            assert!(!takes(values), "{values:?}");
        }
    }
}
