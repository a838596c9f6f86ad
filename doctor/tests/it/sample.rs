//! A row of every tenant table, made from what the catalogue says of its columns.

use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

/// A table with an `org_id`.
pub(crate) struct Table {
    pub(crate) name: String,
    columns: Vec<Column>,
}

#[derive(FromRow)]
struct Column {
    name: String,
    kind: String,
    /// The first label of an enumeration.
    label: Option<String>,
}

impl Table {
    /// `INSERT` of one row of `org` that says something in each of `only`, or in every column.
    pub(crate) fn insert(&self, org: Uuid, only: Option<&[&str]>) -> String {
        let wanted =
            |column: &&Column| only.is_none_or(|only| only.contains(&column.name.as_str()));
        let (names, values): (Vec<_>, Vec<_>) = self
            .columns
            .iter()
            .filter(wanted)
            .map(|column| (column.name.as_str(), self.value(column, org)))
            .unzip();
        let (names, values) = (names.join(", "), values.join(", "));
        format!(
            "INSERT INTO {} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})",
            self.name
        )
    }

    /// A value for `column` in a row of `org`.
    pub(crate) fn literal(&self, column: &str, org: Uuid) -> String {
        let column = self.columns.iter().find(|one| one.name == column);
        self.value(column.expect("a column of this table"), org)
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    fn value(&self, column: &Column, org: Uuid) -> String {
        let value = match column.kind.as_str() {
            _ if column.name == "org_id" => &org.to_string(),
            "uuid" => "00000000-0000-0000-0000-000000000001",
            "text" => "x",
            "smallint" | "integer" | "bigint" | "numeric" | "double precision" => "1",
            "boolean" => "true",
            "date" | "timestamp with time zone" | "timestamp without time zone" => "2026-11-22",
            "time without time zone" => "12:00",
            "interval" => "1 hour",
            "bytea" => "\\x00",
            "json" | "jsonb" => "{}",
            "inet" => "127.0.0.1",
            "tstzrange" => "[2026-11-22,2026-11-23)",
            kind if kind.ends_with("[]") => "{}",
            kind => match &column.label {
                Some(label) => label,
                None => panic!("{}.{} needs a sample of {kind}", self.name, column.name),
            },
        };
        format!("'{value}'::{}", column.kind)
    }
}

/// Every tenant table, with nothing left on it that could refuse a row but rights and policies: a
/// refusal for another reason would hide a policy that does not refuse.
pub(crate) async fn bare_tables(db: &mut PgConnection) -> Vec<Table> {
    let tables = tables(db).await;
    for table in &tables {
        for statement in obstacles(db, &table.name).await {
            sqlx::raw_sql(AssertSqlSafe(statement.clone()))
                .execute(&mut *db)
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
    }
    tables
}

pub(crate) async fn tables(db: &mut PgConnection) -> Vec<Table> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', c.relnamespace::regnamespace, c.relname) FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id' AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text !~ '^pg_' ORDER BY 1",
    )
    .fetch_all(&mut *db)
    .await
    .unwrap();
    let mut tables = Vec::new();
    for name in names {
        let columns = sqlx::query_as(
            "SELECT quote_ident(a.attname) AS name, format_type(a.atttypid, NULL) AS kind,
                    (SELECT enumlabel FROM pg_enum e WHERE e.enumtypid = a.atttypid
                     ORDER BY enumsortorder LIMIT 1) AS label
             FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0
               AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum",
        )
        .bind(&name)
        .fetch_all(&mut *db)
        .await
        .unwrap();
        tables.push(Table { name, columns });
    }
    tables
}

async fn obstacles(db: &mut PgConnection, table: &str) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', $1, conname) FROM pg_constraint
         WHERE conrelid = $1::regclass AND contype IN ('c', 'f')
         UNION ALL
         SELECT format('ALTER TABLE %s ALTER %I DROP NOT NULL', $1, attname) FROM pg_attribute a
         WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull AND attidentity = ''
           AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary
                           AND a.attnum = ANY (i.indkey::int2[]))
         UNION ALL
         SELECT format('ALTER TABLE %s DISABLE TRIGGER USER', $1)",
    )
    .bind(table)
    .fetch_all(db)
    .await
    .unwrap()
}

/// Runs `statement` and says how many rows it was about, or the SQLSTATE it was refused with.
pub(crate) async fn run(db: &mut PgConnection, statement: &str) -> Result<u64, String> {
    match sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(db)
        .await
    {
        Ok(done) => Ok(done.rows_affected()),
        Err(error) => Err(code(&error)),
    }
}

pub(crate) fn code(error: &sqlx::Error) -> String {
    let database = error.as_database_error();
    let code = database.and_then(sqlx::error::DatabaseError::code);
    code.unwrap_or_else(|| panic!("{error}")).into_owned()
}

/// Runs `statement` as `role` in `scope` and undoes it.
pub(crate) async fn attempt(
    db: &mut PgConnection,
    (role, scope): (&str, &str),
    statement: &str,
) -> Result<u64, String> {
    let prepare =
        format!("SAVEPOINT cell; SET LOCAL app.org_id = '{scope}'; SET LOCAL ROLE {role}");
    run(db, &prepare).await.unwrap();
    let outcome = run(db, statement).await;
    run(db, "ROLLBACK TO SAVEPOINT cell; RELEASE SAVEPOINT cell")
        .await
        .unwrap();
    outcome
}

pub(crate) async fn roles(db: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT rolname::text FROM pg_roles WHERE rolname ~ '^(svc|sys)_' ORDER BY 1",
    )
    .fetch_all(db)
    .await
    .unwrap()
}
