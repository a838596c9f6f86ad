//! How often somebody may do something, counted across all replicas.
//!
//! Two rules are counted: a [`Rate`], which refills steadily, and a [`Window`], within which no more
//! than so many attempts are made. Both are counted in Redis, in one round trip; while Redis is away
//! each replica goes on by itself with its share, so that nothing is ever unlimited.

mod gcra;
mod limiter;
mod local;
mod rate;
mod shared;
mod window;

pub use self::{
    gcra::Standing,
    limiter::{Demand, Limiter, Refused},
    rate::{InvalidRate, Rate},
    window::{Attempt, Ticket, Window},
};
