//! Imported from a file in whatever wrapping, or posted to a daemon: the same lines give the same numbers. The leg
//! through Kafka is in `kafka_million`.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::{hostile, is_event, text};
use crate::daemon_support::ledger::{counts, digest, import, status};
use crate::daemon_support::seed;
use serde_json::json;
use serde_json::value::RawValue;

/// The digest, and what became of every event.
type Numbers = (String, serde_json::Value);

#[test]
fn a_file_its_parts_its_compressions_and_standard_input_give_the_same_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = hostile(seed(), 20_000);
    let whole = text(&lines);
    let (first, second) = lines.split_at(lines.len() / 3);
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&whole).expect("compressed");
    let ways = [
        ("plain", vec![file("events.ndjson", &whole)]),
        ("gz", vec![file("events.ndjson.gz", &gz.finish().expect("compressed"))]),
        ("zst", vec![file("events.ndjson.zst", &zstd::encode_all(&*whole, 1).expect("compressed"))]),
        ("parts", vec![file("part-1.ndjson", &text(first)), file("part-2.ndjson", &text(second))]),
    ];
    let numbers = |name: &str| -> Numbers {
        let data = folder.path().join(name);
        (digest(&data).0, counts(&status(&data)))
    };
    let mut expected: Option<Numbers> = None;
    for (name, files) in &ways {
        let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
        let told = import(&folder.path().join(name), &files);
        assert_eq!(told["lines"], lines.len() as u64, "{name}");
        let found = numbers(name);
        assert_eq!(
            (&told["accepted"], &told["quarantined"]),
            (&found.1["accepted"], &found.1["quarantined"]),
            "{name}"
        );
        assert_eq!(*expected.get_or_insert_with(|| found.clone()), found, "{name}");
    }
    let mut piped = crate::daemon_support::tributary()
        .args(["import", "-", "--quiet", "--data"])
        .arg(folder.path().join("stdin"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    piped.stdin.take().expect("a pipe").write_all(&whole).expect("taken");
    assert!(piped.wait().expect("a process").success());
    assert_eq!(expected, Some(numbers("stdin")), "standard input");
}

#[test]
fn posted_in_batches_or_imported_the_same_events_give_the_same_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<_> = hostile(seed(), 20_000).into_iter().filter(|line| is_event(line)).collect();
    // What is no JSON at all is no event in a batch, but spoils the body that it stands in.
    let is_json = |line: &Vec<u8>| serde_json::from_slice::<&RawValue>(line).is_ok();
    let (events, broken): (Vec<_>, Vec<_>) = lines.into_iter().partition(is_json);
    assert!(!broken.is_empty() && events.len() > 15_000);

    let file = folder.path().join("events.ndjson");
    std::fs::write(&file, text(&events)).expect("written");
    let (imported, posted) = (folder.path().join("imported"), folder.path().join("posted"));
    import(&imported, &[&file]);

    let daemon = Daemon::ready(&posted, &[], &[]);
    let mut outcomes = std::collections::BTreeMap::<String, u64>::new();
    for some in parts(&events, &[1, 499, 2, 37, 1_000]) {
        let body = if let [single] = some { single.clone() } else { batch(some) };
        let results = daemon.post_events(&body).expect("an answer").json()["results"].clone();
        let results = results.as_array().expect("results");
        assert_eq!(results.len(), some.len());
        for result in results {
            *outcomes.entry(result["outcome"].as_str().expect("an outcome").to_owned()).or_default() += 1;
        }
    }
    for line in &broken {
        assert_eq!(daemon.post_events(line).expect("an answer").status, 400, "{}", String::from_utf8_lossy(line));
    }
    let told = counts(&daemon.status());
    let sum = |value: &serde_json::Value| -> u64 {
        value.as_object().expect("counts").values().filter_map(serde_json::Value::as_u64).sum()
    };
    let counted = json!({
        "accepted": told["accepted"], "duplicate": sum(&told["duplicate"]), "quarantined": sum(&told["quarantined"]),
    });
    assert_eq!(json!(outcomes), counted);
    assert_eq!(daemon.terminate().0, Some(0));
    assert_eq!(told, counts(&status(&imported)));
    assert_eq!(digest(&posted), digest(&imported));
}

/// Parts of these sizes, over and over.
fn parts<'a, T>(mut all: &'a [T], sizes: &'a [usize]) -> impl Iterator<Item = &'a [T]> {
    sizes.iter().cycle().map_while(move |size| {
        let (part, rest) = all.split_at((*size).min(all.len()));
        all = rest;
        (!part.is_empty()).then_some(part)
    })
}
