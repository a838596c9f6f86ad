//! What an open socket is sent, and how it ends.

use tokio_tungstenite::tungstenite::Message;
use voxanne_ids::OrgId;
use voxanne_tenant::Permission;
use voxanne_testkit::eventually;

use crate::{
    edge::{Edge, Person},
    socket::Socket,
};

#[tokio::test]
async fn events_come_in_order_to_their_own_organisation() {
    let edge = Edge::start().await;
    let (acme, globex) = (OrgId::new(), OrgId::new());
    edge.events.write(acme, 3, 0);
    let (mut ours, newest) = Socket::open(&edge, Person::of(acme)).await;
    assert_eq!(newest, 3);
    let (mut theirs, newest) = Socket::open(&edge, Person::of(globex)).await;
    assert_eq!(newest, 0);
    edge.events.write(acme, 40, 0);
    edge.events.write(globex, 2, 0);
    edge.events.write(acme, 7, 0);
    for event in ours.events(4, 50).await {
        assert_eq!(event["data"]["orgId"], acme.to_string());
        assert_eq!(event["event"], "booking.created");
        assert_eq!(event["at"], "2025-11-22T04:04:16Z");
    }
    for event in theirs.events(1, 2).await {
        assert_eq!(event["data"]["orgId"], globex.to_string());
    }
    // Had anything of acme's been sent here, it would come before this.
    edge.events.write(globex, 1, 0);
    theirs.events(3, 3).await;
}

#[tokio::test]
async fn one_stream_serves_every_socket_of_an_organisation() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    let mut sockets = Vec::new();
    for _ in 0..4 {
        sockets.push(Socket::open(&edge, Person::of(acme)).await.0);
    }
    edge.events.write(acme, 10, 0);
    for socket in &mut sockets {
        socket.events(1, 10).await;
    }
    assert_eq!(edge.events.open_streams(), 1);
    drop(sockets);
    eventually("the stream ends with the last socket", || async {
        edge.events.open_streams() == 0
    })
    .await;
    let (mut again, newest) = Socket::open(&edge, Person::of(acme)).await;
    assert_eq!(newest, 10);
    edge.events.write(acme, 1, 0);
    again.events(11, 11).await;
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    edge.events.write(acme, 730, 0);
    let (mut socket, newest) = Socket::open(&edge, Person::of(acme)).await;
    assert_eq!(newest, 730);
    edge.events.write(acme, 5, 0);
    socket.resume(12).await;
    socket.events(13, 735).await;
    edge.events.write(acme, 5, 0);
    socket.events(736, 740).await;
}

#[tokio::test]
async fn a_client_that_missed_nothing_gets_nothing_twice() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    edge.events.write(acme, 5, 0);
    let (mut socket, newest) = Socket::open(&edge, Person::of(acme)).await;
    socket.resume(newest).await;
    edge.events.write(acme, 2, 0);
    socket.events(6, 7).await;
}

#[tokio::test]
async fn a_client_that_was_away_too_long_is_told_to_reload() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    edge.events.write(acme, 20, 0);
    edge.events.forget(acme, 10);
    for after in [0, 9, 99, -1] {
        let (mut socket, newest) = Socket::open(&edge, Person::of(acme)).await;
        socket.resume(after).await;
        assert_eq!(socket.next().await["type"], "reload", "{after}");
        edge.events.write(acme, 1, 0);
        socket.events(newest + 1, newest + 1).await;
    }
    let (mut socket, _) = Socket::open(&edge, Person::of(acme)).await;
    socket.resume(10).await;
    socket.events(11, 24).await;
}

#[tokio::test]
async fn a_lost_stream_loses_no_event() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    let (mut socket, _) = Socket::open(&edge, Person::of(acme)).await;
    edge.events.write(acme, 3, 0);
    socket.events(1, 3).await;
    for round in 1..=3 {
        edge.events.cut();
        edge.events.write(acme, 4, 0);
        socket.events(round * 4, round * 4 + 3).await;
    }
}

#[tokio::test]
async fn a_log_that_was_cut_while_the_stream_was_lost_asks_for_a_reload() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    let (mut socket, _) = Socket::open(&edge, Person::of(acme)).await;
    edge.events.write(acme, 3, 0);
    socket.events(1, 3).await;
    edge.events.forget(acme, 8);
    edge.events.cut();
    edge.events.write(acme, 7, 0);
    assert_eq!(socket.next().await["type"], "reload");
    edge.events.write(acme, 1, 0);
    socket.events(11, 11).await;
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_sockets_and_no_others() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    let (leaver, stayer) = (Person::of(acme), Person::of(acme));
    let (mut ends, _) = Socket::open(&edge, leaver).await;
    let (mut stays, _) = Socket::open(&edge, stayer).await;
    edge.identity.sessions.revoke(acme, leaver.session);
    assert_eq!(ends.close_code().await, 4401);
    edge.events.write(acme, 1, 0);
    stays.events(1, 1).await;
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_sockets_at_every_gateway() {
    let edge = Edge::start().await;
    let other = edge.replica().await;
    let acme = OrgId::new();
    let (leaver, stayer) = (Person::of(acme), Person::of(acme));
    let (mut ends, mut stays) = (Vec::new(), Vec::new());
    for gateway in [&edge, &other] {
        for _ in 0..2 {
            ends.push(Socket::open(gateway, leaver).await.0);
        }
        stays.push(Socket::open(gateway, stayer).await.0);
    }
    edge.identity.sessions.revoke(acme, leaver.session);
    for socket in &mut ends {
        assert_eq!(socket.close_code().await, 4401);
    }
    edge.events.write(acme, 1, 0);
    for socket in &mut stays {
        socket.events(1, 1).await;
    }
}

#[tokio::test]
async fn a_token_that_expires_ends_its_socket() {
    let edge = Edge::start().await;
    let person = Person::of(OrgId::new());
    let (mut socket, _) = Socket::open_for(&edge, person, 2).await;
    assert_eq!(socket.close_code().await, 4401);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    let (mut stuck, _) = Socket::open(&edge, Person::of(acme)).await;
    // Far more than the queues and the system's buffers hold together.
    edge.events.write(acme, 800, 64 * 1024);
    eventually("the socket is in its room", || async {
        edge.events.open_streams() == 1
    })
    .await;
    eventually("the socket that does not read leaves its room", || async {
        edge.events.open_streams() == 0
    })
    .await;
    assert_eq!(stuck.close_code().await, 4408);
}

#[tokio::test]
async fn every_socket_is_told_of_a_restart() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    let (mut first, _) = Socket::open(&edge, Person::of(acme)).await;
    let (mut second, _) = Socket::open(&edge, Person::of(acme)).await;
    let codes = async { (first.close_code().await, second.close_code().await) };
    let ((), codes) = tokio::join!(edge.gateway.stop(), codes);
    assert_eq!(codes, (1012, 1012));
}

#[tokio::test]
async fn what_nobody_understands_ends_the_socket() {
    let edge = Edge::start().await;
    let resume = r#"{"type":"resume","after":0}"#;
    for (messages, code) in [
        (vec![Message::binary("x")], 1003),
        (vec![Message::text("x")], 1008),
        (vec![Message::text(r#"{"type":"subscribe"}"#)], 1008),
        (vec![Message::text(r#"{"type":"resume"}"#)], 1008),
        (vec![Message::text(resume), Message::text(resume)], 1008),
        (vec![Message::text("x".repeat(17 * 1024))], 1009),
        (vec![Message::Ping("?".into()); 100], 1008),
    ] {
        let (mut socket, _) = Socket::open(&edge, Person::of(OrgId::new())).await;
        for message in messages.clone() {
            socket.say(message).await;
        }
        assert_eq!(socket.close_code().await, code, "{}", messages.len());
    }
}

/// A frame as a client sends it, masked with zeros, from its first byte on.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short payload");
    let mut frame = vec![first, 0x80 | length, 0, 0, 0, 0];
    frame.extend(payload);
    frame
}

#[tokio::test]
async fn what_is_no_text_and_no_frame_ends_the_socket() {
    let edge = Edge::start().await;
    let halves = [frame(0x01, b"\xe2\x82"), frame(0x80, b"\x28")].concat();
    let twice = [frame(0x01, b"a"), frame(0x81, b"b")].concat();
    for (what, bytes, code) in [
        ("a byte that no text has", frame(0x81, b"\xff"), 1007),
        ("a surrogate", frame(0x81, b"\xed\xa0\x80"), 1007),
        ("a text that is cut off", frame(0x81, b"\xf0\x9f\x92"), 1007),
        ("an overlong NUL", frame(0x81, b"\xc0\x80"), 1007),
        ("bad halves", halves, 1007),
        ("a reserved bit", frame(0xc1, b"{}"), 1002),
        ("a reserved kind", frame(0x83, b"{}"), 1002),
        ("a reserved control", frame(0x8b, b""), 1002),
        ("a ping in parts", frame(0x09, b""), 1002),
        ("an end without a beginning", frame(0x80, b"{}"), 1002),
        ("a text within a text", twice, 1002),
        ("a frame without a mask", vec![0x81, 0x02, b'{', b'}'], 1002),
        (
            "a ping that is too long",
            [&[0x89, 0xfe, 0, 126][..], &[0; 130]].concat(),
            1002,
        ),
    ] {
        let (mut socket, _) = Socket::open(&edge, Person::of(OrgId::new())).await;
        socket.say_bytes(&bytes).await;
        assert_eq!(socket.close_code().await, code, "{what}");
    }
}

#[tokio::test]
async fn a_program_listens_as_long_as_its_key_lasts() {
    let edge = Edge::start().await;
    let acme = OrgId::new();
    let (id, key) = edge.identity.api_keys.make(acme, &[Permission::EventsRead]);
    let (mut socket, _) = Socket::open_with(&edge, &key).await;
    let (mut others, _) = Socket::open(&edge, Person::of(acme)).await;
    edge.events.write(acme, 2, 0);
    socket.events(1, 2).await;
    edge.identity.sessions.revoke_key(acme, id);
    assert_eq!(socket.close_code().await, 4401);
    edge.events.write(acme, 1, 0);
    others.events(1, 3).await;
}
