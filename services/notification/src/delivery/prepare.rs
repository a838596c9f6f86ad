//! What to send, or why not to.

use std::time::Duration;

use jiff::Timestamp;
use voxanne_privacy::Private;
use voxanne_problem::Problem;
use voxanne_tenant::Tenant;

use super::Delivery;
use crate::{
    bookings::Booking,
    confirmations::text,
    messages::{Kind, Message, State, is_e164},
    twilio::account::Account,
};

/// The longest that Twilio may hold a text back.
const LONGEST_VALIDITY: u32 = 36_000;
/// A text that somebody wrote by hand is about today.
const DIRECT_VALIDITY: u32 = 4 * 3_600;

/// What can be done about a message now.
pub(super) enum Prepared {
    Ready(Ready),
    /// It has to wait, for this reason.
    Wait(&'static str),
    /// There is nothing to send any more.
    Over(State, &'static str),
}

/// A text that can be sent at once.
pub(super) struct Ready {
    pub(super) account: Account,
    pub(super) to: Private<String>,
    pub(super) body: Private<String>,
    pub(super) valid_for: u32,
}

impl Delivery {
    /// Gathers what it takes to send `message`.
    pub(super) async fn prepare(&self, tenant: &Tenant, message: &Message) -> Prepared {
        if is_stale(message, self.clock.now()) {
            return Prepared::Over(State::Failed, "it waited too long to be of use");
        }
        let booking = async {
            match message.booking {
                Some(id) if message.kind == Kind::BookingConfirmation => {
                    self.bookings.get(tenant, id).await.map(Some)
                }
                _ => Ok(None),
            }
        };
        let (clinic, booking) = tokio::join!(self.clinics.get(tenant), booking);
        let booking = match booking {
            Ok(None) => None,
            Ok(Some(Some(booking))) => match refuse(&booking, self.clock.now()) {
                None => Some(booking),
                Some((state, words)) => return Prepared::Over(state, words),
            },
            Ok(Some(None)) => return Prepared::Over(State::Failed, "the booking does not exist"),
            Err(problem) => return away(&problem, "the booking cannot be read just now"),
        };
        let clinic = match clinic {
            Ok(clinic) => clinic,
            Err(problem) => return away(&problem, "the clinic's account cannot be read just now"),
        };
        match &clinic.account {
            Err(words) => Prepared::Wait(words),
            Ok(account) => {
                let (to, body, valid_for) = match booking {
                    None => (message.to.clone(), message.body.clone(), DIRECT_VALIDITY),
                    Some(booking) => {
                        let body = text::confirmation(&clinic.name, booking.local);
                        let valid_for = valid_for(booking.starts_at, self.clock.now());
                        (booking.phone, body.into(), valid_for)
                    }
                };
                Prepared::Ready(Ready {
                    account: account.clone(),
                    to,
                    body,
                    valid_for,
                })
            }
        }
    }

    /// The pause before the next try of a message that had to wait.
    pub(super) fn pause(&self, message: &Message) -> Duration {
        super::plan::doubling(self.timing.retry_after, super::plan::MINUTE)
            .delay(message.waits, message.jitter())
    }
}

fn away(problem: &Problem, words: &'static str) -> Prepared {
    problem.log();
    Prepared::Wait(words)
}

/// Whether the day that a text by hand was about is over. A booking says so itself.
fn is_stale(message: &Message, now: Timestamp) -> bool {
    message.kind == Kind::Direct
        && now.duration_since(message.asked_at).as_secs() > i64::from(DIRECT_VALIDITY)
}

/// Why a booking needs no confirmation any more.
fn refuse(booking: &Booking, now: Timestamp) -> Option<(State, &'static str)> {
    if booking.cancelled {
        Some((State::Suppressed, "the booking was cancelled"))
    } else if booking.starts_at <= now {
        Some((State::Suppressed, "the appointment has begun"))
    } else if booking.phone.is_empty() {
        Some((State::Failed, "the patient has no phone number"))
    } else if !is_e164(booking.phone.expose()) {
        Some((State::Failed, "the patient's phone number cannot be texted"))
    } else {
        None
    }
}

/// A confirmation that comes after the appointment confuses.
fn valid_for(starts_at: Timestamp, now: Timestamp) -> u32 {
    let left = u32::try_from(starts_at.duration_since(now).as_secs());
    left.unwrap_or(LONGEST_VALIDITY).clamp(1, LONGEST_VALIDITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_booking_that_is_over_is_not_confirmed() {
        let now = at("2026-11-22T10:00:00Z");
        let booking = |cancelled, starts_at, phone: &str| Booking {
            cancelled,
            starts_at: at(starts_at),
            local: "2026-11-22T10:00".parse().unwrap(),
            phone: phone.into(),
        };
        let later = "2026-11-22T10:00:01Z";
        for (booking, state) in [
            (booking(false, later, "+14155550123"), None),
            (
                booking(true, later, "+14155550123"),
                Some(State::Suppressed),
            ),
            (
                booking(false, "2026-11-22T10:00:00Z", "+14155550123"),
                Some(State::Suppressed),
            ),
            (booking(false, later, ""), Some(State::Failed)),
            (booking(false, later, "555-0123"), Some(State::Failed)),
        ] {
            assert_eq!(refuse(&booking, now).map(|(state, _)| state), state);
        }
    }

    #[test]
    fn only_a_text_by_hand_is_of_no_use_after_four_hours() {
        let (asked_at, now) = (at("2026-11-22T10:00:00Z"), at("2026-11-22T14:00:01Z"));
        for (kind, now, stale) in [
            (Kind::Direct, at("2026-11-22T14:00:00Z"), false),
            (Kind::Direct, now, true),
            (Kind::BookingConfirmation, now, false),
        ] {
            let message = Message::queued(kind, None, asked_at, asked_at);
            assert_eq!(is_stale(&message, now), stale, "{kind:?} {now}");
        }
    }

    #[test]
    fn a_text_expires_with_its_appointment() {
        let now = at("2026-11-22T10:00:00Z");
        for (starts_at, seconds) in [
            ("2026-11-22T10:00:00.5Z", 1),
            ("2026-11-22T10:10:00Z", 600),
            ("2026-12-22T10:00:00Z", LONGEST_VALIDITY),
            ("9999-12-22T10:00:00Z", LONGEST_VALIDITY),
        ] {
            assert_eq!(valid_for(at(starts_at), now), seconds, "{starts_at}");
        }
    }
}
