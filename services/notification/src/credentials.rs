//! Whether a clinic's own accounts work.

pub(crate) mod test;

use std::time::Duration;

use voxanne_proto::identity::v1::{
    credential_service_client::CredentialServiceClient,
    identity_service_client::IdentityServiceClient,
};
use voxanne_resilience::Client;
use voxanne_tenant::Outbound;

use crate::{clinics::Clinics, twilio::Twilio};

/// A person waits for the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Kept back from it for noting the outcome.
const TO_NOTE: Duration = Duration::from_secs(2);

/// Whoever tests credentials: the vault on one side, the providers on the other.
pub(crate) struct Credentials {
    vault: IdentityServiceClient<Client>,
    notes: CredentialServiceClient<Client>,
    outbound: Outbound,
    twilio: Twilio,
    clinics: Clinics,
}

impl Credentials {
    pub(crate) fn new(
        identity: Client,
        outbound: Outbound,
        twilio: Twilio,
        clinics: Clinics,
    ) -> Self {
        Self {
            vault: IdentityServiceClient::new(identity.clone()),
            notes: CredentialServiceClient::new(identity),
            outbound,
            twilio,
            clinics,
        }
    }
}
