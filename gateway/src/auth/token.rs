//! What a token must say, and how it is read.

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header, errors};
use serde::Deserialize;
use voxanne_ids::{OrgId, SessionId, UserId};
use voxanne_problem::{Kind, Problem};
use voxanne_tenant::Role;

use super::Verified;
use crate::config::Tokens;

/// Clocks of two machines may differ by this many seconds.
const LEEWAY: i64 = 5;

/// A key and the only algorithm it is used with, so that no public key is taken for a secret.
pub(crate) struct Key {
    pub(crate) decoding: DecodingKey,
    pub(crate) algorithm: Algorithm,
}

/// Who must have issued a token, and for whom.
pub(crate) struct Rules {
    issuer: String,
    audience: String,
}

impl Rules {
    pub(crate) fn new(tokens: &Tokens) -> Self {
        Self {
            issuer: tokens.issuer.clone(),
            audience: tokens.audience.clone(),
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: UserId,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    // Other issuers name the session otherwise; a token without one could never be revoked.
    #[serde(alias = "session_id")]
    sid: SessionId,
    app_metadata: AppMetadata,
}

/// Only an issuer's own service can write it; `user_metadata` is the user's.
#[derive(Deserialize)]
struct AppMetadata {
    org_id: OrgId,
    role: Role,
}

/// Reads what a token says of its key, before anything of it is believed.
pub(crate) fn header(token: &str) -> Result<Header, Problem> {
    let header = decode_header(token).map_err(refused)?;
    if header.crit.is_some() {
        return Err(invalid("the token asks for extensions that are not known"));
    }
    Ok(header)
}

pub(crate) fn verify(token: &str, key: &Key, rules: &Rules, now: i64) -> Result<Verified, Problem> {
    let mut validation = Validation::new(key.algorithm);
    validation.set_issuer(&[&rules.issuer]);
    validation.set_audience(&[&rules.audience]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // Time is asked of our own clock below.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims: Claims = decode(token, &key.decoding, &validation)
        .map_err(refused)?
        .claims;
    if claims.exp.saturating_add(LEEWAY) <= now {
        return Err(Problem::new(
            Kind::Unauthenticated,
            "TOKEN_EXPIRED",
            "the access token has expired",
        ));
    }
    let from = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
    if from.saturating_sub(LEEWAY) > now {
        return Err(invalid("the token is not valid yet"));
    }
    Ok(Verified {
        user: claims.sub,
        org: claims.app_metadata.org_id,
        role: claims.app_metadata.role,
        session: claims.sid,
        expires: claims.exp,
    })
}

pub(crate) fn invalid(why: &'static str) -> Problem {
    Problem::new(
        Kind::Unauthenticated,
        "TOKEN_INVALID",
        "the access token is not acceptable",
    )
    .caused_by(why)
}

fn refused(error: errors::Error) -> Problem {
    // Which check failed helps only somebody who forges tokens. Of an error in the claims the text
    // may quote them, so its kind alone is kept.
    let why = match error.kind() {
        errors::ErrorKind::Json(_) => "the claims are not what is expected",
        errors::ErrorKind::InvalidSignature => "the signature is wrong",
        errors::ErrorKind::InvalidAlgorithm => "the algorithm is not the key's",
        errors::ErrorKind::InvalidIssuer => "the issuer is another",
        errors::ErrorKind::InvalidAudience => "the audience is another",
        _ => "the token is malformed",
    };
    invalid(why)
}
