//! A mail that arrived, in the parts that a reader asks for.

use std::collections::BTreeMap;

use mailparse::{MailHeaderMap as _, parse_mail};
use serde::Serialize;
use uuid::Uuid;

use crate::clock::{iso, now};

/// One mail in one person's inbox.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mail {
    pub(crate) id: String,
    /// The envelope's sender.
    pub(crate) from: String,
    /// The envelope's recipient.
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    /// By name; of several with one name the first.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) received_at: String,
}

impl Mail {
    /// Reads what a client handed over. What is no mail shows as its bytes.
    pub(super) fn read(from: &str, to: &str, data: &[u8]) -> Self {
        let parsed = parse_mail(data).ok();
        let headers: BTreeMap<_, _> = parsed
            .iter()
            .flat_map(|mail| mail.headers.iter().rev())
            .map(|header| (header.get_key(), header.get_value()))
            .collect();
        let text = parsed.as_ref().and_then(|mail| mail.get_body().ok());
        let subject = parsed
            .as_ref()
            .and_then(|mail| mail.headers.get_first_value("Subject"));
        Self {
            id: Uuid::new_v4().simple().to_string(),
            from: from.to_owned(),
            to: to.to_owned(),
            subject: subject.unwrap_or_default(),
            text: text.unwrap_or_else(|| String::from_utf8_lossy(data).into_owned()),
            headers,
            received_at: iso(now()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mail;

    #[test]
    fn an_encoded_text_is_shown_decoded() {
        let data =
            b"Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\nhttps://a.example/#t=3Dx=\r\ny\r\n";
        let mail = Mail::read("a@a.example", "b@b.example", data);
        assert_eq!(
            (&*mail.subject, &*mail.text),
            ("Gr\u{fc}\u{df}e", "https://a.example/#t=xy\r\n")
        );
    }
}
