//! A scope that is missing or wrong is an error, whichever way it is missing or wrong.

use sqlx::Connection as _;
use voxanne_doctor::isolation::access::{self, Reach};
use voxanne_testkit::Database;

use crate::sample::{attempt, bare_tables, run};
use uuid::Uuid;

#[tokio::test]
async fn only_an_organisation_is_a_scope() {
    let mut db = Database::fresh().await.owner().await;
    let mut tx = db.begin().await.unwrap();
    for table in bare_tables(&mut tx).await {
        run(&mut tx, &table.insert(Uuid::new_v4(), None))
            .await
            .unwrap();
    }
    let expected = access::expected();
    let confined: Vec<_> = expected
        .iter()
        .filter(|(_, access)| access.reach.get("SELECT") == Some(&Reach::Own))
        .filter(|(_, access)| access.rights.contains_key("SELECT"))
        .map(|((role, table), _)| (role.as_str(), format!("SELECT count(*) FROM {table}")))
        .collect();
    assert!(confined.len() > 30, "{}", confined.len());
    // First, as a session that once had a scope is never again without one.
    for (role, read) in &confined {
        let read = format!("SAVEPOINT cell; SET LOCAL ROLE {role}; {read}");
        assert_eq!(run(&mut tx, &read).await, Err("42704".to_owned()), "{read}");
        run(&mut tx, "ROLLBACK TO SAVEPOINT cell").await.unwrap();
    }
    for scope in [
        "",
        "x",
        "'",
        "{}",
        "null",
        "00000000-0000-0000-0000-00000000000",
    ] {
        let scope = scope.replace('\'', "''");
        for (role, read) in &confined {
            let outcome = attempt(&mut tx, (role, &scope), read).await;
            assert_eq!(outcome, Err("22P02".to_owned()), "{role} `{scope}` {read}");
        }
    }
    let nobody = Uuid::nil().to_string();
    for (role, read) in &confined {
        let (_, table) = read.rsplit_once(' ').unwrap();
        let outcome = attempt(&mut tx, (role, &nobody), &format!("SELECT FROM {table}")).await;
        assert_eq!(outcome, Ok(0), "{role} {read}");
    }
}
