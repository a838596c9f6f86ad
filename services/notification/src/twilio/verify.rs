//! Asking Twilio whether an account and its sender are what they are said to be.
//!
//! The account is asked for with the auth token, because Twilio signs webhooks with it and shows an
//! account to no API key; the sender with whatever texts are sent with.

use std::time::Instant;

use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::{
    Twilio,
    account::{Account, Sender},
    codes, measure, signed,
};

/// What a clinic says of its account.
pub(crate) struct Claimed {
    pub(crate) account: Account,
    pub(crate) auth_token: SecretString,
}

/// What Twilio says to it, in words for the people of the clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted(&'static str),
    Rejected(&'static str),
    /// Neither: it may be asked again.
    Unavailable(&'static str),
}

impl Verdict {
    pub(crate) const NO_ANSWER: Self = Self::Unavailable("Twilio does not answer");

    /// A word for a metric's label.
    const fn word(self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Rejected(_) => "rejected",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

#[derive(Deserialize)]
struct Shown {
    status: String,
}

#[derive(Deserialize)]
struct Numbers {
    incoming_phone_numbers: Vec<Number>,
}

#[derive(Deserialize)]
struct Number {
    phone_number: Option<String>,
}

#[derive(Deserialize)]
struct ShortCodes {
    short_codes: Vec<ShortCode>,
}

#[derive(Deserialize)]
struct ShortCode {
    short_code: Option<String>,
}

#[derive(Deserialize)]
struct Service {
    account_sid: String,
}

/// Both of Twilio's forms of an error have this name; it may be absent.
#[derive(Default, Deserialize)]
struct Refusal {
    code: Option<u32>,
}

impl Twilio {
    pub(crate) async fn verify(&self, claimed: &Claimed) -> Verdict {
        let started = Instant::now();
        let asked = async {
            self.verify_account(claimed).await?;
            self.verify_sender(&claimed.account).await
        };
        let verdict = match asked.await {
            Ok(words) => Verdict::Accepted(words),
            Err(verdict) => verdict,
        };
        measure("verify", verdict.word(), started);
        verdict
    }

    async fn verify_account(&self, claimed: &Claimed) -> Result<(), Verdict> {
        let sid = &claimed.account.sid;
        let url = below(
            &self.base,
            &["2010-04-01", "Accounts", &format!("{sid}.json")],
        );
        let token = claimed.auth_token.expose_secret();
        let request = self.http.request(Method::GET, url);
        let shown: Shown = ask(request.basic_auth(sid, Some(token))).await?;
        match shown.status.as_str() {
            "active" => Ok(()),
            "suspended" => Err(Verdict::Rejected(codes::words(30002))),
            _ => Err(Verdict::Rejected(codes::words(20005))),
        }
    }

    async fn verify_sender(&self, account: &Account) -> Result<&'static str, Verdict> {
        const OWNED: &str = "Twilio accepts the account and its sender";
        let is_owned = match &account.sender {
            Sender::Service(service) => self.has_service(account, service).await?,
            Sender::Number(number) if number.starts_with('+') => {
                let query = ("PhoneNumber", number.as_str());
                let numbers: Numbers = self.look(account, "IncomingPhoneNumbers", query).await?;
                let mut owned = numbers.incoming_phone_numbers.iter();
                owned.any(|owned| owned.phone_number.as_ref() == Some(number))
            }
            Sender::Number(code) if code.bytes().all(|byte| byte.is_ascii_digit()) => {
                let query = ("ShortCode", code.as_str());
                let codes: ShortCodes = self.look(account, "SMS/ShortCodes", query).await?;
                let mut owned = codes.short_codes.iter();
                owned.any(|owned| owned.short_code.as_ref() == Some(code))
            }
            // Twilio keeps no list of sender names.
            Sender::Number(_) => return Ok("Twilio accepts the account; names are not checked"),
        };
        is_owned
            .then_some(OWNED)
            .ok_or(Verdict::Rejected(codes::words(21606)))
    }

    async fn look<T: DeserializeOwned>(
        &self,
        account: &Account,
        list: &str,
        query: (&str, &str),
    ) -> Result<T, Verdict> {
        let path = format!("2010-04-01/Accounts/{}/{list}.json", account.sid);
        let url = below(&self.base, &path.split('/').collect::<Vec<_>>());
        let request = self.http.get(url).query(&[query, ("PageSize", "50")]);
        ask(signed(request, account)).await
    }

    async fn has_service(&self, account: &Account, service: &str) -> Result<bool, Verdict> {
        let url = below(&self.messaging, &["v1", "Services", service]);
        let unknown = Verdict::Rejected(codes::words(20404));
        match ask::<Service>(signed(self.http.get(url), account)).await {
            Ok(shown) => Ok(shown.account_sid == account.sid),
            // The account was found, so it is the service that was not.
            Err(verdict) if verdict == unknown => Ok(false),
            Err(verdict) => Err(verdict),
        }
    }
}

fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    url.path_segments_mut()
        .expect("the configured base is an http URL")
        .pop_if_empty()
        .extend(path);
    url
}

/// The answer to a question, or what its absence means. An answer about an account holds the
/// account's token, so nothing of it is ever logged.
async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Verdict> {
    let response = request.send().await.map_err(|error| {
        let error = format!("{:#}", anyhow::Error::new(error.without_url()));
        tracing::warn!(error, "Twilio did not answer");
        Verdict::NO_ANSWER
    })?;
    let status = response.status();
    let body = response.bytes().await.map_err(|_| Verdict::NO_ANSWER)?;
    if status == StatusCode::OK {
        let unclear = Verdict::Unavailable("Twilio's answer cannot be understood");
        return serde_json::from_slice(&body).map_err(|_| unclear);
    }
    let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
    Err(refused(status, refusal.code.unwrap_or_default()))
}

fn refused(status: StatusCode, code: u32) -> Verdict {
    match (status.as_u16(), code) {
        (_, 20003 | 20005 | 20006 | 20404) => Verdict::Rejected(codes::words(code)),
        (401, _) => Verdict::Rejected(codes::words(20003)),
        (403, _) => Verdict::Rejected(codes::words(20006)),
        (404, _) => Verdict::Rejected(codes::words(20404)),
        (429, _) => Verdict::Unavailable("Twilio is asked too often at this moment"),
        _ => Verdict::NO_ANSWER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_refusal_rejects() {
        for (status, code, word) in [
            (401, 20003, "rejected"),
            (401, 0, "rejected"),
            (403, 20005, "rejected"),
            (403, 0, "rejected"),
            (404, 20404, "rejected"),
            (400, 20001, "unavailable"),
            (408, 0, "unavailable"),
            (429, 20429, "unavailable"),
            (302, 0, "unavailable"),
            (500, 20500, "unavailable"),
            (503, 0, "unavailable"),
        ] {
            let verdict = refused(StatusCode::from_u16(status).unwrap(), code);
            assert_eq!(verdict.word(), word, "{status} {code}");
        }
    }
}
