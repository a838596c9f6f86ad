//! Lists, a page at a time.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;
use voxanne_problem::{Problem, Violations};

const DEFAULT_LIMIT: u32 = 50;
const LARGEST_LIMIT: u32 = 200;

/// Which page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    limit: u32,
    /// The last key of the page before.
    pub(crate) after: Option<Uuid>,
}

/// One page, and where the next begins.
#[derive(Debug)]
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    /// Empty at the end of the list.
    pub(crate) next_cursor: String,
}

impl Page {
    /// Reads limit and cursor, noting what is wrong with them.
    fn read(bad: &mut Violations, limit: u32, cursor: &str) -> Option<Self> {
        if limit > LARGEST_LIMIT {
            bad.add("limit", "RANGE", "must be from 1 to 200");
        }
        let limit = if limit == 0 { DEFAULT_LIMIT } else { limit };
        if cursor.is_empty() {
            return Some(Self { limit, after: None });
        }
        let after = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|bytes| Uuid::from_slice(&bytes).ok());
        if after.is_none() {
            bad.add("cursor", "CURSOR", "must be one that an earlier page gave");
        }
        after.map(|after| Self {
            limit,
            after: Some(after),
        })
    }

    /// A list that can be asked for by limit and cursor only.
    pub(crate) fn of(limit: u32, cursor: &str) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let page = Self::read(&mut bad, limit, cursor);
        bad.finish(page)
    }

    /// Rows to ask the database for: one more than fits tells whether there is a next page.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The page that `rows` make, sorted by `key`.
    pub(crate) fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> Uuid) -> Listed<T> {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let next_cursor = last
            .map(|last| BASE64_URL_SAFE_NO_PAD.encode(key(last).as_bytes()))
            .unwrap_or_default();
        Listed {
            items: rows,
            next_cursor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_the_next_page_until_the_end() {
        let keys: Vec<_> = (0..3).map(Uuid::from_u128).collect();
        let page = Page::of(2, "").unwrap();
        let first = page.cut(keys.clone(), |key| *key);
        assert_eq!(first.items, keys[..2]);
        let next = Page::of(2, &first.next_cursor).unwrap();
        assert_eq!(next.after, Some(keys[1]));
        assert_eq!(next.cut(keys[2..].to_vec(), |key| *key).next_cursor, "");
    }

    #[test]
    fn a_bad_limit_and_a_bad_cursor_are_both_named() {
        let problem = Page::of(201, "%%%").unwrap_err();
        let fields: Vec<_> = problem.violations.iter().map(|one| &*one.field).collect();
        assert_eq!(fields, ["limit", "cursor"]);
    }
}
