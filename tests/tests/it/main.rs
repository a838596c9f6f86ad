//! The fleet as its users meet it.

mod main_job;
