//! Resident memory as Linux accounts for it.

use std::{collections::BTreeMap, fs};

use anyhow::Context as _;

/// Resident set of each process in KiB (`VmRSS` of proc(5)).
pub(crate) fn resident(pids: &BTreeMap<String, u32>) -> anyhow::Result<BTreeMap<String, u64>> {
    pids.iter()
        .map(|(name, pid)| {
            let status = fs::read_to_string(format!("/proc/{pid}/status"))
                .with_context(|| format!("{name} has ended"))?;
            let kib = status
                .lines()
                .find_map(|line| line.strip_prefix("VmRSS:"))
                .and_then(|rest| rest.split_whitespace().next())
                .and_then(|number| number.parse().ok())
                .with_context(|| format!("no VmRSS for {name}"))?;
            Ok((name.clone(), kib))
        })
        .collect()
}
