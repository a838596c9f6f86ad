//! Rules about the catalogue, each a query for what breaks it.

mod code;
mod keys;
mod roles;
mod sessions;
mod tables;

use sqlx::PgConnection;

use crate::Finding;

/// What must not be found in the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub name: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about what breaks it.
    pub todo: &'static str,
    /// Gives the name of everything that breaks it, as one column of text.
    query: &'static str,
    /// What breaks it and may, each with the reason. May only shrink.
    pub excused: &'static [(&'static str, &'static str)],
}

/// Every rule, in reading order.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        tables::RULES,
        keys::RULES,
        roles::RULES,
        code::RULES,
        sessions::RULES,
    ]
    .into_iter()
    .flatten()
}

impl Rule {
    /// Everything that breaks it and is not excused.
    pub async fn broken_by(&self, db: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
        let excused = |subject: &str| self.excused.iter().any(|(name, _)| *name == subject);
        let offenders = self.offenders(db).await?;
        let broken = offenders.into_iter().filter(|subject| !excused(subject));
        Ok(broken
            .map(|subject| Finding {
                rule: self.name.to_owned(),
                subject,
                why: self.why.to_owned(),
                todo: self.todo.to_owned(),
            })
            .collect())
    }

    /// Everything that breaks it, excused or not.
    pub async fn offenders(&self, db: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
        sqlx::query_scalar(self.query).fetch_all(db).await
    }
}

/// A query that may speak of `runtime` (roles of services), `ours` (schemas they may enter), `tables`
/// in these, and `tenant` (tables with an `org_id`, whose number is `org`).
macro_rules! query {
    ($sql:literal) => {
        concat!(
            "WITH runtime AS (
               SELECT oid, rolname::text AS name FROM pg_roles WHERE rolname ~ '^(svc|sys)_'
             ), ours AS (
               SELECT n.oid, n.nspname::text AS name FROM pg_namespace n
               WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                 AND EXISTS (SELECT FROM runtime WHERE has_schema_privilege(runtime.oid, n.oid, 'USAGE'))
             ), tables AS (
               SELECT c.oid, c.oid::regclass::text AS name, c.relnamespace, c.relrowsecurity,
                      c.relforcerowsecurity
               FROM pg_class c JOIN ours ON ours.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (
                 SELECT FROM pg_depend d
                 WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
             ), tenant AS (
               SELECT tables.*, a.attnum AS org, a.attnotnull, a.atttypid
               FROM tables JOIN pg_attribute a
                 ON a.attrelid = tables.oid AND a.attname = 'org_id' AND NOT a.attisdropped
             ) ",
            $sql
        )
    };
}
use query;
