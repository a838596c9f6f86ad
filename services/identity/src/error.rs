//! What can go wrong, and what the caller is told.

use std::{borrow::Cow, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use voxanne_problem::{Kind, Problem};
use voxanne_vault::{OpenError, SealError};

/// One variant for each thing a caller can act on; the rest is a fault of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("this e-mail address has an account")]
    EmailTaken,
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    #[error("the refresh token is not valid, sign in again")]
    InvalidRefreshToken,
    #[error("the session has ended, sign in again")]
    SessionRevoked,
    #[error("the clinic has no such member")]
    NoMember,
    #[error("a clinic needs an owner: make somebody else one first")]
    LastOwner,
    #[error("the clinic has no such open invitation")]
    NoInvitation,
    #[error("somebody with this address is a member already")]
    AlreadyMember,
    #[error("a clinic has 100 open invitations at most, revoke one first")]
    TooManyInvitations,
    #[error("the invitation was sent to another address than yours")]
    WrongAddress,
    #[error("you have no such session")]
    NoSession,
    #[error("only a signed-in user can do this")]
    NotSignedIn,
    #[error("your role does not allow this")]
    NotPermitted,
    #[error("only a job of ours can do this")]
    NotAJob,
    #[error("only the gateway can do this")]
    NotTheGateway,
    #[error("this organisation is not known here")]
    NoOrg,
    #[error("no `{0}` credentials are stored")]
    NoCredential(Cow<'static, str>),
    #[error("the credentials changed meanwhile")]
    CredentialChanged,
    #[error("others are changing the same, try again in a moment")]
    Contended,
    #[error("there is no such API key")]
    NoApiKey,
    #[error("a clinic has 100 API keys at most, revoke one first")]
    TooManyKeys,
    #[error("the access token is not acceptable")]
    UnknownKey,
    #[error("this API key has expired")]
    KeyExpired,
    #[error("this API key was revoked")]
    KeyRevoked,
    #[error("too many people sign in at once")]
    Busy,
    #[error("this link was used, is too old, or was never sent; ask for a new one")]
    LinkExpired,
    #[error("give a code of your second factor")]
    SecondFactorRequired(SecretString),
    #[error("the code is wrong or was used before")]
    WrongCode,
    #[error("too many codes were wrong, wait before the next one")]
    TooManyCodes(Duration),
    #[error("a second factor is in use, turn it off first")]
    SecondFactorOn,
    #[error("no second factor is in use")]
    SecondFactorOff,
    #[error("a few links were sent within the hour, look for them before asking again")]
    TooManyMails(Duration),
    #[error("too many mails wait to be sent, try again later")]
    MailsFull,
    #[error("database")]
    Db(#[from] sqlx::Error),
    #[error("sealing a secret")]
    Seal(#[from] SealError),
    #[error("opening a secret")]
    Open(#[from] OpenError),
    #[error("signing an access token")]
    Sign(#[from] jsonwebtoken::errors::Error),
    #[error("hashing a password")]
    Hash(#[from] argon2::password_hash::Error),
    #[error("a stored `{0}` cannot be read")]
    Unreadable(&'static str),
    #[error("the system gives no randomness")]
    NoRandomness,
    #[error("a blocking task")]
    Task(#[from] tokio::task::JoinError),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let unauthenticated = |reason| Self::new(Kind::Unauthenticated, reason, &*message);
        let forbidden = |reason| Self::new(Kind::Forbidden, reason, &*message);
        match error {
            Error::EmailTaken => Self::new(Kind::Conflict, "EMAIL_TAKEN", message),
            Error::InvalidCredentials => unauthenticated("INVALID_CREDENTIALS"),
            Error::InvalidRefreshToken => unauthenticated("INVALID_REFRESH_TOKEN"),
            Error::SessionRevoked => unauthenticated("SESSION_REVOKED"),
            Error::NotSignedIn => forbidden("NOT_SIGNED_IN"),
            Error::NotPermitted => forbidden("ROLE_INSUFFICIENT"),
            Error::NotAJob | Error::NotTheGateway => forbidden("CALLER_NOT_ALLOWED"),
            Error::SecondFactorRequired(challenge) => unauthenticated("SECOND_FACTOR_REQUIRED")
                .with_extension(
                    serde_json::json!({ "challenge": challenge.expose_secret() }).to_string(),
                ),
            Error::WrongCode => unauthenticated("WRONG_CODE"),
            Error::TooManyCodes(wait) => {
                Self::new(Kind::RateLimited, "TOO_MANY_CODES", message).retry_after(wait)
            }
            Error::SecondFactorOn => Self::new(Kind::Conflict, "SECOND_FACTOR_ON", message),
            Error::SecondFactorOff => Self::new(Kind::Conflict, "SECOND_FACTOR_OFF", message),
            Error::TooManyMails(wait) => {
                Self::new(Kind::RateLimited, "TOO_MANY_MAILS", message).retry_after(wait)
            }
            Error::MailsFull => {
                Self::new(Kind::Unavailable, "BUSY", message).retry_after(Duration::from_secs(60))
            }
            Error::LinkExpired => Self::new(Kind::Gone, "LINK_EXPIRED", message),
            Error::NoMember => Self::not_found("MEMBER_NOT_FOUND", message),
            Error::LastOwner => Self::new(Kind::Conflict, "LAST_OWNER", message),
            Error::NoInvitation => Self::not_found("INVITATION_NOT_FOUND", message),
            Error::AlreadyMember => Self::new(Kind::Conflict, "ALREADY_MEMBER", message),
            Error::TooManyInvitations => Self::new(Kind::Conflict, "TOO_MANY_INVITATIONS", message),
            Error::WrongAddress => forbidden("WRONG_ADDRESS"),
            Error::NoSession => Self::not_found("SESSION_NOT_FOUND", message),
            Error::NoOrg => Self::not_found("ORG_NOT_FOUND", message),
            Error::NoCredential(_) => Self::not_found("CREDENTIAL_NOT_FOUND", message),
            Error::NoApiKey => Self::not_found("API_KEY_NOT_FOUND", message),
            Error::TooManyKeys => Self::new(Kind::Conflict, "TOO_MANY_API_KEYS", message),
            Error::UnknownKey => unauthenticated("TOKEN_INVALID"),
            Error::KeyExpired => unauthenticated("TOKEN_EXPIRED"),
            Error::KeyRevoked => unauthenticated("API_KEY_REVOKED"),
            // Not UNAVAILABLE: the next request of somebody who is signed in is served.
            Error::Busy => Self::new(Kind::RateLimited, "TOO_MANY_SIGN_INS", message)
                .retry_after(Duration::from_secs(1)),
            Error::CredentialChanged => Self::new(Kind::Conflict, "CREDENTIAL_CHANGED", message),
            Error::Contended => {
                Self::new(Kind::Unavailable, "BUSY", message).retry_after(Duration::from_secs(1))
            }
            Error::Db(source) => voxanne_pg::problem(source),
            // A process that has the key, or a key service that answers, can serve the next try.
            Error::Open(OpenError::UnknownKey(_) | OpenError::Away(_)) => Self::unavailable(error),
            Error::Seal(_)
            | Error::Open(OpenError::Refused)
            | Error::Sign(_)
            | Error::Hash(_)
            | Error::Unreadable(_)
            | Error::NoRandomness
            | Error::Task(_) => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_sign_ins_do_not_look_like_a_service_that_is_away() {
        let problem = Problem::from(Error::Busy);
        assert_eq!(problem.reason, "TOO_MANY_SIGN_INS");
        assert_eq!(problem.retry_after, Some(Duration::from_secs(1)));
        let status = tonic::Status::from(problem);
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    }
}
