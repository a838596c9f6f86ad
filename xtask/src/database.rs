//! The database and the cache of the fleet: the person's own, or private ones.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::checkout::{Checkout, variable};
use crate::fleet::Fleet;
use crate::ports::Ports;
use crate::postgres::cluster::{Access, OWNER};
use crate::postgres::{self, Cluster};
use crate::process::{run, tied};
use crate::redis;
use crate::say::say;
use crate::secrets::{Secrets, token};

/// The database of a private cluster.
const DATABASE: &str = "voxanne";

const SETTINGS: &[&str] = &["max_connections=200", "timezone=UTC", "log_timezone=UTC"];

/// What was found before anything is built or started.
pub(crate) struct Sources {
    database: Database,
    cache: Cache,
}

enum Database {
    Given(String),
    Private(Box<Cluster>),
}

enum Cache {
    Given(String),
    Private(PathBuf),
    None,
}

impl Sources {
    /// Finds or obtains both servers.
    pub(crate) fn find(checkout: &Checkout) -> Result<Self> {
        let database = match variable("DATABASE_URL") {
            Some(url) => {
                say("postgres", "using DATABASE_URL");
                Database::Given(url)
            }
            None => {
                let folder = checkout.state_path("postgres")?;
                Database::Private(Box::new(postgres::cluster(checkout, &folder)?))
            }
        };
        let cache = match variable("REDIS_URL") {
            Some(url) => {
                say("redis", "using REDIS_URL");
                Cache::Given(url)
            }
            None => redis::server()?.map_or(Cache::None, Cache::Private),
        };
        Ok(Self { database, cache })
    }

    /// Starts what is private; gives the owner's URL and that of the cache.
    pub(crate) fn start(
        self,
        checkout: &Checkout,
        fleet: &mut Fleet,
        secrets: &mut Secrets,
    ) -> Result<(String, Option<String>)> {
        let mut ports = Ports::new();
        let database = match self.database {
            Database::Given(url) => url,
            Database::Private(cluster) => {
                let port = ports.near(5432, "postgres")?;
                let password = prepare(&cluster, secrets)?;
                fleet.start(vec![cluster.spec(
                    port,
                    SETTINGS,
                    &checkout.log("postgres"),
                )])?;
                say("postgres", format!("listens on 127.0.0.1:{port}"));
                format!("postgres://{OWNER}:{password}@127.0.0.1:{port}/{DATABASE}")
            }
        };
        let cache = match self.cache {
            Cache::Given(url) => Some(url),
            Cache::None => None,
            Cache::Private(server) => {
                let port = ports.near(6379, "redis")?;
                let folder = checkout.state_path("redis")?;
                fleet.start(vec![redis::spec(
                    server,
                    &folder,
                    port,
                    &checkout.log("redis"),
                )?])?;
                say("redis", format!("listens on 127.0.0.1:{port}"));
                Some(format!("redis://127.0.0.1:{port}"))
            }
        };
        Ok((database, cache))
    }
}

/// Makes the cluster or finds that of an earlier run; gives its password.
fn prepare(cluster: &Cluster, secrets: &mut Secrets) -> Result<String> {
    let known = secrets.knows("postgresPassword");
    let password = secrets.get("postgresPassword", token)?;
    if cluster.create(&Access::Password(password.clone()), Some(DATABASE))? {
        say(
            "postgres",
            format!("made new data in {}", cluster.folder().display()),
        );
    } else {
        say(
            "postgres",
            format!("found the data in {}", cluster.folder().display()),
        );
        if !known {
            cluster.set_password(&password)?;
        }
    }
    Ok(password)
}

/// Brings the schema up to date and gives the services' roles their password.
pub(crate) fn migrate(binary: PathBuf, database: &str, password: &str) -> Result<()> {
    say("migrate", "bringing the schema up to date");
    let mut migrate = tied(binary, "TERM");
    migrate
        .env("DATABASE_URL", database)
        .env("SERVICE_ROLE_PASSWORD", password);
    run(&mut migrate, "migrate")
}

/// The same database for another login.
pub(crate) fn with_login(url: &str, user: &str, password: &str) -> Result<String> {
    let (scheme, rest) = url.split_once("://").context("DATABASE_URL is no URL")?;
    let (authority, path) = rest
        .split_once('/')
        .context("DATABASE_URL names no database")?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if host.is_empty() {
        bail!("DATABASE_URL names no host");
    }
    Ok(format!("{scheme}://{user}:{password}@{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::with_login;

    #[test]
    fn another_login_keeps_the_place() {
        for (url, expected) in [
            ("postgres://a:b@host:1/db", "postgres://svc:pw@host:1/db"),
            (
                "postgres://host/db?sslmode=require",
                "postgres://svc:pw@host/db?sslmode=require",
            ),
            (
                "postgres://a:p%40@[::1]:5/db",
                "postgres://svc:pw@[::1]:5/db",
            ),
        ] {
            assert_eq!(with_login(url, "svc", "pw").unwrap(), expected);
        }
        assert!(with_login("host/db", "svc", "pw").is_err());
        assert!(with_login("postgres://host", "svc", "pw").is_err());
    }
}
