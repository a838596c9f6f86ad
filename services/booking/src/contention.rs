//! Work that rivals may get in the way of.

use crate::Error;

/// With the first.
const ATTEMPTS: usize = 3;

/// Does `work`, and again from its beginning when Postgres ended it to break a deadlock with a rival
/// or could not put the two in an order. Nothing of a failed attempt is left.
///
/// Codes: <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
pub(crate) async fn settle<T, F>(mut work: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    for _ in 1..ATTEMPTS {
        match work().await {
            Err(Error::Db(error)) if is_rivalry(&error) => {
                tracing::debug!("a rival was in the way");
            }
            ended => return ended,
        }
    }
    work().await
}

/// Serialization failure, deadlock.
fn is_rivalry(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|db| db.code());
    matches!(code.as_deref(), Some("40001" | "40P01"))
}
