//! Calendars at a Google that refuses what Google refuses.

mod connect;
mod feed;
mod google;
mod interrupted;
mod mirror;
mod outage;
mod stage;
mod test;
mod vault;
mod write;
