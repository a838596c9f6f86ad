//! Sessions on the wire.

use secrecy::ExposeSecret as _;
use voxanne_clock::to_proto;
use voxanne_ids::SessionId;
use voxanne_privacy::Private;
use voxanne_proto::identity::v1 as proto;

use super::{ACCESS_FOR, Device, Member, Shown, SignedIn};

/// What sign-up, login and refresh answer with.
pub(crate) struct Parts {
    pub(crate) tokens: proto::Tokens,
    pub(crate) user: proto::User,
    pub(crate) org: proto::Org,
    pub(crate) role: String,
}

impl From<SignedIn> for Parts {
    fn from(signed_in: SignedIn) -> Self {
        let SignedIn {
            member,
            access_token,
            refresh_token,
            refresh_expires_at,
            session: _,
        } = signed_in;
        Self {
            tokens: proto::Tokens {
                access_token: access_token.expose_secret().to_owned(),
                expires_in_seconds: u32::try_from(ACCESS_FOR.as_secs())
                    .expect("an access token lasts for minutes"),
                refresh_token: refresh_token.expose_secret().to_owned(),
                refresh_expires_at: Some(to_proto(refresh_expires_at)),
            },
            user: user(&member),
            role: member.role.as_str().to_owned(),
            org: member.org.into(),
        }
    }
}

fn user(member: &Member) -> proto::User {
    proto::User {
        id: member.user.to_string(),
        email: member.email.expose().clone(),
        email_verified: member.email_verified,
        second_factor: member.second_factor,
    }
}

macro_rules! answers {
    ($($answer:ident),*) => {$(
        impl From<SignedIn> for proto::$answer {
            fn from(signed_in: SignedIn) -> Self {
                let Parts { tokens, user, org, role } = signed_in.into();
                Self { tokens: Some(tokens), user: Some(user), org: Some(org), role }
            }
        }
    )*};
}

answers!(SignUpResponse, RefreshResponse, SwitchResponse);

impl From<Member> for proto::GetSessionResponse {
    fn from(member: Member) -> Self {
        Self {
            user: Some(user(&member)),
            role: member.role.as_str().to_owned(),
            org: Some(member.org.into()),
        }
    }
}

/// Longest of each; the gateway's own words are shorter.
const ADDRESS: usize = 64;
const USER_AGENT: usize = 120;

impl From<Option<proto::Device>> for Device {
    fn from(device: Option<proto::Device>) -> Self {
        let told = |text: String, longest| {
            let text: String = text.chars().take(longest).collect();
            Some(Private::new(text)).filter(|text| !text.is_empty())
        };
        let proto::Device {
            address,
            user_agent,
        } = device.unwrap_or_default();
        Self {
            address: told(address, ADDRESS),
            user_agent: told(user_agent, USER_AGENT),
        }
    }
}

impl Shown {
    /// As the session `current` is shown it.
    pub(crate) fn told(self, current: SessionId) -> proto::Session {
        proto::Session {
            id: self.session.to_string(),
            org: Some(self.org.into()),
            started_at: Some(to_proto(self.started_at)),
            last_used_at: Some(to_proto(self.last_used_at)),
            device: Some(proto::Device {
                address: self.device.address.unwrap_or_default().into_exposed(),
                user_agent: self.device.user_agent.unwrap_or_default().into_exposed(),
            }),
            current: self.session == current,
        }
    }
}
