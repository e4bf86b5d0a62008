//! A file is complete or absent.

use std::fs;
use std::io::Write;

use exports::WholeFile;

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_once_it_is_kept_and_leaves_nothing_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    let mut file = WholeFile::create(&path).expect("a file");
    file.write_all(b"half").expect("written");
    assert!(!path.exists());
    drop(file);
    assert_eq!(names(folder.path()), Vec::<String>::new());
    let mut file = WholeFile::create(&path).expect("a file");
    file.write_all(b"whole").expect("written");
    file.keep().expect("kept");
    assert_eq!(names(folder.path()), ["a.csv"]);
    assert_eq!(fs::read(&path).expect("a file"), b"whole");
}

#[test]
fn what_was_there_stays_until_a_whole_file_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    fs::write(&path, "old").expect("a file");
    let mut file = WholeFile::create(&path).expect("a file");
    file.write_all(b"new").expect("written");
    assert_eq!(fs::read(&path).expect("a file"), b"old");
    drop(file);
    assert_eq!(fs::read(&path).expect("a file"), b"old");
    let mut file = WholeFile::create(&path).expect("a file");
    file.write_all(b"new").expect("written");
    file.keep().expect("kept");
    assert_eq!(fs::read(&path).expect("a file"), b"new");
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let (target, link) = (folder.path().join("a.csv"), folder.path().join("latest.csv"));
    fs::write(&target, "old").expect("a file");
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    let mut file = WholeFile::create(&link).expect("a file");
    file.write_all(b"new").expect("written");
    file.keep().expect("kept");
    assert_eq!(fs::read(&target).expect("a file"), b"new");
    assert!(link.is_symlink());
}

#[test]
fn what_is_no_file_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    for path in [folder.path(), std::path::Path::new("/dev/null"), &folder.path().join("missing/a.csv")] {
        assert!(WholeFile::create(path).is_err(), "{}", path.display());
    }
    assert_eq!(names(folder.path()), Vec::<String>::new());
}
