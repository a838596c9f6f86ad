//! A new organisation gets its first location and a default week.
//!
//! Sign-up asks for it directly; the event `org.created` asks again, so that a crash between the
//! two leaves no clinic without hours.

pub(crate) mod store;

use serde_json::Value;
use voxanne_events::{Event, New, consumer::Consume};
use voxanne_pg::OrgTx;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::booking::v1 as proto;
use voxanne_tenant::{Permission, Tenant};

use crate::{
    Desk, Error,
    availability::week::Week,
    fields::{Name, ZoneName},
    locations::{self, NewLocation},
    rights, schedules,
};

/// A location needs a name, also where the event tells none.
const UNNAMED: &str = "Main office";

impl Desk {
    #[tracing::instrument(name = "clinic.set_up", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn set_up(&self, tenant: &Tenant, first: NewLocation) -> Result<(), Error> {
        rights::require(tenant, Permission::ClinicWrite)?;
        let mut tx = OrgTx::begin(&self.pool, tenant).await?;
        set_up(&mut tx, &first).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn set_up(tx: &mut OrgTx, first: &NewLocation) -> Result<(), Error> {
    store::lock(tx).await?;
    if locations::store::first(tx).await?.is_none() {
        let location = locations::store::insert(tx, first).await?;
        tx.note("clinic.set_up", [location.id.as_uuid()]);
        schedules::store::insert_default(tx, &Week::usual()).await?;
    }
    Ok(())
}

impl TryFrom<proto::SetUpClinicRequest> for NewLocation {
    type Error = Problem;

    fn try_from(request: proto::SetUpClinicRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let name = bad.take("name", "NAME", request.name.parse::<Name>());
        let zone = bad.take(
            "timeZone",
            "TIME_ZONE",
            request.time_zone.parse::<ZoneName>(),
        );
        let new = (|| {
            Some(Self {
                name: name?,
                time_zone: zone?,
            })
        })();
        bad.finish(new)
    }
}

/// Sets up the clinic of every organisation that signs up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetUpClinics;

impl Consume for SetUpClinics {
    const NAME: &'static str = "booking.set_up_clinic";
    const KINDS: &'static [&'static str] = &["org.created"];
    const SERVICE: &'static str = "booking";

    async fn consume(&self, tx: &mut OrgTx, event: &Event) -> Result<Vec<New>, Problem> {
        if event.kind != "org.created" {
            return Ok(Vec::new());
        }
        match told(&event.data) {
            Some(first) => set_up(tx, &first).await?,
            // Failing would hold up the organisation's later events and mend nothing.
            None => tracing::error!(event.id = %event.id, "org.created tells no time zone"),
        }
        Ok(Vec::new())
    }
}

fn told(data: &Value) -> Option<NewLocation> {
    let name = data["name"].as_str().and_then(|name| name.parse().ok());
    Some(NewLocation {
        name: name.or_else(|| UNNAMED.parse().ok())?,
        time_zone: data["timeZone"].as_str()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_without_a_name_still_makes_a_location() {
        for (data, name) in [
            (
                json!({"timeZone": "Europe/Berlin", "name": "Acme"}),
                Some("Acme"),
            ),
            (json!({"timeZone": "Europe/Berlin"}), Some(UNNAMED)),
            (json!({"timeZone": "Mars/Olympus"}), None),
            (json!({}), None),
        ] {
            let read = told(&data);
            assert_eq!(read.as_ref().map(|one| one.name.as_str()), name, "{data}");
        }
    }
}
