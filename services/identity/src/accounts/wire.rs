//! Sign-up and login on the wire.

use voxanne_problem::{Problem, Violations};
use voxanne_proto::identity::v1 as proto;

use super::{ClinicName, Email, NewPassword, ZoneName, login::LoggedIn, sign_up::NewAccount};
use crate::sessions::wire::Parts;

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

/// Reads a new password, which the client wrote into `field`.
pub(crate) fn new_password(field: &str, text: &str) -> Result<NewPassword, Problem> {
    let mut bad = Violations::default();
    let password = bad.take(field, "PASSWORD", text.parse::<NewPassword>());
    bad.finish(password)
}

macro_rules! logged_in {
    ($($answer:ident),*) => {$(
        impl From<LoggedIn> for proto::$answer {
            fn from(logged_in: LoggedIn) -> Self {
                let Parts { tokens, user, org, role } = logged_in.signed_in.into();
                let membership = |(org, role): (crate::orgs::Org, voxanne_tenant::Role)| {
                    proto::Membership {
                        org: Some(org.into()),
                        role: role.as_str().to_owned(),
                    }
                };
                Self {
                    tokens: Some(tokens),
                    user: Some(user),
                    org: Some(org),
                    role,
                    memberships: logged_in.memberships.into_iter().map(membership).collect(),
                }
            }
        }
    )*};
}

logged_in!(LoginResponse, LoginWithCodeResponse);
