//! The audit log as those who may read it see it.

use uuid::Uuid;
use voxanne_audit::{Chain, Entry, Hash, Head};
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1::{
    ExportEntriesRequest, ListEntriesRequest, ListEntriesResponse,
    audit_service_client::AuditServiceClient,
};
use voxanne_tenant::{Role, Tenant};
use voxanne_testkit::two_orgs;

use crate::fixture::{Fixture, answer, colleague, reason};

const PATIENT: Uuid = Uuid::from_u128(7);

async fn list(
    fixture: &Fixture,
    tenant: &Tenant,
    request: ListEntriesRequest,
) -> Result<ListEntriesResponse, Box<Problem>> {
    let mut client = AuditServiceClient::new(fixture.running.channel());
    answer(client.list_entries(fixture.within(tenant, request)).await)
}

/// Writes `count` entries about the patient.
async fn write(fixture: &Fixture, tenant: &Tenant, count: usize) {
    let pool = fixture.database.pool("identity");
    let mut tx = OrgTx::begin(&pool, tenant).await.unwrap();
    for _ in 0..count {
        tx.note("patient.read", [PATIENT]);
    }
    tx.commit().await.unwrap();
}

fn actions(page: &ListEntriesResponse) -> Vec<&str> {
    page.entries.iter().map(|entry| &*entry.action).collect()
}

#[tokio::test]
async fn owners_admins_and_auditors_read_the_log_and_nobody_else() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    for (role, expected) in [
        (Role::Owner, "OK"),
        (Role::Admin, "OK"),
        (Role::Auditor, "OK"),
        (Role::Staff, "ROLE_INSUFFICIENT"),
        (Role::Provider, "ROLE_INSUFFICIENT"),
    ] {
        let reader = colleague(&owner, role);
        let listed = list(&fixture, &reader, ListEntriesRequest::default()).await;
        assert_eq!(reason(listed), expected, "{role:?}");
        let mut client = AuditServiceClient::new(fixture.running.channel());
        let request = fixture.within(&reader, ExportEntriesRequest::default());
        let exported = answer(client.export_entries(request).await);
        assert_eq!(reason(exported), expected, "{role:?}");
    }
    let job = Tenant::for_job(owner.org(), "somebody");
    let listed = list(&fixture, &job, ListEntriesRequest::default()).await;
    assert_eq!(reason(listed), "ROLE_INSUFFICIENT");
}

#[tokio::test]
async fn entries_are_found_by_who_what_and_which_record() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let (globex, _) = two_orgs();
    write(&fixture, &owner, 1).await;
    write(&fixture, &globex, 1).await;
    let found = async |request| list(&fixture, &owner, request).await.unwrap();
    let by_record = ListEntriesRequest {
        record_id: format!("pat_{}", PATIENT.simple()),
        action: "patient.read".into(),
        ..Default::default()
    };
    let page = found(by_record).await;
    assert_eq!(actions(&page), ["patient.read"]);
    assert_eq!(page.entries[0].record_ids, [PATIENT.as_bytes()]);
    let by_caller = ListEntriesRequest {
        caller: owner.caller().to_string(),
        ..Default::default()
    };
    // The question of before is in the log too, with whose trail it followed.
    let page = found(by_caller.clone()).await;
    assert_eq!(actions(&page), ["audit.read", "patient.read"]);
    assert_eq!(page.entries[0].record_ids, [PATIENT.as_bytes()]);
    let by_nobody = ListEntriesRequest {
        caller: "user:usr_nobody".into(),
        ..Default::default()
    };
    assert_eq!(actions(&found(by_nobody).await), Vec::<&str>::new());
    let in_future = ListEntriesRequest {
        from: Some(prost_types::Timestamp {
            seconds: 253_370_764_800,
            nanos: 0,
        }),
        ..Default::default()
    };
    assert_eq!(actions(&found(in_future).await), Vec::<&str>::new());
}

#[tokio::test]
async fn a_list_goes_on_where_its_cursor_points() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    write(&fixture, &owner, 5).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = ListEntriesRequest {
            action: "patient.read".into(),
            limit: 2,
            cursor,
            ..Default::default()
        };
        let page = list(&fixture, &owner, request).await.unwrap();
        seen.extend(page.entries.iter().map(|entry| entry.seq));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(
        seen.is_sorted_by(|newer, older| newer == &(older + 1)),
        "{seen:?}"
    );
}

#[tokio::test]
async fn an_export_has_all_that_it_takes_to_check_the_chain() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await.tenant;
    let (globex, _) = two_orgs();
    write(&fixture, &globex, 3).await;
    write(&fixture, &owner, 450).await;
    let mut client = AuditServiceClient::new(fixture.running.channel());
    let mut chain = Chain::from_start(owner.org().as_uuid());
    let (mut after, mut head, mut pages) = (0, None, 0);
    let end = loop {
        let request = ExportEntriesRequest {
            after,
            head,
            ..Default::default()
        };
        let page = answer(client.export_entries(fixture.within(&owner, request)).await).unwrap();
        for entry in &page.entries {
            chain.follow(&read(&owner, entry)).unwrap();
            after = entry.seq;
        }
        pages += 1;
        head = page.head;
        if page.is_last {
            break head.unwrap();
        }
    };
    assert!(pages >= 3, "{pages} pages");
    let end = Head {
        seq: end.seq,
        hash: Hash::try_from(&*end.hash).unwrap(),
    };
    // Reading the pages made the log longer meanwhile, and the export does not run after that.
    assert_eq!(chain.end(&end), Ok(()));
    let request = ListEntriesRequest {
        action: "audit.exported".into(),
        ..Default::default()
    };
    let noted = list(&fixture, &owner, request).await.unwrap();
    assert_eq!(noted.entries.len(), pages);
}

fn read(tenant: &Tenant, entry: &voxanne_proto::identity::v1::Entry) -> Entry {
    let records = entry.record_ids.iter();
    Entry {
        org: tenant.org().as_uuid(),
        seq: entry.seq,
        at: voxanne_clock::from_proto(entry.at.as_ref().unwrap()).unwrap(),
        caller: entry.caller.clone(),
        request_id: entry.request_id.clone(),
        action: entry.action.clone(),
        records: records.map(|id| Uuid::from_slice(id).unwrap()).collect(),
        previous: Hash::try_from(&*entry.previous).unwrap(),
        hash: Hash::try_from(&*entry.hash).unwrap(),
    }
}
