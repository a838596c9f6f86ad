//! What a search or an operation found.

use serde::Serialize;
use utoipa::ToSchema;

use super::{base::Base, given::Given};

/// What a search found, a page at a time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirBundle)]
pub(crate) struct Bundle<T> {
    /// Bundle.
    resource_type: &'static str,
    /// searchset.
    r#type: &'static str,
    /// Only where all is on one page.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    link: Vec<Link>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    entry: Vec<Entry<T>>,
}

/// Where this page is, and the next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FhirLink)]
struct Link {
    /// self or next.
    relation: &'static str,
    url: String,
}

/// One resource of a page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FhirEntry)]
struct Entry<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    full_url: Option<String>,
    resource: T,
    search: Mode,
}

/// Why a resource is on the page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FhirEntrySearch)]
struct Mode {
    /// match.
    mode: &'static str,
}

/// What has an id of FHIR.
pub(crate) trait Resource {
    const TYPE: &'static str;
    fn id(&self) -> &str;
    /// Whether it can be read at its address; what is only proposed or held cannot.
    fn is_at_home(&self) -> bool {
        true
    }
}

impl<T: Resource> Bundle<T> {
    /// A page of what was found at `path` under the base; `next` leads on.
    pub(super) fn page(
        base: &Base,
        (path, given): (&str, &Given),
        found: Vec<T>,
        next: Option<&str>,
    ) -> Self {
        let address = |query: String| match query.as_str() {
            "" => base.join(path),
            query => base.join(&format!("{path}?{query}")),
        };
        let mut link = vec![Link {
            relation: "self",
            url: address(given.query(None)),
        }];
        link.extend(next.map(|cursor| Link {
            relation: "next",
            url: address(given.query(Some(cursor))),
        }));
        let whole = next.is_none() && !given.is_continued();
        Self {
            resource_type: "Bundle",
            r#type: "searchset",
            total: whole.then_some(found.len()),
            link,
            entry: found.into_iter().map(|one| Entry::of(base, one)).collect(),
        }
    }

    /// The one outcome of an operation.
    pub(super) fn outcome(base: &Base, operation: &str, one: T) -> Self {
        Self {
            resource_type: "Bundle",
            r#type: "searchset",
            total: Some(1),
            link: vec![Link {
                relation: "self",
                url: base.join(operation),
            }],
            entry: vec![Entry::of(base, one)],
        }
    }
}

impl<T: Resource> Entry<T> {
    fn of(base: &Base, resource: T) -> Self {
        let path = format!("{}/{}", T::TYPE, resource.id());
        Self {
            full_url: resource.is_at_home().then(|| base.join(&path)),
            resource,
            search: Mode { mode: "match" },
        }
    }
}
