//! The called side: a tower layer that lets no call pass without a verified context.

use std::{
    future::{Ready, ready},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures_util::future::Either;
use tonic::Status;
use tower::{Layer, Service};
use voxanne_clock::Clock;
use voxanne_problem::{Kind, Problem};

use crate::{
    Keys, System, Tenant,
    context::{self, Claims, TenantClaims},
};

/// gRPC's own services, which tell nothing about any organisation.
const OPEN: [&str; 2] = ["/grpc.health.v1.", "/grpc.reflection.v1."];

/// Verifies the context of each call to the service `to` and leaves its [`Tenant`] or [`System`]
/// in the request's extensions.
#[derive(Clone, Debug)]
pub struct ContextLayer {
    keys: Keys,
    clock: Clock,
    to: &'static str,
}

impl ContextLayer {
    pub const fn new(keys: Keys, clock: Clock, to: &'static str) -> Self {
        Self { keys, clock, to }
    }

    fn verify(&self, headers: &http::HeaderMap) -> Result<Claims, Problem> {
        let refused = |why: &str| {
            Problem::new(
                Kind::Unauthenticated,
                "CONTEXT_REFUSED",
                "the caller is not known",
            )
            .caused_by(why.to_owned())
        };
        let text = headers
            .get(context::METADATA)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| refused("no context"))?;
        context::open(&self.keys, self.to, text, self.clock.now())
            .map_err(|why| refused(&why.to_string()))
    }
}

impl<S> Layer<S> for ContextLayer {
    type Service = ContextService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ContextService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service a [`ContextLayer`] makes.
#[derive(Clone, Debug)]
pub struct ContextService<S> {
    inner: S,
    layer: ContextLayer,
}

impl<S, B, R> Service<http::Request<B>> for ContextService<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>>,
    R: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        if OPEN
            .iter()
            .any(|open| request.uri().path().starts_with(open))
        {
            return Either::Left(self.inner.call(request));
        }
        let deadline = timeout(request.headers()).map(|wait| Instant::now() + wait);
        match self.layer.verify(request.headers()) {
            Ok(claims) => {
                admit(claims, deadline, request.extensions_mut());
                Either::Left(self.inner.call(request))
            }
            Err(problem) => Either::Right(ready(Ok(Status::from(problem).into_http()))),
        }
    }
}

fn admit(claims: Claims, deadline: Option<Instant>, extensions: &mut http::Extensions) {
    let Claims {
        tenant,
        from,
        request_id,
        ..
    } = claims;
    match tenant {
        Some(TenantClaims { org, caller }) => {
            extensions.insert(Tenant {
                org,
                caller,
                request_id,
                deadline,
            });
        }
        None => {
            extensions.insert(System {
                service: from,
                request_id,
                deadline,
            });
        }
    }
}

/// Reads `grpc-timeout` (gRPC over HTTP/2, "Timeout"): up to 8 digits and a unit.
fn timeout(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let amount: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 3600)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grpc_timeout_is_read_in_every_unit() {
        for (text, wait) in [
            ("2S", Some(Duration::from_secs(2))),
            ("1500m", Some(Duration::from_millis(1500))),
            ("10000000u", Some(Duration::from_secs(10))),
            ("1H", Some(Duration::from_secs(3600))),
            ("123456789S", None),
            ("S", None),
            ("", None),
            ("5x", None),
        ] {
            let mut headers = http::HeaderMap::new();
            headers.insert("grpc-timeout", text.parse().unwrap());
            assert_eq!(timeout(&headers), wait, "{text}");
        }
    }
}
