//! What a client offers when it opens a socket: a page cannot set headers, so its token travels as
//! a subprotocol.

use axum::http::{HeaderMap, header};
use voxanne_problem::{Kind, Problem};

const TOKEN: &str = "bearer.";

/// The access token among the subprotocols.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut tokens = offered(headers).filter_map(|one| one.strip_prefix(TOKEN));
    let (Some(token), None) = (tokens.next(), tokens.next()) else {
        return Err(Problem::new(
            Kind::Unauthenticated,
            "TOKEN_MISSING",
            "offer the subprotocol `bearer.` followed by an access token",
        ));
    };
    Ok(token)
}

/// Refuses a client that does not offer `protocol`.
pub(super) fn offers(headers: &HeaderMap, protocol: &str) -> Result<(), Problem> {
    if offered(headers).any(|one| one == protocol) {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Invalid,
        "SUBPROTOCOL_MISSING",
        format!("offer the subprotocol `{protocol}`"),
    ))
}

fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_among_the_subprotocols() {
        for (lists, found) in [
            (&["voxanne.v1, bearer.a.b.c"][..], Some("a.b.c")),
            (&["voxanne.v1", "bearer.a.b.c"], Some("a.b.c")),
            (&["bearer.a.b.c,voxanne.v1"], Some("a.b.c")),
            (&["voxanne.v1"], None),
            (&["bearer.a", "bearer.b"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for list in lists {
                headers.append(header::SEC_WEBSOCKET_PROTOCOL, list.parse().unwrap());
            }
            assert_eq!(token(&headers).ok(), found, "{lists:?}");
            let offers_ours = lists.iter().any(|list| list.contains("voxanne.v1"));
            assert_eq!(offers(&headers, "voxanne.v1").is_ok(), offers_ours);
        }
    }
}
