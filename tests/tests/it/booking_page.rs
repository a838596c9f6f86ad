//! `docs/booking.md` names tests that exist.

use std::{fs, path::Path};

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/booking.md")).expect("the page is there");
    let mut sources = String::new();
    for part in ["services", "gateway", "doctor", "sandbox", "tests"] {
        read(&root.join(part), &mut sources);
    }
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let names: Vec<_> = rows
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .collect();
    assert!(names.len() > 20, "the tables were read: {names:?}");
    let missing: Vec<_> = names
        .iter()
        .filter(|name| !sources.contains(&format!("fn {name}(")))
        .collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

/// Adds the text of every Rust file below `folder`.
fn read(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder of ours") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            read(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(&path).expect("text"));
        }
    }
}
