//! The socket that carries an organisation's events to its dashboards.
//!
//! A socket is opened with the subprotocols `voxanne.v1` and `bearer.<jwt>`. It is sent a welcome
//! with the number of the newest event and every event after it, in order, each once. Its first and
//! only message may ask to resume behind an earlier event. What it sends otherwise ends it: 1003 for
//! binary data, 1008 for anything else.

mod delivery;
mod end;
mod frames;
mod handshake;
mod inbound;
mod room;
mod rooms;
mod seats;
mod socket;
mod writer;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, Method, header},
    response::{IntoResponse as _, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::realtime::v1::GetHeadRequest;
use voxanne_runtime::Process;
use voxanne_tenant::Tenant;

use self::{rooms::Rooms, seats::Seats, socket::Socket};
use crate::{App, Clients, permissions, reply::Refusal, tenant::permit};

/// The subprotocol that both sides speak.
const PROTOCOL: &str = "voxanne.v1";
/// A client says little; more than this ends its socket.
const LARGEST_MESSAGE: usize = 16 * 1024;
/// Bytes a socket keeps for each direction; there are thousands of sockets.
const BUFFER: usize = 8 * 1024;
/// How long opening a socket may wait for the event log.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the sockets of this process share.
pub struct Sockets {
    rooms: Rooms,
    seats: Seats,
}

impl Sockets {
    pub(crate) fn new(clients: Arc<Clients>, process: &Process) -> Self {
        Self {
            rooms: Rooms::new(clients, process),
            seats: Seats::default(),
        }
    }
}

/// `GET /frontend/stream`
pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(connect))
}

/// A WebSocket with the events of the token's organisation.
///
/// The server sends `{"type":"welcome","seq":N}` and then
/// `{"type":"event","seq":n,"id":…,"event":"booking.created","at":…,"data":{…}}`, in order and
/// without a gap. The client may send `{"type":"resume","after":n}` as its first message, at once;
/// the answer is the missed events or `{"type":"reload"}` when they are not kept. Without one, events
/// begin 400 ms after the welcome at the latest. Close codes: 4401 the session ended, 4408 too slow,
/// 1012 restarting, 1003 and 1008 for messages that are not known.
#[utoipa::path(get, path = "/frontend/stream", tag = "stream",
    params(("Sec-WebSocket-Protocol" = String, Header,
        description = "`voxanne.v1, bearer.<access token>`")),
    responses(
        (status = 101, description = "The socket is open"),
        (status = 400, description = "SUBPROTOCOL_MISSING, INVALID"),
        (status = 401, description = "TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED"),
        (status = 403, description = "ORIGIN_FORBIDDEN, ROLE_INSUFFICIENT, SCOPE_INSUFFICIENT"),
        (status = 426, description = "UPGRADE_REQUIRED"),
        (status = 429, description = "TOO_MANY_SOCKETS, RATE_LIMITED"),
        (status = 503, description = "UNAVAILABLE; see the header Retry-After")))]
pub(crate) async fn connect(
    State(app): State<App>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let origin = headers.get(header::ORIGIN);
    if origin.is_some_and(|origin| !app.config.allowed_origins.allows(origin)) {
        return Err(origin_not_allowed().into());
    }
    let token = handshake::token(&headers)?;
    let verified = app.auth.verify(token).await?;
    let tenant = verified.tenant();
    let needs = permissions::needed(&Method::GET, "/frontend/stream");
    permit(needs, tenant.caller())?;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    handshake::offers(&headers, PROTOCOL)?;
    app.limits.socket(&tenant).await?;
    let seat = app.sockets.seats.take(verified.org, verified.holder.id())?;
    let socket = Socket {
        newest: newest(&app, &tenant).await?,
        app: app.clone(),
        tenant,
        verified,
        _seat: seat,
    };
    // The end of the process waits for every socket to be told.
    let tracked = app.process.tasks.token();
    Ok(upgrade
        .protocols([PROTOCOL])
        .max_message_size(LARGEST_MESSAGE)
        .max_frame_size(LARGEST_MESSAGE)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .on_upgrade(async move |opened| {
            socket.live(opened).await;
            drop(tracked);
        }))
}

async fn newest(app: &App, tenant: &Tenant) -> Result<i64, Problem> {
    let realtime = &app.clients.realtime;
    let request = realtime.request(&tenant.clone().within(PATIENCE), GetHeadRequest {});
    let answer = realtime.client().get_head(request).await?;
    Ok(answer.into_inner().seq)
}

fn origin_not_allowed() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "ORIGIN_FORBIDDEN",
        "pages of this origin may not listen",
    )
}
