//! A clinic's own Twilio account.

use secrecy::SecretString;
use voxanne_proto::identity::v1::OpenCredentialResponse;

/// What is needed to send for a clinic.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) sid: String,
    /// The account itself or one of its API keys.
    pub(crate) user: String,
    pub(crate) password: SecretString,
    pub(crate) sender: Sender,
}

/// Whom a text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Number(String),
    /// A messaging service chooses the number.
    Service(String),
}

impl Account {
    /// Reads what the vault holds, or says what is missing.
    pub(crate) fn read(mut credential: OpenCredentialResponse) -> Result<Self, &'static str> {
        let mut setting = |name| {
            credential
                .settings
                .remove(name)
                .filter(|text| !text.is_empty())
        };
        let mut secret = |name| {
            credential
                .secrets
                .remove(name)
                .filter(|text| !text.is_empty())
        };
        let service = setting("messagingServiceSid").map(Sender::Service);
        let sender = service
            .or_else(|| setting("from").map(Sender::Number))
            .ok_or("the Twilio account has no number to send from")?;
        let sid = credential.external_id;
        let (user, password) = match (secret("apiKeySid"), secret("apiKeySecret")) {
            (Some(key), Some(key_secret)) => (key, key_secret),
            _ => {
                let token = secret("authToken").ok_or("the Twilio account has no auth token")?;
                (sid.clone(), token)
            }
        };
        Ok(Self {
            sid,
            user,
            password: password.into(),
            sender,
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn credential(secrets: &[&str], settings: &[&str]) -> OpenCredentialResponse {
        let map = |names: &[&str]| {
            names
                .iter()
                .map(|name| ((*name).to_owned(), format!("{name}!")))
                .collect()
        };
        OpenCredentialResponse {
            external_id: "AC1".to_owned(),
            secrets: map(secrets),
            settings: map(settings),
            version: 1,
        }
    }

    #[test]
    fn an_api_key_stands_in_for_the_auth_token() {
        let account = Account::read(credential(&["authToken"], &["from"])).unwrap();
        assert_eq!(account.user, "AC1");
        assert_eq!(account.password.expose_secret(), "authToken!");
        assert_eq!(account.sender, Sender::Number("from!".to_owned()));
        let account = Account::read(credential(
            &["authToken", "apiKeySid", "apiKeySecret"],
            &["messagingServiceSid", "from"],
        ))
        .unwrap();
        assert_eq!(account.user, "apiKeySid!");
        assert_eq!(account.password.expose_secret(), "apiKeySecret!");
        assert_eq!(
            account.sender,
            Sender::Service("messagingServiceSid!".to_owned())
        );
    }

    #[test]
    fn an_incomplete_account_says_what_it_lacks() {
        let without_sender = Account::read(credential(&["authToken"], &[])).unwrap_err();
        assert!(without_sender.contains("number"), "{without_sender}");
        let without_token = Account::read(credential(&[], &["from"])).unwrap_err();
        assert!(without_token.contains("token"), "{without_token}");
    }
}
