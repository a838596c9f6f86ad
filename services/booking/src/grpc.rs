//! The gRPC services: each rpc is read, done and answered.

mod bookings;
mod calendars;
mod clinic;
mod days;
mod holds;
mod patients;
mod series;
mod tasks;
mod waitlist;

use std::str::FromStr;

use voxanne_problem::Problem;

use crate::{Error, error::What};

/// Reads the id of what is asked for. What cannot be an id is as unknown as any other.
fn known<T: FromStr>(text: &str, what: What) -> Result<T, Problem> {
    text.parse()
        .map_err(|_malformed| Error::NotFound(what).into())
}
