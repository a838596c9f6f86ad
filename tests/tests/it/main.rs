//! The fleet as its users meet it.

mod contention;
mod faults;
mod main_job;
