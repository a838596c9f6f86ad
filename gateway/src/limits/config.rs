//! How much is allowed, as the environment says.

use std::num::{NonZeroU32, NonZeroUsize};

use voxanne_limits::{Rate, Window};
use voxanne_runtime::Reader;

use super::Proxies;

/// What is allowed; everything but `TRUSTED_PROXIES` has a default that a clinic never notices.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `LIMIT_ORG`: all requests of an organisation's members and keys together.
    pub org: Rate,
    /// `LIMIT_USER`: those of one member or key.
    pub user: Rate,
    /// `LIMIT_ADDRESS`: those from one address; a whole clinic may be behind it.
    pub address: Rate,
    /// `LIMIT_CALLER`: tool calls for one caller's number in an organisation.
    pub caller: Rate,
    /// `LIMIT_RECIPIENT`: texts that members send to one number.
    pub recipient: Rate,
    /// `LIMIT_TOOL`: calls of one tool in an organisation.
    pub tool: Rate,
    /// `LIMIT_CALLBACKS`: what one Twilio account sends.
    pub callbacks: Rate,
    /// `LIMIT_SOCKETS`: sockets that one member opens.
    pub sockets: Rate,
    /// `LOGIN_FAILURES_PER_NETWORK`: for one account from one /24 or /64, or from a known device.
    pub network_failures: Window,
    /// `LOGIN_FAILURES_PER_ACCOUNT`: from wherever, known devices aside.
    pub account_failures: Window,
    /// `LOGIN_FAILURES_PER_ADDRESS`: for whatever accounts.
    pub address_failures: Window,
    /// `MAILS_PER_ACCOUNT`: what anybody may have us send to one address.
    pub account_mails: Window,
    /// `MAILS_PER_ADDRESS`: sign-ups and other mails that one client may cause.
    pub address_mails: Window,
    /// `GATEWAY_REPLICAS`: among how many gateways limits are shared while Redis is away.
    pub replicas: NonZeroU32,
    /// `TRUSTED_PROXIES`: whose `X-Forwarded-For` counts; nobody's unless set.
    pub proxies: Proxies,
    /// `LIMIT_PATIENCE_MS`: a Redis that takes longer to count is away.
    pub patience_ms: NonZeroU32,
    /// `MAX_IN_FLIGHT`: requests that are worked on at once; webhooks have as many to themselves.
    pub in_flight: NonZeroUsize,
}

impl Default for Settings {
    fn default() -> Self {
        let rate = |text: &str| text.parse().expect("a rate, as a test finds");
        let window = |text: &str| text.parse().expect("a window, as a test finds");
        Self {
            org: rate("12000/min burst 2000"),
            user: rate("9000/min burst 1500"),
            address: rate("30000/min burst 5000"),
            caller: rate("120/min burst 60"),
            recipient: rate("60/min burst 60"),
            tool: rate("6000/min burst 1000"),
            callbacks: rate("12000/min burst 3000"),
            sockets: rate("120/min burst 60"),
            network_failures: window("10/15min"),
            account_failures: window("50/h"),
            address_failures: window("100/h"),
            account_mails: window("5/h"),
            address_mails: window("60/h"),
            replicas: NonZeroU32::MIN,
            proxies: Proxies::default(),
            patience_ms: NonZeroU32::new(50).expect("more than none"),
            in_flight: NonZeroUsize::new(1024).expect("more than none"),
        }
    }
}

impl Settings {
    pub(crate) fn read(read: &mut Reader<'_>) -> Option<Self> {
        let plain = Self::default();
        let org = read.or("LIMIT_ORG", plain.org);
        let user = read.or("LIMIT_USER", plain.user);
        let address = read.or("LIMIT_ADDRESS", plain.address);
        let caller = read.or("LIMIT_CALLER", plain.caller);
        let recipient = read.or("LIMIT_RECIPIENT", plain.recipient);
        let tool = read.or("LIMIT_TOOL", plain.tool);
        let callbacks = read.or("LIMIT_CALLBACKS", plain.callbacks);
        let sockets = read.or("LIMIT_SOCKETS", plain.sockets);
        let network_failures = read.or("LOGIN_FAILURES_PER_NETWORK", plain.network_failures);
        let account_failures = read.or("LOGIN_FAILURES_PER_ACCOUNT", plain.account_failures);
        let address_failures = read.or("LOGIN_FAILURES_PER_ADDRESS", plain.address_failures);
        let account_mails = read.or("MAILS_PER_ACCOUNT", plain.account_mails);
        let address_mails = read.or("MAILS_PER_ADDRESS", plain.address_mails);
        let replicas = read.or("GATEWAY_REPLICAS", plain.replicas);
        let proxies = read.optional::<Proxies>("TRUSTED_PROXIES");
        let patience_ms = read.or("LIMIT_PATIENCE_MS", plain.patience_ms);
        let in_flight = read.or("MAX_IN_FLIGHT", plain.in_flight);
        Some(Self {
            org: org?,
            user: user?,
            address: address?,
            caller: caller?,
            recipient: recipient?,
            tool: tool?,
            callbacks: callbacks?,
            sockets: sockets?,
            network_failures: network_failures?,
            account_failures: account_failures?,
            address_failures: address_failures?,
            account_mails: account_mails?,
            address_mails: address_mails?,
            replicas: replicas?,
            proxies: proxies?.unwrap_or_default(),
            patience_ms: patience_ms?,
            in_flight: in_flight?,
        })
    }
}

#[cfg(test)]
mod tests {
    use voxanne_runtime::Env;

    use super::*;

    #[test]
    fn every_bad_limit_is_named_at_once() {
        let env = Env::from_pairs([
            ("LIMIT_ORG", "many"),
            ("LIMIT_TOOL", "5/day"),
            ("LOGIN_FAILURES_PER_ACCOUNT", "5/h burst 3"),
            ("GATEWAY_REPLICAS", "0"),
            ("TRUSTED_PROXIES", "everybody"),
            ("LIMIT_USER", "5/s"),
        ]);
        let mut read = env.reader();
        let settings = Settings::read(&mut read);
        assert!(settings.is_none());
        let invalid = read.finish(|| settings).unwrap_err();
        let names: Vec<_> = invalid.names().collect();
        assert_eq!(
            names,
            [
                "LIMIT_ORG",
                "LIMIT_TOOL",
                "LOGIN_FAILURES_PER_ACCOUNT",
                "GATEWAY_REPLICAS",
                "TRUSTED_PROXIES",
            ]
        );
    }

    #[test]
    fn the_readme_names_every_variable_with_its_default() {
        let env = Env::from_pairs::<&str>([]);
        let mut read = env.reader();
        assert!(Settings::read(&mut read).is_some());
        let readme = include_str!("../../README.md");
        for line in env.variables().lines() {
            let (name, note) = line.trim().split_once(' ').expect("a name and a note");
            let default = note.trim().trim_start_matches("default: ");
            let row = readme
                .lines()
                .find(|row| row.contains(&format!("`{name}`")));
            let row = row.unwrap_or_else(|| panic!("no `{name}`"));
            assert!(
                note.contains("optional") || row.contains(default),
                "{row}: {default}"
            );
        }
    }
}
