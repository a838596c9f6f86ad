//! Argon2id, away from the threads that serve requests.

mod decoys;

use std::{sync::Arc, time::Instant};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::Error as HashError,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use voxanne_telemetry::names;
use voxanne_tenant::Keys;

use self::decoys::Decoys;
use crate::Error;

/// Sign-ins that wait for a free slot; the one after them is told to come again.
const QUEUE: usize = 64;

/// What one hash costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Hashes made at the same time.
    pub at_once: usize,
}

impl Cost {
    /// The second choice of RFC 9106 is out of reach of a small pod with several sign-ins at once;
    /// this is OWASP's: 19 MiB and two passes.
    pub const MEMORY: u32 = 19 * 1024;
    pub const PASSES: u32 = 2;
}

/// Hashes and checks passwords, a few at a time: each one holds a core and its memory.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    slots: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// The cost that is set, as a hash begins with it.
    set: Arc<str>,
    pub(super) decoys: Decoys,
}

impl Passwords {
    /// `keys` draw the lots of [`Decoys`].
    pub(crate) fn new(cost: Cost, keys: Keys) -> anyhow::Result<Self> {
        let params = Params::new(cost.memory, cost.passes, 1, None)
            .map_err(|error| anyhow::anyhow!("the cost of a password hash: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let version = u32::from(Version::V0x13);
        let (memory, passes) = (cost.memory, cost.passes);
        let set: Arc<str> = format!("$argon2id$v={version}$m={memory},t={passes},p=1$").into();
        let at_once = cost.at_once.max(1);
        Ok(Self {
            argon2,
            slots: Arc::new(Semaphore::new(at_once)),
            queue: Arc::new(Semaphore::new(at_once + QUEUE)),
            decoys: Decoys::new(keys, set.clone())?,
            set,
        })
    }

    /// The PHC string to store for `password`.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Error> {
        let argon2 = self.argon2.clone();
        let hash = self
            .run(move || {
                let hash = argon2.hash_password(password.expose_secret().as_bytes())?;
                Ok::<_, HashError>(hash.to_string())
            })
            .await??;
        Ok(hash)
    }

    /// Whether the hash was made at another cost than the one that is set.
    pub(super) fn is_stale(&self, hash: &str) -> bool {
        !hash.starts_with(&*self.set)
    }

    /// Whether `password` fits the stored `hash`, or a decoy where none is stored.
    pub(crate) async fn fits(&self, password: SecretString, hash: String) -> Result<bool, Error> {
        let argon2 = self.argon2.clone();
        let outcome = self
            .run(move || argon2.verify_password(password.expose_secret().as_bytes(), &*hash))
            .await?;
        match outcome {
            Ok(()) => Ok(true),
            Err(HashError::PasswordInvalid) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Runs `work` when its turn comes. The slot goes with the work: a client that leaves does not
    /// free it before the work is done.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let place = Arc::clone(&self.queue)
            .try_acquire_owned()
            .map_err(|_full| Error::Busy)?;
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(|_closed| Error::Busy)?;
        let held: [OwnedSemaphorePermit; 2] = [place, slot];
        let result = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(held);
            result
        })
        .await?;
        metrics::histogram!(names::PASSWORD_HASH_SECONDS).record(started.elapsed());
        Ok(result)
    }
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| Error::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(at_once: usize) -> Passwords {
        let cost = Cost {
            memory: 8,
            passes: 1,
            at_once,
        };
        let keys = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        Passwords::new(cost, keys.parse().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = passwords(1);
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
            "{stored}"
        );
        assert!(!passwords.is_stale(&stored));
        for (password, hash, fits) in [
            ("correct horse", stored.clone(), true),
            ("wrong horse", stored, false),
            (
                "correct horse",
                passwords.decoys.of("lee@acme.example"),
                false,
            ),
        ] {
            assert_eq!(passwords.fits(password.into(), hash).await.unwrap(), fits);
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_instead_of_growing() {
        let passwords = passwords(1);
        let everything = u32::try_from(1 + QUEUE).unwrap();
        let held = passwords
            .queue
            .clone()
            .acquire_many_owned(everything)
            .await
            .unwrap();
        assert!(matches!(
            passwords.hash("correct horse".into()).await,
            Err(Error::Busy)
        ));
        drop(held);
        assert!(passwords.hash("correct horse".into()).await.is_ok());
    }
}
