//! What a token must say, and how it is read.

mod claims;
#[cfg(test)]
mod peer;
mod shape;

use jsonwebtoken::{Validation, decode, errors};
use voxanne_problem::{Kind as ProblemKind, Problem};

use self::claims::Claims;
pub(crate) use self::shape::Shape;
use super::{
    Holder, Verified,
    keys::{Key, Kind, Rules},
};

/// Clocks of two machines may differ by this many seconds.
const LEEWAY: i64 = 5;

/// How long a token may last that is signed elsewhere, and which nobody there may take back: what
/// issuers give by default.
const LONGEST_EXTERNAL: i64 = 3600;
/// Identity's tokens last for minutes.
const LONGEST_OWN: i64 = 900;

pub(super) fn verify(token: &str, key: &Key, rules: &Rules, now: i64) -> Result<Verified, Problem> {
    let mut validation = Validation::new(key.algorithm);
    validation.set_issuer(&[&rules.issuer.name]);
    validation.set_audience(&[&rules.issuer.audience]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // Time is asked of our own clock below.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims: Claims = decode(token, &key.decoding, &validation)
        .map_err(refused)?
        .claims;
    check_times(&claims, rules.kind, now)?;
    if !claims.is_access() {
        return Err(invalid("the token is of another kind"));
    }
    let unnamed = || invalid("the token names no user or no session");
    Ok(Verified {
        org: claims.app_metadata.org_id,
        holder: Holder::User {
            id: claims.user(rules.kind).ok_or_else(unnamed)?,
            role: claims.app_metadata.role,
            session: claims.session(rules.kind).ok_or_else(unnamed)?,
        },
        expires: claims.exp,
    })
}

fn check_times(claims: &Claims, kind: Kind, now: i64) -> Result<(), Problem> {
    if claims.exp.saturating_add(LEEWAY) <= now {
        return Err(Problem::new(
            ProblemKind::Unauthenticated,
            "TOKEN_EXPIRED",
            "the access token has expired",
        ));
    }
    let from = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
    if from.saturating_sub(LEEWAY) > now {
        return Err(invalid("the token is not valid yet"));
    }
    let longest = match kind {
        Kind::Own => LONGEST_OWN,
        Kind::External => LONGEST_EXTERNAL,
    };
    if claims.exp.saturating_sub(claims.iat) > longest {
        return Err(invalid("the token lasts too long"));
    }
    Ok(())
}

pub(crate) fn invalid(why: &'static str) -> Problem {
    Problem::new(
        ProblemKind::Unauthenticated,
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
