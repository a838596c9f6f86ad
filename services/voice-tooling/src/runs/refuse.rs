//! What the agent is told when booking says no, or nothing: pure.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;
use voxanne_problem::{Kind, Problem};

use crate::runs::{Answer, spoken};

/// Alternatives that are said; more nobody remembers.
const SAID: usize = 3;

/// The sentence for `problem`. What the agent cannot help is logged here, where it ends.
pub(crate) fn refuse(problem: &Problem) -> Answer {
    match problem.kind {
        Kind::Conflict if problem.reason == "SLOT_TAKEN" => taken(problem.extension.as_deref()),
        Kind::Conflict if problem.reason == "IDEMPOTENCY_IN_PROGRESS" => away(),
        Kind::Invalid | Kind::Unprocessable if !problem.violations.is_empty() => {
            let faults: Vec<_> = problem
                .violations
                .iter()
                .map(|violation| format!("{} {}", violation.field, violation.detail))
                .collect();
            Answer::error(&sentence(&format!(
                "that did not work: {}",
                faults.join("; ")
            )))
        }
        Kind::Invalid | Kind::Unprocessable | Kind::NotFound | Kind::Gone | Kind::Conflict => {
            Answer::error(&sentence(&problem.message))
        }
        Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::RateLimited
        | Kind::Unavailable
        | Kind::Timeout
        | Kind::Internal => {
            problem.log();
            away()
        }
    }
}

fn away() -> Answer {
    Answer::error(
        "I could not reach the clinic's calendar just now. Nothing is confirmed yet; please try \
         again in a moment.",
    )
    .for_now()
}

fn taken(extension: Option<&str>) -> Answer {
    let body: Value = extension
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    let alternatives = body["alternatives"].as_array().into_iter().flatten();
    let mut times: Vec<(DateTime, &str)> = alternatives
        .filter_map(|one| {
            Some((
                local(one)?,
                one["providerName"].as_str().unwrap_or_default(),
            ))
        })
        .collect();
    times.dedup_by_key(|(at, _)| *at);
    times.truncate(SAID);
    if times.is_empty() {
        return Answer::error("That time was just taken. Please look for another one.");
    }
    Answer::error(&format!(
        "That time was just taken. Still free: {}. Look again to book one of these.",
        spoken::offer(&times)
    ))
}

/// When an alternative is, at the clinic.
fn local(alternative: &Value) -> Option<DateTime> {
    if let Some(local) = alternative["localTime"].as_str() {
        return local.parse().ok();
    }
    let at: Timestamp = alternative["startsAt"].as_str()?.parse().ok()?;
    let zone = TimeZone::get(alternative["timeZone"].as_str()?).ok()?;
    Some(at.to_zoned(zone).datetime())
}

/// A problem's message, which starts small and has no full stop, as a sentence.
fn sentence(message: &str) -> String {
    let message = message.replace('`', "");
    let mut letters = message.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use crate::runs::Said;

    use super::*;

    fn said(problem: &Problem) -> (String, bool) {
        let answer = refuse(problem);
        let (Said::Result(text) | Said::Error(text)) = answer.said;
        (text.into_exposed(), answer.settled)
    }

    #[test]
    fn a_taken_slot_names_what_is_left() {
        let alternatives = r#"{"alternatives":[
            {"slotId":"a","localTime":"2026-12-01T09:30","providerName":"Dr. Lee"},
            {"slotId":"b","startsAt":"2026-12-01T18:00:00Z","timeZone":"America/New_York","providerName":"Dr. Lee"}]}"#;
        let problem = Problem::new(Kind::Conflict, "SLOT_TAKEN", "x").with_extension(alternatives);
        assert_eq!(
            said(&problem),
            (
                "That time was just taken. Still free: Tuesday, December 1 at 9:30 AM or 1 PM, \
                 with Dr. Lee. Look again to book one of these."
                    .into(),
                true
            )
        );
        let bare = Problem::new(Kind::Conflict, "SLOT_TAKEN", "x");
        assert!(said(&bare).0.ends_with("Please look for another one."));
    }

    #[test]
    fn a_service_that_is_away_may_be_asked_again() {
        for kind in [Kind::Unavailable, Kind::Timeout, Kind::Internal] {
            let (text, settled) = said(&Problem::new(kind, "X", "secret detail"));
            assert!(!settled && !text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn a_refusal_is_said_in_the_services_own_words() {
        let problem = Problem::not_found("SERVICE_NOT_FOUND", "no service goes by `x`");
        assert_eq!(said(&problem), ("No service goes by x.".into(), true));
    }
}
