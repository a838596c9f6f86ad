//! A service, and the calendars of those who offer it.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use uuid::Uuid;
use voxanne_ids::{LocationId, ProviderId};
use voxanne_pg::OrgTx;

use super::{
    Calendar, Room, Span, Special,
    spans::Spans,
    store::{self, ProviderRow, Which},
    week::Week,
};
use crate::{Error, calendars, claims, error::What, services::Service};

/// Longer than any visit with its buffers (720 + 2 × 240 minutes) and than any civil day, so that no
/// visit of the days of a span is missed.
const REACH: SignedDuration = SignedDuration::from_hours(26);

/// Who can be booked for a service.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) service: Service,
    /// By name, which is also the order in which a caller without a wish gets them.
    pub(crate) providers: Vec<Working>,
}

/// A provider with its calendar.
#[derive(Clone, Debug)]
pub(crate) struct Working {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) time_zone: String,
    pub(crate) calendar: Calendar,
}

impl Offer {
    /// Reads who offers `service`, when they work and what is taken in `span`. What people have in
    /// calendars of their own counts as it is known `now`.
    pub(crate) async fn load(
        tx: &mut OrgTx,
        service: Service,
        which: &Which,
        span: Span,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let found = store::list_providers(tx, &service, which).await?;
        match which {
            Which::One(_) if found.is_empty() => return Err(Error::NotFound(What::Provider)),
            Which::Named(_) if found.is_empty() => return Err(Error::NotNamed(What::Provider)),
            Which::Any | Which::One(_) | Which::Named(_) => {}
        }
        let mut days = Days::load(tx, &service, &found, span).await?;
        let near = span.widened(service.length().needed());
        days.heed_calendars(tx, &found, near, now).await?;
        let providers = found
            .into_iter()
            .map(|one| {
                let zone = TimeZone::get(&one.time_zone).map_err(|_gone| unreadable("zone"))?;
                Ok(Working {
                    calendar: days.calendar(&one, zone, &service)?,
                    id: one.id,
                    name: one.name,
                    time_zone: one.time_zone,
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { service, providers })
    }
}

/// What is stored of the days in question, by whose it is.
struct Days {
    weeks: HashMap<Uuid, Arc<Week>>,
    special: HashMap<Option<ProviderId>, BTreeMap<Date, Special>>,
    /// The clinic's own, for those who have none.
    clinic: Arc<BTreeMap<Date, Special>>,
    busy: HashMap<Uuid, Vec<Span>>,
    blocked: HashMap<Uuid, Vec<Span>>,
    rooms: HashMap<LocationId, Arc<[Room]>>,
    visits: HashMap<ProviderId, Vec<Timestamp>>,
}

impl Days {
    async fn load(
        tx: &mut OrgTx,
        service: &Service,
        providers: &[ProviderRow],
        span: Span,
    ) -> Result<Self, Error> {
        // What takes time from a visit that begins in the span; a booking reads no more than that.
        let near = span.widened(service.length().needed());
        let wide = span.widened(REACH);
        let ids: Vec<Uuid> = providers.iter().map(|one| one.id.as_uuid()).collect();
        let schedules: Vec<Uuid> = providers.iter().filter_map(|one| one.schedule_id).collect();
        let rooms = match &service.terms.room_kind {
            Some(kind) => store::list_rooms(tx, kind).await?,
            None => Vec::new(),
        };
        let resources: Vec<Uuid> = ids
            .iter()
            .copied()
            .chain(rooms.iter().map(|(_, room)| room.as_uuid()))
            .collect();
        let mut busy = claims::store::list_busy(tx, &resources, near).await?;
        let mut blocked = grouped(store::list_blocks(tx, &resources, near).await?);
        let mut at: HashMap<LocationId, Vec<Room>> = HashMap::new();
        for (location, id) in rooms {
            let mut taken = busy.remove(&id.as_uuid()).unwrap_or_default();
            taken.extend(blocked.remove(&id.as_uuid()).unwrap_or_default());
            let busy = Spans::new(taken);
            at.entry(location).or_default().push(Room { id, busy });
        }
        let mut special = store::list_special(tx, &ids, wide).await?;
        let visits = match service.terms.daily_limit {
            Some(_) => store::list_visits(tx, service.id, &ids, wide).await?,
            None => Vec::new(),
        };
        Ok(Self {
            weeks: store::list_weeks(tx, &schedules).await?,
            clinic: Arc::new(special.remove(&None).unwrap_or_default()),
            special,
            busy,
            blocked,
            rooms: at
                .into_iter()
                .map(|(place, rooms)| (place, rooms.into()))
                .collect(),
            visits: grouped(visits),
        })
    }

    /// Takes out what the providers have in their own calendars, and all of `span` where that is
    /// unknown and the clinic wants no risk.
    async fn heed_calendars(
        &mut self,
        tx: &mut OrgTx,
        providers: &[ProviderRow],
        span: Span,
        now: Timestamp,
    ) -> Result<(), Error> {
        let ids: Vec<Uuid> = providers.iter().map(|one| one.id.as_uuid()).collect();
        for (id, taken) in calendars::store::busy::list(tx, &ids, span, now).await? {
            self.busy.entry(id.as_uuid()).or_default().push(taken);
        }
        Ok(())
    }

    fn calendar(
        &mut self,
        provider: &ProviderRow,
        zone: TimeZone,
        service: &Service,
    ) -> Result<Calendar, Error> {
        let id = provider.id.as_uuid();
        let week = match provider.schedule_id {
            Some(schedule) => self
                .weeks
                .get(&schedule)
                .cloned()
                .ok_or(unreadable("week"))?,
            None => Arc::default(),
        };
        let special = match self.special.remove(&Some(provider.id)) {
            // A provider's own day comes before the clinic's.
            Some(own) => {
                let mut days = (*self.clinic).clone();
                days.extend(own);
                Arc::new(days)
            }
            None => self.clinic.clone(),
        };
        let mut visits = HashMap::new();
        for start in self.visits.remove(&provider.id).unwrap_or_default() {
            *visits.entry(zone.to_datetime(start).date()).or_default() += 1;
        }
        let rooms = service.terms.room_kind.is_some().then(|| {
            let there = self.rooms.get(&provider.location_id);
            there.cloned().unwrap_or_else(|| Arc::new([]))
        });
        Ok(Calendar {
            zone,
            week,
            special,
            busy: Spans::new(self.busy.remove(&id).unwrap_or_default()),
            blocked: Spans::new(self.blocked.remove(&id).unwrap_or_default()),
            rooms,
            rules: service.rules(),
            visits,
        })
    }
}

const fn unreadable(what: &'static str) -> Error {
    Error::Unreadable(what)
}

fn grouped<K: Eq + Hash, T>(rows: Vec<(K, T)>) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for (key, value) in rows {
        groups.entry(key).or_default().push(value);
    }
    groups
}
