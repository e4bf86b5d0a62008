//! Which of the media types that there are a client prefers, by its `Accept` (RFC 9110, section 12.5.1): the most
//! specific range that fits a type says how much it is wanted, and with `q=0` that it is not.

use axum::http::{HeaderMap, header};
use headers_accept::Accept;
use mediatype::MediaType;

/// The media type that is preferred of these, which stand in the server's own order; the first where nothing is said, or
/// nothing that can be read. None if no one of them is taken.
pub fn preferred(headers: &HeaderMap, available: &[&'static str]) -> Option<&'static str> {
    let told: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let Ok(accept) = told.join(",").parse::<Accept>() else { return available.first().copied() };
    if accept.media_types().next().is_none() {
        return available.first().copied();
    }
    let types: Vec<MediaType<'static>> = available.iter().filter_map(|text| MediaType::parse(text).ok()).collect();
    let chosen = accept.negotiate(&types)?;
    available.iter().zip(&types).find(|(_, media_type)| *media_type == chosen).map(|(text, _)| *text)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const NDJSON: &str = "application/x-ndjson";
    const EVENTS: &str = "text/event-stream";

    #[test]
    fn what_is_wanted_most_is_given() {
        for (accept, given) in [
            (&[][..], Some(NDJSON)),
            (&[""], Some(NDJSON)),
            (&["*/*"], Some(NDJSON)),
            (&["application/x-ndjson"], Some(NDJSON)),
            (&["text/event-stream"], Some(EVENTS)),
            (&["application/json;q=0.1, Text/Event-Stream;q=0.5"], Some(EVENTS)),
            (&["text/html", "text/event-stream"], Some(EVENTS)),
            (&["text/*, */*;q=0.1"], Some(EVENTS)),
            (&["text/event-stream;q=0.4, application/x-ndjson;q=0.6"], Some(NDJSON)),
            (&["text/event-stream;q=0.4, */*"], Some(NDJSON)),
            (&["text/event-stream;q=0, */*"], Some(NDJSON)),
            (&["text/event-stream, */*;q=0.9"], Some(EVENTS)),
            (&["application/x-ndjson;q=0, */*"], Some(EVENTS)),
            (&["application/json"], None),
            (&["text/event-stream;q=0"], None),
            (&["nonsense"], Some(NDJSON)),
        ] {
            let values = accept.iter().map(|value| (header::ACCEPT, HeaderValue::from_static(value)));
            assert_eq!(preferred(&values.collect(), &[NDJSON, EVENTS]), given, "{accept:?}");
        }
    }
}
