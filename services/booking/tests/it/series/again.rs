//! The same request for a series comes again.

use super::*;

#[tokio::test]
async fn twenty_copies_under_one_key_make_one_series() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let copies = (0..20).map(|_| {
        let mut request = desk.ask(&clinic.tenant, weekly(&clinic, 5));
        keyed("attempt-1").attach(&mut request);
        send(&desk, request)
    });
    let answers = futures_util::future::join_all(copies).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.id == answers[0].id));
    assert!(
        answers
            .iter()
            .all(|one| one.bookings == answers[0].bookings)
    );
    assert_eq!(desk.count("booking.booking").await, 5);
    // A refusal is repeated too.
    let rival = book(&desk, &clinic, weekly(&clinic, 1)).await.unwrap_err();
    for _ in 0..2 {
        let mut request = desk.ask(&clinic.tenant, weekly(&clinic, 1));
        keyed("attempt-2").attach(&mut request);
        let refused = send(&desk, request).await.unwrap_err();
        assert_eq!(
            (&refused.reason, &refused.extension),
            (&rival.reason, &rival.extension)
        );
    }
}

fn keyed(key: &str) -> KeyedRequest {
    KeyedRequest {
        key: Key::parse(key).unwrap(),
        fingerprint: Fingerprint::of(&[b"body"]),
    }
}

#[tokio::test]
async fn a_kept_answer_forgets_who_was_erased() {
    let desk = Desk::open().await;
    let clinic = desk.clinic(&two_orgs().0).await;
    let ask = || {
        let mut request = desk.ask(&clinic.tenant, weekly(&clinic, 2));
        keyed("attempt-1").attach(&mut request);
        send(&desk, request)
    };
    let series = ask().await.unwrap();
    let rest = proto::CancelSeriesRequest {
        id: series.id.clone(),
        ..Default::default()
    };
    cancel(&desk, &clinic, rest).await.unwrap();
    let patient = series.bookings[0].patient.clone().unwrap().id;
    desk.erase(&clinic.tenant, &patient).await.unwrap();
    let again = ask().await.unwrap();
    assert!(again.replayed);
    let names = again.bookings.iter();
    let names: Vec<_> = names
        .map(|one| &*one.patient.as_ref().unwrap().name)
        .collect();
    assert_eq!(names, ["Erased patient"; 2]);
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("SELECT outcome FROM idempotency.record")
        .fetch_all(&mut desk.database.owner().await)
        .await
        .unwrap();
    let name = b"Lovelace";
    assert!(
        kept.iter()
            .all(|answer| !answer.windows(name.len()).any(|part| part == name))
    );
}
