//! `docs/errors.md` lists the codes that the sources make, and no others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Texts in capitals that are no codes.
const NO_CODES: [&str; 31] = [
    // variables
    "ADMIN_ADDR",
    "CARGO_PKG_VERSION",
    "DATABASE_URL",
    "DRAIN_SECONDS",
    "LOG",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "REDIS_URL",
    "SENTRY_DSN",
    "VOXANNE_RELEASE",
    // HTTP, SQL and Redis
    "ANALYZE",
    "DELETE",
    "DENY",
    "GET",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "PING",
    "POST",
    "PUT",
    "SELECT",
    // how Twilio's ids start, and others' words
    // data formats, time zones and variables
    "JSON",
    "SMTP_URL",
    "UTC",
    "AC",
    "AI",
    "MG",
    "MIT",
    "MM",
    "OKP",
    "SK",
    "SM",
];
/// HTTP's numbers for the kinds of problem.
const KINDS: [(&str, &str); 10] = [
    ("Invalid", "400"),
    ("Unprocessable", "422"),
    ("Unauthenticated", "401"),
    ("Forbidden", "403"),
    ("NotFound", "404"),
    ("Conflict", "409"),
    ("RateLimited", "429"),
    ("Unavailable", "503"),
    ("Timeout", "504"),
    ("Internal", "500"),
];

#[test]
fn the_page_lists_the_codes_of_the_sources() {
    let listed: BTreeSet<String> = listed().into_keys().collect();
    let mut made = BTreeSet::new();
    for source in sources() {
        made.extend(
            literals(&source)
                .into_iter()
                .filter(|text| !NO_CODES.contains(&text.as_str())),
        );
    }
    let missing: Vec<_> = made.difference(&listed).collect();
    assert!(missing.is_empty(), "not in docs/errors.md: {missing:?}");
    let gone: Vec<_> = listed.difference(&made).collect();
    assert!(
        gone.is_empty(),
        "in docs/errors.md and nowhere else: {gone:?}"
    );
}

#[test]
fn the_page_gives_each_code_the_status_of_its_kind() {
    let listed = listed();
    let mut checked = 0;
    for source in sources() {
        for (code, status) in kinds(&source) {
            let row = listed
                .get(&code)
                .unwrap_or_else(|| panic!("not in docs/errors.md: {code}"));
            assert!(
                row.contains(status),
                "{code} is {status} in the sources: {row}"
            );
            checked += 1;
        }
    }
    assert!(checked > 30, "the sources were read: {checked}");
}

/// Codes that the OpenAPI document names in its descriptions exist.
#[test]
fn the_document_names_no_other_codes() {
    let listed = listed();
    for source in sources() {
        for line in source
            .lines()
            .filter(|line| line.contains("description = \""))
        {
            let words =
                line.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
            for word in words.filter(|word| word.contains('_') && word.len() > 4) {
                assert!(listed.contains_key(word), "{line}");
            }
        }
    }
}

/// The rows of the page's tables by code.
fn listed() -> BTreeMap<String, String> {
    let page = fs::read_to_string(root().join("docs/errors.md")).expect("the page is there");
    let mut rows = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let code = row.split('`').nth(1).unwrap_or_default().to_owned();
        let twice = rows.insert(code, row.to_owned());
        assert_eq!(twice, None, "a code stands on the page once");
    }
    rows
}

/// Every file that can make a problem, without its tests.
fn sources() -> Vec<String> {
    let mut open: Vec<PathBuf> = ["gateway", "services", "crates"]
        .map(|part| root().join(part))
        .into();
    let mut sources = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let skipped = ["tests", "testkit", "target", "bin"];
            let inner = fs::read_dir(&path)
                .expect("a folder of ours")
                .map(|entry| entry.expect("an entry").path());
            open.extend(inner.filter(|path| !skipped.iter().any(|name| path.ends_with(name))));
        } else if path.extension().is_some_and(|kind| kind == "rs") && !is_no_source(&path) {
            sources.push(without_tests(
                &fs::read_to_string(&path).expect("a file of ours"),
            ));
        }
    }
    sources
}

/// Configuration speaks in capitals too: its words are variables. So does RFC 5545.
fn is_no_source(path: &Path) -> bool {
    [
        "config.rs",
        "config/google.rs",
        "env.rs",
        "tests.rs",
        "calendars/feed.rs",
    ]
    .iter()
    .any(|name| path.ends_with(name))
}

fn without_tests(source: &str) -> String {
    let mut kept = String::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            // A module in a file of its own leaves one line here, one in place leaves the rest.
            match lines.next() {
                Some(next) if next.ends_with(';') => continue,
                _ => break,
            }
        }
        if !line.trim_start().starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The texts that look like a code.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in source.match_indices('"') {
        let rest = &source[start + 1..];
        let Some(end) = rest.find('"') else { break };
        if is_code(&rest[..end]) {
            found.push(rest[..end].to_owned());
        }
    }
    found
}

fn is_code(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Codes with the status of the kind they are made with.
fn kinds(source: &str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    let mut starts: Vec<_> = KINDS
        .iter()
        .flat_map(|(kind, status)| [(format!("Kind::{kind},"), *status)])
        .collect();
    starts.push(("not_found(".to_owned(), "404"));
    for (start, status) in starts {
        for (at, _) in source.match_indices(&start) {
            // A constant is called like the code that it holds.
            let rest = source[at + start.len()..].trim_start();
            let code = rest.trim_start_matches('"').split(['"', ',']).next();
            found.extend(
                code.filter(|code| is_code(code))
                    .map(|code| (code.to_owned(), status)),
            );
        }
    }
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
