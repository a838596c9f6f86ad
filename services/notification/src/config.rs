//! What the process reads from its environment.

use std::net::SocketAddr;

use jiff::SignedDuration;
use secrecy::SecretString;
use url::Url;
use voxanne_runtime::{Env, Invalid, Reader};
use voxanne_tenant::Keys;

/// A clinic's credentials are not kept in memory for longer.
const LONGEST_CACHE: SignedDuration = SignedDuration::from_secs(60);

/// The settings of one notification process.
#[derive(Clone, Debug)]
pub struct Config {
    pub database_url: SecretString,
    pub database_pool_size: u32,
    /// Without Redis, events are noticed by polling.
    pub redis_url: Option<SecretString>,
    pub grpc_addr: SocketAddr,
    pub context_keys: Keys,
    pub identity_url: String,
    pub booking_url: String,
    pub twilio_base_url: Url,
    /// Where messaging services are asked about.
    pub twilio_messaging_base_url: Url,
    /// Where Twilio reaches the gateway.
    pub public_url: Url,
    pub timing: Timing,
}

/// How patient the sender is. Every value has a default that suits Twilio.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a worker may hold a message before another one may look at it.
    pub lease: SignedDuration,
    /// How long one call to Twilio may take; shorter than the lease.
    pub twilio_timeout: SignedDuration,
    /// The first pause before another try; each later one doubles, up to a minute.
    pub retry_after: SignedDuration,
    /// The first pause after Twilio refused the clinic's credentials; doubles up to five minutes.
    pub refused_retry_after: SignedDuration,
    /// How long a callback may tell the outcome of an unknown attempt before Twilio's list is read.
    pub unknown_grace: SignedDuration,
    /// The pause between two readings of the list.
    pub unknown_gap: SignedDuration,
    /// How long after the attempt the list may show it; after that it counts as not accepted.
    pub unknown_give_up: SignedDuration,
    /// How long a clinic's name and Twilio account are kept in memory.
    pub clinic_cache: SignedDuration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: SignedDuration::from_secs(60),
            twilio_timeout: SignedDuration::from_secs(10),
            retry_after: SignedDuration::from_secs(1),
            refused_retry_after: SignedDuration::from_secs(30),
            unknown_grace: SignedDuration::from_secs(60),
            unknown_gap: SignedDuration::from_secs(30),
            unknown_give_up: SignedDuration::from_secs(120),
            clinic_cache: SignedDuration::from_secs(30),
        }
    }
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// Names every variable that is missing or malformed.
    pub fn from_env(env: &Env) -> Result<Self, Invalid> {
        let mut read = env.reader();
        let database_url = read.required::<String>("DATABASE_URL");
        let database_pool_size = read.or("DATABASE_POOL_SIZE", 10);
        let redis_url = read.optional::<String>("REDIS_URL");
        let grpc_addr = read.required("GRPC_ADDR");
        let context_keys = read.required("INTERNAL_CONTEXT_KEYS");
        let identity_url = read.required("IDENTITY_URL");
        let booking_url = read.required("BOOKING_URL");
        // The vendor's one public address is a constant of the product, like its protocol.
        let twilio = Url::parse("https://api.twilio.com").expect("the literal is a URL");
        let twilio_base_url = read.or("TWILIO_BASE_URL", twilio);
        let messaging = read.optional::<Url>("TWILIO_MESSAGING_BASE_URL");
        let public_url = read.required::<Url>("PUBLIC_URL");
        for (name, url) in [
            ("TWILIO_BASE_URL", twilio_base_url.as_ref()),
            (
                "TWILIO_MESSAGING_BASE_URL",
                messaging.iter().flatten().next(),
            ),
            ("PUBLIC_URL", public_url.as_ref()),
        ] {
            let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
            if url.is_some_and(|url| !is_web(url)) {
                read.refuse(name, "must begin with http:// or https://");
            }
        }
        let beside = twilio_base_url.as_ref().map(messaging_beside);
        let twilio_messaging_base_url = messaging.and_then(|given| given.or(beside));
        let timing = Timing::read(&mut read);
        read.finish(|| {
            Some(Self {
                database_url: database_url?.into(),
                database_pool_size: database_pool_size?,
                redis_url: redis_url?.map(Into::into),
                grpc_addr: grpc_addr?,
                context_keys: context_keys?,
                identity_url: identity_url?,
                booking_url: booking_url?,
                twilio_base_url: twilio_base_url?,
                twilio_messaging_base_url: twilio_messaging_base_url?,
                public_url: public_url?,
                timing: timing?,
            })
        })
    }
}

/// Twilio's two hosts belong together. A stand-in for one stands in for both: a clinic's
/// credentials must not reach the real one from a fleet that is tried out.
fn messaging_beside(base: &Url) -> Url {
    match base.host_str() {
        Some("api.twilio.com") => {
            Url::parse("https://messaging.twilio.com").expect("the literal is a URL")
        }
        _ => base.clone(),
    }
}

impl Timing {
    fn read(read: &mut Reader<'_>) -> Option<Self> {
        let usual = Self::default();
        let lease = read.or("SEND_LEASE", usual.lease);
        let twilio_timeout = read.or("TWILIO_TIMEOUT", usual.twilio_timeout);
        let retry_after = read.or("SEND_RETRY_AFTER", usual.retry_after);
        let refused_retry_after = read.or("REFUSED_RETRY_AFTER", usual.refused_retry_after);
        let unknown_grace = read.or("UNKNOWN_GRACE", usual.unknown_grace);
        let unknown_gap = read.or("UNKNOWN_GAP", usual.unknown_gap);
        let unknown_give_up = read.or("UNKNOWN_GIVE_UP", usual.unknown_give_up);
        let clinic_cache = read.or("CLINIC_CACHE", usual.clinic_cache);
        let timing = Self {
            lease: lease?,
            twilio_timeout: twilio_timeout?,
            retry_after: retry_after?,
            refused_retry_after: refused_retry_after?,
            unknown_grace: unknown_grace?,
            unknown_gap: unknown_gap?,
            unknown_give_up: unknown_give_up?,
            clinic_cache: clinic_cache?,
        };
        let durations = [
            ("SEND_LEASE", timing.lease),
            ("TWILIO_TIMEOUT", timing.twilio_timeout),
            ("SEND_RETRY_AFTER", timing.retry_after),
            ("REFUSED_RETRY_AFTER", timing.refused_retry_after),
            ("UNKNOWN_GRACE", timing.unknown_grace),
            ("UNKNOWN_GAP", timing.unknown_gap),
            ("UNKNOWN_GIVE_UP", timing.unknown_give_up),
            ("CLINIC_CACHE", timing.clinic_cache),
        ];
        for (name, duration) in durations {
            if !duration.is_positive() {
                read.refuse(name, "must be longer than nothing");
            }
        }
        if timing.clinic_cache > LONGEST_CACHE {
            read.refuse("CLINIC_CACHE", "must be at most 60s");
        }
        if timing.twilio_timeout >= timing.lease {
            read.refuse("TWILIO_TIMEOUT", "must be shorter than SEND_LEASE");
        }
        Some(timing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(more: &[(&'static str, &'static str)]) -> Env {
        let needed = [
            ("DATABASE_URL", "postgres://localhost/v"),
            ("GRPC_ADDR", "127.0.0.1:0"),
            (
                "INTERNAL_CONTEXT_KEYS",
                "a:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=",
            ),
            ("IDENTITY_URL", "http://identity"),
            ("BOOKING_URL", "http://booking"),
            ("PUBLIC_URL", "https://clinic.example"),
        ];
        Env::from_pairs(needed.into_iter().chain(more.iter().copied()))
    }

    #[test]
    fn durations_are_read_in_words() {
        let config = Config::from_env(&env(&[("UNKNOWN_GRACE", "90s")])).unwrap();
        assert_eq!(config.timing.unknown_grace, SignedDuration::from_secs(90));
        assert_eq!(config.timing.lease, SignedDuration::from_secs(60));
        assert_eq!(config.twilio_base_url.as_str(), "https://api.twilio.com/");
        assert_eq!(
            config.twilio_messaging_base_url.as_str(),
            "https://messaging.twilio.com/"
        );
    }

    #[test]
    fn a_stand_in_for_twilio_stands_in_for_both_its_hosts() {
        let url = "http://sandbox:8090/";
        let config = Config::from_env(&env(&[("TWILIO_BASE_URL", url)])).unwrap();
        assert_eq!(config.twilio_messaging_base_url.as_str(), url);
    }

    #[test]
    fn credentials_are_kept_for_a_minute_at_most() {
        let invalid = Config::from_env(&env(&[("CLINIC_CACHE", "61s")])).unwrap_err();
        assert_eq!(invalid.names().collect::<Vec<_>>(), ["CLINIC_CACHE"]);
    }

    #[test]
    fn only_web_addresses_are_addresses() {
        let bad = [("PUBLIC_URL", "mailto:us"), ("TWILIO_BASE_URL", "data:x")];
        let invalid = Config::from_env(&env(&bad)).unwrap_err();
        assert_eq!(
            invalid.names().collect::<Vec<_>>(),
            ["TWILIO_BASE_URL", "PUBLIC_URL"]
        );
    }

    #[test]
    fn a_call_that_outlasts_its_lease_is_refused() {
        let invalid =
            Config::from_env(&env(&[("TWILIO_TIMEOUT", "2m"), ("UNKNOWN_GAP", "0s")])).unwrap_err();
        assert_eq!(
            invalid.names().collect::<Vec<_>>(),
            ["UNKNOWN_GAP", "TWILIO_TIMEOUT"]
        );
    }
}
