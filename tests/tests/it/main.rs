//! The fleet as its users meet it.

mod accounts;
mod audit;
mod belongings;
mod booking_page;
mod calendars;
mod contention;
mod credential_test;
mod cursors;
mod error_codes;
mod faults;
mod fhir;
mod isolation_events;
mod isolation_keys;
mod isolation_routes;
mod isolation_rpcs;
mod isolation_webhooks;
mod main_job;
mod members;
mod odd_values;
mod processes;
mod rotated_token;
mod secrets;
mod switching;
mod twilio;
mod used_up;
