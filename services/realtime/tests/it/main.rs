//! The service over real gRPC, on a real Postgres and a real Redis.

mod isolation;
mod replay;
mod scene;
mod shutdown;
mod slow;
mod subscribe;
