//! A pooler before the tests' Postgres, where one is given: every service then shares connections with
//! strangers from one transaction to the next.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::process::Signal;

use crate::checkout::variable;
use crate::fleet::{Ready, Spec};
use crate::postgres::account::Account;
use crate::process::tied;

/// Roles that services connect as.
const ROLES: &[&str] = &[
    "svc_identity",
    "svc_booking",
    "svc_notification",
    "svc_voice_tooling",
    "svc_realtime",
];

/// The `PgBouncer` to put in between. Debian's is too old, so none is looked for.
pub(crate) fn server() -> Option<PathBuf> {
    variable("VOXANNE_PGBOUNCER").map(PathBuf::from)
}

/// How to run it before the Postgres on `postgres`, on the loopback address only.
pub(crate) fn spec(
    server: PathBuf,
    folder: &Path,
    (port, postgres): (u16, u16),
    log: &Path,
) -> Result<Spec> {
    let account = Account::needed()?;
    fs::create_dir_all(folder)?;
    let (settings, users) = (folder.join("pgbouncer.ini"), folder.join("users.txt"));
    fs::write(&settings, text(port, postgres, &users))?;
    let lines: String = ROLES
        .iter()
        .map(|role| format!("\"{role}\" \"\"\n"))
        .collect();
    fs::write(&users, lines)?;
    if let Some(account) = account {
        for path in [folder, &settings, &users] {
            account.own(path)?;
        }
    }
    Ok(Spec {
        name: "pgbouncer".to_owned(),
        log: log.to_path_buf(),
        end_with: Signal::QUIT,
        ready: Ready::Port(port),
        command: Box::new(move || {
            let mut command = tied(&server, "TERM");
            command.arg(&settings);
            if let Some(account) = account {
                account.apply(&mut command);
            }
            command
        }),
    })
}

/// Few connections a database and role, so that hardly a transaction gets the one it had before.
fn text(port: u16, postgres: u16, users: &Path) -> String {
    format!(
        "[databases]\n\
         * = host=127.0.0.1 port={postgres}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = trust\n\
         auth_file = {}\n\
         pool_mode = transaction\n\
         max_prepared_statements = 200\n\
         ignore_startup_parameters = extra_float_digits\n\
         max_client_conn = 2000\n\
         default_pool_size = 4\n\
         server_idle_timeout = 5\n",
        users.display()
    )
}
