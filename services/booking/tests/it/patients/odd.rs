//! Numbers and names that somebody means no good with, or means well and writes strangely.

use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use super::{PHONE, person, reason};
use crate::desk::{Desk, bad_fields};

/// D19: what is no number anybody could be called back on is refused, and the rest is E.164.
#[tokio::test]
async fn d19_a_number_is_e164_or_refused() {
    let desk = Desk::open().await;
    let (tenant, _) = two_orgs();
    desk.clinic(&tenant).await;
    for (written, kept) in [
        ("+1 (415) 555-0123", Some("+14155550123")),
        ("(415) 555-0124", Some("+14155550124")),
        ("+44 20 7946 0958", Some("+442079460958")),
        ("+1 (555)…", None),
        ("+1 (555)", None),
        ("1-800-FLOWERS", None),
        ("911", None),
        ("112", None),
        ("+1 911", None),
        ("+1 911 555 0123", None),
        ("+49 110", None),
        ("90210", None),
        ("+1 900 234 5678", None),
        ("+49 900 1 234567", None),
        ("+1415555012341555501234155550123415555012", None),
        ("\u{202e}+14155550123", None),
        ("+1415555\u{200b}0123", None),
        ("+14155550123\0", None),
        ("", None),
    ] {
        let added = desk.add(&tenant, person("Ada", written, "")).await;
        match (added, kept) {
            (Ok(patient), Some(kept)) => assert_eq!(patient.phone, kept, "{written}"),
            (Err(problem), None) => assert_eq!(bad_fields(&problem), ["phone PHONE"], "{written}"),
            (other, _) => panic!("{written}: {other:?}"),
        }
        let new = proto::CreatePatientRequest {
            further_phones: vec![PHONE.into(), written.into()],
            ..person("Grace", "+14155550177", "")
        };
        let further = desk.add(&tenant, new).await;
        match further {
            Ok(_) => assert!(kept.is_some(), "{written}"),
            Err(problem) => assert_eq!(bad_fields(&problem), ["phones.1 PHONE"], "{written}"),
        }
    }
}

/// D20: a name is a text and nothing else, whatever it looks like to a browser or a spreadsheet.
#[tokio::test]
async fn d20_an_odd_name_is_kept_as_it_is_and_found_again() {
    let desk = Desk::open().await;
    let (tenant, _) = two_orgs();
    desk.clinic(&tenant).await;
    for name in [
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "Ada \u{202e}ecalevoL",
        "=cmd()|' /C calc'!A0",
        "'; DROP TABLE booking.patient; --",
        "%_",
        "👩‍⚕️",
    ] {
        let added = desk.add(&tenant, person(name, PHONE, "")).await.unwrap();
        assert_eq!(added.name, name);
        let again = desk.add(&tenant, person(name, PHONE, "")).await.unwrap();
        assert_eq!(again.id, added.id, "{name}");
        let shown = desk.patient(&tenant, &added.id).await.unwrap();
        assert_eq!(shown, added);
    }
    for name in [
        "x".repeat(1 << 20),
        "a\u{0}b".into(),
        "a\nb".into(),
        "\u{7f}".into(),
    ] {
        let refused = desk.add(&tenant, person(&name, PHONE, "")).await;
        let fields = bad_fields(&refused.unwrap_err());
        assert_eq!(fields, ["name NAME"], "{} bytes", name.len());
    }
}

#[tokio::test]
async fn every_bad_field_of_a_patient_is_named() {
    let desk = Desk::open().await;
    let (tenant, _) = two_orgs();
    desk.clinic(&tenant).await;
    for (born, code) in [
        ("1980-02-30", "DATE"),
        ("29.02.1980", "DATE"),
        ("1980-2-9", "DATE"),
        ("1780-01-01", "DATE"),
        ("yesterday", "DATE"),
        ("1980-02-29T00:00", "DATE"),
        ("2026-12-03", "RANGE"),
        ("9999-12-31", "RANGE"),
    ] {
        let refused = desk.add(&tenant, person("Ada", PHONE, born)).await;
        let fields = bad_fields(&refused.unwrap_err());
        assert_eq!(fields, [format!("dateOfBirth {code}")], "{born}");
    }
    let new = proto::CreatePatientRequest {
        email: "nonsense".into(),
        further_phones: vec!["1".into(), PHONE.into(), "2".into()],
        ..person("", "x", "x")
    };
    let fields = bad_fields(&desk.add(&tenant, new).await.unwrap_err());
    let all = [
        "name NAME",
        "phone PHONE",
        "email EMAIL",
        "dateOfBirth DATE",
        "phones.0 PHONE",
        "phones.2 PHONE",
    ];
    assert_eq!(fields, all);
}

#[tokio::test]
async fn numbers_are_replaced_as_a_whole_or_one_by_one() {
    let desk = Desk::open().await;
    let (tenant, _) = two_orgs();
    desk.clinic(&tenant).await;
    let ada = desk
        .add(&tenant, person("Ada", PHONE, "1980-02-29"))
        .await
        .unwrap();
    let change = async |change: proto::UpdatePatientRequest| {
        let request = desk.ask(
            &tenant,
            proto::UpdatePatientRequest {
                id: ada.id.clone(),
                ..change
            },
        );
        let changed = desk.clinics().update_patient(request).await;
        changed.map(|answer| answer.into_inner().patient.unwrap())
    };
    let numbers = |numbers: &[&str]| {
        let numbers = numbers.iter().map(|one| (*one).to_owned()).collect();
        proto::UpdatePatientRequest {
            phones: Some(proto::Phones { numbers }),
            ..Default::default()
        }
    };
    let both = proto::UpdatePatientRequest {
        phone: Some(PHONE.into()),
        ..numbers(&[PHONE])
    };
    for (changed, field) in [
        (both, "phones CONFLICT"),
        (numbers(&[]), "phones RANGE"),
        (numbers(&[PHONE; 21]), "phones RANGE"),
    ] {
        let refused = change(changed).await.unwrap_err();
        assert_eq!(bad_fields(&refused.into()), [field]);
    }
    let changed = change(numbers(&["+14155550188", PHONE])).await.unwrap();
    assert_eq!(changed.phones, ["+14155550188", PHONE]);
    let main = proto::UpdatePatientRequest {
        phone: Some(PHONE.into()),
        date_of_birth: Some(String::new()),
        ..Default::default()
    };
    let changed = change(main).await.unwrap();
    assert_eq!(
        (changed.phones, &*changed.date_of_birth),
        (vec![PHONE.to_owned()], "")
    );
    assert_eq!(
        reason(desk.patient(&tenant, "pat_nonsense").await),
        "PATIENT_NOT_FOUND"
    );
}
