//! What can be opened and read is imported; what is no NDJSON is said once.

use std::process::Stdio;

use crate::cli_support::undisturbed;
use crate::daemon_support::tributary;
use crate::{THREE, Workplace, gzip, position};

#[test]
fn a_gz_file_with_zeros_behind_gives_its_events_and_with_something_else_is_an_error_that_says_so() {
    let workplace = Workplace::new();
    let write = |name: &str, bytes: &[u8]| std::fs::write(workplace.path().join(name), bytes).expect("written");
    let zstd = zstd::encode_all(THREE.as_bytes(), 1).expect("in memory");
    for (name, packed) in [("gz", gzip(THREE.as_bytes())), ("zst", zstd)] {
        write("padded", &[&packed[..], &[0; 512]].concat());
        let run = workplace.run(&format!("import --data {name}-padded padded"));
        assert_eq!((run.code, position(&workplace, &format!("{name}-padded"))), (0, 3), "{}", run.stderr);

        write("followed", &[&packed[..], b"more"].concat());
        let run = workplace.run(&format!("import --data {name}-followed followed"));
        assert_eq!((run.code, position(&workplace, &format!("{name}-followed"))), (1, 3), "{}", run.stderr);
        assert!(run.stderr.contains("behind its") && run.stderr.contains("line 3"), "{}", run.stderr);
    }
}

#[test]
fn a_pipe_by_name_and_standard_input_by_its_name_are_read_and_a_folder_is_refused_as_one() {
    let workplace = Workplace::new();
    workplace.write("input.ndjson", THREE);
    for (ledger, script) in [
        ("substituted", r#""$0" import --data substituted <(cat input.ndjson)"#),
        ("piped", r#"cat input.ndjson | "$0" import --data piped /dev/stdin"#),
        ("redirected", r#""$0" import --data redirected /dev/stdin < input.ndjson"#),
        ("fifo", r#"mkfifo p; (cat input.ndjson > p) & "$0" import --data fifo p"#),
    ] {
        let output = undisturbed(&mut std::process::Command::new("bash"))
            .args(["-c", script, env!("CARGO_BIN_EXE_tributary")])
            .current_dir(workplace.path())
            .stdin(Stdio::null())
            .output()
            .expect("bash runs");
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(position(&workplace, ledger), 3, "{script}");
    }
    let run = workplace.run("import --data folder .");
    assert!(run.code == 1 && run.stderr.contains("is a folder"), "{}", run.stderr);
    let folder = std::fs::File::open(workplace.path()).expect("a folder");
    let output = tributary()
        .args(["import", "--data", "folder", "-"])
        .current_dir(workplace.path())
        .stdin(folder)
        .output()
        .expect("the binary can be run");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && told.contains("is a folder"), "{told}");
}

#[test]
fn a_file_that_is_no_ndjson_is_told_once_before_anything_is_read() {
    let workplace = Workplace::new();
    workplace.write("input.ndjson", THREE);
    let list = format!("[{}]", THREE.trim_end().replace('\n', ",\n"));
    let utf16: Vec<u8> = THREE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, told) in [
        (b"\xfd7zXZ\0\0\x04\n".to_vec(), "an xz file"),
        (b"BZh91AY&SY\n".to_vec(), "a bzip2 file"),
        (b"PAR1\n".to_vec(), "a Parquet file"),
        (list.into_bytes(), "a JSON array"),
        (utf16, "looks like text in UTF-16"),
    ] {
        std::fs::write(workplace.path().join("other"), bytes).expect("written");
        let run = workplace.run("import --data ledger input.ndjson other");
        assert_eq!((run.code, position(&workplace, "ledger")), (1, 0), "{told}");
        assert_eq!(run.stderr.matches(told).count(), 1, "{}", run.stderr);
    }
}
