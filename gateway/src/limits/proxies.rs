//! Whose word about the client's address counts.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

/// Networks of proxies that stand before the gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Where a request comes from. `forwarded` is what proxies wrote, the nearest one last: each
    /// entry counts only while the one behind it is a proxy of ours, so nobody can write their own.
    pub(super) fn client<'a>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
    ) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in forwarded.rev() {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = read(hop) else { break };
            client = address;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address, with or without a port.
fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse().or_else(|_| {
        let socket = text.parse::<std::net::SocketAddr>();
        socket.map(|socket| socket.ip())
    });
    Some(address.ok()?.to_canonical())
}

impl FromStr for Proxies {
    type Err = InvalidProxies;

    fn from_str(text: &str) -> Result<Self, InvalidProxies> {
        let networks = text.split(',').map(|part| {
            let part = part.trim();
            let one = || part.parse::<IpAddr>().map(IpNet::from).ok();
            part.parse().ok().or_else(one).ok_or(InvalidProxies)
        });
        networks.collect::<Result<_, _>>().map(Self)
    }
}

/// The text is no list of networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidProxies;

impl fmt::Display for InvalidProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected networks such as `10.0.0.0/8`, separated by commas")
    }
}

impl std::error::Error for InvalidProxies {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_counts_only_when_a_proxy_of_ours_wrote_it() {
        for (peer, forwarded, client) in [
            ("203.0.113.9", "", "203.0.113.9"),
            ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
            ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
            ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
            ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.7", "1.2.3.4"),
            ("10.0.0.1", "nonsense, 10.0.0.7", "10.0.0.7"),
            ("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
            ("10.0.0.1", "1.2.3.4:5678", "1.2.3.4"),
            ("::ffff:10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"),
            ("fd00::1", "[2001:db8::5]:443", "2001:db8::5"),
            ("fd01::1", "2001:db8::5", "fd01::1"),
            ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
            ("10.0.0.1", "", "10.0.0.1"),
        ] {
            let proxies: Proxies = "10.0.0.0/8, fd00::1".parse().unwrap();
            let hops = forwarded.split(',').filter(|hop| !hop.is_empty());
            let found = proxies.client(peer.parse().unwrap(), hops);
            assert_eq!(found.to_string(), client, "{peer} {forwarded}");
        }
    }

    #[test]
    fn without_proxies_nobody_is_believed() {
        let client = Proxies::default().client([127, 0, 0, 1].into(), ["1.2.3.4"].into_iter());
        assert_eq!(client.to_string(), "127.0.0.1");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0.0/33", "everybody", "10.0.0.0/8,,"] {
            assert_eq!(text.parse::<Proxies>(), Err(InvalidProxies), "{text}");
        }
    }
}
