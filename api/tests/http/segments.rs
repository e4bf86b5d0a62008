//! The ledger byte for byte: what is told of segments, what is given of one, and to whom.

use ledger::Storage;
use serde_json::json;

use crate::server::{Server, bearer};

/// Where the last frame of a segment ends (`docs/FORMAT.md`): each says how long its payload is, and the next one
/// follows it. A payload may itself end in zeros, so the last byte that is none does not tell.
fn end_of_frames(segment: &[u8]) -> usize {
    let length_at = |at: usize| {
        let bytes = segment[at..at + 4].try_into().expect("four bytes");
        usize::try_from(u32::from_le_bytes(bytes)).expect("it fits")
    };
    let mut end = length_at(12);
    while segment[end..].starts_with(b"TRFR") {
        end += 80 + length_at(end + 8);
    }
    assert!(end > length_at(12), "there is a frame");
    end
}

#[tokio::test]
async fn what_is_given_of_a_segment_is_what_stands_on_disk_up_to_where_it_is_durable() {
    let server = Server::start().await;
    let told = server.get("/v1/ledger/segments").await.expect(200);
    let segments = told["segments"].as_array().expect("segments");
    assert_eq!((segments.len(), &told["last"]), (1, &json!(1)));
    let segment = &segments[0];
    let name = segment["file"].as_str().expect("a name");
    let on_disk = server.storage.contents(name).expect("read").expect("a file");
    assert_eq!(segment["file_bytes"], on_disk.len());
    assert_eq!((&segment["number"], &segment["first_position"]), (&json!(1), &json!(1)));
    assert_eq!(segment["previous"], "0".repeat(64));
    let durable = usize::try_from(segment["bytes"].as_u64().expect("a length")).expect("it fits");
    assert_eq!(durable, end_of_frames(&on_disk));
    assert!(on_disk[durable..].iter().all(|byte| *byte == 0), "after the last frame there are zeros");
    assert_eq!(told["position"], server.ledger.position());

    let whole = server.get("/v1/ledger/segments/1").await;
    assert_eq!((whole.status, whole.header("content-type")), (200, "application/octet-stream"));
    assert_eq!(whole.header("tributary-position"), server.ledger.position().to_string());
    assert!(*whole.body == on_disk[..durable]);
    for (offset, bytes) in [(0, 1), (17, 300), (durable - 5, 5), (durable - 5, 1_000), (durable, 7), (1 << 40, 7)] {
        let part = server.get(&format!("/v1/ledger/segments/1?offset={offset}&bytes={bytes}")).await;
        assert_eq!(part.status, 200);
        let (from, to) = (offset.min(durable), (offset + bytes).min(durable));
        assert!(*part.body == on_disk[from..to], "{offset} {bytes}: {} bytes", part.body.len());
        assert_eq!(part.header("content-length"), (to - from).to_string());
    }
    assert_eq!(server.get("/v1/ledger/segments?first=2").await.expect(200)["segments"], json!([]));
    assert_eq!(server.get("/v1/ledger/segments?segments=1").await.expect(200)["segments"], told["segments"]);
}

#[tokio::test]
async fn there_is_more_once_there_is_more_and_the_bytes_of_before_are_the_same() {
    let server = Server::start().await;
    let before = server.get("/v1/ledger/segments/1").await.body;
    server.post_events(&crate::history::long_ago()).await.expect(200);
    let after = server.get("/v1/ledger/segments/1").await.body;
    assert!(after.len() > before.len() && after.starts_with(&before));
    let added = server.get(&format!("/v1/ledger/segments/1?offset={}", before.len())).await.body;
    assert!(*added == after[before.len()..]);
}

#[tokio::test]
async fn what_is_no_segment_and_who_may_not_see_it_is_refused() {
    let server = Server::with_tokens().await;
    let operator = bearer("operator", Some(1));
    for path in ["/v1/ledger/segments", "/v1/ledger/segments/1"] {
        server.get(path).await.expect_problem(401, None);
        for (role, uid) in [("affiliate", Some(7)), ("analyst", None), ("service", None)] {
            server.get_as(&bearer(role, uid), path).await.expect_problem(403, None);
        }
        for may in [&operator, &bearer("auditor", None)] {
            assert_eq!(server.get_as(may, path).await.status, 200);
        }
    }
    for number in ["0", "2", "x", "-1", "99999999999999999999999"] {
        server.get_as(&operator, &format!("/v1/ledger/segments/{number}")).await.expect_problem(404, None);
    }
    for (path, field) in [
        ("/v1/ledger/segments?first=0", "first"),
        ("/v1/ledger/segments?segments=0", "segments"),
        ("/v1/ledger/segments?segments=10001", "segments"),
        ("/v1/ledger/segments/1?offset=-1", "offset"),
        ("/v1/ledger/segments/1?bytes=0", "bytes"),
        ("/v1/ledger/segments/1?first=1", "first"),
    ] {
        server.get_as(&operator, path).await.expect_problem(400, Some(field));
    }
}
