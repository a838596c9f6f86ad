//! The waitlist, and visits that come again.

use prost_types::Timestamp;
use voxanne_proto::booking::v1::{
    AcceptOfferRequest, BookedPatient, CancelSeriesRequest, CreateSeriesRequest,
    DeclineOfferRequest, JoinWaitlistRequest, LeaveWaitlistRequest, ListWaitlistRequest,
    create_series_request, join_waitlist_request,
};

use super::{Case, Of, Who};
use crate::belongings::Belongings;

const OF: Of = Of("booking.v1.WaitlistService", Who::Owner);
const SERIES: Of = Of("booking.v1.SeriesService", Who::Owner);

pub(super) fn cases() -> Vec<Case> {
    let mut cases = entries();
    cases.extend(series());
    cases
}

fn entries() -> Vec<Case> {
    vec![
        OF.nothing("ListWaitlist", ListWaitlistRequest::default()),
        OF.id(
            "ListWaitlist",
            |it| &it.service,
            |_, id| ListWaitlistRequest {
                service_id: id.into(),
                ..Default::default()
            },
        ),
        OF.id(
            "JoinWaitlist",
            |it| &it.service,
            |mine, id| JoinWaitlistRequest {
                service_id: id.into(),
                ..wish(mine)
            },
        ),
        OF.id(
            "JoinWaitlist",
            |it| &it.provider,
            |mine, id| JoinWaitlistRequest {
                provider_id: id.into(),
                ..wish(mine)
            },
        ),
        OF.id(
            "JoinWaitlist",
            |it| &it.patient,
            |mine, id| JoinWaitlistRequest {
                who: Some(join_waitlist_request::Who::PatientId(id.into())),
                ..wish(mine)
            },
        ),
        OF.id(
            "AcceptOffer",
            |it| &it.waitlist_entry,
            |_, id| AcceptOfferRequest {
                id: id.into(),
                version: None,
            },
        ),
        OF.id(
            "DeclineOffer",
            |it| &it.waitlist_entry,
            |_, id| DeclineOfferRequest {
                id: id.into(),
                version: None,
            },
        ),
        OF.id(
            "LeaveWaitlist",
            |it| &it.waitlist_entry,
            |_, id| LeaveWaitlistRequest { id: id.into() },
        ),
    ]
}

fn series() -> Vec<Case> {
    vec![
        SERIES.id(
            "CreateSeries",
            |it| &it.service,
            |mine, id| CreateSeriesRequest {
                service_id: id.into(),
                ..weekly(mine, 31)
            },
        ),
        SERIES.id(
            "CreateSeries",
            |it| &it.provider,
            |mine, id| CreateSeriesRequest {
                provider_id: id.into(),
                ..weekly(mine, 32)
            },
        ),
        SERIES.id(
            "CreateSeries",
            |it| &it.patient,
            |mine, id| CreateSeriesRequest {
                who: Some(create_series_request::Who::PatientId(id.into())),
                ..weekly(mine, 33)
            },
        ),
        SERIES.id(
            "CancelSeries",
            |it| &it.series,
            // Nothing of it is that far ahead: its one visit is another case's.
            |mine, id| CancelSeriesRequest {
                id: id.into(),
                from: Some(at(mine, 300 * 24)),
                reason: "changed plans".into(),
            },
        ),
    ]
}

/// Days on which nothing becomes free.
fn wish(mine: &Belongings) -> JoinWaitlistRequest {
    JoinWaitlistRequest {
        service_id: mine.service.clone(),
        from_date: "2099-01-01".into(),
        to_date: "2099-01-02".into(),
        who: Some(join_waitlist_request::Who::Patient(patient())),
        ..Default::default()
    }
}

/// Two visits from `hours` after the free slot on; each case has hours of its own.
fn weekly(mine: &Belongings, hours: i64) -> CreateSeriesRequest {
    CreateSeriesRequest {
        service_id: mine.service.clone(),
        starts_at: Some(at(mine, hours)),
        every_weeks: 1,
        count: 2,
        who: Some(create_series_request::Who::Patient(patient())),
        ..Default::default()
    }
}

fn patient() -> BookedPatient {
    BookedPatient {
        name: "Ann Other".into(),
        phone: "+12125550133".into(),
        ..Default::default()
    }
}

fn at(mine: &Belongings, hours: i64) -> Timestamp {
    let start: jiff::Timestamp = mine.starts_at.parse().expect("the API writes RFC 3339");
    Timestamp {
        seconds: start.as_second() + hours * 3600,
        nanos: 0,
    }
}
