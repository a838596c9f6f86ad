//! Every variable the service reads.

use std::net::SocketAddr;

use secrecy::SecretString;
use url::Url;
use voxanne_runtime::{Env, Invalid};
use voxanne_tenant::Keys;

/// Where the gateway takes Vapi's messages.
const WEBHOOK_PATH: &str = "/api/webhooks/vapi";

/// What the service needs to run.
#[derive(Debug)]
pub struct Config {
    /// `GRPC_ADDR`
    pub grpc_addr: SocketAddr,
    /// `DATABASE_URL`, as the role `svc_voice_tooling`
    pub database_url: SecretString,
    /// `DATABASE_POOL_SIZE`, 10 unless given
    pub database_pool_size: u32,
    /// `REDIS_URL`; without it nobody is told of new events, they are found a little later
    pub redis_url: Option<SecretString>,
    /// `INTERNAL_CONTEXT_KEYS`
    pub context_keys: Keys,
    /// `BOOKING_URL`
    pub booking_url: String,
    /// `VAPI_BASE_URL`, Vapi itself unless given
    pub vapi_base_url: Url,
    /// `VAPI_PRIVATE_KEY`: the platform's, the only one there is
    pub vapi_private_key: SecretString,
    /// `VAPI_WEBHOOK_SECRET`: what Vapi sends in `X-Vapi-Secret`
    pub vapi_webhook_secret: SecretString,
    /// `VAPI_WEBHOOK_URL`, else `PUBLIC_URL` with the gateway's path
    pub webhook_url: Url,
}

impl Config {
    /// Reads the environment; every bad variable is named in the error.
    pub fn from_env(env: &Env) -> Result<Self, Invalid> {
        let mut read = env.reader();
        let grpc_addr = read.required("GRPC_ADDR");
        let database_url = read.required::<Url>("DATABASE_URL");
        let database_pool_size = read.or("DATABASE_POOL_SIZE", 10);
        let redis_url = read.optional::<Url>("REDIS_URL");
        let context_keys = read.required("INTERNAL_CONTEXT_KEYS");
        let booking_url = read.required("BOOKING_URL");
        let vapi = Url::parse("https://api.vapi.ai").expect("a constant URL");
        let vapi_base_url = read.or("VAPI_BASE_URL", vapi);
        let vapi_private_key = read.required::<String>("VAPI_PRIVATE_KEY");
        let vapi_webhook_secret = read.required::<String>("VAPI_WEBHOOK_SECRET");
        let public_url = read.required::<Url>("PUBLIC_URL");
        let webhook_url = read.optional::<Url>("VAPI_WEBHOOK_URL");
        for (name, url) in [
            ("VAPI_BASE_URL", vapi_base_url.as_ref()),
            ("PUBLIC_URL", public_url.as_ref()),
            ("VAPI_WEBHOOK_URL", webhook_url.iter().flatten().next()),
        ] {
            if url.is_some_and(|url| !matches!(url.scheme(), "http" | "https")) {
                read.refuse(name, "expected a URL that starts with http:// or https://");
            }
        }
        read.finish(|| {
            Some(Self {
                grpc_addr: grpc_addr?,
                database_url: secret(database_url?),
                database_pool_size: database_pool_size?,
                redis_url: redis_url?.map(secret),
                context_keys: context_keys?,
                booking_url: booking_url?,
                vapi_base_url: vapi_base_url?,
                vapi_private_key: vapi_private_key?.into(),
                vapi_webhook_secret: vapi_webhook_secret?.into(),
                webhook_url: webhook_url?.unwrap_or(below(&public_url?, WEBHOOK_PATH)),
            })
        })
    }

    /// The address below which the gateway takes tool calls: beside the webhook, as both must be
    /// reached by the same way from outside.
    pub(crate) fn tools_base(&self) -> Url {
        let path = self.webhook_url.path();
        let prefix = path.strip_suffix(WEBHOOK_PATH).unwrap_or_default();
        let mut base = self.webhook_url.clone();
        base.set_query(None);
        base.set_path(&format!("{prefix}/api/vapi/tools"));
        base
    }
}

/// `base` with `path` behind its own.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// A database's URL holds its password.
fn secret(url: Url) -> SecretString {
    String::from(url).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(more: &[(&'static str, &'static str)]) -> Result<Config, Invalid> {
        let mut pairs = vec![
            ("GRPC_ADDR", "127.0.0.1:0"),
            ("DATABASE_URL", "postgres://localhost/voxanne"),
            (
                "INTERNAL_CONTEXT_KEYS",
                "k:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ),
            ("BOOKING_URL", "http://booking:50051"),
            ("VAPI_PRIVATE_KEY", "key"),
            ("VAPI_WEBHOOK_SECRET", "secret"),
            ("PUBLIC_URL", "https://clinic.example"),
        ];
        pairs.extend(more);
        Config::from_env(&Env::from_pairs(pairs))
    }

    #[test]
    fn tools_are_reached_the_way_the_webhook_is() {
        let plain = config(&[]).unwrap();
        assert_eq!(
            plain.webhook_url.as_str(),
            "https://clinic.example/api/webhooks/vapi"
        );
        assert_eq!(
            plain.tools_base().as_str(),
            "https://clinic.example/api/vapi/tools"
        );
        let tunnel = "https://tunnel.example/x/api/webhooks/vapi";
        let tunnelled = config(&[("VAPI_WEBHOOK_URL", tunnel)]).unwrap();
        assert_eq!(
            tunnelled.tools_base().as_str(),
            "https://tunnel.example/x/api/vapi/tools"
        );
    }

    #[test]
    fn an_address_that_is_no_web_address_is_refused() {
        let invalid = config(&[("VAPI_WEBHOOK_URL", "ftp://x")]).unwrap_err();
        assert_eq!(invalid.names().collect::<Vec<_>>(), ["VAPI_WEBHOOK_URL"]);
    }

    #[test]
    fn the_readme_names_every_variable() {
        let env = Env::from_pairs::<&str>([]);
        assert!(
            Config::from_env(&env).is_err(),
            "an empty environment is not enough"
        );
        let readme = include_str!("../README.md");
        let variables = env.variables();
        for variable in variables
            .lines()
            .filter_map(|line| line.split_whitespace().next())
        {
            assert!(readme.contains(&format!("`{variable}`")), "{variable}");
        }
    }
}
