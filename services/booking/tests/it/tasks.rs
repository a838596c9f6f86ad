//! What needs somebody's attention.

mod rules;

use voxanne_ids::{SessionId, UserId};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{Caller, Role, Tenant};
use voxanne_testkit::two_orgs;

use crate::{
    desk::{Desk, NOW, TEN, at, bad_fields, proto_at},
    patients::{PHONE, person, reason},
};

impl Desk {
    pub(crate) async fn callback(
        &self,
        tenant: &Tenant,
        new: proto::CreateTaskRequest,
    ) -> Result<proto::Task, Problem> {
        let answer = self.tasks().create_task(self.ask(tenant, new)).await?;
        Ok(answer.into_inner().task.unwrap())
    }

    pub(crate) async fn task(&self, tenant: &Tenant, id: &str) -> Result<proto::Task, Problem> {
        let request = self.ask(tenant, proto::GetTaskRequest { id: id.into() });
        let answer = self.tasks().get_task(request).await?;
        Ok(answer.into_inner().task.unwrap())
    }

    async fn assign(
        &self,
        tenant: &Tenant,
        (id, owner): (&str, &str),
        version: Option<i64>,
    ) -> Result<proto::Task, Problem> {
        let message = proto::AssignTaskRequest {
            id: id.into(),
            owner_id: owner.into(),
            version,
        };
        let answer = self.tasks().assign_task(self.ask(tenant, message)).await?;
        Ok(answer.into_inner().task.unwrap())
    }

    async fn resolve(
        &self,
        tenant: &Tenant,
        (id, outcome): (&str, &str),
        version: Option<i64>,
    ) -> Result<proto::Task, Problem> {
        let message = proto::ResolveTaskRequest {
            id: id.into(),
            outcome: outcome.into(),
            version,
        };
        let answer = self.tasks().resolve_task(self.ask(tenant, message)).await?;
        Ok(answer.into_inner().task.unwrap())
    }

    async fn list_tasks(
        &self,
        tenant: &Tenant,
        request: proto::ListTasksRequest,
    ) -> Result<proto::ListTasksResponse, Problem> {
        let request = self.ask(tenant, request);
        Ok(self.tasks().list_tasks(request).await?.into_inner())
    }
}

#[tokio::test]
async fn a_callback_is_taken_on_and_resolved() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let ada = desk.add(&acme, person("Ada", PHONE, "")).await.unwrap();
    let new = proto::CreateTaskRequest {
        patient_id: ada.id.clone(),
        note: "call after six".into(),
        due_at: proto_at(TEN),
        ..Default::default()
    };
    let task = desk.callback(&acme, new.clone()).await.unwrap();
    assert_eq!(
        (&*task.kind, &*task.state, task.version),
        ("callback", "open", 1)
    );
    assert_eq!(
        (&*task.note, task.due_at),
        ("call after six", proto_at(TEN))
    );
    assert_eq!(task.opened_by, acme.caller().to_string());
    let again = desk.callback(&acme, new.clone()).await.unwrap_err();
    assert_eq!(again.reason, "TASK_EXISTS");
    assert!(again.extension.unwrap().contains(&task.id));

    let owner = UserId::new().to_string();
    let taken = desk
        .assign(&acme, (&task.id, &owner), Some(1))
        .await
        .unwrap();
    assert_eq!((&*taken.owner_id, taken.version), (&*owner, 2));
    let same = desk.assign(&acme, (&task.id, &owner), None).await.unwrap();
    assert_eq!(same.version, 2, "nothing changed");
    let stale = desk.assign(&acme, (&task.id, ""), Some(1)).await;
    assert_eq!(reason(stale), "STALE_VERSION");
    let stale = desk.resolve(&acme, (&task.id, "called"), Some(1)).await;
    assert_eq!(reason(stale), "STALE_VERSION");
}

#[tokio::test]
async fn what_is_resolved_stays_so_and_may_come_again() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let ada = desk.add(&acme, person("Ada", PHONE, "")).await.unwrap();
    let new = proto::CreateTaskRequest {
        patient_id: ada.id,
        note: "call after six".into(),
        ..Default::default()
    };
    let task = desk.callback(&acme, new.clone()).await.unwrap();
    desk.clock.set(at("2026-12-01T08:01:30Z"));
    let done = desk
        .resolve(&acme, (&task.id, " called "), Some(1))
        .await
        .unwrap();
    assert_eq!(
        (&*done.state, &*done.outcome, done.version),
        ("resolved", "called", 2)
    );
    assert_eq!(done.resolved_by, acme.caller().to_string());
    assert_eq!(
        (done.opened_at, done.resolved_at),
        (proto_at(NOW), proto_at("2026-12-01T08:01:30Z"))
    );
    for refused in [
        desk.assign(&acme, (&task.id, ""), None).await,
        desk.resolve(&acme, (&task.id, "again"), None).await,
    ] {
        assert_eq!(reason(refused), "TASK_RESOLVED");
    }
    let another = desk.callback(&acme, new).await.unwrap();
    assert_ne!(
        another.id, task.id,
        "once it is resolved, the same cause is a new task"
    );
    let events = desk.events(&acme).await;
    let told: Vec<_> = events
        .iter()
        .filter(|(kind, _)| kind.starts_with("task."))
        .map(|(kind, data)| (&**kind, data["taskId"].as_str().unwrap()))
        .collect();
    let expected = [
        ("task.opened", &*task.id),
        ("task.resolved", &*task.id),
        ("task.opened", &*another.id),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{events:?}").contains("after six"));
}

#[tokio::test]
async fn of_two_who_resolve_at_once_one_is_told_so() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let task = desk
        .callback(&acme, proto::CreateTaskRequest::default())
        .await
        .unwrap();
    let both = ["one", "other"].map(|outcome| desk.resolve(&acme, (&task.id, outcome), Some(1)));
    let both = futures_util::future::join_all(both).await;
    let mut reasons: Vec<_> = both.into_iter().map(reason).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["", "STALE_VERSION"]);
}

#[tokio::test]
async fn the_list_is_by_state_kind_and_owner_and_has_pages() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    desk.clinic(&acme).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let task = desk
            .callback(&acme, proto::CreateTaskRequest::default())
            .await
            .unwrap();
        ids.push(task.id);
    }
    desk.callback(&globex, proto::CreateTaskRequest::default())
        .await
        .unwrap();
    let owner = UserId::new().to_string();
    desk.assign(&acme, (&ids[1], &owner), None).await.unwrap();
    desk.resolve(&acme, (&ids[2], "done"), None).await.unwrap();
    let filter = |state: &str, kind: &str, owner: &str| proto::ListTasksRequest {
        state: state.into(),
        kind: kind.into(),
        owner: owner.into(),
        ..Default::default()
    };
    for (filter, expected) in [
        (filter("", "", ""), &ids[..]),
        (filter("open", "", ""), &ids[..2]),
        (filter("resolved", "", ""), &ids[2..]),
        (filter("", "callback", &owner), &ids[1..2]),
        (filter("open", "", "none"), &ids[..1]),
        (filter("", "approval", ""), &[][..]),
    ] {
        let listed = desk.list_tasks(&acme, filter.clone()).await.unwrap();
        let listed: Vec<_> = listed.tasks.into_iter().map(|one| one.id).collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
    let page = proto::ListTasksRequest {
        limit: 2,
        ..Default::default()
    };
    let first = desk.list_tasks(&acme, page.clone()).await.unwrap();
    let rest = proto::ListTasksRequest {
        cursor: first.next_cursor,
        ..page
    };
    let rest = desk.list_tasks(&acme, rest).await.unwrap();
    assert_eq!((&rest.tasks[0].id, &*rest.next_cursor), (&ids[2], ""));
    let refused = desk
        .list_tasks(&acme, filter("shut", "x", "me"))
        .await
        .unwrap_err();
    assert_eq!(
        bad_fields(&refused),
        ["state ONE_OF", "kind ONE_OF", "owner ID"]
    );
}

#[tokio::test]
async fn every_bad_field_of_a_task_is_named() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let new = proto::CreateTaskRequest {
        patient_id: "x".into(),
        booking_id: "y".into(),
        owner_id: "z".into(),
        note: "a\0".into(),
        due_at: Some(prost_types::Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        }),
    };
    let refused = desk.callback(&acme, new).await.unwrap_err();
    let all = [
        "patientId ID",
        "bookingId ID",
        "ownerId ID",
        "note NOTES",
        "dueAt TIME",
    ];
    assert_eq!(bad_fields(&refused), all);
    let task = desk
        .callback(&acme, proto::CreateTaskRequest::default())
        .await
        .unwrap();
    for outcome in [" ", &"x".repeat(501), "a\0"] {
        let refused = desk.resolve(&acme, (&task.id, outcome), None).await;
        assert_eq!(reason(refused), "INVALID", "{outcome:?}");
    }
    assert_eq!(
        reason(desk.task(&acme, "tsk_nonsense").await),
        "TASK_NOT_FOUND"
    );
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "tests stand in for the gateway")]
async fn a_call_may_ask_for_a_call_back_and_nothing_else() {
    let desk = Desk::open().await;
    let (acme, _) = two_orgs();
    desk.clinic(&acme).await;
    let acting = |caller| Tenant::authenticated(acme.org(), caller, "test");
    let call = acting(Caller::Call("call-1".into()));
    let task = desk
        .callback(&call, proto::CreateTaskRequest::default())
        .await
        .unwrap();
    assert_eq!(task.opened_by, "call:call-1");
    let auditor = acting(Caller::User {
        id: UserId::new(),
        role: Role::Auditor,
        session: SessionId::new(),
    });
    for (tenant, reads) in [(&call, false), (&auditor, true)] {
        let listed = desk
            .list_tasks(tenant, proto::ListTasksRequest::default())
            .await;
        assert_eq!(listed.is_ok(), reads);
        assert_eq!(desk.task(tenant, &task.id).await.is_ok(), reads);
        for refused in [
            desk.assign(tenant, (&task.id, ""), None).await,
            desk.resolve(tenant, (&task.id, "done"), None).await,
        ] {
            assert_eq!(reason(refused), "ROLE_INSUFFICIENT");
        }
    }
    let created = desk
        .callback(&auditor, proto::CreateTaskRequest::default())
        .await;
    assert_eq!(reason(created), "ROLE_INSUFFICIENT");
}
