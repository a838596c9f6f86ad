//! Our application at Google, if there is one.

use secrecy::SecretString;
use url::Url;
use voxanne_runtime::Reader;

use crate::{CalendarTiming, OAuthUrls};

/// What it takes to use somebody's calendar.
#[derive(Clone, Debug)]
pub struct GoogleConfig {
    pub client_id: String,
    pub client_secret: SecretString,
    /// Where the calendar API is.
    pub api: Url,
    pub oauth: OAuthUrls,
    /// Where browsers and Google reach the gateway.
    pub public_url: Url,
    /// Keeps the tokens.
    pub identity_url: String,
    pub timing: CalendarTiming,
}

/// `Some(None)` when nothing is said of Google.
pub(super) fn read(read: &mut Reader<'_>) -> Option<Option<GoogleConfig>> {
    let id = read.optional::<String>("GOOGLE_OAUTH_CLIENT_ID");
    let secret = read.optional::<String>("GOOGLE_OAUTH_CLIENT_SECRET");
    // The vendor's one public address is a constant of the product, like its protocol.
    let usual = Url::parse("https://www.googleapis.com").expect("the literal is a URL");
    let api = read.or("GOOGLE_API_BASE_URL", usual);
    let oauth = read.optional::<Url>("GOOGLE_OAUTH_BASE_URL");
    let public_url = read.optional::<Url>("PUBLIC_URL");
    let identity_url = read.optional::<String>("IDENTITY_URL");
    let poll = read.or("CALENDAR_POLL", CalendarTiming::default().poll);
    let (client_id, client_secret) = match (id?, secret?) {
        (None, None) => return Some(None),
        (Some(id), Some(secret)) => (id, secret),
        (Some(_), None) => {
            read.refuse("GOOGLE_OAUTH_CLIENT_SECRET", "belongs to the client's id");
            return None;
        }
        (None, Some(_)) => {
            read.refuse("GOOGLE_OAUTH_CLIENT_ID", "belongs to the client's secret");
            return None;
        }
    };
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
    let (api, oauth, public_url) = (api?, oauth?, public_url?);
    for (name, url) in [
        ("GOOGLE_API_BASE_URL", Some(&api)),
        ("GOOGLE_OAUTH_BASE_URL", oauth.as_ref()),
        ("PUBLIC_URL", public_url.as_ref()),
    ] {
        if url.is_some_and(|url| !is_web(url)) {
            read.refuse(name, "must begin with http:// or https://");
        }
    }
    let poll = poll?;
    if !poll.is_positive() {
        read.refuse("CALENDAR_POLL", "must be longer than nothing");
    }
    let identity_url = identity_url?;
    for (name, is_missing) in [
        ("PUBLIC_URL", public_url.is_none()),
        ("IDENTITY_URL", identity_url.is_none()),
    ] {
        if is_missing {
            read.refuse(name, "is missing; calendars need it");
        }
    }
    Some(Some(GoogleConfig {
        client_id,
        client_secret: client_secret.into(),
        api,
        oauth: OAuthUrls::at(oauth.as_ref()),
        public_url: public_url?,
        identity_url: identity_url?,
        timing: CalendarTiming {
            poll,
            ..CalendarTiming::default()
        },
    }))
}

#[cfg(test)]
mod tests {
    use voxanne_runtime::Env;

    use super::*;

    fn wrong(pairs: &[(&'static str, &'static str)]) -> Vec<&'static str> {
        let env = Env::from_pairs(pairs.iter().copied());
        let mut reader = env.reader();
        let google = read(&mut reader);
        match reader.finish(|| google) {
            Ok(_) => Vec::new(),
            Err(invalid) => invalid.names().collect(),
        }
    }

    #[test]
    fn an_application_is_complete_or_not_there() {
        let id = ("GOOGLE_OAUTH_CLIENT_ID", "id");
        let secret = ("GOOGLE_OAUTH_CLIENT_SECRET", "secret");
        let around = [
            ("PUBLIC_URL", "https://clinic.example"),
            ("IDENTITY_URL", "http://identity"),
        ];
        assert!(wrong(&[]).is_empty());
        assert!(wrong(&around).is_empty());
        assert_eq!(wrong(&[id]), ["GOOGLE_OAUTH_CLIENT_SECRET"]);
        assert_eq!(wrong(&[secret]), ["GOOGLE_OAUTH_CLIENT_ID"]);
        assert_eq!(wrong(&[id, secret]), ["PUBLIC_URL", "IDENTITY_URL"]);
        assert!(wrong(&[id, secret, around[0], around[1]]).is_empty());
        let odd = [id, secret, around[0], around[1], ("CALENDAR_POLL", "0s")];
        assert_eq!(wrong(&odd), ["CALENDAR_POLL"]);
    }
}
