//! Mails to users: queued together with the fact they tell, handed over by a worker.
//!
//! What a mail says is sealed in its row, because a link in it opens an account, and is deleted when
//! the mail is settled. A mail may arrive twice, when the answer to handing it over was lost; its
//! `Message-ID` is the same then.

mod hand_over;
mod letter;
mod plan;
pub(crate) mod prune;
pub(crate) mod queue;
pub(crate) mod sender;
mod smtp;
mod store;

use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use voxanne_ids::MailId;

use crate::sealing::{Row, Sealing};

pub(crate) use store::is_full;

pub use smtp::{Smtp, SmtpUrl};

/// What a mail is about, and what only this mail may know.
#[derive(Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub(crate) enum Mail {
    /// A link that proves the address.
    VerifyEmail { token: String },
    /// Somebody said that they forgot the password of this address. Whether it has an account is
    /// found out by the sender, so that asking costs the same for every address.
    ResetRequested,
    /// A link that sets a new password.
    ResetPassword { token: String },
    /// The password was changed, by the user or by somebody else.
    PasswordChanged,
    /// Sign-in asks for a code from now on.
    SecondFactorOn,
    /// Sign-in asks for no code any more.
    SecondFactorOff,
    /// A link that makes the reader a member of a clinic.
    Invitation { clinic: String, token: String },
}

/// A mail and where it goes, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Addressed {
    to: String,
    mail: Mail,
}

impl Mail {
    /// What the row and the metrics call it.
    const fn kind(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify_email",
            Self::ResetRequested | Self::ResetPassword { .. } => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::Invitation { .. } => "invitation",
        }
    }

    /// How long it is worth sending: as long as its link, or as the news is news.
    const fn worth_sending_for(&self) -> SignedDuration {
        match self {
            Self::VerifyEmail { .. }
            | Self::PasswordChanged
            | Self::SecondFactorOn
            | Self::SecondFactorOff => SignedDuration::from_hours(3 * 24),
            Self::ResetRequested | Self::ResetPassword { .. } => SignedDuration::from_hours(1),
            Self::Invitation { .. } => SignedDuration::from_hours(7 * 24),
        }
    }
}

/// The end of the queue where mails are put in.
#[derive(Clone)]
pub(crate) struct Mails {
    sealing: Sealing,
    wake: Arc<Notify>,
}

impl Mails {
    pub(crate) fn new(sealing: Sealing) -> Self {
        Self {
            sealing,
            wake: Arc::default(),
        }
    }

    /// Tells the sender of this process that a mail was committed; the others find it by looking.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }
}

const fn row(id: MailId) -> Row {
    Row {
        id: id.as_uuid(),
        table: "mail",
        column: "sealed",
    }
}
