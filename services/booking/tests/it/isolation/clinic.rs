//! The rpcs of `ClinicService`.

use voxanne_proto::booking::v1 as proto;

use super::{Fence, PHONE};

pub(super) async fn rpcs(fence: &mut Fence) {
    locations(fence).await;
    providers(fence).await;
    services(fence).await;
    patients(fence).await;
    persons(fence).await;
    tasks(fence).await;
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

async fn persons(fence: &mut Fence) {
    let patient = fence.patient.clone();
    let own = {
        let (desk, tenant) = (&fence.desk, &fence.globex.tenant);
        let new = proto::CreatePatientRequest {
            name: "Grace Hopper".into(),
            phone: "+14155550177".into(),
            ..Default::default()
        };
        let request = desk.ask(tenant, new);
        let made = desk.clinics().create_patient(request).await.unwrap();
        made.into_inner().patient.unwrap().id
    };
    same_as_unknown!(fence, patients.merge_patients, patient.clone(), |id| {
        proto::MergePatientsRequest {
            id,
            into_id: own.clone(),
        }
    });
    same_as_unknown!(fence, patients.merge_patients, patient.clone(), |id| {
        proto::MergePatientsRequest {
            id: own.clone(),
            into_id: id,
        }
    });
    same_as_unknown!(fence, patients.export_patient, patient.clone(), |id| {
        proto::ExportPatientRequest {
            id,
            cursor: String::new(),
        }
    });
    same_as_unknown!(fence, patients.erase_patient, patient, |id| {
        proto::ErasePatientRequest { id }
    });
    // Whoever is known elsewhere is a stranger here.
    let who = proto::IdentifyPatientRequest {
        phone: PHONE.into(),
        name: "Ada Lovelace".into(),
        date_of_birth: String::new(),
    };
    let request = fence.desk.ask(&fence.globex.tenant, who);
    let found = fence.desk.patients().identify_patient(request).await;
    let found = found.unwrap().into_inner();
    assert_eq!((&*found.patient_id, found.ambiguous), ("", false));
    fence.seen.insert("identifypatient".to_owned());
    let erase = proto::ErasePatientRequest { id: own };
    let request = fence.desk.ask(&fence.globex.tenant, erase);
    fence.desk.patients().erase_patient(request).await.unwrap();
}

async fn tasks(fence: &mut Fence) {
    let new = proto::CreateTaskRequest {
        patient_id: fence.patient.clone(),
        ..Default::default()
    };
    let request = fence.desk.ask(&fence.acme.tenant, new);
    let task = fence.desk.tasks().create_task(request).await.unwrap();
    let task = task.into_inner().task.unwrap().id;
    same_as_unknown!(fence, tasks.get_task, task.clone(), |id| {
        proto::GetTaskRequest { id }
    });
    same_as_unknown!(fence, tasks.assign_task, task.clone(), |id| {
        proto::AssignTaskRequest {
            id,
            owner_id: String::new(),
            version: None,
        }
    });
    same_as_unknown!(fence, tasks.resolve_task, task, |id| {
        proto::ResolveTaskRequest {
            id,
            outcome: "X".into(),
            version: None,
        }
    });
    let (patient, booking) = (fence.patient.clone(), fence.theirs.id.clone());
    same_as_unknown!(fence, tasks.create_task, patient, |id| {
        proto::CreateTaskRequest {
            patient_id: id,
            ..Default::default()
        }
    });
    same_as_unknown!(fence, tasks.create_task, booking, |id| {
        proto::CreateTaskRequest {
            booking_id: id,
            ..Default::default()
        }
    });
    sees!(fence, globex, tasks.list_tasks, tasks, 0);
    sees!(fence, acme, tasks.list_tasks, tasks, 1);
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
        ..Default::default()
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
