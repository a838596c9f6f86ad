//! `--health`: a container without a shell asks its own process whether it turns.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use crate::Env;

const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn health(env: &Env) -> ExitCode {
    let mut read = env.reader();
    let addr = read.required::<SocketAddr>("ADMIN_ADDR");
    match read.finish(|| addr).ok().map(answers) {
        Some(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn answers(mut addr: SocketAddr) -> std::io::Result<bool> {
    // A process that listens on every address answers on the loopback one.
    if addr.ip().is_unspecified() {
        addr.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let mut stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    Ok(&start == b"HTTP/1.1 200")
}
