//! The name of a request, from its client or made here, for logs, services and problem replies.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use voxanne_ids::EventId;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const MAX_LENGTH: usize = 128;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task answers; a fresh one outside any request.
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_else(|_| fresh())
}

/// Runs `work` as a part of the request `id`, for work that goes on in a task of its own.
pub async fn within<T>(id: String, work: impl Future<Output = T>) -> T {
    CURRENT.scope(id, work).await
}

/// Names the request and repeats the name in the answer.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(HEADER)
        .and_then(acceptable)
        .unwrap_or_else(fresh);
    let mut response = within(id.clone(), next.run(request)).await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn acceptable(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let sane = (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    sane.then(|| text.to_owned())
}

fn fresh() -> String {
    format!("req_{}", EventId::new().as_uuid().simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_visible_text_is_taken_over() {
        let long = "x".repeat(MAX_LENGTH + 1);
        for (text, taken) in [
            ("abc-1", true),
            ("", false),
            ("a b", false),
            (long.as_str(), false),
        ] {
            let value = HeaderValue::from_str(text).unwrap();
            assert_eq!(acceptable(&value).is_some(), taken, "{text}");
        }
    }
}
