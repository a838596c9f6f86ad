//! A clinic that never closes.

use tonic::transport::Channel;
use voxanne_ids::OrgId;
use voxanne_proto::booking::v1::{self as proto, clinic_service_client::ClinicServiceClient};
use voxanne_tenant::{Outbound, Tenant};
use voxanne_testkit::staff;

pub(super) struct Clinic {
    pub(super) tenant: Tenant,
    pub(super) service: String,
    pub(super) providers: Vec<String>,
}

impl Clinic {
    pub(super) async fn open(channel: &Channel, outbound: &Outbound, providers: usize) -> Self {
        let tenant = staff(OrgId::new());
        let mut clinics = ClinicServiceClient::new(channel.clone());
        let set_up = proto::SetUpClinicRequest {
            name: "Main".into(),
            time_zone: "UTC".into(),
        };
        let set_up = outbound.request(&tenant, set_up);
        clinics.set_up_clinic(set_up).await.unwrap();
        let hours = (1..=7).map(|weekday| proto::Hours {
            weekday,
            opens: "00:00".into(),
            closes: "24:00".into(),
        });
        let week = proto::PutScheduleRequest {
            hours: hours.collect(),
            ..Default::default()
        };
        let week = outbound.request(&tenant, week);
        clinics.put_schedule(week).await.unwrap();
        let mut ids = Vec::new();
        for number in 0..providers {
            let new = proto::CreateProviderRequest {
                name: format!("Dr. {number}"),
                ..Default::default()
            };
            let made = clinics
                .create_provider(outbound.request(&tenant, new))
                .await;
            ids.push(made.unwrap().into_inner().provider.unwrap().id);
        }
        let service = proto::CreateServiceRequest {
            name: "Check-up".into(),
            duration_minutes: 30,
            terms: Some(proto::Terms {
                step_minutes: Some(15),
                ..Default::default()
            }),
            ..Default::default()
        };
        let service = clinics
            .create_service(outbound.request(&tenant, service))
            .await;
        Self {
            service: service.unwrap().into_inner().service.unwrap().id,
            tenant,
            providers: ids,
        }
    }
}
