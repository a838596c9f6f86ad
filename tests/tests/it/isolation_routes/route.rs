//! The routes of the published document.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::belongings::Belongings;

/// One method of one path of the document.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<String>,
    /// Documented to need a token of some kind.
    pub(crate) secured: bool,
}

impl Route {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with `owner`'s organisation and ids, and with `id` in place of `named` ones.
    pub(crate) fn url(&self, org: &str, id: impl Fn(Thing) -> String) -> String {
        let mut url = String::new();
        let mut before = "";
        for part in self.path.split('/').skip(1) {
            url.push('/');
            match part {
                "{orgId}" => url.push_str(org),
                "{tool}" => url.push_str("get-calendar-slots"),
                "{provider}" => url.push_str("twilio"),
                part if part.starts_with('{') => url.push_str(&id(thing(before))),
                part => url.push_str(part),
            }
            before = part;
        }
        url
    }

    /// What its path names, beyond the organisation.
    pub(crate) fn names(&self) -> Option<Thing> {
        let (before, last) = self.path.split_once("}/").map_or(("", ""), |(_, rest)| {
            rest.split_once("/{").unwrap_or(("", ""))
        });
        let named = !last.is_empty() && !last.starts_with("provider}");
        named.then(|| thing(before.rsplit('/').next().unwrap_or_default()))
    }

    /// Parameters that this route cannot do without, and one more.
    pub(crate) fn query(&self, mine: &Belongings, more: Option<(&str, &str)>) -> String {
        let mut pairs: BTreeMap<&str, &str> = BTreeMap::new();
        let until = later(&mine.starts_at);
        for name in &self.query {
            match name.as_str() {
                "from" => drop(pairs.insert("from", &mine.starts_at)),
                "to" => drop(pairs.insert("to", &until)),
                // As FHIR calls them.
                "start" => drop(pairs.insert("start", &mine.starts_at)),
                "end" => drop(pairs.insert("end", &until)),
                _ => {}
            }
        }
        pairs.extend(more);
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if pairs.is_empty() {
            String::new()
        } else {
            format!("?{}", pairs.join("&"))
        }
    }

    /// A body that it takes from `asker`.
    pub(crate) fn body(&self, asker: &Belongings) -> Value {
        if self.path.ends_with("/merge") {
            json!({ "intoId": asker.double })
        } else if self.path.ends_with("/resolve") {
            json!({ "outcome": "Called back" })
        } else if self.method == Method::PATCH && self.path.contains("/members/") {
            json!({ "role": "owner" })
        } else if self.method == Method::PATCH && self.path.contains("/calendars/") {
            json!({ "whenUnknown": "block" })
        } else if self.method == Method::PATCH {
            json!({ "name": "Renamed" })
        } else if self.path.ends_with("/reschedule") {
            json!({ "startsAt": "2100-01-01T10:00:00Z" })
        } else {
            json!({})
        }
    }
}

/// Parameters of FHIR that name what a clinic has.
pub(super) const FHIR_NAMES: [&str; 6] = [
    "actor",
    "patient",
    "practitioner",
    "schedule",
    "service-type",
    "visit-type",
];

/// Every route of the document.
pub(crate) fn all(document: &Value) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            let none = Vec::new();
            let parameters = operation["parameters"].as_array().unwrap_or(&none);
            let query = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "query")
                .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
                .collect();
            let security = operation["security"].as_array();
            routes.push(Route {
                method,
                path: path.clone(),
                query,
                secured: security.is_some_and(|list| !list.is_empty()),
            });
        }
    }
    // Behind a route that deletes, others would find nothing.
    routes.sort_by_key(|route| route.method == Method::DELETE);
    routes
}

pub(crate) type Thing = fn(&Belongings) -> &String;

/// What the parameter behind a part of a path, or a parameter of this name, names.
pub(crate) fn thing(name: &str) -> Thing {
    match name {
        "locations" | "locationId" => |it| &it.location,
        "providers" | "providerId" | "calendars" => |it| &it.provider,
        "services" | "serviceId" => |it| &it.service,
        // A provider's own week goes by the provider's id.
        "schedules" => |it| &it.provider,
        "rooms" | "roomId" => |it| &it.room,
        "exceptions" => |it| &it.exception,
        "blocks" => |it| &it.block,
        "patients" | "patientId" => |it| &it.patient,
        "tasks" => |it| &it.task,
        "bookings" | "bookingId" => |it| &it.booking,
        "Appointment" => |it| &it.booking,
        "HealthcareService" | "service-type" | "visit-type" => |it| &it.service,
        "Location" => |it| &it.location,
        "Patient" | "patient" => |it| &it.patient,
        "Practitioner" | "Schedule" | "practitioner" | "schedule" | "actor" => |it| &it.provider,
        "holds" => |it| &it.hold,
        "series" => |it| &it.series,
        "waitlist" => |it| &it.waitlist_entry,
        "api-keys" => |it| &it.api_key,
        "invitations" => |it| &it.invitation,
        "members" => |it| &it.member,
        "sessions" => |it| &it.sign_in,
        "messages" | "messageId" => |it| &it.message,
        "calls" => |it| &it.call,
        "callId" => |it| &it.vapi_call,
        other => panic!("what does `{other}` name? this test needs a case for it"),
    }
}

fn later(moment: &str) -> String {
    let moment: jiff::Timestamp = moment.parse().expect("the API writes RFC 3339");
    (moment + jiff::SignedDuration::from_hours(72)).to_string()
}
