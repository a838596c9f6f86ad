//! Which pages may make a browser use its cookies.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use voxanne_problem::{Kind, Problem};

use crate::{App, config::Origins, reply::Refusal};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Where the cookies are sent to.
const COOKIES: &str = "/api/auth/";

/// Keeps other people's pages away from routes that cookies are sent to.
///
/// `SameSite=Strict` does so too, and is one browser setting away from not doing it. Programs that
/// are no browsers say nothing of an origin and have no cookies to be misled with.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_exposed = request.uri().path().starts_with(COOKIES) && !request.method().is_safe();
    if is_exposed && !is_allowed(&app.config.allowed_origins, request.headers()) {
        return Refusal::from(forbidden()).into_response();
    }
    next.run(request).await
}

fn is_allowed(origins: &Origins, headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(header::ORIGIN).iter().peekable();
    if named.peek().is_some() {
        return named.all(|origin| origins.allows(origin));
    }
    let site = headers.get(FETCH_SITE);
    site.is_none_or(|site| site == "same-origin" || site == "none")
}

fn forbidden() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "ORIGIN_FORBIDDEN",
        "pages of this origin may not use the session",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_has_to_come_from_a_page_of_ours() {
        let origins: Origins = "https://app.example".parse().unwrap();
        for (headers, allowed) in [
            (&[][..], true),
            (&[("origin", "https://app.example")], true),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://app.example.evil.example")], false),
            (
                &[
                    ("origin", "https://app.example"),
                    ("origin", "https://evil.example"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://app.example"),
                ],
                true,
            ),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(HeaderName::from_static(name), value.parse().unwrap());
            }
            assert_eq!(is_allowed(&origins, &map), allowed, "{headers:?}");
        }
    }
}
