//! Every span field and metric name of the fleet, so that they agree everywhere.
//!
//! Span fields carry identifiers and states; metrics carry units in their names and labels with
//! few values. An organisation, a user or a message is a span field and never a metric label:
//! each value of a label is a time series that is kept for ever.
//!
//! A constant is a field name in a span macro when it stands in braces:
//! `tracing::info_span!("booking.book", { names::ORG_ID } = %org)`.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// The organisation acted for.
pub const ORG_ID: &str = "org.id";
/// The user, key or process acting.
pub const CALLER_ID: &str = "caller.id";
/// One request at the edge, from `X-Request-Id`.
pub const REQUEST_ID: &str = "request.id";
/// One phone call.
pub const CALL_ID: &str = "call.id";
/// A problem's stable code, such as `SLOT_TAKEN`.
pub const PROBLEM_REASON: &str = "problem.reason";
/// One signed-in session.
pub const SESSION_ID: &str = "session.id";

/// HTTP requests answered. Labels: `method`, `route`, `status`.
pub const HTTP_REQUEST_SECONDS: &str = "voxanne_http_request_seconds";
/// gRPC requests answered. Labels: `rpc`, `code`.
pub const GRPC_REQUEST_SECONDS: &str = "voxanne_grpc_request_seconds";
/// Calls to another company's API. Labels: `provider`, `operation`, `outcome`.
pub const PROVIDER_REQUEST_SECONDS: &str = "voxanne_provider_request_seconds";
/// Voice tool calls answered. Labels: `tool`, `outcome`.
pub const TOOL_CALL_SECONDS: &str = "voxanne_tool_call_seconds";
/// Events committed. Labels: none.
pub const EVENTS_APPENDED: &str = "voxanne_events_appended_total";
/// From an event's commit to the end of its handling. Labels: `consumer`.
pub const EVENT_LAG_SECONDS: &str = "voxanne_event_lag_seconds";
/// Bookings by outcome. Labels: `outcome`.
pub const BOOKINGS: &str = "voxanne_bookings_total";
/// Text messages by the state they reached. Labels: `state`.
pub const MESSAGES: &str = "voxanne_messages_total";
/// From a commit to the provider's acceptance of its text message. Labels: none.
pub const MESSAGE_HANDOVER_SECONDS: &str = "voxanne_message_handover_seconds";
/// Open sockets of dashboards. Labels: none.
pub const SOCKETS: &str = "voxanne_sockets";
/// From an event's commit to its frame on a socket. Labels: none.
pub const SOCKET_LAG_SECONDS: &str = "voxanne_socket_lag_seconds";
/// Sign-in attempts. Labels: `outcome`.
pub const LOGINS: &str = "voxanne_logins_total";
/// Refresh tokens presented. Labels: `outcome`.
pub const REFRESHES: &str = "voxanne_refreshes_total";
/// Password hashing, the wait for a free slot included. Labels: none.
pub const PASSWORD_HASH_SECONDS: &str = "voxanne_password_hash_seconds";
/// Mails by what became of them. Labels: `kind`, `state`.
pub const MAILS: &str = "voxanne_mails_total";
/// Mails that wait to be sent, up to 10 000. Labels: none.
pub const MAILS_WAITING: &str = "voxanne_mails_waiting";
/// Look-ups in the token cache. Labels: `outcome`.
pub const AUTH_CACHE: &str = "voxanne_auth_cache_total";
/// Questions to identity about one session, while the doorbell is not heard or the feed of
/// revocations is old. Labels: `outcome`.
pub const SESSION_LOOKUPS: &str = "voxanne_session_lookups_total";
/// Idempotency keys seen. Labels: `outcome`.
pub const IDEMPOTENCY: &str = "voxanne_idempotency_total";
/// Requests refused by a limit. Labels: `limit`.
pub const LIMITED: &str = "voxanne_limited_total";
/// Questions to limits answered by this process alone because Redis is away. Labels: none.
pub const LIMITS_ALONE: &str = "voxanne_limits_alone_total";
/// 1 while a breaker refuses calls. Labels: `breaker`.
pub const BREAKER_OPEN: &str = "voxanne_breaker_open";
/// Calls refused by an open breaker. Labels: `breaker`.
pub const BREAKER_REFUSED: &str = "voxanne_breaker_refused_total";

/// Gives the installed recorder each metric's unit and meaning.
pub(crate) fn describe() {
    let seconds = [
        (HTTP_REQUEST_SECONDS, "HTTP requests answered"),
        (GRPC_REQUEST_SECONDS, "gRPC requests answered"),
        (PROVIDER_REQUEST_SECONDS, "calls to another company's API"),
        (TOOL_CALL_SECONDS, "voice tool calls answered"),
        (
            EVENT_LAG_SECONDS,
            "from an event's commit to the end of its handling",
        ),
        (
            MESSAGE_HANDOVER_SECONDS,
            "from a commit to the acceptance of its text message",
        ),
        (
            SOCKET_LAG_SECONDS,
            "from an event's commit to its frame on a socket",
        ),
        (
            PASSWORD_HASH_SECONDS,
            "password hashing, the wait for a free slot included",
        ),
    ];
    for (name, meaning) in seconds {
        describe_histogram!(name, Unit::Seconds, meaning);
    }
    let counters = [
        (EVENTS_APPENDED, "events committed"),
        (BOOKINGS, "bookings by outcome"),
        (MESSAGES, "text messages by the state they reached"),
        (LOGINS, "sign-in attempts"),
        (REFRESHES, "refresh tokens presented"),
        (MAILS, "mails by what became of them"),
        (AUTH_CACHE, "look-ups in the token cache"),
        (SESSION_LOOKUPS, "questions to identity about one session"),
        (IDEMPOTENCY, "idempotency keys seen"),
        (LIMITED, "requests refused by a limit"),
        (LIMITS_ALONE, "questions to limits answered without Redis"),
        (BREAKER_REFUSED, "calls refused by an open breaker"),
    ];
    for (name, meaning) in counters {
        describe_counter!(name, Unit::Count, meaning);
    }
    describe_gauge!(SOCKETS, Unit::Count, "WebSockets open now");
    describe_gauge!(MAILS_WAITING, Unit::Count, "mails that wait to be sent");
    describe_gauge!(BREAKER_OPEN, Unit::Count, "1 while a breaker refuses calls");
}
