//! The kinds of events there are.

/// Every kind of event. [`Log::commit`](crate::Log::commit) takes no other, so that what walks this
/// list has met every event that a dashboard can be sent.
pub const KINDS: &[&str] = &[
    "agent.saved",
    "agent.sync_failed",
    "agent.synced",
    "booking.approved",
    "booking.arrived",
    "booking.cancelled",
    "booking.completed",
    "booking.confirmed",
    "booking.created",
    "booking.held",
    "booking.no_show",
    "booking.released",
    "booking.requested",
    "booking.rescheduled",
    "calendar.conflict",
    "calendar.connected",
    "calendar.degraded",
    "call.ended",
    "call.started",
    "call.updated",
    "message.delivered",
    "message.failed",
    "message.queued",
    "message.sent",
    "org.created",
    "patient.erased",
    "patient.merged",
    "task.opened",
    "task.resolved",
    "waitlist.changed",
    "waitlist.offered",
];

/// Refuses an event of a kind that is not listed, before anything of it is committed.
pub(crate) fn check(kind: &str) -> Result<(), sqlx::Error> {
    if KINDS.contains(&kind) {
        return Ok(());
    }
    let fault = format!("`{kind}` is not among the kinds of events in voxanne_events::KINDS");
    Err(sqlx::Error::InvalidArgument(fault))
}
