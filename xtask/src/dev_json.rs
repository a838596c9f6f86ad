//! `.voxanne/dev.json`: what runs and how to reach it, for tools and tests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::private_file;
use crate::services::{Addresses, Settings};

/// The file; it is there exactly while the fleet runs.
pub(crate) struct DevJson {
    path: PathBuf,
    value: Value,
}

impl DevJson {
    pub(crate) fn new(
        path: PathBuf,
        addresses: &Addresses,
        settings: &Settings,
        database: &str,
        redis: Option<&str>,
    ) -> Self {
        let value = json!({
            "gatewayUrl": addresses.gateway_url(),
            "sandboxUrl": addresses.sandbox_url(),
            "adminUrls": addresses.admin_urls(),
            "databaseUrl": database,
            "redisUrl": redis,
            "pids": {},
            "operatorToken": settings.operator_token,
            "demo": [],
        });
        Self { path, value }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn set_demo(&mut self, demo: Vec<Value>) {
        self.value["demo"] = Value::Array(demo);
    }

    /// Writes the file with the numbers of the processes that run.
    pub(crate) fn write(&mut self, pids: &[(String, u32)]) -> Result<()> {
        let pids: Map<String, Value> = pids
            .iter()
            .map(|(name, pid)| (name.clone(), json!(pid)))
            .collect();
        self.value["pids"] = Value::Object(pids);
        private_file::write(&self.path, &serde_json::to_string_pretty(&self.value)?)
    }
}

impl Drop for DevJson {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok();
    }
}
