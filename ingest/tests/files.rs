//! Files as a source: whatever their packing, the same events; and every line is accounted for.

mod support;

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ingest::Pipeline;
use ingest::files::{ImportError, Imported, Input, LINE_BYTES_MAX, import};
use support::*;

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

fn read(pipeline: &Pipeline, paths: &[PathBuf]) -> Result<Imported, ImportError> {
    let inputs: Vec<_> = paths.iter().cloned().map(Input::File).collect();
    import(pipeline.feed(), &inputs, &mut |_| ControlFlow::Continue(()))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("in memory")
}

#[test]
fn plain_gzip_and_zstd_in_one_or_several_members_give_the_same_numbers() {
    let text = text(&hostile(5, 20_000));
    let cut = text.len() / 3;
    let packings: [(&str, Vec<u8>); 6] = [
        ("plain", text.clone()),
        ("gzip", gzip(&text)),
        ("gzip in two members", [gzip(&text[..cut]), gzip(&text[cut..])].concat()),
        ("zstd", zstd(&text)),
        ("zstd in two frames", [zstd(&text[..cut]), zstd(&text[cut..])].concat()),
        ("without the last line end", text[..text.len() - 1].to_vec()),
    ];
    let mut expected = None;
    for (name, bytes) in packings {
        let folder = tempfile::tempdir().expect("a folder");
        let pipeline = pipeline();
        // The name says nothing about the packing.
        let imported = read(&pipeline, &[write(folder.path(), "events", &bytes)]).expect(name);
        let handle = pipeline.handle();
        let found = (imported, numbers(&handle));
        pipeline.stop().expect("stopped");
        assert_eq!(*expected.get_or_insert(found.clone()), found, "{name}");
    }
    let (imported, (_, duplicate, quarantined)) = expected.expect("some");
    assert!(imported.tally.accepted > 10_000 && imported.tally.duplicate > 0);
    assert_eq!((imported.tally.duplicate, imported.tally.quarantined.values().sum()), (duplicate, quarantined));
}

#[test]
fn lines_of_white_space_are_no_events_and_any_other_line_is_accounted_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = format!("\n  \t\r\n{}\r\n\n[]\nnonsense\n\u{a0}\n{}", code("AAA", 7), code("BBB", 7));
    let pipeline = pipeline();
    let path = write(folder.path(), "some.ndjson", lines.as_bytes());
    let imported = read(&pipeline, std::slice::from_ref(&path)).expect("read");
    assert_eq!((imported.lines, imported.tally.accepted, imported.tally.events()), (8, 2, 4));
    let kept = pipeline.handle().quarantine(None, 10).expect("read");
    let told: Vec<_> = kept.iter().map(|kept| (kept.origin.clone(), kept.raw.clone())).collect();
    let at = |line: u32| format!("{}:{line}", path.display());
    assert_eq!(told, [(at(5), b"[]".to_vec()), (at(6), b"nonsense".to_vec())]);
    pipeline.stop().expect("stopped");
}

#[test]
fn an_event_is_told_by_its_line_wherever_blocks_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines = hostile(6, 3_000);
    lines.retain(|line| line.starts_with(b"{\"specversion\""));
    let wrong = lines.len() - 7;
    lines[wrong] = b"wrong".to_vec();
    let path = write(folder.path(), "f", &text(&lines));
    let pipeline = pipeline();
    read(&pipeline, std::slice::from_ref(&path)).expect("read");
    let kept = pipeline.handle().quarantine(None, 10_000).expect("read");
    let told = kept.iter().find(|kept| kept.raw == b"wrong").expect("kept");
    assert_eq!(told.origin, format!("{}:{}", path.display(), wrong + 1));
    pipeline.stop().expect("stopped");
}

#[test]
fn a_file_that_is_cut_short_is_an_error_and_what_came_before_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = text(&hostile(7, 20_000));
    for (name, packed) in [("gzip", gzip(&text)), ("zstd", zstd(&text))] {
        let pipeline = pipeline();
        let path = write(folder.path(), name, &packed[..packed.len() / 2]);
        let error = read(&pipeline, &[path]).expect_err("cut short");
        assert!(matches!(&error, ImportError::Read { lines, .. } if *lines > 0), "{name}: {error}");
        assert!(pipeline.handle().position() > 0, "{name}");
        pipeline.stop().expect("stopped");
    }
}

#[test]
fn a_missing_file_and_a_line_without_end_are_told_with_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = pipeline();
    let missing = folder.path().join("missing");
    let error = read(&pipeline, std::slice::from_ref(&missing)).expect_err("missing");
    assert!(matches!(error, ImportError::Open { .. }) && error.to_string().contains("missing"), "{error}");

    let mut endless = code("AAA", 7).into_bytes();
    endless.push(b'\n');
    endless.resize(endless.len() + LINE_BYTES_MAX + 2 * 1024 * 1024, b'x');
    let path = write(folder.path(), "endless", &endless);
    let error = read(&pipeline, &[path]).expect_err("too long");
    assert!(matches!(error, ImportError::LineTooLong { line: 2, .. }), "{error}");
    assert_eq!(pipeline.handle().position(), 1, "what came before is kept");
    pipeline.stop().expect("stopped");
}

#[test]
fn a_large_line_is_kept_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let large = vec![b'z'; 5 << 20];
    let pipeline = pipeline();
    read(&pipeline, &[write(folder.path(), "large", &large)]).expect("read");
    let kept = pipeline.handle().quarantine(None, 1).expect("read");
    assert_eq!((kept[0].rejection.reason, kept[0].raw.len()), (schemas::Reason::TooLarge, large.len()));
    pipeline.stop().expect("stopped");
}

#[test]
fn progress_goes_from_nothing_to_all_and_can_break_the_import_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = text(&hostile(8, 10_000));
    let paths = [write(folder.path(), "a", &text), write(folder.path(), "b", &zstd(&text))];
    let total: u64 = paths.iter().map(|path| std::fs::metadata(path).expect("there").len()).sum();
    let inputs: Vec<_> = paths.iter().cloned().map(Input::File).collect();

    let whole = pipeline();
    let mut told = Vec::new();
    import(whole.feed(), &inputs, &mut |progress| {
        told.push((progress.bytes, progress.lines));
        assert_eq!(progress.bytes_total, Some(total));
        ControlFlow::Continue(())
    })
    .expect("read");
    assert!(told.is_sorted() && told.last().is_some_and(|(bytes, _)| *bytes == total), "{told:?}");
    whole.stop().expect("stopped");

    let broken = pipeline();
    let imported = import(broken.feed(), &inputs, &mut |_| ControlFlow::Break(())).expect("broken off");
    assert!(imported.is_broken_off && imported.lines == told[0].1);
    assert_eq!(imported.tally.accepted, broken.handle().position());
    broken.stop().expect("stopped");
}
