//! The booking service over gRPC, on a Postgres of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod book;
mod calendars;
mod cancelled;
mod change;
mod clinic;
mod contend;
mod days;
mod delete;
mod desk;
mod hold;
mod idempotency;
mod isolation;
mod killed;
mod list;
mod mark;
mod offered;
mod overbook;
mod overlap;
mod patients;
mod places;
mod redis;
mod refuse;
mod reschedule;
mod rights;
mod schema;
mod series;
mod set_up;
mod slots;
mod spoken;
mod tasks;
mod terms;
mod waitlist;
