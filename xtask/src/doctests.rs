//! The examples in the documentation, which nextest does not run.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::process::wait;

/// Runs the doctests of the libraries that have any.
pub(crate) fn run(checkout: &Checkout) -> Result<bool> {
    let metadata = checkout.metadata(&["--no-deps"])?;
    let mut command = checkout.cargo(&["test", "--doc"]);
    let mut any = false;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let (Some(name), Some(manifest)) =
            (package["name"].as_str(), package["manifest_path"].as_str())
        else {
            continue;
        };
        let source = Path::new(manifest).with_file_name("src");
        if source.join("lib.rs").is_file() && has_examples(&source) {
            command.args(["--package", name]);
            any = true;
        }
    }
    Ok(!any || wait(&mut command, "the doctests")?.success())
}

fn has_examples(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return has_examples(&path);
        }
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        is_rust && fs::read_to_string(&path).is_ok_and(|source| holds_example(&source))
    })
}

/// Whether a comment opens a code block that rustdoc compiles.
fn holds_example(source: &str) -> bool {
    let mut inside = false;
    for line in source.lines().map(str::trim_start) {
        let Some(text) = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"))
        else {
            continue;
        };
        let Some(language) = text.trim().strip_prefix("```") else {
            continue;
        };
        let is_rust = language.is_empty()
            || language
                .split(',')
                .any(|word| word.starts_with("rust") || word == "no_run");
        if !inside && is_rust {
            return true;
        }
        inside = !inside;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::holds_example;

    #[test]
    fn only_rust_blocks_count() {
        for (source, expected) in [
            ("/// ```\n/// let a = 1;\n/// ```", true),
            ("//! ```no_run\n//! ```", true),
            ("/// ```text\n/// a picture\n/// ```", false),
            ("let text = \"```\";", false),
        ] {
            assert_eq!(holds_example(source), expected, "{source}");
        }
    }
}
