//! Where things are: the checkout, its private state and its binaries.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The repository this runner belongs to.
#[derive(Clone)]
pub(crate) struct Checkout {
    root: PathBuf,
    state: PathBuf,
}

impl Checkout {
    pub(crate) fn find() -> Result<Self> {
        // Cargo sets the variable for `cargo run`; the compiled-in path serves
        // a binary that is started by hand.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("the runner's folder has no parent")?;
        if !root.join("Cargo.toml").is_file() {
            bail!("no workspace at {}", root.display());
        }
        Ok(Self {
            root: root.to_path_buf(),
            state: root.join(".voxanne"),
        })
    }

    /// The same checkout with a fleet apart from the one of `up`.
    pub(crate) fn apart(&self, name: &str) -> Self {
        Self {
            root: self.root.clone(),
            state: self.state.join(name),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of everything that belongs to this checkout's private fleet.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// The folder of the servers' logs.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.state.join("logs").join(format!("{name}.log"))
    }

    /// A file or folder inside [`state`](Self::state), which is made if missing.
    pub(crate) fn state_path(&self, name: &str) -> Result<PathBuf> {
        fs::create_dir_all(&self.state)
            .with_context(|| format!("cannot make the folder {}", self.state.display()))?;
        Ok(self.state.join(name))
    }

    /// A cargo command of the toolchain that runs this.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = crate::process::tied(cargo, "TERM");
        command.args(args).current_dir(&self.root);
        // What `cargo run` set for this package would look like a change of
        // environment to the build scripts of others.
        for (name, _) in env::vars_os() {
            let set_by_run = name
                .to_str()
                .is_some_and(|name| name.starts_with("CARGO_PKG_"));
            if set_by_run || name == "CARGO_MANIFEST_DIR" || name == "CARGO_MANIFEST_PATH" {
                command.env_remove(name);
            }
        }
        command
    }

    /// What cargo knows of the workspace.
    pub(crate) fn metadata(&self, args: &[&str]) -> Result<Value> {
        let mut command = self.cargo(&["metadata", "--format-version", "1"]);
        let output = command
            .args(args)
            .output()
            .context("cannot run cargo metadata")?;
        if !output.status.success() {
            bail!(
                "cargo metadata failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")
    }

    /// The folder with the binaries of a profile.
    pub(crate) fn binaries(&self, release: bool) -> Result<PathBuf> {
        let metadata = self.metadata(&["--no-deps"])?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo names no target")?;
        Ok(Path::new(target).join(if release { "release" } else { "debug" }))
    }
}

/// Finds an executable on `PATH`.
pub(crate) fn which(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name.as_ref()))
        .find(|candidate| candidate.is_file())
}

/// A variable of the environment that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var_os(name)?
        .into_string()
        .ok()
        .filter(|value| !value.is_empty())
}
