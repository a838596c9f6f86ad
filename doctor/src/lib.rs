#![doc = include_str!("../README.md")]

mod finding;
pub mod isolation;

pub use finding::{Finding, Report};
