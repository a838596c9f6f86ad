//! Pages of a list: how long, and where the next one begins.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use voxanne_problem::Violations;

const USUAL: u32 = 50;
const LONGEST: u32 = 200;

/// A page as a client asks for it; `N` bytes say where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page<const N: usize> {
    pub(crate) limit: u32,
    pub(crate) after: Option<[u8; N]>,
}

impl<const N: usize> Page<N> {
    /// Reads a request's `limit` and `cursor`.
    pub(crate) fn read(limit: u32, cursor: &str) -> Result<Self, voxanne_problem::Problem> {
        let mut violations = Violations::default();
        if limit > LONGEST {
            violations.add("limit", "RANGE", format!("must be at most {LONGEST}"));
        }
        let after = position(cursor);
        if after.is_err() {
            violations.add("cursor", "CURSOR", "is not a cursor of this list");
        }
        let limit = if limit == 0 { USUAL } else { limit };
        violations.finish(after.ok().map(|after| Self { limit, after }))
    }

    /// Rows to load: one more than the page holds says whether there is a next page.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Cuts `items` to the page and says where the next one begins; empty at the end.
    pub(crate) fn cut<T>(&self, items: &mut Vec<T>, key: impl Fn(&T) -> [u8; N]) -> String {
        let length = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if items.len() <= length {
            return String::new();
        }
        items.truncate(length);
        items
            .last()
            .map(|last| BASE64_URL_SAFE_NO_PAD.encode(key(last)))
            .unwrap_or_default()
    }
}

fn position<const N: usize>(cursor: &str) -> Result<Option<[u8; N]>, ()> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ())?;
    bytes.try_into().map(Some).map_err(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_what_follows_the_page() {
        let page = Page::<8>::read(2, "").unwrap();
        let mut items = vec![9_i64, 8, 7];
        let cursor = page.cut(&mut items, |item| item.to_be_bytes());
        assert_eq!(items, [9, 8]);
        assert_eq!(
            Page::<8>::read(2, &cursor).unwrap().after,
            Some(8_i64.to_be_bytes())
        );
        assert_eq!(page.cut(&mut vec![1_i64], |item| item.to_be_bytes()), "");
    }

    #[test]
    fn a_bad_page_names_its_fields() {
        let problem = Page::<16>::read(201, "nonsense!").unwrap_err();
        let fields: Vec<_> = problem
            .violations
            .iter()
            .map(|violation| &*violation.field)
            .collect();
        assert_eq!(fields, ["limit", "cursor"]);
        assert_eq!(Page::<16>::read(0, "").unwrap().limit, 50);
    }
}
