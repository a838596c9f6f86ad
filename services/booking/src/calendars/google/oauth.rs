//! Consent and tokens (RFC 6749 with PKCE, RFC 7636).

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenResponse as _, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType, BasicTokenResponse},
};
use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{failure::Failure, measure};

/// Whoever consents lets us see and change events of calendars they own, and nothing else: not
/// their other calendars, not their address.
pub(crate) const SCOPE: &str = "https://www.googleapis.com/auth/calendar.events.owned";
/// A token without a time of its own is used for so long.
const SHORTEST: Duration = Duration::from_mins(5);

type Application =
    BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Our application at Google.
#[derive(Clone)]
pub(crate) struct OAuth {
    application: Application,
    http: Http,
    revoke: Url,
}

/// Google's three addresses; they have hosts of their own.
#[derive(Clone, Debug)]
pub struct OAuthUrls {
    pub consent: Url,
    pub token: Url,
    pub revoke: Url,
}

impl OAuthUrls {
    /// Google's own, or all of them at one stand-in: a secret of a fleet that is tried out must not
    /// reach the real one.
    pub fn at(stand_in: Option<&Url>) -> Self {
        let url = |usual: &str, path: &str| {
            let mut url = stand_in
                .cloned()
                .unwrap_or_else(|| Url::parse(usual).expect("the literal is a URL"));
            url.set_path(path);
            url
        };
        Self {
            consent: url("https://accounts.google.com", "/o/oauth2/v2/auth"),
            token: url("https://oauth2.googleapis.com", "/token"),
            revoke: url("https://oauth2.googleapis.com", "/revoke"),
        }
    }
}

/// A question to be put to somebody, and what proves that the answer is to it.
pub(crate) struct Question {
    pub(crate) url: Url,
    pub(crate) verifier: String,
}

/// A consent.
pub(crate) struct Consent {
    pub(crate) refresh_token: SecretString,
    /// Whether it covers all that was asked for.
    pub(crate) is_complete: bool,
}

/// What opens a calendar for a while.
pub(crate) struct Access {
    pub(crate) token: SecretString,
    pub(crate) lives: Duration,
}

impl OAuth {
    pub(crate) fn new(
        http: Client,
        (id, secret): (String, &SecretString),
        urls: &OAuthUrls,
        callback: &Url,
    ) -> Self {
        let secret = ClientSecret::new(secret.expose_secret().to_owned());
        Self {
            application: BasicClient::new(ClientId::new(id))
                .set_client_secret(secret)
                .set_auth_type(AuthType::RequestBody)
                .set_auth_uri(AuthUrl::from_url(urls.consent.clone()))
                .set_token_uri(TokenUrl::from_url(urls.token.clone()))
                .set_redirect_uri(RedirectUrl::from_url(callback.clone())),
            http: Http(http),
            revoke: urls.revoke.clone(),
        }
    }

    /// Where somebody is asked. `prompt=consent` makes Google give a refresh token each time.
    pub(crate) fn ask(&self, state: &str) -> Question {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = state.to_owned();
        let (url, _) = self
            .application
            .authorize_url(move || CsrfToken::new(state))
            .add_scope(Scope::new(SCOPE.to_owned()))
            .add_extra_param("access_type", "offline")
            .add_extra_param("prompt", "consent")
            .set_pkce_challenge(challenge)
            .url();
        Question {
            url,
            verifier: verifier.into_secret(),
        }
    }

    /// Exchanges a code, which is good once.
    pub(crate) async fn exchange(&self, code: &str, verifier: &str) -> Result<Consent, Failure> {
        let started = Instant::now();
        let request = self
            .application
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let answer = request.request_async(&self.http).await;
        let answer = told("exchange", started, answer)?;
        let token = answer.refresh_token().ok_or(Failure::Unreadable)?;
        // Without a list, everything that was asked for was given (RFC 6749, 5.1).
        let covers = |scopes: &Vec<Scope>| scopes.iter().any(|scope| scope.as_str() == SCOPE);
        Ok(Consent {
            refresh_token: token.secret().as_str().into(),
            is_complete: answer.scopes().is_none_or(covers),
        })
    }

    pub(crate) async fn refresh(&self, token: &SecretString) -> Result<Access, Failure> {
        let started = Instant::now();
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let request = self.application.exchange_refresh_token(&token);
        let answer = request.request_async(&self.http).await;
        let answer = told("refresh", started, answer)?;
        Ok(Access {
            token: answer.access_token().secret().as_str().into(),
            lives: answer.expires_in().unwrap_or(SHORTEST),
        })
    }

    /// Gives a consent back. One that Google does not know any more is given back already.
    pub(crate) async fn revoke(&self, token: &SecretString) -> Result<(), Failure> {
        let started = Instant::now();
        let form = [("token", token.expose_secret())];
        let sent = self
            .http
            .0
            .post(self.revoke.clone())
            .form(&form)
            .send()
            .await;
        let outcome = match sent.map(|response| response.status().as_u16()) {
            Ok(200 | 400) => Ok(()),
            Ok(status) => Err(Failure::classify(status, None, b"")),
            Err(error) => Err(super::unanswered(error)),
        };
        let word = outcome.as_ref().err().map_or("ok", Failure::word);
        measure("revoke", word, started);
        outcome
    }
}

/// The crate brings a client of another version of reqwest, which is left out.
#[derive(Clone)]
struct Http(Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = reqwest::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send(&self.0, request))
    }
}

async fn send(http: &Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let response = http.execute(request.try_into()?).await?;
    let mut answer = HttpResponse::new(Vec::new());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    *answer.body_mut() = response.bytes().await?.into();
    Ok(answer)
}

type TokenOutcome =
    Result<BasicTokenResponse, RequestTokenError<reqwest::Error, BasicErrorResponse>>;

fn told(
    operation: &'static str,
    started: Instant,
    outcome: TokenOutcome,
) -> Result<BasicTokenResponse, Failure> {
    let outcome = outcome.map_err(|error| match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            BasicErrorResponseType::InvalidGrant => Failure::Withdrawn,
            BasicErrorResponseType::Extension(word) if is_passing(word) => Failure::Away,
            other => {
                tracing::error!(error = %other.as_ref(), "Google refuses our application");
                Failure::Refused(400)
            }
        },
        RequestTokenError::Request(error) => super::unanswered(error),
        // What is no answer of the token endpoint comes from something in trouble before it.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Failure::Away,
    });
    let word = outcome.as_ref().err().map_or("ok", Failure::word);
    measure(operation, word, started);
    outcome
}

fn is_passing(word: &str) -> bool {
    matches!(
        word,
        "internal_failure" | "server_error" | "temporarily_unavailable"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_stands_in_for_all_of_googles_hosts() {
        let real = OAuthUrls::at(None);
        assert_eq!(
            real.consent.as_str(),
            "https://accounts.google.com/o/oauth2/v2/auth"
        );
        assert_eq!(real.token.as_str(), "https://oauth2.googleapis.com/token");
        let url = Url::parse("http://127.0.0.1:9/").unwrap();
        let fake = OAuthUrls::at(Some(&url));
        for url in [fake.consent, fake.token, fake.revoke] {
            assert_eq!(url.port(), Some(9), "{url}");
        }
    }

    #[test]
    fn a_question_asks_for_one_scope_and_sends_no_secret() {
        let urls = OAuthUrls::at(None);
        let callback = Url::parse("https://clinic.example/api/google/oauth/callback").unwrap();
        let id = "client".to_owned();
        let oauth = OAuth::new(Client::default(), (id, &"hidden".into()), &urls, &callback);
        let question = oauth.ask("the-state");
        let given = |name: &str| {
            let mut pairs = question.url.query_pairs();
            pairs
                .find(|(given, _)| given == name)
                .map(|(_, value)| value.into_owned())
        };
        assert_eq!(given("scope").as_deref(), Some(SCOPE));
        assert_eq!(given("state").as_deref(), Some("the-state"));
        assert_eq!(given("code_challenge_method").as_deref(), Some("S256"));
        assert_eq!(given("redirect_uri").as_deref(), Some(callback.as_str()));
        assert_eq!(given("access_type").as_deref(), Some("offline"));
        let text = question.url.as_str();
        assert!(!text.contains("hidden") && !text.contains(&question.verifier));
    }
}
