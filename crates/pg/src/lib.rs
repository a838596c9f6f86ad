//! The one door to Postgres: a transaction that sees one organisation, or says why it sees more.

mod audit;
mod failure;
mod migrate;
mod org_tx;
mod places;
mod pool;
mod seen_through;
mod system_tx;

pub use failure::problem;
pub use migrate::{MIGRATOR, migrate};
pub use org_tx::OrgTx;
pub use pool::Pool;
pub use system_tx::SystemTx;
