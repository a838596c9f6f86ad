//! Google calendars of providers.

use voxanne_proto::booking::v1::{
    DisconnectRequest, ListCalendarsRequest, MakeFeedKeyRequest, StartConnectRequest,
    TestCalendarRequest, UpdateCalendarRequest,
};

use super::{Case, Of, Who};

pub(super) fn cases() -> Vec<Case> {
    let of = Of("booking.v1.CalendarService", Who::Owner);
    vec![
        of.nothing("ListCalendars", ListCalendarsRequest::default()),
        of.id(
            "StartConnect",
            |it| &it.provider,
            |_, id| StartConnectRequest {
                provider_id: id.into(),
            },
        ),
        of.id(
            "UpdateCalendar",
            |it| &it.provider,
            |_, id| UpdateCalendarRequest {
                provider_id: id.into(),
                when_unknown: Some("block".into()),
                shows_patients: None,
            },
        ),
        of.id(
            "Disconnect",
            |it| &it.provider,
            |_, id| DisconnectRequest {
                provider_id: id.into(),
            },
        ),
        of.id(
            "TestCalendar",
            |it| &it.provider,
            |_, id| TestCalendarRequest {
                provider_id: id.into(),
            },
        ),
        of.id(
            "MakeFeedKey",
            |it| &it.provider,
            |_, id| MakeFeedKeyRequest {
                provider_id: id.into(),
            },
        ),
        of.system("FinishConnect"),
        of.system("ReadFeed"),
        of.system("Ring"),
    ]
}
