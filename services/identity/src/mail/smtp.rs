//! Handing a mail over to a mail server.

use std::{fmt, str::FromStr, time::Duration};

use anyhow::Context as _;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{Error as SmtpError, extension::ClientId},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};
use voxanne_ids::MailId;

use super::{letter::Letter, plan::Outcome};

/// One exchange with the server: connecting, a command, the acceptance of the text.
const STEP: Duration = Duration::from_secs(10);
/// All of them together.
const DEADLINE: Duration = Duration::from_secs(30);

/// `SMTP_URL`: `smtps://user:password@host`, `smtp://…?tls=required`, or `smtp://host` without
/// encryption and without a password.
#[derive(Clone, Debug)]
pub struct SmtpUrl(SecretString);

/// The text is no address of a mail server. Says nothing of the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSmtpUrl {
    #[error("must be smtp://host:port?tls=required, smtps://host or smtp://host")]
    Malformed,
    #[error("a password is sent over TLS only: use smtps:// or ?tls=required")]
    PasswordInClear,
}

impl FromStr for SmtpUrl {
    type Err = InvalidSmtpUrl;

    fn from_str(text: &str) -> Result<Self, InvalidSmtpUrl> {
        let url: Url = text.parse().map_err(|_| InvalidSmtpUrl::Malformed)?;
        let has_host = matches!(url.host(), Some(Host::Domain(name)) if !name.is_empty())
            || matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
        let tls = match (url.scheme(), url.query()) {
            ("smtps", None) | ("smtp", Some("tls=required")) => true,
            ("smtp", None) => false,
            _ => return Err(InvalidSmtpUrl::Malformed),
        };
        if !has_host {
            return Err(InvalidSmtpUrl::Malformed);
        }
        if url.password().is_some() && !tls {
            return Err(InvalidSmtpUrl::PasswordInClear);
        }
        Ok(Self(text.to_owned().into()))
    }
}

/// Which server mails are handed to, and who they are from.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// `SMTP_URL`
    pub url: SmtpUrl,
    /// `MAIL_FROM`, an address with or without a name
    pub from: Mailbox,
}

/// The way to one mail server.
#[derive(Clone)]
pub(super) struct Server {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Server {
    pub(super) fn new(smtp: &Smtp) -> anyhow::Result<Self> {
        let domain = smtp.from.email.domain().to_owned();
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp.url.0.expose_secret())
            .context("the address of the mail server")?
            .hello_name(ClientId::Domain(domain))
            .timeout(Some(STEP))
            .build();
        Ok(Self {
            transport,
            from: smtp.from.clone(),
        })
    }

    /// Hands a mail over. What the server says may quote the address, so only its code is kept.
    pub(super) async fn hand_over(&self, id: MailId, to: &str, letter: Letter) -> Outcome {
        let message = match self.message(id, to, letter) {
            Ok(message) => message,
            Err(Unsendable) => {
                tracing::warn!(mail.id = %id, "no mail can be made for this address");
                return Outcome::Refused;
            }
        };
        match tokio::time::timeout(DEADLINE, self.transport.send(message)).await {
            Ok(Ok(_accepted)) => Outcome::Accepted,
            Ok(Err(error)) => {
                let code = error.status().map(|code| code.to_string());
                let outcome = outcome(&error);
                tracing::warn!(
                    mail.id = %id,
                    smtp.code = code,
                    timeout = error.is_timeout(),
                    tls = error.is_tls(),
                    ?outcome,
                    "the mail server did not take a mail"
                );
                outcome
            }
            Err(_elapsed) => {
                tracing::warn!(mail.id = %id, "the mail server is too slow");
                Outcome::NotNow
            }
        }
    }

    fn message(&self, id: MailId, to: &str, letter: Letter) -> Result<Message, Unsendable> {
        let to: Address = to.parse().map_err(|_| Unsendable)?;
        let domain = self.from.email.domain();
        // RFC 3834: out-of-office programs do not answer.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .message_id(Some(format!("<{id}@{domain}>")))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body)
            .map_err(|_| Unsendable)
    }
}

#[derive(Debug)]
struct Unsendable;

/// A refusal of our credentials (RFC 4954) concerns every mail and is mended by an operator; any
/// other final refusal concerns this one.
fn outcome(error: &SmtpError) -> Outcome {
    let code = error.status().map(u16::from);
    let is_about_us = matches!(code, Some(530 | 534 | 535 | 538));
    if error.is_permanent() && !is_about_us {
        Outcome::Refused
    } else {
        Outcome::NotNow
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_over_tls_only() {
        for (text, expected) in [
            ("smtp://127.0.0.1:2525", None),
            ("smtps://user:pass@mail.example", None),
            ("smtp://user:pass@mail.example:587?tls=required", None),
            (
                "smtp://user:pass@mail.example:587",
                Some(InvalidSmtpUrl::PasswordInClear),
            ),
            (
                "smtp://user:pass@mail.example?tls=opportunistic",
                Some(InvalidSmtpUrl::Malformed),
            ),
            ("https://mail.example", Some(InvalidSmtpUrl::Malformed)),
            ("smtp://", Some(InvalidSmtpUrl::Malformed)),
            ("mail.example", Some(InvalidSmtpUrl::Malformed)),
        ] {
            assert_eq!(text.parse::<SmtpUrl>().err(), expected, "{text}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let url: SmtpUrl = "smtps://user:hunter2@mail.example".parse().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
