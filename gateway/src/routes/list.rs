//! Lists, a page at a time.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which page is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// How many at most; 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[param(max_length = 500)]
    cursor: Option<String>,
}

impl Paging {
    /// As services read them: 0 and nothing stand for what is not said.
    pub(crate) fn parts(self) -> (u32, String) {
        (self.limit.unwrap_or(0), self.cursor.unwrap_or_default())
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct List<T> {
    items: Vec<T>,
    /// Leads to the next page; absent at the end.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    next_cursor: String,
}

impl<T> List<T> {
    pub(crate) fn new<M: Into<T>>(items: Vec<M>, next_cursor: String) -> Self {
        Self {
            items: items.into_iter().map(Into::into).collect(),
            next_cursor,
        }
    }
}
