//! Writes the Rust code of the contract into `proto/src/gen`; `--check` only compares.
#![expect(clippy::print_stderr, reason = "a command for people")]

mod private;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use prost::Message as _;

fn main() -> anyhow::Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("proto/ holds gen/")?;
    let committed = root.join("src/gen");
    if !env::args().any(|arg| arg == "--check") {
        generate(root, &committed)?;
        return Ok(ExitCode::SUCCESS);
    }
    let fresh = env::temp_dir().join(format!("voxanne-proto-{}", std::process::id()));
    let compared = generate(root, &fresh).and_then(|()| differing(&fresh, &committed));
    fs::remove_dir_all(&fresh)?;
    let stale = compared?;
    for name in &stale {
        eprintln!("proto/src/gen/{name} is not what proto/voxanne says: run `cargo xtask gen`");
    }
    Ok(if stale.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn generate(root: &Path, out: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(out)?;
    // protox is a compiler of .proto files in Rust, so that no machine needs protoc.
    let descriptors = protox::compile(contracts(root)?, [root])?;
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    let packages: BTreeSet<_> = descriptors
        .file
        .iter()
        .map(|file| file.package().to_owned())
        .collect();
    let debugs: Vec<_> = packages
        .iter()
        .map(|package| (package, private::implementations(&descriptors, package)))
        .collect();
    tonic_prost_build::configure()
        .out_dir(out)
        .skip_debug(private::names(&descriptors))
        .compile_fds(descriptors)?;
    for (package, code) in debugs {
        let path = out.join(format!("{package}.rs"));
        if let (false, Ok(generated)) = (code.is_empty(), fs::read_to_string(&path)) {
            fs::write(path, format!("{generated}\n{code}"))?;
        }
    }
    Ok(())
}

fn contracts(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for service in fs::read_dir(root.join("voxanne"))? {
        for file in fs::read_dir(service?.path().join("v1"))? {
            found.push(file?.path());
        }
    }
    found.sort();
    Ok(found)
}

fn differing(fresh: &Path, committed: &Path) -> anyhow::Result<Vec<String>> {
    let mut stale = Vec::new();
    for file in fs::read_dir(fresh)? {
        let name = file?.file_name();
        if fs::read(fresh.join(&name))? != fs::read(committed.join(&name)).unwrap_or_default() {
            stale.push(name.to_string_lossy().into_owned());
        }
    }
    Ok(stale)
}
