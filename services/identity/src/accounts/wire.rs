//! Sign-up and login on the wire.

use voxanne_problem::{Problem, Violations};
use voxanne_proto::identity::v1 as proto;

use super::{ClinicName, Email, NewPassword, ZoneName, sign_up::NewAccount};

impl TryFrom<proto::SignUpRequest> for NewAccount {
    type Error = Problem;

    /// Names every bad field, as the client wrote it.
    fn try_from(request: proto::SignUpRequest) -> Result<Self, Problem> {
        let mut bad = Violations::default();
        let email = bad.take("email", "EMAIL", request.email.parse::<Email>());
        let password = bad.take(
            "password",
            "PASSWORD",
            request.password.parse::<NewPassword>(),
        );
        let name = bad.take(
            "clinicName",
            "NAME",
            request.clinic_name.parse::<ClinicName>(),
        );
        let zone = bad.take(
            "timeZone",
            "TIME_ZONE",
            request.time_zone.parse::<ZoneName>(),
        );
        let account = (|| {
            Some(Self {
                email: email?,
                password: password?,
                clinic_name: name?,
                time_zone: zone?,
                device: request.device.into(),
            })
        })();
        bad.finish(account)
    }
}
