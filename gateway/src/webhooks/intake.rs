//! Reading a webhook's body, byte for byte as it was signed.

use axum::body::{Body, Bytes, to_bytes};

use crate::{body, reply::Refusal};

/// The bytes of a body of at most `limit`.
pub(super) async fn bytes(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    to_bytes(body, limit).await.map_err(body::unreadable)
}
