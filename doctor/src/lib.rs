#![doc = include_str!("../README.md")]

pub mod audit;
mod finding;
pub mod isolation;

pub use finding::{Finding, Report};
