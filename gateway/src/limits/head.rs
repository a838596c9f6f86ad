//! What a request line and headers may be like.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::reply::Refusal;

/// Far beyond any address of ours, with every parameter given.
const LONGEST_URI: usize = 8 * 1024;
/// A token, cookies and what proxies add fit in many times.
const LARGEST_HEADERS: usize = 32 * 1024;
const MOST_HEADERS: usize = 100;

/// Marks a request whose body ends in two places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contradiction;

/// Refuses what is too large to be meant well.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let is_chunked = request.version() < Version::HTTP_2
        && request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = match refusal(&request) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    // Where a body without a length ends is what smugglers lie about: nothing behind it is read.
    if is_chunked {
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn refusal(request: &Request) -> Option<Refusal> {
    if request.extensions().get::<Contradiction>().is_some() {
        return Some(Refusal::with_status(
            StatusCode::BAD_REQUEST,
            "BODY_UNREADABLE",
            "the request says twice, and differently, where its body ends",
        ));
    }
    let uri = request.uri();
    let length = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    if length > LONGEST_URI {
        return Some(Refusal::with_status(
            StatusCode::URI_TOO_LONG,
            "URI_TOO_LONG",
            "the address is longer than any of ours",
        ));
    }
    let headers = request.headers();
    (headers.len() > MOST_HEADERS || size(headers) > LARGEST_HEADERS).then(|| {
        Refusal::with_status(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "HEADERS_TOO_LARGE",
            "there are more headers than are read",
        )
    })
}

fn size(headers: &HeaderMap) -> usize {
    let sizes = headers.iter();
    sizes
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}
