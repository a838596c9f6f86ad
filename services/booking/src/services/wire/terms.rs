//! Terms on the wire: what is absent stays as it is, what is empty or 0 goes back to none.

use std::{collections::BTreeSet, ops::RangeInclusive};

use uuid::Uuid;
use voxanne_ids::{LocationId, ProviderId};
use voxanne_problem::Violations;
use voxanne_proto::booking::v1 as proto;

use super::{
    super::terms::{Approval, Patients, Terms, TermsChange},
    new_number,
};
use crate::fields::{Kind, Unacceptable, optional_id};

/// Sixty days.
const NOTICE: RangeInclusive<i32> = 0..=86_400;
const CHANGE_NOTICE: RangeInclusive<i32> = 0..=20_160;
const HORIZON: RangeInclusive<i32> = 1..=400;
const DAILY: RangeInclusive<i32> = 1..=500;
const STEP: RangeInclusive<i32> = 5..=720;
const HIGHEST_PRICE: i64 = 100_000_000_000;
const MOST_PROVIDERS: usize = 200;

pub(super) fn read(bad: &mut Violations, terms: proto::Terms) -> Option<TermsChange> {
    let price = price(bad, terms.price);
    let providers = providers(bad, terms.providers);
    let location = match &terms.location_id {
        None => Some(None),
        Some(id) => optional_id::<LocationId>(bad, "locationId", id).map(Some),
    };
    let room_kind = room_kind(bad, terms.room_kind.as_deref());
    let approval = word(
        bad,
        ("approval", "instant or approval"),
        &terms.approval,
        Approval::from_word,
    );
    let notice = new_number(
        bad,
        "minimumNoticeMinutes",
        terms.minimum_notice_minutes,
        NOTICE,
    );
    let horizon = new_number(bad, "horizonDays", terms.horizon_days, HORIZON);
    let daily = number_or_none(bad, "dailyLimit", terms.daily_limit, DAILY);
    let patients = word(
        bad,
        ("patients", "anyone, new or returning"),
        &terms.patients,
        Patients::from_word,
    );
    let step = number_or_none(bad, "stepMinutes", terms.step_minutes, STEP);
    let change_notice = new_number(
        bad,
        "changeNoticeMinutes",
        terms.change_notice_minutes,
        CHANGE_NOTICE,
    );
    Some(TermsChange {
        price: price?,
        providers: providers?,
        location: location?,
        room_kind: room_kind?,
        approval: approval?,
        minimum_notice_minutes: notice?,
        horizon_days: horizon?,
        daily_limit: daily?,
        patients: patients?,
        step_minutes: step?,
        change_notice_minutes: change_notice?,
    })
}

type Change<T> = Option<Option<Option<T>>>;

fn number_or_none(
    bad: &mut Violations,
    field: &str,
    value: Option<u32>,
    range: RangeInclusive<i32>,
) -> Change<i32> {
    match value {
        Some(0) => Some(Some(None)),
        value => new_number(bad, field, value, range).map(|number| number.map(Some)),
    }
}

fn word<T>(
    bad: &mut Violations,
    (field, words): (&str, &str),
    value: &Option<String>,
    known: fn(&str) -> Option<T>,
) -> Option<Option<T>> {
    let Some(text) = value else {
        return Some(None);
    };
    let found = known(text);
    if found.is_none() {
        bad.add(field, "ONE_OF", format!("must be {words}"));
    }
    found.map(Some)
}

fn price(bad: &mut Violations, price: Option<proto::Price>) -> Change<(i64, String)> {
    let Some(price) = price else {
        return Some(None);
    };
    if price.currency.is_empty() && price.minor == 0 {
        return Some(Some(None));
    }
    let minor = i64::try_from(price.minor)
        .ok()
        .filter(|minor| *minor <= HIGHEST_PRICE)
        .ok_or(Unacceptable("must be at most 100000000000"));
    let minor = bad.take("price.minor", "RANGE", minor);
    let letters = price.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    let currency = (letters && price.currency.len() == 3)
        .then_some(price.currency)
        .ok_or(Unacceptable("must be a currency such as USD"));
    let currency = bad.take("price.currency", "CURRENCY", currency);
    Some(Some(Some((minor?, currency?))))
}

/// In order and each once, so that the same list is the same terms.
fn providers(
    bad: &mut Violations,
    providers: Option<proto::ProviderIds>,
) -> Option<Option<Vec<Uuid>>> {
    let Some(providers) = providers else {
        return Some(None);
    };
    if providers.ids.len() > MOST_PROVIDERS {
        bad.add("providerIds", "RANGE", "must have at most 200 entries");
        return None;
    }
    let read: Vec<_> = providers
        .ids
        .iter()
        .enumerate()
        .map(|(place, id)| {
            bad.take(
                &format!("providerIds[{place}]"),
                "ID",
                id.parse::<ProviderId>(),
            )
        })
        .collect();
    let ids: BTreeSet<Uuid> = read
        .into_iter()
        .map(|id| id.map(|id| id.as_uuid()))
        .collect::<Option<_>>()?;
    Some(Some(ids.into_iter().collect()))
}

fn room_kind(bad: &mut Violations, kind: Option<&str>) -> Change<String> {
    match kind {
        None => Some(None),
        Some("") => Some(Some(None)),
        Some(kind) => {
            let kind = bad.take("roomKind", "KIND", kind.parse::<Kind>())?;
            Some(Some(Some(kind.as_str().to_owned())))
        }
    }
}

impl From<Terms> for proto::Terms {
    fn from(terms: Terms) -> Self {
        let count = |value: i32| Some(value.unsigned_abs());
        let provider = |id: &Uuid| ProviderId::from_uuid(*id).to_string();
        Self {
            price: terms
                .price_minor
                .zip(terms.price_currency)
                .map(|(minor, currency)| proto::Price {
                    minor: minor.unsigned_abs(),
                    currency,
                }),
            providers: Some(proto::ProviderIds {
                ids: terms.providers.iter().map(provider).collect(),
            }),
            location_id: terms.location.map(|id| id.to_string()),
            room_kind: terms.room_kind,
            approval: Some(terms.approval.as_str().to_owned()),
            minimum_notice_minutes: count(terms.minimum_notice_minutes),
            horizon_days: count(terms.horizon_days),
            daily_limit: terms.daily_limit.and_then(count),
            patients: Some(terms.patients.as_str().to_owned()),
            step_minutes: terms.step_minutes.and_then(count),
            change_notice_minutes: count(terms.change_notice_minutes),
        }
    }
}
