//! Which permission each route needs: the one table that the tenant layer enforces and the
//! document shows. A route that is not in it lets nobody in.

use axum::http::Method;
use voxanne_tenant::Permission;

use crate::openapi::ORG_PATH;

/// What a route asks of who calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The role of a member, or the scopes of an API key, must have it.
    Permission(Permission),
    /// It is about the session itself, so any signed-in user may, and no key.
    Session,
}

/// What the route with this method and path template needs.
pub fn needed(method: &Method, path: &str) -> Option<Needs> {
    let reads = method == Method::GET;
    // Anybody may leave; identity lets nobody remove another without the right to.
    if method == Method::DELETE && path == "/api/org/{orgId}/members/{id}" {
        return Some(Needs::Permission(Permission::MembersRead));
    }
    // A feed's key opens it to whoever has it.
    if path == "/api/org/{orgId}/providers/{id}/feed-key" {
        return Some(Needs::Permission(Permission::CredentialsWrite));
    }
    if let Some(below) = path.strip_prefix(ORG_PATH) {
        return of_org(reads, below).map(Needs::Permission);
    }
    match (reads, path) {
        (false, "/api/booking/confirm") => Some(Needs::Permission(Permission::BookingsWrite)),
        (false, "/api/founders/save-agent") => Some(Needs::Permission(Permission::AgentWrite)),
        (true, "/api/google/oauth/start") => Some(Needs::Permission(Permission::CredentialsWrite)),
        (true, "/frontend/stream") => Some(Needs::Permission(Permission::EventsRead)),
        (_, path) if path.starts_with("/api/auth/") => Some(Needs::Session),
        _ => None,
    }
}

/// `below` is the path after the organisation. Deeper paths of a resource need what it needs.
fn of_org(reads: bool, below: &str) -> Option<Permission> {
    let resource = below.split('/').nth(1)?;
    if resource == "fhir" {
        return of_fhir(reads, below);
    }
    let (to_read, to_write) = match resource {
        "locations" | "providers" | "services" | "schedules" | "slots" | "rooms" | "exceptions"
        | "blocks" => (Permission::ClinicRead, Permission::ClinicWrite),
        "bookings" | "holds" | "waitlist" => (Permission::BookingsRead, Permission::BookingsWrite),
        "patients" => (Permission::PatientsRead, Permission::PatientsWrite),
        "tasks" => (Permission::TasksRead, Permission::TasksWrite),
        "messages" => (Permission::MessagesRead, Permission::MessagesWrite),
        "calls" => (Permission::CallsRead, Permission::CallsRead),
        "agent" => (Permission::AgentRead, Permission::AgentWrite),
        "credentials" | "calendars" => (Permission::CredentialsRead, Permission::CredentialsWrite),
        "members" | "invitations" => (Permission::MembersRead, Permission::MembersWrite),
        "api-keys" => (Permission::ApiKeysRead, Permission::ApiKeysWrite),
        "audit" => (Permission::AuditRead, Permission::AuditRead),
        _ => return None,
    };
    Some(if reads { to_read } else { to_write })
}

/// What the REST route needs that tells or does the same.
fn of_fhir(reads: bool, below: &str) -> Option<Permission> {
    let mut parts = below.split('/').skip(2);
    match (parts.next()?, parts.next()) {
        // Free times are no bookings.
        ("Appointment", Some("$find")) => Some(Permission::ClinicRead),
        ("Appointment", Some("$hold" | "$book")) if !reads => Some(Permission::BookingsWrite),
        ("Appointment", _) if reads => Some(Permission::BookingsRead),
        ("Patient", _) if reads => Some(Permission::PatientsRead),
        (
            "metadata" | "Schedule" | "Slot" | "HealthcareService" | "Practitioner" | "Location",
            _,
        ) if reads => Some(Permission::ClinicRead),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_needs_what_its_resource_needs() {
        for (method, path, permission) in [
            (
                Method::GET,
                "/api/org/{orgId}/bookings",
                Permission::BookingsRead,
            ),
            (
                Method::POST,
                "/api/org/{orgId}/bookings/{id}/cancel",
                Permission::BookingsWrite,
            ),
            (
                Method::DELETE,
                "/api/org/{orgId}/credentials/twilio",
                Permission::CredentialsWrite,
            ),
            (
                Method::DELETE,
                "/api/org/{orgId}/members/{id}",
                Permission::MembersRead,
            ),
            (
                Method::PATCH,
                "/api/org/{orgId}/members/{id}",
                Permission::MembersWrite,
            ),
            (
                Method::POST,
                "/api/booking/confirm",
                Permission::BookingsWrite,
            ),
            (
                Method::POST,
                "/api/org/{orgId}/fhir/Appointment/$find",
                Permission::ClinicRead,
            ),
            (
                Method::POST,
                "/api/org/{orgId}/fhir/Appointment/$book",
                Permission::BookingsWrite,
            ),
            (
                Method::GET,
                "/api/org/{orgId}/fhir/Appointment/{id}",
                Permission::BookingsRead,
            ),
            (
                Method::GET,
                "/api/org/{orgId}/fhir/Patient/{id}",
                Permission::PatientsRead,
            ),
            (
                Method::GET,
                "/api/org/{orgId}/fhir/Slot",
                Permission::ClinicRead,
            ),
        ] {
            let needed = needed(&method, path);
            assert_eq!(needed, Some(Needs::Permission(permission)), "{path}");
        }
    }

    #[test]
    fn what_is_not_listed_lets_nobody_in() {
        for path in [
            "/api/org/{orgId}",
            "/api/org/{orgId}/",
            "/api/org/{orgId}/secrets",
            "/api/org/{orgId}/bookingsx",
            "/api/org/{orgId}/fhir",
            "/api/org/{orgId}/fhir/",
            "/api/org/{orgId}/fhir/Observation",
            "/api/internal/anything",
            "",
        ] {
            assert_eq!(needed(&Method::GET, path), None, "{path}");
        }
    }
}
