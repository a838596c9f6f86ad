//! The calling side: every call carries a signed context and a deadline.

use std::time::Duration;

use tonic::{Request, metadata::MetadataValue};
use voxanne_clock::Clock;

use crate::{
    Keys, System, Tenant,
    context::{self, Claims, TenantClaims},
};

/// What a call may take when nobody upstream said otherwise.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

/// Makes the requests of one service (`from`) to one other (`to`).
#[derive(Clone, Debug)]
pub struct Outbound {
    keys: Keys,
    clock: Clock,
    from: &'static str,
    to: &'static str,
}

impl Outbound {
    pub const fn new(keys: Keys, clock: Clock, from: &'static str, to: &'static str) -> Self {
        Self {
            keys,
            clock,
            from,
            to,
        }
    }

    /// A request within `tenant`, whose deadline it inherits.
    pub fn request<M>(&self, tenant: &Tenant, message: M) -> Request<M> {
        let claims = TenantClaims {
            org: tenant.org,
            caller: tenant.caller.clone(),
        };
        let mut request = self.bare(Some(claims), &tenant.request_id, message);
        request.set_timeout(tenant.time_left(DEFAULT_DEADLINE));
        request
    }

    /// A request before any organisation is known.
    pub fn system_request<M>(&self, system: &System, message: M) -> Request<M> {
        let mut request = self.bare(None, &system.request_id, message);
        let left = system.deadline.map_or(DEFAULT_DEADLINE, |at| {
            at.saturating_duration_since(std::time::Instant::now())
                .min(DEFAULT_DEADLINE)
        });
        request.set_timeout(left);
        request
    }

    /// A stream within `tenant`, which lasts until either side ends it.
    pub fn stream_request<M>(&self, tenant: &Tenant, message: M) -> Request<M> {
        let claims = TenantClaims {
            org: tenant.org,
            caller: tenant.caller.clone(),
        };
        self.bare(Some(claims), &tenant.request_id, message)
    }

    fn bare<M>(&self, tenant: Option<TenantClaims>, request_id: &str, message: M) -> Request<M> {
        let claims = Claims {
            tenant,
            from: self.from.to_owned(),
            to: self.to.to_owned(),
            request_id: request_id.to_owned(),
        };
        let text = context::seal(&self.keys, &claims, self.clock.now());
        let mut request = Request::new(message);
        request.metadata_mut().insert(
            context::METADATA,
            MetadataValue::try_from(text).expect("base64 and a key id are ASCII"),
        );
        request
    }
}
