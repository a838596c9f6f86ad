//! Tasks that events open and end.

use serde_json::{Value, json};
use sqlx::Connection as _;
use tokio::sync::Mutex;
use voxanne_events::{Doorbell, Log, New};
use voxanne_ids::{BookingId, MessageId};
use voxanne_pg::OrgTx;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::Tenant;
use voxanne_testkit::{eventually, two_orgs};

use crate::{
    desk::{Desk, NOW, TEN, at},
    patients::PHONE,
};

impl Desk {
    /// Announces something as another service would.
    async fn announce(&self, tenant: &Tenant, kind: &'static str, data: Value) {
        let log = Log::new(Doorbell::silent());
        let pool = self.database.pool("notification");
        let tx = OrgTx::begin(&pool, tenant).await.unwrap();
        let event = New {
            kind,
            at: at(NOW),
            data,
        };
        log.commit(tx, vec![event]).await.unwrap();
    }

    /// Announces what the bookings of a service that needs approval announce.
    async fn announce_of_booking(&self, tenant: &Tenant, kind: &str, booking: &str) {
        let mut owner = self.database.owner().await;
        let mut tx = owner.begin().await.unwrap();
        sqlx::query(
            "WITH next AS (
               UPDATE events.counter SET seq = seq + 1 WHERE org_id = $1 RETURNING seq)
             INSERT INTO events.event (org_id, seq, id, type, at, data)
             SELECT $1, seq, gen_random_uuid(), $2, now(), jsonb_build_object('bookingId', $3::text)
             FROM next",
        )
        .bind(tenant.org())
        .bind(kind)
        .bind(booking)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Waits until the rules have read everything that was announced.
    async fn rules_have_run(&self, tenant: &Tenant) {
        let owner = Mutex::new(self.database.owner().await);
        eventually("the rules have read the log", || async {
            sqlx::query_scalar(
                "SELECT coalesce((SELECT seq FROM events.counter WHERE org_id = $1), 0)
                   = coalesce((SELECT seq FROM events.progress
                               WHERE org_id = $1 AND consumer = 'booking.tasks'), 0)",
            )
            .bind(tenant.org())
            .fetch_one(&mut *owner.lock().await)
            .await
            .unwrap()
        })
        .await;
    }

    async fn open_tasks(&self, tenant: &Tenant) -> Vec<proto::Task> {
        self.rules_have_run(tenant).await;
        let open = proto::ListTasksRequest {
            state: "open".into(),
            ..Default::default()
        };
        self.list_tasks(tenant, open).await.unwrap().tasks
    }
}

fn message(id: MessageId, booking: Option<&str>, state: &str) -> Value {
    let mut data = json!({ "messageId": id, "state": state });
    if let Some(booking) = booking {
        data["bookingId"] = json!(booking);
    }
    data
}

#[tokio::test]
async fn a_message_that_failed_is_a_task_until_it_arrives() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let booking = desk.book(&acme, clinic.booking(TEN, PHONE)).await.unwrap();
    let id = MessageId::new();
    let told = |state| message(id, Some(&booking.id), state);
    desk.announce(&acme, "message.failed", told("suppressed"))
        .await;
    assert_eq!(desk.open_tasks(&acme).await, []);
    for state in ["failed", "undelivered"] {
        desk.announce(&acme, "message.failed", told(state)).await;
    }
    let open = desk.open_tasks(&acme).await;
    assert_eq!(open.len(), 1, "the same cause is the same task");
    assert_eq!(
        (&*open[0].kind, &open[0].booking_id),
        ("failed_message", &booking.id)
    );
    assert_eq!(
        (&open[0].message_id, &*open[0].opened_by),
        (&id.to_string(), "rule:failed_message")
    );
    assert_eq!(desk.open_tasks(&globex).await, []);
    desk.announce(&acme, "message.delivered", told("delivered"))
        .await;
    assert_eq!(desk.open_tasks(&acme).await, []);
    let done = desk.task(&acme, &open[0].id).await.unwrap();
    assert_eq!(
        (&*done.state, &*done.resolved_by),
        ("resolved", "rule:failed_message")
    );
    let events = desk.events(&acme).await;
    let tasks = events.iter().filter(|(kind, _)| kind.starts_with("task."));
    assert_eq!(tasks.count(), 2, "opened and resolved");
}

#[tokio::test]
async fn a_message_about_nothing_that_is_known_holds_nobody_up() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let strange = BookingId::new().to_string();
    let (direct, lost) = (MessageId::new(), MessageId::new());
    desk.announce(&acme, "message.failed", json!({ "messageId": "nonsense" }))
        .await;
    desk.announce(&acme, "message.failed", json!({})).await;
    desk.announce(
        &acme,
        "message.failed",
        message(lost, Some(&strange), "failed"),
    )
    .await;
    desk.announce(&acme, "message.failed", message(direct, None, "failed"))
        .await;
    let open = desk.open_tasks(&acme).await;
    let about: Vec<_> = open
        .iter()
        .map(|one| (&*one.message_id, &*one.booking_id))
        .collect();
    assert_eq!(
        about,
        [(&*lost.to_string(), ""), (&*direct.to_string(), "")]
    );
}

#[tokio::test]
async fn a_task_that_was_resolved_by_hand_stays_so() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let id = MessageId::new();
    desk.announce(&acme, "message.failed", message(id, None, "failed"))
        .await;
    let task = desk.open_tasks(&acme).await.remove(0);
    desk.resolve(&acme, (&task.id, "called instead"), None)
        .await
        .unwrap();
    desk.announce(&acme, "message.delivered", message(id, None, "delivered"))
        .await;
    desk.rules_have_run(&acme).await;
    let shown = desk.task(&acme, &task.id).await.unwrap();
    assert_eq!((&*shown.outcome, shown.version), ("called instead", 2));
}

#[tokio::test]
async fn a_request_is_a_task_until_it_is_answered() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    for answer in ["booking.approved", "booking.confirmed", "booking.cancelled"] {
        let booking = desk.book(&acme, clinic.booking(TEN, PHONE)).await.unwrap();
        let status = async |status: &str| {
            sqlx::query("UPDATE booking.booking SET status = $2 WHERE id = $1::uuid")
                .bind(booking.id.split_once('_').unwrap().1)
                .bind(status)
                .execute(&mut desk.database.owner().await)
                .await
                .unwrap();
        };
        status("requested").await;
        for _ in 0..2 {
            desk.announce_of_booking(&acme, "booking.requested", &booking.id)
                .await;
        }
        let open = desk.open_tasks(&acme).await;
        assert_eq!(open.len(), 1, "{answer}");
        assert_eq!(
            (&*open[0].kind, &open[0].booking_id),
            ("approval", &booking.id)
        );
        assert_eq!(desk.open_tasks(&globex).await, []);
        status("booked").await;
        desk.announce_of_booking(&acme, answer, &booking.id).await;
        assert_eq!(desk.open_tasks(&acme).await, [], "{answer}");
        let done = desk.task(&acme, &open[0].id).await.unwrap();
        assert_eq!(&*done.resolved_by, "rule:approval");
        // Who reads the log late opens nothing that was answered long ago.
        desk.announce_of_booking(&acme, "booking.requested", &booking.id)
            .await;
        assert_eq!(desk.open_tasks(&acme).await, [], "{answer}");
        desk.cancel(&acme, &booking.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_calendar_that_is_lost_is_a_task_until_it_is_back() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    let clinic = desk.clinic(&acme).await;
    let told = |id: &str, cause: &str| json!({ "providerId": id, "cause": cause });
    let nobody = voxanne_ids::ProviderId::new().to_string();
    for (id, cause) in [
        (&*clinic.provider, "unreachable"),
        (&*clinic.provider, "reconnect"),
        (&*clinic.provider, "reconnect"),
        (&*nobody, "reconnect"),
    ] {
        desk.announce(&acme, "calendar.degraded", told(id, cause))
            .await;
    }
    let open = desk.open_tasks(&acme).await;
    assert_eq!(open.len(), 1);
    let about = (&*open[0].kind, &open[0].provider_id);
    assert_eq!(about, ("calendar_disconnected", &clinic.provider));
    desk.announce(&acme, "calendar.connected", told(&clinic.provider, ""))
        .await;
    assert_eq!(desk.open_tasks(&acme).await, []);
}
