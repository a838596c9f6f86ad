//! What the schema and the door to it must hold, on real Postgres.

mod pool;
mod schema_rules;
mod scope;
