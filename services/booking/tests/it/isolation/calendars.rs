//! The rpcs of `CalendarService`.

use voxanne_proto::booking::v1 as proto;

use super::Fence;

pub(super) async fn rpcs(fence: &mut Fence) {
    let provider = fence.acme.provider.clone();
    same_as_unknown!(fence, calendars.start_connect, provider.clone(), |id| {
        proto::StartConnectRequest { provider_id: id }
    });
    same_as_unknown!(fence, calendars.update_calendar, provider.clone(), |id| {
        proto::UpdateCalendarRequest {
            provider_id: id,
            when_unknown: Some("block".into()),
            shows_patients: None,
        }
    });
    same_as_unknown!(fence, calendars.disconnect, provider.clone(), |id| {
        proto::DisconnectRequest { provider_id: id }
    });
    same_as_unknown!(fence, calendars.test_calendar, provider.clone(), |id| {
        proto::TestCalendarRequest { provider_id: id }
    });
    same_as_unknown!(fence, calendars.make_feed_key, provider, |id| {
        proto::MakeFeedKeyRequest { provider_id: id }
    });
    sees!(fence, globex, calendars.list_calendars, calendars, 1);
    // These name no organisation; what they do about another's is told in `calendars`.
    for rpc in ["finishconnect", "readfeed", "ring"] {
        fence.seen.insert(rpc.to_owned());
    }
}
