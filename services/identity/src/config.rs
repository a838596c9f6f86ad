//! Every variable the service reads.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    thread,
};

use secrecy::SecretString;
use url::Url;
use voxanne_runtime::{Env, Invalid, Reader};
use voxanne_tenant::Keys;
use voxanne_vault::Keyring;
use zeroize::Zeroizing;

use crate::{
    accounts::passwords::Cost,
    mail::{Smtp, SmtpUrl},
    signing::{Audience, SigningKeys},
};

/// What the service needs to run.
#[derive(Debug)]
pub struct Config {
    /// `GRPC_ADDR`
    pub grpc_addr: SocketAddr,
    /// `DATABASE_URL`, as the role `svc_identity`
    pub database_url: SecretString,
    /// `DATABASE_POOL_SIZE`, 10 unless given
    pub database_pool_size: u32,
    /// `REDIS_URL`; without it nobody is told of new events, they are found a little later
    pub redis_url: Option<SecretString>,
    /// `INTERNAL_CONTEXT_KEYS`
    pub context_keys: Keys,
    /// `JWT_SIGNING_KEYS`, as `id:base64` of an Ed25519 seed, several separated by commas
    pub signing_keys: SigningKeys,
    /// `JWT_ISSUER` and `JWT_AUDIENCE`
    pub audience: Audience,
    /// `VAULT_KEYS`, as `id:base64` of 32 bytes, several separated by commas, or the file
    /// `VAULT_KEYS_FILE` with the same, which is read once
    pub vault_keys: Keyring,
    /// `PUBLIC_URL`, where links in mails lead
    pub public_url: Url,
    /// `SMTP_URL` and `MAIL_FROM`; without them mails wait and expire
    pub smtp: Option<Smtp>,
    /// `PASSWORD_MEMORY_KIB`, `PASSWORD_PASSES` and `PASSWORDS_AT_ONCE` (one a core unless given)
    pub password_cost: Cost,
}

impl Config {
    /// Reads the environment; every bad variable is named in the error.
    pub fn from_env(env: &Env) -> Result<Self, Invalid> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let mut read = env.reader();
        let grpc_addr = read.required("GRPC_ADDR");
        let database_url = read.required::<Url>("DATABASE_URL");
        let database_pool_size = read.or("DATABASE_POOL_SIZE", 10);
        let redis_url = read.optional::<Url>("REDIS_URL");
        let context_keys = read.required("INTERNAL_CONTEXT_KEYS");
        let signing_keys = read.required("JWT_SIGNING_KEYS");
        let issuer = read.required("JWT_ISSUER");
        let audience = read.required("JWT_AUDIENCE");
        let vault_keys = vault_keys(&mut read);
        let public_url = read.required::<Url>("PUBLIC_URL");
        let smtp_url = read.optional::<SmtpUrl>("SMTP_URL");
        let mail_from = read.optional("MAIL_FROM");
        if let (Some(Some(_)), Some(None)) = (&smtp_url, &mail_from) {
            read.refuse("MAIL_FROM", "is missing, and SMTP_URL is set");
        }
        let memory = read.or("PASSWORD_MEMORY_KIB", Cost::MEMORY);
        let passes = read.or("PASSWORD_PASSES", Cost::PASSES);
        let at_once = read.or("PASSWORDS_AT_ONCE", cores);
        read.finish(|| {
            Some(Self {
                grpc_addr: grpc_addr?,
                database_url: secret(database_url?),
                database_pool_size: database_pool_size?,
                redis_url: redis_url?.map(secret),
                context_keys: context_keys?,
                signing_keys: signing_keys?,
                audience: Audience {
                    issuer: issuer?,
                    audience: audience?,
                },
                vault_keys: vault_keys?,
                public_url: public_url?,
                smtp: smtp_url?
                    .zip(mail_from?)
                    .map(|(url, from)| Smtp { url, from }),
                password_cost: Cost {
                    memory: memory?,
                    passes: passes?,
                    at_once: at_once?,
                },
            })
        })
    }
}

/// The keys from the environment or from a file, never from both.
pub(crate) fn vault_keys(read: &mut Reader<'_>) -> Option<Keyring> {
    let given = read.optional::<Keyring>("VAULT_KEYS")?;
    let file = read.optional::<PathBuf>("VAULT_KEYS_FILE")?;
    match (given, file) {
        (Some(keys), None) => Some(keys),
        (None, Some(path)) => match from_file(&path) {
            Ok(keys) => Some(keys),
            Err(why) => {
                read.refuse("VAULT_KEYS_FILE", why);
                None
            }
        },
        (None, None) => {
            read.refuse("VAULT_KEYS", "is missing, and so is VAULT_KEYS_FILE");
            None
        }
        (Some(_), Some(_)) => {
            read.refuse("VAULT_KEYS_FILE", "must not be given beside VAULT_KEYS");
            None
        }
    }
}

fn from_file(path: &Path) -> Result<Keyring, String> {
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| format!("cannot be read: {error}"))?;
    Keyring::parse(&text).map_err(|error| error.to_string())
}

/// A database's URL holds its password.
pub(crate) fn secret(url: Url) -> SecretString {
    String::from(url).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_variable_is_named_at_once() {
        let invalid = Config::from_env(&Env::from_pairs::<&str>([])).unwrap_err();
        assert_eq!(
            invalid.names().collect::<Vec<_>>(),
            [
                "GRPC_ADDR",
                "DATABASE_URL",
                "INTERNAL_CONTEXT_KEYS",
                "JWT_SIGNING_KEYS",
                "JWT_ISSUER",
                "JWT_AUDIENCE",
                "VAULT_KEYS",
                "PUBLIC_URL",
            ]
        );
    }

    #[test]
    fn a_mail_server_needs_a_sender() {
        let env = Env::from_pairs([("SMTP_URL", "smtp://127.0.0.1:25")]);
        let invalid = Config::from_env(&env).unwrap_err();
        assert!(invalid.names().any(|name| name == "MAIL_FROM"));
    }

    #[test]
    fn vault_keys_come_from_the_environment_or_from_a_file() {
        let key = "k1:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=";
        let path = std::env::temp_dir().join(format!("voxanne-keys-{}", std::process::id()));
        fs::write(&path, format!("{key}\n")).unwrap();
        let file = path.to_str().unwrap();
        for (given, expected) in [
            (vec![("VAULT_KEYS", key)], Ok("k1")),
            (vec![("VAULT_KEYS_FILE", file)], Ok("k1")),
            (
                vec![("VAULT_KEYS", key), ("VAULT_KEYS_FILE", file)],
                Err("VAULT_KEYS_FILE"),
            ),
            (
                vec![("VAULT_KEYS_FILE", "/nowhere")],
                Err("VAULT_KEYS_FILE"),
            ),
            (vec![], Err("VAULT_KEYS")),
        ] {
            let env = Env::from_pairs(given.clone());
            let mut read = env.reader();
            let keys = vault_keys(&mut read);
            let outcome = read.finish(|| keys);
            let outcome = match &outcome {
                Ok(keys) => Ok(keys.ids().next().unwrap()),
                Err(invalid) => Err(invalid.names().next().unwrap()),
            };
            assert_eq!(outcome, expected, "{given:?}");
        }
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn the_readme_names_every_variable() {
        let env = Env::from_pairs::<&str>([]);
        assert!(
            Config::from_env(&env).is_err(),
            "an empty environment is not enough"
        );
        let readme = include_str!("../README.md");
        for variable in env
            .variables()
            .lines()
            .filter_map(|line| line.split_whitespace().next())
        {
            assert!(readme.contains(&format!("`{variable}`")), "{variable}");
        }
    }
}
