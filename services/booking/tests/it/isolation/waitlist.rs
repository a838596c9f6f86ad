//! The rpcs of `WaitlistService` and `SeriesService`.

use voxanne_proto::booking::v1::{self as proto, create_series_request, join_waitlist_request};

use super::{Fence, PHONE};
use crate::desk::proto_at;

const LATER: &str = "2026-12-09T11:00:00Z";

pub(super) async fn rpcs(fence: &mut Fence) {
    joining(fence).await;
    entries(fence).await;
    new_series(fence).await;
    series(fence).await;
}

fn patient() -> proto::BookedPatient {
    proto::BookedPatient {
        name: "Grace Hopper".into(),
        phone: PHONE.into(),
        ..Default::default()
    }
}

async fn joining(fence: &mut Fence) {
    let mine = proto::JoinWaitlistRequest {
        service_id: fence.globex.service.clone(),
        from_date: "2026-12-02".into(),
        to_date: "2026-12-03".into(),
        who: Some(join_waitlist_request::Who::Patient(patient())),
        ..Default::default()
    };
    let service = fence.acme.service.clone();
    same_as_unknown!(fence, waitlist.join_waitlist, service, |id| {
        proto::JoinWaitlistRequest {
            service_id: id,
            ..mine.clone()
        }
    });
    let provider = fence.acme.provider.clone();
    same_as_unknown!(fence, waitlist.join_waitlist, provider, |id| {
        proto::JoinWaitlistRequest {
            provider_id: id,
            ..mine.clone()
        }
    });
    let patient = fence.patient.clone();
    same_as_unknown!(fence, waitlist.join_waitlist, patient, |id| {
        proto::JoinWaitlistRequest {
            who: Some(join_waitlist_request::Who::PatientId(id)),
            ..mine.clone()
        }
    });
}

async fn entries(fence: &mut Fence) {
    let theirs = proto::JoinWaitlistRequest {
        service_id: fence.acme.service.clone(),
        from_date: "2027-01-02".into(),
        to_date: "2027-01-03".into(),
        who: Some(join_waitlist_request::Who::PatientId(fence.patient.clone())),
        ..Default::default()
    };
    let request = fence.desk.ask(&fence.acme.tenant, theirs);
    let joined = fence.desk.waitlist().join_waitlist(request).await.unwrap();
    let entry = joined.into_inner().entry.unwrap().id;
    same_as_unknown!(fence, waitlist.accept_offer, entry.clone(), |id| {
        proto::AcceptOfferRequest { id, version: None }
    });
    same_as_unknown!(fence, waitlist.decline_offer, entry.clone(), |id| {
        proto::DeclineOfferRequest { id, version: None }
    });
    same_as_unknown!(fence, waitlist.leave_waitlist, entry, |id| {
        proto::LeaveWaitlistRequest { id }
    });
    sees!(fence, globex, waitlist.list_waitlist, entries, 0);
    sees!(fence, acme, waitlist.list_waitlist, entries, 1);
}

async fn new_series(fence: &mut Fence) {
    let mine = proto::CreateSeriesRequest {
        service_id: fence.globex.service.clone(),
        starts_at: proto_at(LATER),
        every_weeks: 1,
        count: 2,
        who: Some(create_series_request::Who::Patient(patient())),
        ..Default::default()
    };
    let service = fence.acme.service.clone();
    same_as_unknown!(fence, series.create_series, service, |id| {
        proto::CreateSeriesRequest {
            service_id: id,
            ..mine.clone()
        }
    });
    let provider = fence.acme.provider.clone();
    same_as_unknown!(fence, series.create_series, provider, |id| {
        proto::CreateSeriesRequest {
            provider_id: id,
            ..mine.clone()
        }
    });
    let patient = fence.patient.clone();
    same_as_unknown!(fence, series.create_series, patient, |id| {
        proto::CreateSeriesRequest {
            who: Some(create_series_request::Who::PatientId(id)),
            ..mine.clone()
        }
    });
}

async fn series(fence: &mut Fence) {
    let theirs = proto::CreateSeriesRequest {
        service_id: fence.acme.service.clone(),
        starts_at: proto_at(LATER),
        every_weeks: 1,
        count: 2,
        who: Some(create_series_request::Who::PatientId(fence.patient.clone())),
        ..Default::default()
    };
    let request = fence.desk.ask(&fence.acme.tenant, theirs);
    let booked = fence.desk.series().create_series(request).await.unwrap();
    let series = booked.into_inner().id;
    same_as_unknown!(fence, series.cancel_series, series, |id| {
        proto::CancelSeriesRequest {
            id,
            ..Default::default()
        }
    });
}
