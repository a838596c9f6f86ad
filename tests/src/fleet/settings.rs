//! The environment that each process of a test fleet starts with.

use secrecy::ExposeSecret as _;

use super::{Fleet, SERVICES};

/// 32 bytes of nothing much; every key of a test fleet.
pub const KEY: &str = "k1:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=";
/// What Vapi proves itself with.
pub const VAPI_SECRET: &str = "the-webhook-secret-of-a-test-fleet";
const VAPI_KEY: &str = "the-vapi-key-of-a-test-fleet";
/// More than a test asks for; the limits are at work all the same.
const MANY: &str = "600000/min burst 100000";
pub(super) const OPERATOR_TOKEN: &str = "the-operator-token-of-a-test-fleet";

/// What every process of every fleet is told alike.
const SAME: &[(&str, &str)] = &[
    ("INTERNAL_CONTEXT_KEYS", KEY),
    ("JWT_SIGNING_KEYS", KEY),
    ("VAULT_KEYS", KEY),
    ("JWT_ISSUER", "https://test.voxanne.example"),
    ("JWT_AUDIENCE", "voxanne"),
    ("OPERATOR_TOKEN", OPERATOR_TOKEN),
    ("VAPI_WEBHOOK_SECRET", VAPI_SECRET),
    ("VAPI_PRIVATE_KEY", VAPI_KEY),
    (
        "GOOGLE_OAUTH_CLIENT_ID",
        "the-google-client-of-a-test-fleet",
    ),
    (
        "GOOGLE_OAUTH_CLIENT_SECRET",
        "the-google-secret-of-a-test-fleet",
    ),
    ("MAIL_FROM", "Voxanne <voxanne@test.voxanne.example>"),
    // Hashing at full cost would make sign-up the slowest part of every test.
    ("PASSWORD_MEMORY_KIB", "8192"),
    ("PASSWORD_PASSES", "1"),
    // A whole town of clinics, patients and members lives at one address here.
    ("LIMIT_ORG", MANY),
    ("LIMIT_USER", MANY),
    ("LIMIT_ADDRESS", MANY),
    ("LIMIT_CALLER", MANY),
    ("LIMIT_RECIPIENT", MANY),
    ("LIMIT_TOOL", MANY),
    ("LIMIT_CALLBACKS", MANY),
    ("LIMIT_SOCKETS", MANY),
    ("LOGIN_FAILURES_PER_ADDRESS", "100000/h"),
    ("MAILS_PER_ACCOUNT", "1000/h"),
    ("MAILS_PER_ADDRESS", "100000/h"),
    // A killed sender's message is looked into after seconds instead of minutes.
    ("TWILIO_TIMEOUT", "8s"),
    ("SEND_LEASE", "10s"),
    ("UNKNOWN_GRACE", "3s"),
    ("UNKNOWN_GAP", "3s"),
    ("UNKNOWN_GIVE_UP", "20s"),
];

impl Fleet {
    pub(super) fn env(&self, name: &'static str) -> Vec<(&'static str, String)> {
        let public = format!("http://{}", self.gateway);
        let mut env: Vec<(&'static str, String)> = SAME
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        env.push(("LOG", self.filter.to_owned()));
        env.push((
            "TWILIO_INBOUND_URL",
            format!("{public}/api/webhooks/sms-inbound"),
        ));
        env.push(("PUBLIC_URL", public));
        env.push(("REDIS_URL", self.redis_url()));
        env.push(("VAPI_BASE_URL", format!("http://{}", self.sandbox)));
        env.push(("TWILIO_BASE_URL", format!("http://{}", self.sandbox)));
        for name in ["GOOGLE_API_BASE_URL", "GOOGLE_OAUTH_BASE_URL"] {
            env.push((name, format!("http://{}", self.sandbox)));
        }
        env.push(("SMTP_URL", format!("smtp://{}", self.smtp)));
        for (service, variable) in SERVICES.iter().zip([
            "IDENTITY_URL",
            "BOOKING_URL",
            "NOTIFICATION_URL",
            "VOICE_TOOLING_URL",
            "REALTIME_URL",
        ]) {
            env.push((variable, format!("http://{}", self.grpc[service])));
        }
        match name {
            "sandbox" => {
                env.push(("HTTP_ADDR", self.sandbox.to_string()));
                env.push(("SMTP_ADDR", self.smtp.to_string()));
            }
            "gateway" => env.push(("HTTP_ADDR", self.gateway.to_string())),
            service => {
                let url = self.database.url(service).expose_secret().to_owned();
                env.push(("DATABASE_URL", url));
                env.push(("GRPC_ADDR", self.grpc[service].to_string()));
            }
        }
        if let Some(collector) = self.collector {
            env.push(("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}")));
        }
        if let Some(addr) = self.admin.get(name) {
            env.push(("ADMIN_ADDR", addr.to_string()));
        }
        env
    }
}
