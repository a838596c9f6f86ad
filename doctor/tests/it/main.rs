//! What the doctor says about a database as the migrations make it, and about one that is broken.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod attacks;
mod audit;
mod defects;
mod health;
mod matrix;
mod references;
mod sample;
mod scopes;
mod zones;
