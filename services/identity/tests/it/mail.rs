//! The queue of mails and its sender.

use sqlx::Row as _;
use voxanne_testkit::{Database, eventually};

use crate::{
    fixture::{Fixture, Settings},
    inbox::Inbox,
};

const LEE: &str = "lee@acme.example";

/// State, tries and whether anything is left of the content, of the only mail.
async fn row(fixture: &Fixture) -> (String, i32, bool) {
    let mut owner = fixture.database.owner().await;
    let row =
        sqlx::query("SELECT state, attempts, sealed IS NOT NULL AS has_content FROM identity.mail")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    (
        row.get("state"),
        row.get("attempts"),
        row.get("has_content"),
    )
}

async fn settles(fixture: &Fixture, state: &str) -> i32 {
    eventually(&format!("the mail is {state}"), || async {
        row(fixture).await.0 == state
    })
    .await;
    let (_, attempts, has_content) = row(fixture).await;
    assert!(!has_content, "a settled mail says nothing any more");
    attempts
}

#[tokio::test]
async fn a_sign_up_is_told_by_mail_with_a_link_to_the_configured_address() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    fixture.owner(LEE).await;
    let mail = inbox.newest(LEE, 1).await;
    assert_eq!(mail["subject"], "Confirm your e-mail address");
    assert_eq!(mail["headers"]["From"], "Voxanne <voxanne@clinic.example>");
    assert_eq!(mail["headers"]["Auto-Submitted"], "auto-generated");
    let text = mail["text"].as_str().unwrap();
    assert!(
        text.contains("https://clinic.example/verify-email#token=vxl_"),
        "{text}"
    );
    assert!(inbox.token(LEE, 1).await.starts_with("vxl_"));
    assert_eq!(settles(&fixture, "sent").await, 1);
}

#[tokio::test]
async fn a_queued_link_cannot_be_read_from_the_database() {
    let fixture = Fixture::start().await;
    fixture.owner(LEE).await;
    let mut owner = fixture.database.owner().await;
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM identity.mail")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    for secret in ["vxl_", LEE, "token"] {
        let shows = sealed
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!shows, "{secret}");
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_gets_the_mail_when_it_is_back() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    inbox.fault("down", 1).await;
    fixture.owner(LEE).await;
    eventually("one try", || async { row(&fixture).await.1 == 1 }).await;
    assert!(inbox.mails(LEE).await.is_empty());
    // The pause before the next try is over.
    advance(&fixture, 120);
    inbox.newest(LEE, 1).await;
    assert_eq!(settles(&fixture, "sent").await, 2);
}

#[tokio::test]
async fn a_mail_whose_acceptance_was_not_heard_comes_again_as_the_same_mail() {
    let inbox = Inbox::start().await;
    let fixture = Fixture::with_mail(inbox.smtp.clone()).await;
    inbox.fault("timeout_after_accept", 1).await;
    fixture.owner(LEE).await;
    inbox.newest(LEE, 1).await;
    eventually("the try has failed", || async {
        let mut owner = fixture.database.owner().await;
        let waits: bool = sqlx::query_scalar(
            "SELECT state = 'queued' AND attempts = 1 AND due_at < queued_at + interval '1 minute'
             FROM identity.mail",
        )
        .fetch_one(&mut owner)
        .await
        .unwrap();
        waits
    })
    .await;
    advance(&fixture, 60);
    inbox.newest(LEE, 2).await;
    let mails = inbox.mails(LEE).await;
    assert_eq!(
        mails[0]["headers"]["Message-ID"],
        mails[1]["headers"]["Message-ID"]
    );
    assert_eq!(mails[0]["text"], mails[1]["text"], "the same link");
}

#[tokio::test]
async fn without_a_mail_server_mails_wait_until_nobody_needs_them_any_more() {
    let database = Database::fresh().await;
    let fixture = Fixture::of(database.clone(), Settings::default()).await;
    fixture.owner(LEE).await;
    assert_eq!(row(&fixture).await, ("queued".to_owned(), 0, true));
    let days_later = Settings {
        now: fixture.clock.now() + jiff::SignedDuration::from_hours(73),
        ..Settings::default()
    };
    let fixture = Fixture::of(database, days_later).await;
    assert_eq!(settles(&fixture, "expired").await, 0);
}

#[tokio::test]
async fn a_mail_that_waited_is_sent_once_there_is_a_mail_server() {
    let database = Database::fresh().await;
    let fixture = Fixture::of(database.clone(), Settings::default()).await;
    fixture.owner(LEE).await;
    fixture.running.stop().await;
    let inbox = Inbox::start().await;
    let settings = || Settings {
        smtp: Some(inbox.smtp.clone()),
        ..Settings::default()
    };
    let one = Fixture::of(database.clone(), settings()).await;
    let _two = Fixture::of(database, settings()).await;
    inbox.newest(LEE, 1).await;
    assert_eq!(settles(&one, "sent").await, 1, "two senders send it once");
}

fn advance(fixture: &Fixture, seconds: i64) {
    let now = fixture.clock.now() + jiff::SignedDuration::from_secs(seconds);
    fixture.clock.set(now);
}
