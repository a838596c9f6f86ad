//! The rpcs of `ClinicService`.

use voxanne_proto::booking::v1 as proto;

use super::{Fence, PHONE};

pub(super) async fn rpcs(fence: &mut Fence) {
    locations(fence).await;
    providers(fence).await;
    services(fence).await;
    patients(fence).await;
    lists(fence).await;
    creations(fence).await;
}

async fn locations(fence: &mut Fence) {
    let location = fence.acme.location.clone();
    same_as_unknown!(fence, clinics.get_location, location.clone(), |id| {
        proto::GetLocationRequest { id: id.clone() }
    });
    same_as_unknown!(fence, clinics.update_location, location.clone(), |id| {
        proto::UpdateLocationRequest {
            id,
            name: Some("X".into()),
            time_zone: None,
            active: None,
        }
    });
    same_as_unknown!(fence, clinics.create_provider, location.clone(), |id| {
        proto::CreateProviderRequest {
            name: "X".into(),
            location_id: id,
        }
    });
    let provider = fence.globex.provider.clone();
    same_as_unknown!(fence, clinics.update_provider, location, |id| {
        proto::UpdateProviderRequest {
            id: provider.clone(),
            location_id: Some(id),
            ..Default::default()
        }
    });
}

async fn providers(fence: &mut Fence) {
    let provider = fence.acme.provider.clone();
    same_as_unknown!(fence, clinics.get_provider, provider.clone(), |id| {
        proto::GetProviderRequest { id: id.clone() }
    });
    same_as_unknown!(fence, clinics.update_provider, provider.clone(), |id| {
        proto::UpdateProviderRequest {
            id,
            active: Some(false),
            ..Default::default()
        }
    });
    same_as_unknown!(fence, clinics.put_schedule, provider, |id| {
        proto::PutScheduleRequest {
            provider_id: id,
            ..Default::default()
        }
    });
    let provider = fence.acme.provider.clone();
    same_as_unknown!(fence, clinics.delete_provider, provider.clone(), |id| {
        proto::DeleteProviderRequest { id: id.clone() }
    });
    same_as_unknown!(fence, clinics.delete_schedule, provider, |id| {
        proto::DeleteScheduleRequest {
            provider_id: id.clone(),
        }
    });
}

async fn services(fence: &mut Fence) {
    let service = fence.acme.service.clone();
    same_as_unknown!(fence, clinics.get_service, service.clone(), |id| {
        proto::GetServiceRequest { id: id.clone() }
    });
    same_as_unknown!(fence, clinics.update_service, service, |id| {
        proto::UpdateServiceRequest {
            id,
            active: Some(false),
            ..Default::default()
        }
    });
    let service = fence.acme.service.clone();
    same_as_unknown!(fence, clinics.delete_service, service, |id| {
        proto::DeleteServiceRequest { id: id.clone() }
    });
    let location = fence.acme.location.clone();
    same_as_unknown!(fence, clinics.delete_location, location, |id| {
        proto::DeleteLocationRequest { id: id.clone() }
    });
    terms(fence).await;
}

/// A service cannot be tied to another organisation's place or people.
async fn terms(fence: &mut Fence) {
    let service = fence.globex.service.clone();
    let change = |terms| proto::UpdateServiceRequest {
        id: service.clone(),
        terms: Some(terms),
        ..Default::default()
    };
    let location = fence.acme.location.clone();
    same_as_unknown!(fence, clinics.update_service, location, |id| {
        change(proto::Terms {
            location_id: Some(id.clone()),
            ..Default::default()
        })
    });
    let provider = fence.acme.provider.clone();
    same_as_unknown!(fence, clinics.update_service, provider, |id| {
        change(proto::Terms {
            providers: Some(proto::ProviderIds {
                ids: vec![id.clone()],
            }),
            ..Default::default()
        })
    });
}

async fn patients(fence: &mut Fence) {
    let patient = fence.patient.clone();
    same_as_unknown!(fence, clinics.get_patient, patient.clone(), |id| {
        proto::GetPatientRequest { id: id.clone() }
    });
    same_as_unknown!(fence, clinics.update_patient, patient, |id| {
        proto::UpdatePatientRequest {
            id,
            name: Some("X".into()),
            ..Default::default()
        }
    });
}

/// globex sees its own clinic, and nothing of acme's.
async fn lists(fence: &mut Fence) {
    sees!(fence, globex, clinics.list_locations, locations, 1);
    sees!(fence, globex, clinics.list_providers, providers, 1);
    sees!(fence, globex, clinics.list_services, services, 1);
    sees!(fence, globex, clinics.list_schedules, schedules, 1);
    sees!(fence, globex, clinics.list_patients, patients, 0);
}

/// What takes no id stays within its organisation.
async fn creations(fence: &mut Fence) {
    let (desk, tenant) = (&fence.desk, &fence.globex.tenant);
    let new = proto::CreatePatientRequest {
        name: "Ada Lovelace".into(),
        phone: PHONE.into(),
        email: "ada@globex.example".into(),
    };
    let same = desk
        .clinics()
        .create_patient(desk.ask(tenant, new))
        .await
        .unwrap();
    let same = same.into_inner().patient.unwrap().id;
    assert_ne!(same, fence.patient, "the same person is another row");
    let new = proto::CreateLocationRequest {
        name: "Second".into(),
        time_zone: "UTC".into(),
    };
    desk.clinics()
        .create_location(desk.ask(tenant, new))
        .await
        .unwrap();
    desk.service(tenant, "Second", (30, 0, 0)).await;
    let set_up = proto::SetUpClinicRequest {
        name: "Third".into(),
        time_zone: "UTC".into(),
    };
    desk.clinics()
        .set_up_clinic(desk.ask(tenant, set_up))
        .await
        .unwrap();
    for rpc in [
        "createpatient",
        "createlocation",
        "createservice",
        "setupclinic",
    ] {
        fence.seen.insert(rpc.to_owned());
    }
    sees!(fence, acme, clinics.list_locations, locations, 1);
    sees!(fence, acme, clinics.list_services, services, 1);
    sees!(fence, acme, clinics.list_patients, patients, 1);
}
