//! What the cache leaves in Redis, and what it makes of what others leave there.

mod stage;

use voxanne_idempotency::cache::Known;
use voxanne_ids::OrgId;

use self::stage::{MARKER, Stage, look, place, request};

#[tokio::test]
async fn an_answer_is_served_and_lies_sealed_under_a_name_that_tells_nothing() {
    let stage = Stage::new(&[1]);
    let org = OrgId::new();
    let keyed = request("call-back-+4915112345678", MARKER);
    let place = place(org, "/bookings", &keyed);
    stage.keep(&place).await;

    let (name, value) = stage.only_entry(org).await;
    let value = String::from_utf8_lossy(&value).into_owned();
    let fingerprint = keyed.fingerprint.to_hex();
    for told in [MARKER, "application/json", "status", &fingerprint] {
        assert!(!value.contains(told), "the value tells {told}");
    }
    // Of a plain hash the key could be guessed.
    let hash = voxanne_idempotency::Fingerprint::of(&[
        b"POST",
        b"/bookings",
        keyed.key.as_str().as_bytes(),
    ]);
    for told in [
        keyed.key.as_str(),
        "4915112345678",
        "bookings",
        &hash.to_hex(),
    ] {
        assert!(!name.contains(told), "the name tells {told}");
    }
}

#[tokio::test]
async fn a_mark_tells_nothing_of_the_request_either() {
    let stage = Stage::new(&[1]);
    let org = OrgId::new();
    let keyed = request("k1", MARKER);
    stage.mark(&place(org, "/bookings", &keyed)).await;
    let (_, value) = stage.only_entry(org).await;
    let value = String::from_utf8_lossy(&value).into_owned();
    assert!(!value.contains(&keyed.fingerprint.to_hex()), "{value}");
    assert!(!value.contains("fingerprint"), "{value}");
}

#[tokio::test]
async fn an_answer_that_was_moved_is_not_there() {
    let stage = Stage::new(&[1]);
    let (ours, theirs) = (OrgId::new(), OrgId::new());
    let (one, other) = (request("k1", "same"), request("k2", "same"));
    stage.keep(&place(ours, "/bookings", &one)).await;
    let (name, answer) = stage.only_entry(ours).await;

    // To another organisation, under the same key.
    let there = place(theirs, "/bookings", &one);
    stage.mark(&there).await;
    let (target, _) = stage.only_entry(theirs).await;
    stage.is_ignored(&there, &target, &answer).await;

    // To another key of the same organisation.
    stage.remove(&name).await;
    let there = place(ours, "/bookings", &other);
    stage.mark(&there).await;
    let (target, _) = stage.only_entry(ours).await;
    stage.is_ignored(&there, &target, &answer).await;

    // Back at its place it opens: it was the place and not the value.
    stage.put(&name, &answer).await;
    let home = place(ours, "/bookings", &one);
    look(&stage.cache, &home, &Known::Finished(stage::answer())).await;
}

#[tokio::test]
async fn garbage_is_not_there() {
    let stage = Stage::new(&[1]);
    let org = OrgId::new();
    let keyed = request("k1", "body");
    let place = place(org, "/bookings", &keyed);
    stage.keep(&place).await;
    let (name, good) = stage.only_entry(org).await;
    let in_clear = format!(
        r#"{{"fingerprint":"{}","answer":{{"status":201,"content_type":"","body":"x"}}}}"#,
        keyed.fingerprint.to_hex(),
    );
    let mut altered = good.clone();
    *altered.last_mut().expect("it has bytes") ^= 1;
    let cut = &good[..good.len() - 1];
    for garbage in [
        b"",
        b"garbage".as_slice(),
        &[0; 64],
        in_clear.as_bytes(),
        &altered,
        cut,
    ] {
        stage.is_ignored(&place, &name, garbage).await;
    }
}

#[tokio::test]
async fn an_answer_of_a_rotated_key_opens_until_the_key_is_dropped() {
    let old = Stage::new(&[1]);
    let added = Stage::new(&[1, 2]);
    let moved = Stage::new(&[2, 1]);
    let new = Stage::new(&[2]);
    let org = OrgId::new();
    let finished = Known::Finished(stage::answer());

    let before = request("before", "body");
    let before = place(org, "/bookings", &before);
    old.keep(&before).await;
    for stage in [&old, &added, &moved] {
        look(&stage.cache, &before, &finished).await;
    }
    old.is_unknown_to(&new, &before).await;

    let after = request("after", "body");
    let after = place(org, "/bookings", &after);
    moved.keep(&after).await;
    for stage in [&new, &moved, &added] {
        look(&stage.cache, &after, &finished).await;
    }
    moved.is_unknown_to(&old, &after).await;

    // The old key's mark is seen beside the new key's answer, and the answer counts.
    old.mark(&after).await;
    for stage in [&moved, &added] {
        look(&stage.cache, &after, &finished).await;
    }
    let reused = request("after", "another body");
    look(
        &moved.cache,
        &place(org, "/bookings", &reused),
        &Known::Reused,
    )
    .await;
}
