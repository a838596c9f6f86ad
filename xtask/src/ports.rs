//! Free ports on the loopback address.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result, bail};

use crate::say::say;

/// The first port for what has no well-known one. It lies below the range that
/// systems hand to outgoing connections, so a port stays free until it is used.
const FIRST: u16 = 18_100;

pub(crate) struct Ports {
    next: u16,
}

impl Ports {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// The wanted port, or the next free one with a word about it.
    pub(crate) fn near(&mut self, wanted: u16, what: &str) -> Result<u16> {
        if is_free(wanted) {
            return Ok(wanted);
        }
        let port = self.any()?;
        say(what, format!("port {wanted} is busy, using {port}"));
        Ok(port)
    }

    /// A free port that was not given out before.
    pub(crate) fn any(&mut self) -> Result<u16> {
        for port in self.next..FIRST + 1_000 {
            if is_free(port) {
                self.next = port + 1;
                return Ok(port);
            }
        }
        bail!("no free port between {FIRST} and {}", FIRST + 1_000)
    }

    /// A free port chosen by the system, for what lives only minutes.
    pub(crate) fn ephemeral() -> Result<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        Ok(listener.local_addr()?.port())
    }
}

/// Whether nobody listens there, on this address or on all of them.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Ipv4Addr, Ports, TcpListener};

    #[test]
    fn a_busy_port_is_stepped_around() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let wanted = taken.local_addr().unwrap().port();
        let port = Ports::new().near(wanted, "test").unwrap();
        assert_ne!(port, wanted);
    }

    #[test]
    fn no_port_is_given_out_twice() {
        let mut ports = Ports::new();
        assert_ne!(ports.any().unwrap(), ports.any().unwrap());
    }
}
