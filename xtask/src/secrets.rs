//! The secrets of a private fleet: made once, kept where only the owner reads.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::private_file;

pub(crate) struct Secrets {
    path: PathBuf,
    values: Map<String, Value>,
}

impl Secrets {
    /// Reads what an earlier run made; an absent file is an empty one.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let values = match fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text).with_context(|| {
                format!(
                    "{} is no JSON object; delete it to start over",
                    path.display()
                )
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Map::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        Ok(Self {
            path: path.to_path_buf(),
            values,
        })
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The secret of that name, made and kept if there is none.
    pub(crate) fn get(&mut self, name: &str, make: fn() -> Result<String>) -> Result<String> {
        if let Some(value) = self.values.get(name).and_then(Value::as_str) {
            return Ok(value.to_owned());
        }
        let value = make()?;
        self.values
            .insert(name.to_owned(), Value::String(value.clone()));
        self.save()?;
        Ok(value)
    }

    fn save(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.values)?;
        private_file::write(&self.path, &text)
    }
}

/// 32 random characters that need no quoting anywhere.
pub(crate) fn token() -> Result<String> {
    Ok(random::<16>()?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// One key of a rotating set: `kid:base64(32 bytes)`.
pub(crate) fn key() -> Result<String> {
    let kid: String = random::<4>()?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(format!("k{kid}:{}", STANDARD.encode(random::<32>()?)))
}

/// The SID of a Twilio account that exists in the sandbox only.
pub(crate) fn account_sid() -> Result<String> {
    Ok(format!("AC{}", token()?))
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("the system gives no randomness")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{Secrets, key, token};

    #[test]
    fn a_secret_is_made_once_and_private() {
        let name = format!("voxanne-secrets-{}", token().unwrap());
        let path = std::env::temp_dir().join(name);
        let made = Secrets::open(&path).unwrap().get("a", token).unwrap();
        let found = Secrets::open(&path).unwrap().get("a", token).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(made, found);
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_has_a_name_and_32_bytes() {
        let key = key().unwrap();
        let (kid, value) = key.split_once(':').unwrap();
        assert_eq!(kid.len(), 9);
        assert_eq!(value.len(), 44);
    }
}
