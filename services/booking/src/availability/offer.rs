//! A service, and the calendars of those who offer it.

use jiff::{SignedDuration, tz::TimeZone};
use uuid::Uuid;
use voxanne_ids::ProviderId;
use voxanne_pg::OrgTx;

use super::{
    Calendar, Span,
    store::{self, Which},
    week::Week,
};
use crate::{Error, claims, error::What, services::Service};

/// Longer than any visit with its buffers (720 + 2 × 240 minutes), so that nothing that reaches
/// into a span is missed.
const REACH: SignedDuration = SignedDuration::from_hours(24);

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
    /// Reads who offers `service` and what is taken in `span`. Every active provider offers every
    /// service.
    pub(crate) async fn load(
        tx: &mut OrgTx,
        service: Service,
        which: &Which,
        span: Span,
    ) -> Result<Self, Error> {
        let found = store::list_providers(tx, which).await?;
        match which {
            Which::One(_) if found.is_empty() => return Err(Error::NotFound(What::Provider)),
            Which::Named(_) if found.is_empty() => return Err(Error::NotNamed(What::Provider)),
            Which::Any | Which::One(_) | Which::Named(_) => {}
        }
        let ids: Vec<Uuid> = found.iter().map(|one| one.id.as_uuid()).collect();
        let hours = store::list_hours(tx, &ids).await?;
        let wide = Span {
            from: span.from.saturating_sub(REACH).unwrap_or(span.from),
            to: span.to.saturating_add(REACH).unwrap_or(span.to),
        };
        let busy = claims::store::list_busy(tx, &ids, wide).await?;
        let providers = found
            .into_iter()
            .map(|one| {
                let week = Week::new(of(one.id, &hours)).map_err(|_overlap| unreadable("week"))?;
                let zone = TimeZone::get(&one.time_zone).map_err(|_gone| unreadable("zone"))?;
                let calendar = Calendar {
                    zone,
                    week,
                    busy: of(one.id, &busy),
                };
                Ok(Working {
                    id: one.id,
                    name: one.name,
                    time_zone: one.time_zone,
                    calendar,
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { service, providers })
    }
}

const fn unreadable(what: &'static str) -> Error {
    Error::Unreadable(what)
}

fn of<T: Copy>(provider: ProviderId, rows: &[(ProviderId, T)]) -> Vec<T> {
    rows.iter()
        .filter(|(id, _)| *id == provider)
        .map(|(_, value)| *value)
        .collect()
}
