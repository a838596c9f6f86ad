use sqlx::Row as _;
use voxanne_ids::OrgId;
use voxanne_problem::Kind;
use voxanne_proto::identity::v1::{GetOrgRequest, SignUpRequest};
use voxanne_testkit::two_orgs;

use crate::fixture::{Fixture, PASSWORD, answer, reason, text};

#[tokio::test]
async fn a_sign_up_makes_a_user_a_clinic_and_a_session() {
    let fixture = Fixture::start().await;
    let made = fixture.sign_up(" Lee@Acme.Example ").await.unwrap();
    let (user, org, tokens) = (made.user.unwrap(), made.org.unwrap(), made.tokens.unwrap());
    assert_eq!((&*user.email, &*made.role), ("lee@acme.example", "owner"));
    assert_eq!(
        (&*org.name, &*org.time_zone),
        ("Acme Dental", "America/New_York")
    );
    assert_eq!(tokens.expires_in_seconds, 900);

    let claims = fixture.claims(&tokens.access_token).await;
    let mut names: Vec<_> = claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "app_metadata",
            "aud",
            "email",
            "exp",
            "iat",
            "iss",
            "jti",
            "sid",
            "sub"
        ]
    );
    assert_eq!(text(&claims["sub"]), user.id);
    assert_eq!(text(&claims["email"]), "lee@acme.example");
    assert_eq!(text(&claims["app_metadata"]["org_id"]), org.id);
    assert_eq!(text(&claims["app_metadata"]["role"]), "owner");
    let now = fixture.clock.now().as_second();
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&now.into(), &(now + 900).into())
    );
}

#[tokio::test]
async fn a_new_clinic_is_announced_without_any_name() {
    let fixture = Fixture::start().await;
    let org = fixture
        .sign_up("lee@acme.example")
        .await
        .unwrap()
        .org
        .unwrap();
    let id: OrgId = org.id.parse().unwrap();
    let mut owner = fixture.database.owner().await;
    let event = sqlx::query("SELECT seq, type, data FROM events.event WHERE org_id = $1")
        .bind(id)
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(
        (event.get::<i64, _>("seq"), event.get::<&str, _>("type")),
        (1, "org.created")
    );
    let data: serde_json::Value = event.get("data");
    assert_eq!(
        data,
        serde_json::json!({ "orgId": org.id, "timeZone": "America/New_York" })
    );
}

#[tokio::test]
async fn an_address_has_one_account_however_it_is_spelt() {
    let fixture = Fixture::start().await;
    fixture.sign_up("lee@acme.example").await.unwrap();
    let taken = fixture.sign_up("LEE@acme.example").await.unwrap_err();
    assert_eq!(
        (taken.kind, &*taken.reason),
        (Kind::Conflict, "EMAIL_TAKEN")
    );
    let mut owner = fixture.database.owner().await;
    let orgs: i64 = sqlx::query_scalar("SELECT count(*) FROM identity.organization")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(orgs, 1, "the refused sign-up left nothing behind");
}

#[tokio::test]
async fn of_two_sign_ups_at_once_one_wins() {
    let fixture = Fixture::start().await;
    let outcomes = tokio::join!(
        fixture.sign_up("lee@acme.example"),
        fixture.sign_up("lee@acme.example"),
        fixture.sign_up("lee@acme.example"),
    );
    let mut reasons = [reason(outcomes.0), reason(outcomes.1), reason(outcomes.2)];
    reasons.sort();
    assert_eq!(reasons, ["EMAIL_TAKEN", "EMAIL_TAKEN", "OK"]);
}

#[tokio::test]
async fn every_bad_field_is_named() {
    let fixture = Fixture::start().await;
    let message = SignUpRequest {
        email: "nobody".into(),
        password: "short".into(),
        clinic_name: " ".into(),
        time_zone: "Mars/Olympus".into(),
        device: None,
    };
    let refused = answer(fixture.client().sign_up(fixture.system(message)).await).unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (Kind::Invalid, "INVALID"));
    let fields: Vec<_> = refused.violations.iter().map(|one| &*one.field).collect();
    assert_eq!(fields, ["email", "password", "clinicName", "timeZone"]);
}

#[tokio::test]
async fn neither_password_nor_token_is_stored_as_it_is() {
    let fixture = Fixture::start().await;
    let tokens = fixture
        .sign_up("lee@acme.example")
        .await
        .unwrap()
        .tokens
        .unwrap();
    let mut owner = fixture.database.owner().await;
    let dump: Vec<String> = sqlx::query_scalar(
        "SELECT row_to_json(u)::text FROM identity.user_account u
         UNION ALL SELECT row_to_json(t)::text FROM identity.refresh_token t",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(dump.len(), 2);
    let dump = dump.concat();
    assert!(dump.contains("$argon2id$"));
    assert!(
        !dump.contains(PASSWORD) && !dump.contains(&tokens.refresh_token),
        "{dump}"
    );
}

#[tokio::test]
async fn a_clinic_sees_itself() {
    let fixture = Fixture::start().await;
    let owner = fixture.owner("lee@acme.example").await;
    let mut client = fixture.client();
    let org = answer(
        client
            .get_org(fixture.within(&owner.tenant, GetOrgRequest {}))
            .await,
    );
    assert_eq!(org.unwrap().org.unwrap().name, "Acme Dental");
    let (stranger, _) = two_orgs();
    let unknown = answer(
        client
            .get_org(fixture.within(&stranger, GetOrgRequest {}))
            .await,
    );
    assert_eq!(reason(unknown), "ORG_NOT_FOUND");
}

/// What the database calls lower case depends on its version and collation.
#[tokio::test]
async fn an_address_of_any_letters_has_one_account_however_it_is_written() {
    let fixture = Fixture::start().await;
    for (first, again) in [
        ("\u{130}lker@acme.example", "i\u{307}lker@acme.example"),
        ("\u{1e9e}@acme.example", "\u{df}@acme.example"),
        ("ZOE\u{308}@acme.example", "zo\u{eb}@acme.example"),
        ("\u{3a3}\u{3a3}@acme.example", "\u{3c3}\u{3c2}@acme.example"),
        (
            "\u{1c89}\u{2c2f}\u{a7cb}@acme.example",
            "\u{1c8a}\u{2c5f}\u{264}@acme.example",
        ),
    ] {
        let signed_up = fixture.sign_up(first).await;
        assert_eq!(reason(signed_up), "OK", "{first}");
        assert_eq!(
            reason(fixture.sign_up(again).await),
            "EMAIL_TAKEN",
            "{again}"
        );
        assert_eq!(
            reason(fixture.login(again, PASSWORD).await),
            "OK",
            "{again}"
        );
        assert_eq!(
            reason(fixture.login(first, PASSWORD).await),
            "OK",
            "{first}"
        );
    }
}
