//! One supervisor per checkout.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// Held by the supervisor for its life; the system lets go of it at any end.
pub(crate) struct Lock {
    _file: File,
}

/// Who supervises a checkout.
pub(crate) enum Holder {
    /// Nobody did; the caller does from here on.
    Caller(Lock),
    /// Another process, with its number when it could be read.
    Other(Option<i32>),
}

/// Takes the lock of a checkout if nobody holds it.
pub(crate) fn take(path: &Path) -> Result<Holder> {
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            write!(file, "{}", std::process::id())?;
            Ok(Holder::Caller(Lock { _file: file }))
        }
        Err(TryLockError::WouldBlock) => {
            let pid = fs::read_to_string(path).unwrap_or_default();
            Ok(Holder::Other(pid.trim().parse().ok()))
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Holder, take};

    #[test]
    fn a_second_supervisor_learns_of_the_first() {
        let name = format!("voxanne-lock-{}", crate::secrets::token().unwrap());
        let path = std::env::temp_dir().join(name);
        let first = take(&path).unwrap();
        let Holder::Other(Some(pid)) = take(&path).unwrap() else {
            panic!("two hold one lock");
        };
        assert_eq!(u32::try_from(pid).unwrap(), std::process::id());
        drop(first);
        assert!(matches!(take(&path).unwrap(), Holder::Caller(_)));
        std::fs::remove_file(&path).unwrap();
    }
}
