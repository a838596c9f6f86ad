//! The stand-in for Vapi: its REST resources and the calls it plays.

mod answer;
mod auth;
pub(crate) mod call;
mod contract;
mod deliver;
pub(crate) mod envelope;
mod liquid;
mod list;
pub(crate) mod play;
pub(crate) mod refusal;
pub(crate) mod resources;
mod slots;
mod toolbox;
mod transcript;
mod violations;

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::header,
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{Sandbox, clock::UniqueMillis, faults::gate, shelf::Shelf};
use call::Call;
use contract::Contract;
use refusal::Refusal;
use resources::Kind;

/// The one organisation that the private key belongs to.
pub(crate) const ORG: &str = "5a4db0c5-7a0c-4e0f-9c3f-0e6f0c1d2b3a";
/// How many resources of each kind are remembered.
const RESOURCES: usize = 10_000;
/// How many calls can be continued; older ones can only be read.
const LIVE_CALLS: usize = 2_000;

pub(crate) struct Vapi {
    key: String,
    contract: Contract,
    tools: Shelf<Value>,
    assistants: Shelf<Value>,
    credentials: Shelf<Value>,
    phone_numbers: Shelf<Value>,
    calls: Shelf<Value>,
    /// What the control surface shows of a call beside the resource.
    pub(crate) turns: Shelf<Vec<Value>>,
    pub(crate) live: Shelf<Arc<Mutex<Call>>>,
    clock: UniqueMillis,
}

impl Vapi {
    pub(crate) fn new(key: String) -> anyhow::Result<Self> {
        Ok(Self {
            key,
            contract: Contract::load()?,
            tools: Shelf::new(RESOURCES),
            assistants: Shelf::new(RESOURCES),
            credentials: Shelf::new(RESOURCES),
            phone_numbers: Shelf::new(RESOURCES),
            calls: Shelf::new(RESOURCES),
            turns: Shelf::new(RESOURCES),
            live: Shelf::new(LIVE_CALLS),
            clock: UniqueMillis::default(),
        })
    }

    pub(crate) fn shelf(&self, kind: Kind) -> &Shelf<Value> {
        match kind {
            Kind::Tool => &self.tools,
            Kind::Assistant => &self.assistants,
            Kind::Credential => &self.credentials,
            Kind::PhoneNumber => &self.phone_numbers,
            Kind::Call => &self.calls,
        }
    }
}

pub(crate) fn routes(sandbox: &Arc<Sandbox>) -> Router<Arc<Sandbox>> {
    let changeable = [
        ("/tool", Kind::Tool),
        ("/assistant", Kind::Assistant),
        ("/credential", Kind::Credential),
        ("/phone-number", Kind::PhoneNumber),
    ];
    let calls = Router::new()
        .route("/call", post(resources::create).get(list::list))
        .route("/call/{id}", get(resources::read))
        .route_layer(Extension(Kind::Call));
    changeable
        .into_iter()
        .fold(calls, |router, (path, kind)| {
            let one = get(resources::read)
                .patch(resources::update)
                .delete(resources::delete);
            let routes = Router::new()
                .route(path, post(resources::create).get(list::list))
                .route(&format!("{path}/{{id}}"), one)
                .route_layer(Extension(kind));
            router.merge(routes)
        })
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(sandbox),
            key_holder,
        ))
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(sandbox),
            gate::vapi,
        ))
}

async fn key_holder(
    State(sandbox): State<Arc<Sandbox>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let value = request.headers().get(header::AUTHORIZATION);
    let key = value.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if key != Some(sandbox.vapi.key.as_str()) {
        return Err(Refusal::unauthorised());
    }
    Ok(next.run(request).await)
}
