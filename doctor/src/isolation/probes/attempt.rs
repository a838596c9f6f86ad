//! One statement as one role in one scope, undone whatever comes of it.

use std::fmt;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

pub(super) struct Attempt {
    /// The organisation in scope.
    pub(super) scope: Option<Uuid>,
    pub(super) statement: String,
}

/// What came of it.
pub(super) enum Outcome {
    Rows(u64),
    /// The SQLSTATE it was refused with.
    Refused(String),
}

impl Outcome {
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Rows(_) => None,
            Self::Refused(code) => Some(code),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{rows} rows"),
            Self::Refused(code) => write!(f, "SQLSTATE {code}"),
        }
    }
}

impl Attempt {
    pub(super) async fn run(
        &self,
        db: &mut PgConnection,
        role: &str,
    ) -> Result<Outcome, sqlx::Error> {
        // A pooled session that had a scope before is left with an empty one.
        let scope = self.scope.map_or_else(String::new, |org| org.to_string());
        let prepare =
            format!("SAVEPOINT probe; SET LOCAL app.org_id = '{scope}'; SET LOCAL ROLE \"{role}\"");
        execute(db, prepare).await?;
        let outcome = execute(db, self.statement.clone()).await;
        execute(
            db,
            "ROLLBACK TO SAVEPOINT probe; RELEASE SAVEPOINT probe".to_owned(),
        )
        .await?;
        judge(outcome)
    }
}

/// Whether this connection may take on `role`.
pub(super) async fn can_act_as(db: &mut PgConnection, role: &str) -> Result<bool, sqlx::Error> {
    execute(db, "SAVEPOINT probe".to_owned()).await?;
    let outcome = execute(db, format!("SET LOCAL ROLE \"{role}\"")).await;
    execute(
        db,
        "ROLLBACK TO SAVEPOINT probe; RELEASE SAVEPOINT probe".to_owned(),
    )
    .await?;
    Ok(matches!(judge(outcome)?, Outcome::Rows(_)))
}

fn judge(outcome: Result<u64, sqlx::Error>) -> Result<Outcome, sqlx::Error> {
    match outcome {
        Ok(rows) => Ok(Outcome::Rows(rows)),
        Err(sqlx::Error::Database(error)) => {
            let code = error.code().unwrap_or_default().into_owned();
            Ok(Outcome::Refused(code))
        }
        Err(error) => Err(error),
    }
}

async fn execute(db: &mut PgConnection, statements: String) -> Result<u64, sqlx::Error> {
    let done = sqlx::raw_sql(AssertSqlSafe(statements)).execute(db).await?;
    Ok(done.rows_affected())
}
