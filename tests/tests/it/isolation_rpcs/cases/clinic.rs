//! What a clinic is made of.

use voxanne_proto::booking::v1::{
    CreateLocationRequest, CreatePatientRequest, CreateProviderRequest, CreateServiceRequest,
    DeleteLocationRequest, DeleteProviderRequest, DeleteScheduleRequest, DeleteServiceRequest,
    GetLocationRequest, GetPatientRequest, GetProviderRequest, GetServiceRequest,
    ListLocationsRequest, ListPatientsRequest, ListProvidersRequest, ListSchedulesRequest,
    ListServicesRequest, PutScheduleRequest, SetUpClinicRequest, UpdateLocationRequest,
    UpdatePatientRequest, UpdateProviderRequest, UpdateServiceRequest,
};

use super::{Case, Of, Who};

const OF: Of = Of("booking.v1.ClinicService", Who::Owner);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = what_names_nothing();
    cases.extend(what_shows_one());
    cases.extend(what_changes_one());
    cases.extend(what_builds_on_one());
    cases.extend(what_takes_one_away());
    cases
}

fn what_names_nothing() -> Vec<Case> {
    vec![
        OF.by(Who::Job).nothing(
            "SetUpClinic",
            SetUpClinicRequest {
                name: "Main".into(),
                time_zone: "Europe/Berlin".into(),
            },
        ),
        OF.nothing("ListLocations", ListLocationsRequest::default()),
        OF.nothing("ListProviders", ListProvidersRequest::default()),
        OF.nothing("ListServices", ListServicesRequest::default()),
        OF.nothing("ListSchedules", ListSchedulesRequest::default()),
        OF.nothing("ListPatients", ListPatientsRequest::default()),
        OF.nothing(
            "CreateLocation",
            CreateLocationRequest {
                name: "Annex".into(),
                time_zone: "Europe/Berlin".into(),
            },
        ),
        OF.nothing(
            "CreateService",
            CreateServiceRequest {
                name: "X-ray".into(),
                duration_minutes: 15,
                ..Default::default()
            },
        ),
        // Another clinic has a patient of this name and number too.
        OF.nothing(
            "CreatePatient",
            CreatePatientRequest {
                name: "Zebediah Quillfeather".into(),
                phone: "+12125550142".into(),
                email: "zebediah@elsewhere.example".into(),
                ..Default::default()
            },
        ),
    ]
}

fn what_shows_one() -> Vec<Case> {
    vec![
        OF.id(
            "GetLocation",
            |it| &it.location,
            |_, id| GetLocationRequest { id: id.into() },
        ),
        OF.id(
            "GetProvider",
            |it| &it.provider,
            |_, id| GetProviderRequest { id: id.into() },
        ),
        OF.id(
            "GetService",
            |it| &it.service,
            |_, id| GetServiceRequest { id: id.into() },
        ),
        OF.id(
            "GetPatient",
            |it| &it.patient,
            |_, id| GetPatientRequest { id: id.into() },
        ),
    ]
}

fn what_changes_one() -> Vec<Case> {
    vec![
        OF.id(
            "UpdateLocation",
            |it| &it.location,
            |_, id| UpdateLocationRequest {
                id: id.into(),
                name: Some("Renamed".into()),
                ..Default::default()
            },
        ),
        OF.id(
            "UpdateProvider",
            |it| &it.provider,
            |_, id| UpdateProviderRequest {
                id: id.into(),
                name: Some("Renamed".into()),
                ..Default::default()
            },
        ),
        OF.id(
            "UpdateProvider",
            |it| &it.location,
            |mine, id| UpdateProviderRequest {
                id: mine.provider.clone(),
                location_id: Some(id.into()),
                ..Default::default()
            },
        ),
        OF.id(
            "UpdateService",
            |it| &it.service,
            |_, id| UpdateServiceRequest {
                id: id.into(),
                name: Some("Renamed".into()),
                ..Default::default()
            },
        ),
        OF.id(
            "UpdatePatient",
            |it| &it.patient,
            |_, id| UpdatePatientRequest {
                id: id.into(),
                name: Some("Renamed".into()),
                ..Default::default()
            },
        ),
    ]
}

/// What is made of, or for, something that is there.
fn what_builds_on_one() -> Vec<Case> {
    vec![
        OF.id(
            "CreateProvider",
            |it| &it.location,
            |_, id| CreateProviderRequest {
                name: "Dr. New".into(),
                location_id: id.into(),
            },
        ),
        OF.id(
            "PutSchedule",
            |it| &it.provider,
            |_, id| PutScheduleRequest {
                provider_id: id.into(),
                ..Default::default()
            },
        ),
    ]
}

/// A visit is to come, so what it needs stays.
fn what_takes_one_away() -> Vec<Case> {
    vec![
        OF.id(
            "DeleteLocation",
            |it| &it.location,
            |_, id| DeleteLocationRequest { id: id.into() },
        ),
        OF.id(
            "DeleteProvider",
            |it| &it.provider,
            |_, id| DeleteProviderRequest { id: id.into() },
        ),
        OF.id(
            "DeleteService",
            |it| &it.service,
            |_, id| DeleteServiceRequest { id: id.into() },
        ),
        OF.id(
            "DeleteSchedule",
            |it| &it.provider,
            |_, id| DeleteScheduleRequest {
                provider_id: id.into(),
            },
        ),
    ]
}
