//! E19: every connection of booking waits in vain, and who asks meanwhile is told so.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode, header};
use serde_json::Value;
use sqlx::{PgConnection, query, query_scalar};
use voxanne_testkit::eventually;
use voxanne_tests::{Clinic, Fleet};

/// More than there are connections.
const ASKING: usize = 60;
/// Unless `DATABASE_POOL_SIZE` says otherwise.
const CONNECTIONS: i64 = 10;

/// The status, the code, and whether it is said when to come again.
async fn ask(fleet: &Fleet, clinic: &Clinic) -> (StatusCode, String, bool) {
    let url = format!("http://{}{}", fleet.gateway, clinic.path("/bookings"));
    let request = fleet.http.get(url).bearer_auth(&clinic.token);
    let answer = request.send().await.expect("the gateway answers");
    let status = answer.status();
    let is_told_when = answer.headers().contains_key(header::RETRY_AFTER);
    let body: Value = answer.json().await.expect("JSON");
    let code = body["code"].as_str().unwrap_or_default().to_owned();
    (status, code, is_told_when)
}

/// Connections of booking that are as `condition` says.
async fn count(db: &mut PgConnection, condition: &str) -> i64 {
    let select = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'svc_booking'";
    query_scalar(sqlx::AssertSqlSafe(format!("{select} AND {condition}")))
        .fetch_one(db)
        .await
        .expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_connections_are_used_up_says_so_and_recovers() {
    let fleet = Fleet::start().await;
    let acme = Clinic::open(&fleet, "acme").await;
    let globex = Clinic::open(&fleet, "globex").await;
    let mut held = fleet.database.owner().await;
    for statement in ["BEGIN", "LOCK TABLE booking.booking"] {
        query(statement).execute(&mut held).await.expect("a lock");
    }
    // Everybody is answered while nothing moves.
    let answers = join_all((0..ASKING).map(|_| ask(&fleet, &acme))).await;
    let mut busy = 0;
    for (status, code, is_told_when) in &answers {
        match (status.as_u16(), &**code) {
            (503, "BUSY") if *is_told_when => busy += 1,
            // Whoever had a connection waited until its time was over.
            (504, "DEADLINE_EXCEEDED") => {}
            other => panic!("{other:?}, {is_told_when}"),
        }
    }
    assert!(busy > 0, "{answers:?}");
    let (elsewhere, answer) = acme
        .call(&fleet, Method::GET, "/messages", Value::Null)
        .await;
    assert_eq!(elsewhere, StatusCode::OK, "{answer}");
    query("COMMIT").execute(&mut held).await.expect("an end");
    for clinic in [&acme, &globex] {
        eventually("it recovers", || async {
            ask(&fleet, clinic).await.0 == StatusCode::OK
        })
        .await;
    }
    let answers = join_all((0..ASKING).map(|_| ask(&fleet, &globex))).await;
    assert!(
        answers.iter().all(|(status, ..)| *status == StatusCode::OK),
        "{answers:?}"
    );
    eventually("nothing is left open", || async {
        let mut db = fleet.database.owner().await;
        count(&mut db, "state LIKE 'idle in transaction%'").await == 0
    })
    .await;
    let all = count(&mut fleet.database.owner().await, "true").await;
    assert!(all <= CONNECTIONS, "{all} connections");
}
