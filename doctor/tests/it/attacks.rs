//! What somebody could try who can run statements as a service, within one organisation's scope.

use secrecy::ExposeSecret as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;
use voxanne_testkit::Database;

use crate::sample::{code, run};

/// The other clinic's patient.
const THEIRS: &str = "Zebediah Quillfeather";

struct Scene {
    database: Database,
    service: PgConnection,
    ours: Uuid,
    theirs: Uuid,
}

impl Scene {
    /// A session of booking's in the scope of one of two organisations with a patient each.
    async fn set() -> Self {
        let database = Database::fresh().await;
        let (ours, theirs) = (Uuid::new_v4(), Uuid::new_v4());
        let mut owner = database.owner().await;
        for (org, name) in [(ours, "Ada Lee"), (theirs, THEIRS)] {
            let insert = format!(
                "INSERT INTO booking.patient (org_id, id, name, phone)
                 VALUES ('{org}', '{org}', '{name}', '+12125550142')"
            );
            run(&mut owner, &insert).await.unwrap();
        }
        run(&mut owner, "ANALYZE booking.patient").await.unwrap();
        let url = database.url("booking");
        let mut service = PgConnection::connect(url.expose_secret()).await.unwrap();
        run(
            &mut service,
            &format!("BEGIN; SET LOCAL app.org_id = '{ours}'"),
        )
        .await
        .unwrap();
        Self {
            database,
            service,
            ours,
            theirs,
        }
    }

    async fn text(&mut self, query: &str) -> String {
        let rows: Vec<Option<String>> = sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
            .fetch_all(&mut self.service)
            .await
            .unwrap_or_else(|error| panic!("{query}: {error}"));
        rows.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    /// The name of the other clinic's patient after all that was done.
    async fn their_patient(mut self) -> String {
        run(&mut self.service, "COMMIT").await.unwrap();
        sqlx::query_scalar("SELECT name FROM booking.patient WHERE org_id = $1")
            .bind(self.theirs)
            .fetch_one(&mut self.database.owner().await)
            .await
            .unwrap()
    }

    /// Runs `statement` and undoes it.
    async fn attempt(&mut self, statement: &str) -> Result<u64, String> {
        run(&mut self.service, "SAVEPOINT attempt").await.unwrap();
        let outcome = run(&mut self.service, statement).await;
        run(&mut self.service, "ROLLBACK TO SAVEPOINT attempt")
            .await
            .unwrap();
        outcome
    }
}

#[tokio::test]
async fn no_kind_of_statement_shows_what_is_not_ours() {
    let mut scene = Scene::set().await;
    let queries = [
        "SELECT name FROM booking.patient",
        "SELECT name FROM booking.patient TABLESAMPLE SYSTEM (100)",
        "SELECT name FROM booking.patient WHERE ctid >= '(0,0)'",
        "SELECT name FROM booking.patient FOR UPDATE",
        "UPDATE booking.patient SET email = NULL RETURNING name",
        "WITH changed AS (UPDATE booking.patient SET email = NULL RETURNING *) SELECT name FROM changed",
        "SELECT patient::text FROM booking.patient",
        "SELECT string_agg(name, ',') FROM booking.patient",
        "SELECT query_to_xml('SELECT * FROM booking.patient', true, false, '')::text",
        "SELECT table_to_xml('booking.patient', true, false, '')::text",
        "SELECT most_common_vals::text || histogram_bounds::text FROM pg_stats WHERE tablename = 'patient'",
        "SELECT most_common_vals::text FROM pg_stats WHERE tablename = 'patient'",
        "EXPLAIN (ANALYZE, VERBOSE, BUFFERS) SELECT name FROM booking.patient",
    ];
    for query in queries {
        let shown = scene.text(query).await;
        assert!(!shown.contains("Zebediah"), "{query}: {shown}");
    }
    assert_eq!(
        scene.text(queries[0]).await,
        "Ada Lee",
        "the queries do see what is ours"
    );
    let mut copied = Vec::new();
    let mut copy = scene
        .service
        .copy_out_raw("COPY booking.patient TO STDOUT")
        .await
        .unwrap();
    while let Some(chunk) = futures_util::StreamExt::next(&mut copy).await {
        copied.extend_from_slice(&chunk.unwrap());
    }
    drop(copy);
    let copied = String::from_utf8(copied).unwrap();
    assert!(
        copied.contains("Ada Lee") && !copied.contains("Zebediah"),
        "{copied}"
    );
}

/// A condition is not asked about rows that the policy hides, so it cannot tell of them.
#[tokio::test]
async fn no_condition_is_asked_about_what_is_not_ours() {
    let mut scene = Scene::set().await;
    let tell = "CREATE FUNCTION pg_temp.tell(name text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
         $$ BEGIN IF name ~ '^Zebediah' THEN RAISE EXCEPTION 'here is %', name; END IF; RETURN true; END $$";
    run(&mut scene.service, tell).await.unwrap();
    for query in [
        "SELECT 1 FROM booking.patient WHERE pg_temp.tell(name)",
        "SELECT 1 FROM booking.patient
         WHERE 1 / (CASE WHEN name ~ '^Zebediah' THEN 0 ELSE 1 END) = 1",
        "UPDATE booking.patient SET email = NULL WHERE pg_temp.tell(name)",
    ] {
        assert_eq!(scene.attempt(query).await, Ok(1), "{query}");
    }
}

#[tokio::test]
async fn no_kind_of_statement_changes_what_is_not_ours() {
    let mut scene = Scene::set().await;
    let (ours, theirs) = (scene.ours, scene.theirs);
    let row = |org: Uuid| format!("('{org}', '{theirs}', 'Mallory', '+12125550199')");
    let columns = "booking.patient (org_id, id, name, phone)";
    let take = "ON CONFLICT (org_id, id) DO UPDATE SET name = excluded.name";
    let denied = || Err("42501".to_owned());
    for (statement, expected) in [
        (
            format!("UPDATE booking.patient SET name = 'Mallory' WHERE org_id = '{theirs}'"),
            Ok(0),
        ),
        (
            "UPDATE booking.patient SET name = 'Mallory'".to_owned(),
            Ok(1),
        ),
        (
            format!("UPDATE booking.patient SET org_id = '{theirs}'"),
            denied(),
        ),
        (
            format!("INSERT INTO {columns} VALUES {}", row(theirs)),
            denied(),
        ),
        (
            format!("INSERT INTO {columns} VALUES {} {take}", row(theirs)),
            denied(),
        ),
        (
            format!(
                "INSERT INTO {columns} VALUES {} ON CONFLICT DO NOTHING",
                row(theirs)
            ),
            denied(),
        ),
        // The same id in our organisation is another row, and no clash tells of theirs.
        (
            format!("INSERT INTO {columns} VALUES {} {take}", row(ours)),
            Ok(1),
        ),
        (
            format!(
                "MERGE INTO booking.patient p USING (SELECT '{theirs}'::uuid AS id) wanted
                 ON p.id = wanted.id WHEN MATCHED THEN UPDATE SET name = 'Mallory'"
            ),
            Ok(0),
        ),
        (
            "COPY booking.patient FROM STDIN".to_owned(),
            Err("0A000".to_owned()),
        ),
        ("DELETE FROM booking.patient".to_owned(), denied()),
        ("TRUNCATE booking.patient".to_owned(), denied()),
        (
            "LOCK booking.patient IN ACCESS EXCLUSIVE MODE".to_owned(),
            denied(),
        ),
    ] {
        assert_eq!(scene.attempt(&statement).await, expected, "{statement}");
    }
    assert_eq!(scene.their_patient().await, THEIRS);
}

#[tokio::test]
async fn a_service_cannot_rise_above_the_policies() {
    let mut scene = Scene::set().await;
    for statement in [
        "SET LOCAL ROLE postgres",
        "SET LOCAL ROLE svc_identity",
        "SET LOCAL ROLE sys_identity",
        "SET LOCAL SESSION AUTHORIZATION postgres",
        "SET LOCAL session_replication_role = replica",
        "SET LOCAL row_security = off; SELECT 1 FROM booking.patient",
        "ALTER TABLE booking.patient DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE booking.patient NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY org_isolation ON booking.patient",
        "CREATE POLICY loot ON booking.patient USING (true)",
        "ALTER ROLE svc_booking BYPASSRLS",
        "ALTER ROLE svc_booking SET app.org_id = ''; ALTER DATABASE postgres SET app.org_id = ''",
        "GRANT sys_identity TO svc_booking",
        "CREATE FUNCTION booking.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION app.current_org() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
        "CREATE VIEW booking.v AS SELECT * FROM booking.patient",
        "CREATE TABLE booking.t (id int)",
        "CREATE SCHEMA loot",
        "CREATE TRIGGER t AFTER INSERT ON booking.patient EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE PUBLICATION loot FOR TABLE booking.patient",
        "COPY booking.patient TO PROGRAM 'cat'",
        "COPY booking.patient TO '/tmp/loot'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_statistic",
        "SELECT * FROM identity.organization_api_secret",
        "SELECT * FROM notification.message",
    ] {
        assert_eq!(
            scene.attempt(statement).await,
            Err("42501".to_owned()),
            "{statement}"
        );
    }
}

/// Nothing that a service can create takes the place of what the policy calls.
#[tokio::test]
async fn no_search_path_changes_what_the_policy_means() {
    let mut scene = Scene::set().await;
    for statement in [
        "CREATE FUNCTION pg_temp.current_setting(text) RETURNS text LANGUAGE sql
         AS $$ SELECT pg_catalog.current_setting('app.other') $$",
        "CREATE FUNCTION pg_temp.current_org() RETURNS uuid LANGUAGE sql
         AS $$ SELECT pg_catalog.current_setting('app.other')::uuid $$",
        "CREATE TEMP TABLE patient (org_id uuid, name text)",
        "CREATE DOMAIN pg_temp.uuid AS text",
        "SET LOCAL search_path = pg_temp, app, booking, pg_catalog",
    ] {
        run(&mut scene.service, statement).await.unwrap();
    }
    let other = format!("SET LOCAL app.other = '{}'", scene.theirs);
    run(&mut scene.service, &other).await.unwrap();
    assert_eq!(
        scene.text("SELECT name FROM booking.patient").await,
        "Ada Lee"
    );
}

/// What Postgres says of a broken constraint stays between it and us, and is about our rows only.
#[tokio::test]
async fn a_refusal_tells_nothing_of_another_organisation() {
    let mut scene = Scene::set().await;
    let (ours, theirs) = (scene.ours, scene.theirs);
    let statement = format!(
        "INSERT INTO booking.patient (org_id, id, name, phone)
         VALUES ('{ours}', '{ours}', 'Ada Lee', '+12125550142')"
    );
    let refused = sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut scene.service)
        .await
        .unwrap_err();
    assert_eq!(code(&refused), "23505");
    let detail = format!("{refused:?}");
    assert!(
        !detail.contains("Zebediah") && !detail.contains(&theirs.to_string()),
        "{detail}"
    );
    let problem = voxanne_pg::problem(refused);
    let told = format!("{} {:?}", problem.message, problem.violations);
    assert!(
        !told.contains("Ada") && !told.contains("2125550142"),
        "{told}"
    );
}
