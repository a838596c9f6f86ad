//! Credentials on the wire.

use secrecy::{ExposeSecret as _, SecretString};
use voxanne_clock::to_proto;
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::identity::v1 as proto;

use super::{Credential, NewCredential, Opened, Provider, fields};

impl TryFrom<proto::PutCredentialRequest> for NewCredential {
    type Error = Problem;

    fn try_from(request: proto::PutCredentialRequest) -> Result<Self, Problem> {
        let proto::PutCredentialRequest {
            provider,
            external_id,
            secrets,
            settings,
        } = request;
        let provider = provider.parse()?;
        fields::Filled {
            provider,
            external_id,
            secrets,
            settings,
        }
        .try_into()
    }
}

impl From<Credential> for proto::Credential {
    fn from(credential: Credential) -> Self {
        Self {
            provider: credential.provider.name().into_owned(),
            configured: true,
            external_id: credential.external_id,
            last_four: credential.last_four,
            last_verified_at: credential.last_verified_at.map(to_proto),
            status: credential.status,
            settings: credential.settings.into_iter().collect(),
        }
    }
}

/// What is shown where nothing is stored.
pub(crate) fn missing(provider: Provider) -> proto::Credential {
    proto::Credential {
        provider: provider.name().into_owned(),
        status: "missing".to_owned(),
        ..proto::Credential::default()
    }
}

impl From<Opened> for proto::OpenCredentialResponse {
    fn from(
        Opened {
            credential,
            secrets,
        }: Opened,
    ) -> Self {
        Self {
            external_id: credential.external_id,
            secrets: secrets
                .into_iter()
                .map(|(field, secret)| (field, secret.expose_secret().to_owned()))
                .collect(),
            settings: credential.settings.into_iter().collect(),
            version: credential.version,
        }
    }
}

pub(crate) fn webhook_secret((org, secret): (OrgId, SecretString)) -> proto::WebhookSecret {
    proto::WebhookSecret {
        org_id: org.to_string(),
        secret: secret.expose_secret().to_owned(),
    }
}
