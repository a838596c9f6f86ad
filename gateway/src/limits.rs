//! Who may ask how often, who has to wait, and what a request may be like before anybody reads it.

mod address;
mod config;
mod device;
mod head;
mod origin;
mod overload;
mod proxies;
mod rates;
mod throttle;

use std::net::IpAddr;

use voxanne_clock::Clock;
use voxanne_limits::Limiter;
use voxanne_tenant::Keys;

pub(crate) use self::{
    address::{Client, Peer, layer as address, of as address_of},
    head::{Contradiction, layer as head},
    origin::layer as origin,
    overload::layer as overload,
    rates::{LIMIT, REMAINING, RESET, layer as rates, seconds, show, write},
};
pub use self::{
    config::Settings,
    overload::Places,
    proxies::{InvalidProxies, Proxies},
};
use crate::Config;

/// What counts are kept under and what they are compared with.
pub struct Limits {
    settings: Settings,
    limiter: Limiter,
    keys: Keys,
    clock: Clock,
    is_https: bool,
}

impl Limits {
    pub(crate) fn new(config: &Config, limiter: Limiter, clock: &Clock) -> Self {
        Self {
            settings: config.limits.clone(),
            limiter,
            keys: config.context_keys.clone(),
            clock: clock.clone(),
            is_https: config.public_url.scheme() == "https",
        }
    }

    /// Stands for `value` where it must not be read: numbers and addresses of people are none of
    /// Redis' business.
    fn hidden(&self, kind: &str, value: &[u8]) -> String {
        let (_, mark) = self.keys.sign(&format!("limits {kind}"), value);
        hex::encode(&mark[..16])
    }
}

/// An address as it is counted: of IPv6 everybody has a whole /64.
fn counted(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

/// The network that an address is a part of: a /24 or a /64.
fn network(address: IpAddr) -> Vec<u8> {
    let mut bytes = counted(address);
    if address.is_ipv4() {
        bytes.truncate(3);
    }
    bytes
}
