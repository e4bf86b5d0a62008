//! Which of the media types that there are a client prefers, by its `Accept` (RFC 9110, section 12.5.1): the most
//! specific range that fits a type says how much it is wanted, and with `q=0` that it is not.

use axum::http::{HeaderMap, header};
use headers_accept::Accept;
use mediatype::{MediaType, Name, ReadParams, names};

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

/// Whether a media type is named, in a version or in none, and not wanted less than another. Ranges such as `*/*` name none:
/// so who sends them keeps what it got before there was a choice. Parameters that nobody knows here do not count, since
/// scrapers send such.
pub(crate) fn is_named(headers: &HeaderMap, (wanted, version): (&str, &str), other: &str) -> bool {
    let told = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<MediaType<'_>> =
        told.flat_map(|value| value.split(',')).filter_map(|text| MediaType::parse(text.trim()).ok()).collect();
    let weight = |essence: &str, version: Option<&str>| {
        let of_it = named.iter().filter(|named| {
            let is_essence = named.essence().to_string().eq_ignore_ascii_case(essence);
            let told = Name::new("version").and_then(|name| named.get_param(name));
            is_essence && told.zip(version).is_none_or(|(told, version)| told.unquoted_str() == version)
        });
        let weights = of_it.map(|named| match named.get_param(names::Q) {
            Some(text) => text.unquoted_str().parse::<f32>().unwrap_or(0.0),
            None => 1.0,
        });
        weights.fold(0.0, f32::max)
    };
    let weight_of_wanted = weight(wanted, Some(version));
    weight_of_wanted > 0.0 && weight_of_wanted >= weight(other, None)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const NDJSON: &str = "application/x-ndjson";
    const EVENTS: &str = "text/event-stream";

    #[test]
    fn a_media_type_is_named_whatever_else_is() {
        for (accept, is_so) in [
            (&[][..], false),
            (&["*/*"], false),
            (&["application/*"], false),
            (&["text/plain"], false),
            (&["application/openmetrics-text"], true),
            (&["application/openmetrics-text; version=0.0.1"], false),
            (&["application/openmetrics-text;q=0, text/plain"], false),
            (&["application/openmetrics-text;q=0.4, text/plain;q=0.5"], false),
            // Prometheus 2 and 3.
            (
                &["application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                   text/plain;version=0.0.4;q=0.5,*/*;q=0.1"],
                true,
            ),
            (
                &[
                    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5",
                    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4, */*;q=0.2",
                ],
                true,
            ),
        ] {
            let values = accept.iter().map(|value| (header::ACCEPT, HeaderValue::from_static(value)));
            let headers: HeaderMap = values.collect();
            let found = is_named(&headers, ("application/openmetrics-text", "1.0.0"), "text/plain");
            assert_eq!(found, is_so, "{accept:?}");
        }
    }

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
