//! Files as a source: whatever their packing, the same events; and every line is accounted for.

mod support;

use std::error::Error;
use std::io::{PipeReader, PipeWriter, Write};
use std::ops::ControlFlow;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ingest::Pipeline;
use ingest::files::{ImportError, ImportProgress, Imported, Input, LINE_BYTES_MAX, Likeness, check, import};
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
    let kept = kept(&pipeline.handle());
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
    let kept = kept(&pipeline.handle());
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
    let kept = kept(&pipeline.handle());
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

/// A pipe, and how it is named.
fn pipe() -> (PipeWriter, Input, PipeReader) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let name = format!("/dev/fd/{}", reader.as_raw_fd());
    (writer, Input::File(name.into()), reader)
}

#[test]
fn what_is_in_a_pipe_is_in_the_ledger_though_more_may_come_and_the_import_can_be_broken_off_while_it_waits() {
    for packed in [false, true] {
        let pipeline = pipeline();
        let handle = pipeline.handle();
        let (mut writer, input, _reader) = pipe();
        let is_broken_off = Arc::new(AtomicBool::new(false));
        let (feed, told) = (pipeline.feed(), Arc::clone(&is_broken_off));
        let reading = thread::spawn(move || {
            import(feed, &[input], &mut |_| {
                if told.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        let mut write = |text: String| {
            let bytes = if packed { gzip(text.as_bytes()) } else { text.into_bytes() };
            writer.write_all(&bytes).expect("taken");
        };
        // The second line stands in the pipe in part only, whatever the packing.
        write(format!("{}\n{}", code("AAA", 7), &code("BBB", 7)[..30]));
        wait_until("the whole line is in", || handle.position() == 1);
        write(format!("{}\n", &code("BBB", 7)[30..]));
        wait_until("the line is in once it is whole", || handle.position() == 2);
        is_broken_off.store(true, Ordering::SeqCst);
        let imported = reading.join().expect("no panic").expect("broken off");
        assert!(imported.is_broken_off);
        assert_eq!((imported.lines, imported.tally.accepted), (2, 2));
        pipeline.stop().expect("stopped");
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_yet_is_waited_for_and_can_be_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
    assert!(made.success());
    let pipeline = pipeline();
    let mut asked = 0;
    let imported = import(pipeline.feed(), &[Input::File(path)], &mut |_| {
        asked += 1;
        if asked < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(imported.expect("broken off").is_broken_off && asked == 3);
    pipeline.stop().expect("stopped");
}

#[test]
fn a_pipe_is_read_to_its_end_and_a_folder_is_refused_as_one() {
    let pipeline = pipeline();
    let (mut writer, input, _reader) = pipe();
    writer.write_all(code("AAA", 7).as_bytes()).expect("taken");
    drop(writer);
    assert!(check(std::slice::from_ref(&input)).is_ok(), "it gives what it holds only once");
    let go_on = &mut |_: &ImportProgress<'_>| ControlFlow::Continue(());
    assert_eq!(import(pipeline.feed(), &[input], go_on).expect("read").tally.accepted, 1);

    let folder = tempfile::tempdir().expect("a folder");
    let inputs = [Input::File(folder.path().to_owned())];
    assert!(matches!(check(&inputs), Err(ImportError::Folder { .. })));
    let error = import(pipeline.feed(), &inputs, go_on).expect_err("a folder");
    assert!(error.to_string().contains("is a folder"), "{error}");
    pipeline.stop().expect("stopped");
}

#[test]
fn what_stands_behind_compressed_data_is_zeros_or_an_error_and_what_is_in_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("{}\n", code("AAA", 7));
    for packed in [gzip(line.as_bytes()), zstd(line.as_bytes())] {
        let pipeline = pipeline();
        let padded = write(folder.path(), "padded", &[&packed[..], &[0; 512]].concat());
        assert_eq!(read(&pipeline, &[padded]).expect("read").tally.accepted, 1);
        pipeline.stop().expect("stopped");

        let pipeline = support::pipeline();
        let followed = write(folder.path(), "followed", &[&packed[..], b"\0\0more"].concat());
        let error = read(&pipeline, &[followed]).expect_err("something else");
        assert!(matches!(&error, ImportError::Read { lines: 1, .. }), "{error}");
        assert!(error.source().is_some_and(|cause| cause.to_string().contains("something else")), "{error:?}");
        assert_eq!(pipeline.handle().position(), 1, "what came before is in");
        pipeline.stop().expect("stopped");
    }
}

#[test]
fn what_is_no_ndjson_is_told_once_and_nothing_of_it_or_beside_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("{}\n", code("AAA", 7));
    let good = write(folder.path(), "good", line.as_bytes());
    let list = format!("[\n{},\n{}\n]\n", code("BBB", 7), code("CCC", 7));
    for (bytes, expected) in [
        (b"\xfd7zXZ\0\0\x04more".to_vec(), Likeness::Xz),
        (list.clone().into_bytes(), Likeness::JsonArray),
        (gzip(list.as_bytes()), Likeness::JsonArray),
        (gzip(&gzip(line.as_bytes())), Likeness::PackedTwice),
        (line.encode_utf16().flat_map(u16::to_le_bytes).collect(), Likeness::Utf16),
    ] {
        let pipeline = pipeline();
        let path = write(folder.path(), "other", &bytes);
        let inputs = [Input::File(good.clone()), Input::File(path.clone())];
        let error = check(&inputs).expect_err("no NDJSON");
        assert!(matches!(&error, ImportError::NoNdjson { likeness, .. } if *likeness == expected), "{error}");
        assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
        let error = read(&pipeline, &[path]).expect_err("unasked too");
        assert!(matches!(&error, ImportError::NoNdjson { likeness, .. } if *likeness == expected), "{error}");
        assert_eq!(numbers(&pipeline.handle()).2, 0, "nothing went to quarantine");
        pipeline.stop().expect("stopped");
    }
    assert!(check(&[Input::File(good)]).is_ok());
}

#[test]
fn a_byte_order_mark_makes_the_first_line_malformed_and_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = pipeline();
    let marked = write(folder.path(), "marked", format!("\u{feff}{}\n{}\n", code("AAA", 7), code("BBB", 7)).as_bytes());
    let imported = read(&pipeline, std::slice::from_ref(&marked)).expect("read");
    assert_eq!(imported.marked, [marked.display().to_string()]);
    assert_eq!((imported.tally.accepted, imported.tally.quarantined.get(&schemas::Reason::Malformed)), (1, Some(&1)));
    pipeline.stop().expect("stopped");
}
