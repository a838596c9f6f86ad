//! Which processes make the fleet, and what each one is told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use rustix::process::Signal;

use crate::checkout::Checkout;
use crate::database::with_login;
use crate::demo::Clinic;
use crate::fleet::{Ready, Spec};
use crate::ports::Ports;
use crate::process::tied;
use crate::secrets::{Secrets, key, token};

/// The services behind the gateway, by the name of their binary.
pub(crate) const SERVICES: [&str; 5] = [
    "identity",
    "booking",
    "notification",
    "voice-tooling",
    "realtime",
];

const AUDIENCE: &str = "voxanne";

/// Where every process listens.
pub(crate) struct Addresses {
    pub(crate) gateway: u16,
    pub(crate) sandbox: u16,
    smtp: u16,
    grpc: BTreeMap<&'static str, u16>,
    admin: BTreeMap<&'static str, u16>,
}

impl Addresses {
    pub(crate) fn choose(wanted: u16) -> Result<Self> {
        let mut ports = Ports::new();
        let mut addresses = Self {
            gateway: ports.near(wanted, "gateway")?,
            sandbox: ports.any()?,
            smtp: ports.any()?,
            grpc: BTreeMap::new(),
            admin: BTreeMap::from([("gateway", ports.any()?)]),
        };
        for service in SERVICES {
            addresses.grpc.insert(service, ports.any()?);
            addresses.admin.insert(service, ports.any()?);
        }
        Ok(addresses)
    }

    pub(crate) fn gateway_url(&self) -> String {
        local(self.gateway)
    }

    pub(crate) fn sandbox_url(&self) -> String {
        local(self.sandbox)
    }

    /// The admin address of every process that has one.
    pub(crate) fn admin_urls(&self) -> BTreeMap<&'static str, String> {
        self.admin
            .iter()
            .map(|(name, port)| (*name, local(*port)))
            .collect()
    }
}

/// What all processes are told, and the passwords behind it.
pub(crate) struct Settings {
    pub(crate) operator_token: String,
    pub(crate) webhook_secret: String,
    service_password: String,
    shared: Vec<(&'static str, String)>,
}

impl Settings {
    pub(crate) fn new(
        secrets: &mut Secrets,
        addresses: &Addresses,
        redis: Option<&str>,
    ) -> Result<Self> {
        let gateway = addresses.gateway_url();
        let operator_token = secrets.get("operatorToken", token)?;
        let webhook_secret = secrets.get("vapiWebhookSecret", token)?;
        let mut shared = vec![
            ("PUBLIC_URL", gateway.clone()),
            ("JWT_ISSUER", gateway.clone()),
            ("JWT_AUDIENCE", AUDIENCE.to_owned()),
            ("JWT_SIGNING_KEYS", secrets.get("jwtSigningKeys", key)?),
            (
                "INTERNAL_CONTEXT_KEYS",
                secrets.get("internalContextKeys", key)?,
            ),
            ("VAULT_KEYS", secrets.get("vaultKeys", key)?),
            ("VAPI_PRIVATE_KEY", secrets.get("vapiPrivateKey", token)?),
            ("VAPI_BASE_URL", addresses.sandbox_url()),
            ("VAPI_WEBHOOK_SECRET", webhook_secret.clone()),
            ("TWILIO_BASE_URL", addresses.sandbox_url()),
            ("GOOGLE_API_BASE_URL", addresses.sandbox_url()),
            ("GOOGLE_OAUTH_BASE_URL", addresses.sandbox_url()),
            ("GOOGLE_OAUTH_CLIENT_ID", "sandbox-google-client".to_owned()),
            (
                "GOOGLE_OAUTH_CLIENT_SECRET",
                secrets.get("googleClientSecret", token)?,
            ),
            ("SMTP_URL", format!("smtp://{}", listen(addresses.smtp))),
            ("MAIL_FROM", "Voxanne <voxanne@localhost>".to_owned()),
            ("OPERATOR_TOKEN", operator_token.clone()),
        ];
        shared.extend(redis.map(|url| ("REDIS_URL", url.to_owned())));
        for (service, port) in &addresses.grpc {
            shared.push((url_variable(service), local(*port)));
        }
        let service_password = secrets.get("serviceRolePassword", token)?;
        Ok(Self {
            operator_token,
            webhook_secret,
            service_password,
            shared,
        })
    }

    pub(crate) fn service_password(&self) -> &str {
        &self.service_password
    }
}

/// Builds the description of each process.
pub(crate) struct Roster<'a> {
    pub(crate) checkout: &'a Checkout,
    pub(crate) binaries: PathBuf,
    pub(crate) addresses: &'a Addresses,
    pub(crate) settings: &'a Settings,
}

impl Roster<'_> {
    pub(crate) fn sandbox(&self, clinics: &[Clinic]) -> Spec {
        let accounts: Vec<String> = clinics.iter().map(Clinic::sandbox_account).collect();
        let inbound = format!("{}/api/webhooks/sms-inbound", self.addresses.gateway_url());
        let environment = vec![
            ("HTTP_ADDR", listen(self.addresses.sandbox)),
            ("SMTP_ADDR", listen(self.addresses.smtp)),
            ("TWILIO_ACCOUNTS", accounts.join(",")),
            ("TWILIO_INBOUND_URL", inbound),
        ];
        let ready = Ready::Http(format!("{}/healthz", self.addresses.sandbox_url()));
        self.spec("sandbox", environment, ready)
    }

    /// Every service, each with a database login of its own.
    pub(crate) fn services(&self, database: &str) -> Result<Vec<Spec>> {
        let mut specs = Vec::new();
        for service in SERVICES {
            let role = format!("svc_{}", service.replace('-', "_"));
            let login = with_login(database, &role, &self.settings.service_password)?;
            let environment = vec![
                ("DATABASE_URL", login),
                ("GRPC_ADDR", listen(self.addresses.grpc[service])),
                ("ADMIN_ADDR", listen(self.addresses.admin[service])),
            ];
            let ready = Ready::Http(format!("{}/readyz", local(self.addresses.admin[service])));
            specs.push(self.spec(service, environment, ready));
        }
        Ok(specs)
    }

    pub(crate) fn gateway(&self) -> Spec {
        let environment = vec![
            ("HTTP_ADDR", listen(self.addresses.gateway)),
            ("ADMIN_ADDR", listen(self.addresses.admin["gateway"])),
            // Every clinic that is tried out on this machine signs up, and mistypes its password, from
            // the one address it has.
            ("MAILS_PER_ADDRESS", "10000/h".to_owned()),
            ("LOGIN_FAILURES_PER_ADDRESS", "10000/h".to_owned()),
        ];
        let ready = Ready::Http(format!("{}/readyz", self.addresses.gateway_url()));
        self.spec("gateway", environment, ready)
    }

    fn spec(&self, name: &str, own: Vec<(&'static str, String)>, ready: Ready) -> Spec {
        let binary = self.binaries.join(name);
        let shared = self.settings.shared.clone();
        Spec {
            name: name.to_owned(),
            log: self.checkout.log(name),
            end_with: Signal::TERM,
            ready,
            command: Box::new(move || {
                let mut command = tied(&binary, "TERM");
                // The person's DATABASE_URL is the owner's: no process gets it.
                command.env_remove("DATABASE_URL").env_remove("REDIS_URL");
                command
                    .envs(shared.iter().cloned())
                    .envs(own.iter().cloned());
                command
            }),
        }
    }
}

fn url_variable(service: &str) -> &'static str {
    match service {
        "identity" => "IDENTITY_URL",
        "booking" => "BOOKING_URL",
        "notification" => "NOTIFICATION_URL",
        "voice-tooling" => "VOICE_TOOLING_URL",
        _ => "REALTIME_URL",
    }
}

fn local(port: u16) -> String {
    format!("http://{}", listen(port))
}

fn listen(port: u16) -> String {
    format!("127.0.0.1:{port}")
}
