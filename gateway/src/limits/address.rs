//! Where a request comes from.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, request::Parts},
    middleware::Next,
    response::Response,
};

use super::device;
use crate::App;

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a request's connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

#[derive(Clone, Copy, Debug)]
struct Address(IpAddr);

/// Who asks, before anybody has proved who they are.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(super) address: IpAddr,
    /// What the browser was given at an earlier sign-in.
    pub(super) device: Option<String>,
}

/// Finds out where a request comes from.
pub(crate) async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>();
    // Everybody without a connection of their own is counted as one.
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    let hops = hops(request.headers());
    let address = app.limits.settings.proxies.client(peer, hops.into_iter());
    request.extensions_mut().insert(Address(address));
    next.run(request).await
}

/// The entries of all headers, in order. What is no text hides what stands before it.
fn hops(headers: &HeaderMap) -> Vec<&str> {
    let lines = headers.get_all(FORWARDED).iter();
    lines
        .flat_map(|line| line.to_str().unwrap_or("unreadable").split(','))
        .collect()
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Client {
    pub(crate) const fn address(&self) -> IpAddr {
        self.address
    }

    pub(crate) fn of(parts: &Parts) -> Self {
        let address = parts.extensions.get::<Address>();
        Self {
            address: address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |known| known.0),
            device: device::read(&parts.headers),
        }
    }
}

/// The address a request comes from.
pub(crate) fn of(request: &Request) -> IpAddr {
    let known = request.extensions().get::<Address>();
    known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |known| known.0)
}
