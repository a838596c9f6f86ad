//! What is probed: the tenant tables, the roles, and a row of each of two organisations.

use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

/// A table with an `org_id`.
pub(super) struct Target {
    /// Schema and name, quoted where they have to be.
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
}

/// A row that is there.
#[derive(FromRow)]
pub(super) struct Row {
    pub(super) org: Uuid,
    /// Its `ctid`.
    pub(super) place: String,
}

impl Target {
    /// Rows of two organisations.
    pub(super) fn two(&self) -> Option<(&Row, &Row)> {
        match &self.rows[..] {
            [one, other, ..] => Some((one, other)),
            _ => None,
        }
    }

    pub(super) async fn rights_of(
        &self,
        db: &mut PgConnection,
        role: &str,
    ) -> Result<Rights, sqlx::Error> {
        sqlx::query_as(
            "SELECT has_any_column_privilege(r.oid, t.oid, 'SELECT') AS select,
                    has_table_privilege(r.oid, t.oid, 'SELECT') AS selects_all,
                    has_column_privilege(r.oid, t.oid, 'org_id', 'SELECT') AS reads_org,
                    has_column_privilege(r.oid, t.oid, 'org_id', 'INSERT') AS insert,
                    has_column_privilege(r.oid, t.oid, 'org_id', 'UPDATE') AS updates_org,
                    has_table_privilege(r.oid, t.oid, 'DELETE') AS delete,
                    (SELECT quote_ident(a.attname) FROM pg_attribute a
                     WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                       AND a.attgenerated = '' AND a.attname <> 'org_id'
                       AND has_column_privilege(r.oid, t.oid, a.attnum, 'UPDATE')
                     ORDER BY a.attnum LIMIT 1) AS updates,
                    EXISTS (SELECT FROM pg_policy p
                            WHERE p.polrelid = t.oid AND r.oid = ANY (p.polroles)
                              AND pg_get_expr(p.polqual, p.polrelid) = 'true'
                              AND r.rolname LIKE 'sys\\_%') AS sees_every_org
             FROM pg_roles r CROSS JOIN (SELECT to_regclass($2)::oid AS oid) t WHERE r.rolname = $1",
        )
        .bind(role)
        .bind(&self.name)
        .fetch_one(db)
        .await
    }
}

/// What a role may do with a table, as the catalogue says.
#[derive(FromRow)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one answer of the catalogue"
)]
pub(super) struct Rights {
    pub(super) select: bool,
    /// Every column, and where a row lies.
    pub(super) selects_all: bool,
    pub(super) reads_org: bool,
    pub(super) insert: bool,
    pub(super) updates_org: bool,
    pub(super) delete: bool,
    /// A column it may change.
    pub(super) updates: Option<String>,
    /// Its policies say so, and the list of expected policies holds whether they should.
    pub(super) sees_every_org: bool,
}

/// Every table with an `org_id` in a schema that a role of a service may enter.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Target>, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT c.oid::regclass::text FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'p') AND a.atttypid = 'uuid'::regtype
           AND c.relnamespace::regnamespace::text !~ '^pg_'
           AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname ~ '^(svc|sys)_'
                       AND has_schema_privilege(r.oid, c.relnamespace, 'USAGE'))
         ORDER BY 1",
    )
    .fetch_all(&mut *db)
    .await?;
    let mut targets = Vec::new();
    for name in names {
        let rows = if sees_everything(db).await? {
            two_rows(db, &name).await?
        } else {
            Vec::new()
        };
        targets.push(Target { name, rows });
    }
    Ok(targets)
}

/// A row of each of the first two organisations, found by an index that starts with `org_id`.
async fn two_rows(db: &mut PgConnection, table: &str) -> Result<Vec<Row>, sqlx::Error> {
    let query = format!(
        "(SELECT org_id AS org, ctid::text AS place FROM {table} ORDER BY org_id LIMIT 1)
         UNION ALL
         (SELECT org_id, ctid::text FROM {table} ORDER BY org_id DESC LIMIT 1)"
    );
    let mut rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(query)).fetch_all(db).await?;
    rows.dedup_by_key(|row| row.org);
    Ok(rows)
}

pub(super) async fn roles(db: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT rolname::text FROM pg_roles WHERE rolname ~ '^(svc|sys)_' ORDER BY 1",
    )
    .fetch_all(db)
    .await
}

/// Whether policies do not bind this connection.
pub(super) async fn sees_everything(db: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        .fetch_one(db)
        .await
}
