//! What the runner tells the person in front of it: one line per step.

use std::fmt::Display;
use std::io::Write;

/// Prints one line under a topic.
///
/// A closed terminal or pipe is no reason to stop: the supervisor still has
/// processes to end, so a failed write is dropped.
pub(crate) fn say(topic: &str, text: impl Display) {
    drop(writeln!(std::io::stdout().lock(), "{topic:>12}  {text}"));
}

/// Prints text as it stands.
pub(crate) fn plain(text: impl Display) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}
