//! The parts a service's answer must have.

use voxanne_problem::Problem;

/// Proto messages are optional in every field; one that our contract promises is there.
pub(crate) fn promised<T>(part: Option<T>) -> Result<T, Problem> {
    part.ok_or_else(|| Problem::internal("a service left out a part of its answer"))
}

/// Proto writes "none" as an empty text; the API leaves the field out.
pub(crate) fn told(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
