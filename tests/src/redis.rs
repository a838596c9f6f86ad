//! A Redis of the fleet's own, so that a test can take it away.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

#[derive(Debug)]
pub(crate) struct Redis {
    server: String,
    addr: SocketAddr,
    folder: std::path::PathBuf,
    child: Option<Child>,
}

impl Redis {
    pub(crate) fn start(server: String, addr: SocketAddr, folder: &Path) -> Self {
        let mut redis = Self {
            server,
            addr,
            folder: folder.to_owned(),
            child: None,
        };
        redis.resume();
        redis
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.addr)
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child of ours can be killed");
            child.wait().expect("a child of ours can be waited for");
        }
    }

    pub(crate) fn resume(&mut self) {
        let child = Command::new(&self.server)
            .args([
                "--bind",
                "127.0.0.1",
                "--port",
                &self.addr.port().to_string(),
            ])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.server));
        self.child = Some(child);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}
