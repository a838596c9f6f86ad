//! The service over gRPC, with Postgres behind it.

mod credentials;
mod fixture;
mod isolation;
mod login;
mod refresh;
mod session;
mod shutdown;
mod sign_up;
mod vault;
