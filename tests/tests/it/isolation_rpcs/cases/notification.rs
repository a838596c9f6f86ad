//! Text messages.

use voxanne_proto::notification::v1::{
    ListMessagesRequest, RecordStatusRequest, RetryMessageRequest, SendMessageRequest,
    TestCredentialRequest,
};

use super::{Case, Of, Who};

pub(super) fn cases() -> Vec<Case> {
    let of = Of("notification.v1.NotificationService", Who::Owner);
    vec![
        Of("notification.v1.CredentialTestService", Who::Owner).nothing(
            "TestCredential",
            TestCredentialRequest {
                provider: "twilio".into(),
            },
        ),
        of.nothing(
            "SendMessage",
            SendMessageRequest {
                to: "+12125550122".into(),
                body: "We are closed on Monday.".into(),
            },
        ),
        of.nothing("ListMessages", ListMessagesRequest::default()),
        of.id(
            "ListMessages",
            |it| &it.booking,
            |_, id| ListMessagesRequest {
                booking_id: id.into(),
                ..Default::default()
            },
        ),
        of.id(
            "RetryMessage",
            |it| &it.message,
            |_, id| RetryMessageRequest { id: id.into() },
        ),
        of.by(Who::Webhook).id(
            "RecordStatus",
            |it| &it.message,
            |_, id| RecordStatusRequest {
                message_id: id.into(),
                sid: format!("SM{}", "0".repeat(32)),
                status: "delivered".into(),
                error_code: 0,
            },
        ),
        of.by(Who::Webhook).id(
            "RecordStatus",
            |it| &it.sid,
            |_, id| RecordStatusRequest {
                message_id: String::new(),
                sid: id.into(),
                status: "delivered".into(),
                error_code: 0,
            },
        ),
    ]
}
