//! What `rotate-keys` does: nothing is sealed or wrapped with an old key afterwards.
//!
//! Every step works through batches in the order of their keys and writes only over what it has
//! read, so it may be killed at any point and started again, and two of them do no harm. Services
//! go on reading and writing meanwhile.

use std::fmt;

use anyhow::Context as _;
use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;
use voxanne_clock::Clock;
use voxanne_pg::Pool;
use voxanne_runtime::{Env, Invalid};
use voxanne_vault::Keyring;

use crate::{
    config::{secret, vault_keys},
    data_keys::{DataKeys, check::InUse, rewrap::Batch},
    sealing::{Sealing, store::COLUMNS},
};

const CONNECTIONS: u32 = 2;

/// What the command needs.
#[derive(Debug)]
pub struct Config {
    /// `DATABASE_URL`, as the role `svc_identity`
    pub database_url: SecretString,
    /// `VAULT_KEYS` or `VAULT_KEYS_FILE`, the key to rotate to first
    pub vault_keys: Keyring,
}

/// How to rotate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Changes nothing and says what is in use.
    pub check_only: bool,
    /// Organisations whose newest data key is older get a new one.
    pub renew_before: Option<Timestamp>,
    /// Rows of one batch.
    pub batch: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            check_only: false,
            renew_before: None,
            batch: 100,
        }
    }
}

/// What is left when the command ends.
#[derive(Debug)]
pub struct Outcome {
    ids: Vec<String>,
    in_use: InUse,
    failed: u64,
}

impl Config {
    /// Reads the environment; every bad variable is named in the error.
    pub fn from_env(env: &Env) -> Result<Self, Invalid> {
        let mut read = env.reader();
        let database_url = read.required::<Url>("DATABASE_URL");
        let vault_keys = vault_keys(&mut read);
        read.finish(|| {
            Some(Self {
                database_url: secret(database_url?),
                vault_keys: vault_keys?,
            })
        })
    }
}

/// Moves every data key on to the first of the keys and every secret on to the newest data key.
/// `tell` is given a line for each batch.
///
/// # Errors
/// Postgres is away; what was done stays done.
pub async fn rotate(
    config: Config,
    options: Options,
    mut tell: impl FnMut(&str),
) -> anyhow::Result<Outcome> {
    let pool = Pool::connect_lazy(&config.database_url, "identity", CONNECTIONS)
        .context("DATABASE_URL")?;
    let ids = config.vault_keys.ids().map(str::to_owned).collect();
    let keys = DataKeys {
        pool: pool.clone(),
        vault: config.vault_keys.into(),
        clock: Clock::system(),
    };
    let failed = match options.check_only {
        true => 0,
        false => work(&keys, options, &mut tell).await?,
    };
    let in_use = keys.in_use().await?;
    pool.close().await;
    Ok(Outcome {
        ids,
        in_use,
        failed,
    })
}

async fn work(
    keys: &DataKeys,
    options: Options,
    tell: &mut impl FnMut(&str),
) -> anyhow::Result<u64> {
    let mut all = Batch::default();
    let mut position = None;
    while let Some(batch) = keys.rewrap(&mut position, options.batch).await? {
        all.done += batch.done;
        all.failed += batch.failed;
        tell(&format!("{} data keys wrapped anew", all.done));
    }
    if let Some(moment) = options.renew_before {
        let (mut renewed, mut position) = (0, None);
        while let Some(count) = keys.renew(moment, &mut position, options.batch).await? {
            renewed += count;
            tell(&format!("{renewed} data keys made"));
        }
    }
    let sealing = Sealing::new(keys.vault.clone());
    for column in &COLUMNS {
        let (mut done, mut position) = (0, None);
        while let Some(batch) = sealing
            .rewrap_some(&keys.pool, column, &mut position, options.batch)
            .await?
        {
            done += batch.done;
            all.failed += batch.failed;
            tell(&format!("{done} other records wrapped anew"));
        }
    }
    let (mut done, mut position) = (0, None);
    while let Some(batch) = keys.reseal(&mut position, options.batch).await? {
        done += batch.done;
        all.failed += batch.failed;
        tell(&format!("{done} secrets sealed anew"));
    }
    Ok(all.failed)
}

impl Outcome {
    /// Whether the first key is the only one that anything needs.
    pub fn is_complete(&self) -> bool {
        let only = |id: &String| self.ids.first() == Some(id);
        self.failed == 0 && self.in_use.keys().all(only)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, id) in self.ids.iter().enumerate() {
            match (place, self.in_use.get(id)) {
                (0, count) => writeln!(
                    f,
                    "key {id}: {} rows, takes all new ones",
                    count.unwrap_or(&0)
                )?,
                (_, None) => writeln!(f, "key {id}: no row uses it any more, it can be dropped")?,
                (_, Some(count)) => writeln!(f, "key {id}: {count} rows, still needed")?,
            }
        }
        for (id, count) in self.in_use.iter().filter(|(id, _)| !self.ids.contains(id)) {
            writeln!(f, "key {id}: {count} rows, and it is not in VAULT_KEYS")?;
        }
        if self.failed > 0 {
            writeln!(f, "{} rows could not be opened, see above", self.failed)?;
        }
        Ok(())
    }
}
