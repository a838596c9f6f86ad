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
    /// Leads to the next page; null at the end.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl<T> List<T> {
    pub(crate) fn new<M: Into<T>>(items: Vec<M>, next_cursor: String) -> Self {
        Self {
            items: items.into_iter().map(Into::into).collect(),
            // A field that protobuf does not send reads as an empty text.
            next_cursor: Some(next_cursor).filter(|cursor| !cursor.is_empty()),
        }
    }
}
