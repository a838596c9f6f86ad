use super::{state::STATES, *};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn message(state: State) -> Message {
    let mut message = Message::queued(Kind::Direct, None, NOW, NOW);
    message.state = state;
    message
}

fn kinds(news: &[New]) -> Vec<&'static str> {
    news.iter().map(|new| new.kind).collect()
}

#[test]
fn trap_24_any_order_of_callbacks_ends_in_the_same_state() {
    let told = [
        State::Sent,
        State::Delivered,
        State::Sent,
        State::Delivered,
        State::Undelivered,
        State::Failed,
    ];
    for turn in 0..told.len() {
        for backwards in [false, true] {
            let mut order = told;
            order.rotate_left(turn);
            if backwards {
                order.reverse();
            }
            let mut message = message(State::Sending);
            for state in order {
                message.advance(state, Cause::NONE, NOW);
            }
            assert_eq!(message.state, State::Delivered, "{order:?}");
        }
    }
}

#[test]
fn a_repetition_or_a_lower_rank_is_no_news() {
    for (from, told, news) in [
        (State::Sending, State::Sent, vec!["message.sent"]),
        (State::Unknown, State::Sent, vec!["message.sent"]),
        (
            State::Unknown,
            State::Delivered,
            vec!["message.sent", "message.delivered"],
        ),
        (State::Sent, State::Delivered, vec!["message.delivered"]),
        (State::Sent, State::Undelivered, vec!["message.failed"]),
        (State::Sent, State::Sent, vec![]),
        (State::Delivered, State::Sent, vec![]),
        (State::Delivered, State::Delivered, vec![]),
        (State::Delivered, State::Failed, vec![]),
    ] {
        assert_eq!(
            kinds(&message(from).advance(told, Cause::NONE, NOW)),
            news,
            "{from:?} {told:?}"
        );
    }
}

#[test]
fn only_what_failed_can_be_retried() {
    for (_, state) in STATES {
        let mut message = message(state);
        message.sid = Some("SM1".to_owned());
        let retried = message.retry(NOW);
        if matches!(state, State::Failed | State::Undelivered) {
            assert_eq!(kinds(&retried.unwrap()), ["message.queued"]);
            assert_eq!(
                (message.sid, message.former_sids),
                (None, vec!["SM1".to_owned()])
            );
        } else {
            assert_eq!(retried.unwrap_err().reason, "NOT_RETRYABLE", "{state:?}");
        }
    }
}

#[test]
fn every_state_and_kind_reads_back_from_its_name() {
    for (name, state) in STATES {
        assert_eq!(state.as_str(), name);
        assert_eq!(State::try_from(name.to_owned()).unwrap(), state);
    }
    for kind in [Kind::BookingConfirmation, Kind::Direct] {
        assert_eq!(Kind::try_from(kind.as_str().to_owned()).unwrap(), kind);
    }
}

#[test]
fn an_announcement_holds_ids_and_the_state_only() {
    let booking = BookingId::new();
    let mut message = Message::queued(Kind::BookingConfirmation, Some(booking), NOW, NOW);
    message.to = "+14155550123".into();
    let new = message.announcement(State::Queued, NOW).unwrap();
    assert_eq!(
        new.data,
        json!({"messageId": message.id, "bookingId": booking, "state": "queued"})
    );
}
