//! A tenant is a proof, not a parameter.
//!
//! A [`Tenant`] exists only where an organisation was authenticated: at the edge (JWT or verified
//! webhook), in a service that verified the signed context of a call, or in a job that works
//! through committed rows of that organisation. Between services it travels in gRPC metadata as a
//! short-lived signed [`context`], never as a field of a request.

mod api_key;
mod caller;
mod client;
pub mod context;
mod keys;
mod permission;
mod server;

use std::time::{Duration, Instant};

pub use api_key::ApiKey;
pub use caller::{Caller, Role};
pub use client::Outbound;
pub use keys::{InvalidKeys, Keys};
pub use permission::{Permission, Permissions, UnknownPermission};
pub use server::ContextLayer;
use tonic::Request;
use voxanne_ids::{EventId, OrgId};
use voxanne_problem::{Kind, Problem};

/// An authenticated organisation, who acts in it, and how long the answer may take.
#[derive(Clone, Debug)]
pub struct Tenant {
    org: OrgId,
    caller: Caller,
    request_id: String,
    deadline: Option<Instant>,
}

impl Tenant {
    /// States that `org` was authenticated. Only the gateway, after it verified a token or a
    /// webhook's signature, has the right to; clippy refuses it elsewhere.
    pub fn authenticated(org: OrgId, caller: Caller, request_id: impl Into<String>) -> Self {
        Self {
            org,
            caller,
            request_id: request_id.into(),
            deadline: None,
        }
    }

    /// A job of ours, named `job`, that works on rows of `org` which it found committed.
    pub fn for_job(org: OrgId, job: &'static str) -> Self {
        Self {
            org,
            caller: Caller::Job(job.to_owned()),
            request_id: format!("{job}-{}", EventId::new().as_uuid().simple()),
            deadline: None,
        }
    }

    /// The same, as a part of the request `id` that it follows from.
    #[must_use]
    pub fn in_request(mut self, id: impl Into<String>) -> Self {
        self.request_id = id.into();
        self
    }

    /// The tenant of a call that passed the [`ContextLayer`].
    pub fn of<T>(request: &Request<T>) -> Result<Self, Problem> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| {
            Problem::new(
                Kind::Unauthenticated,
                "NO_TENANT",
                "this call needs an organisation",
            )
        })
    }

    pub const fn org(&self) -> OrgId {
        self.org
    }

    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The request this is about, for logs and error reports.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When the caller stops waiting.
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Time left until the deadline, at most `cap`.
    pub fn time_left(&self, cap: Duration) -> Duration {
        self.deadline.map_or(cap, |at| {
            at.saturating_duration_since(Instant::now()).min(cap)
        })
    }

    /// The same tenant with an answer wanted within `wait`, never later than before.
    #[must_use]
    pub fn within(mut self, wait: Duration) -> Self {
        let at = Instant::now() + wait;
        self.deadline = Some(self.deadline.map_or(at, |before| before.min(at)));
        self
    }
}

/// A call one of our services makes before any organisation is known, such as a login.
#[derive(Clone, Debug)]
pub struct System {
    service: String,
    request_id: String,
    deadline: Option<Instant>,
}

impl System {
    /// A call of the service named `service`, on behalf of request `request_id`.
    pub fn new(service: impl Into<String>, request_id: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            request_id: request_id.into(),
            deadline: None,
        }
    }

    /// The system caller of a call that passed the [`ContextLayer`]; a tenant's call is none.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Problem> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| {
            Problem::new(
                Kind::Unauthenticated,
                "NOT_SYSTEM",
                "only our own services may call this",
            )
        })
    }

    /// Which service calls.
    pub fn service(&self) -> &str {
        &self.service
    }

    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The same caller with an answer wanted within `wait`.
    #[must_use]
    pub fn within(mut self, wait: Duration) -> Self {
        self.deadline = Some(Instant::now() + wait);
        self
    }
}
