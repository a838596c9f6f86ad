#![doc = include_str!("../README.md")]

pub mod audit;
mod finding;
pub mod isolation;
pub mod zones;

pub use finding::{Finding, Report};
