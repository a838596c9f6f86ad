//! What mails say. Plain text: nothing to load, nothing to track, nothing to disguise.

use url::Url;

use super::Mail;

/// A mail in words.
pub(super) struct Letter {
    pub(super) subject: &'static str,
    pub(super) body: String,
}

impl Mail {
    /// The words, with links below `public_url`. A request that has not become a link yet has none.
    pub(super) fn letter(&self, public_url: &Url) -> Option<Letter> {
        let letter = match self {
            Self::ResetRequested => return None,
            Self::VerifyEmail { token } => verify(&link(public_url, "verify-email", token)),
            Self::ResetPassword { token } => reset(&link(public_url, "reset-password", token)),
            Self::Invitation { clinic, token } => {
                invitation(clinic, &link(public_url, "accept-invitation", token))
            }
            Self::PasswordChanged => password_changed(&page(public_url, "forgot-password")),
            Self::SecondFactorOn => second_factor_on(&page(public_url, "forgot-password")),
            Self::SecondFactorOff => second_factor_off(&page(public_url, "forgot-password")),
        };
        Some(letter)
    }
}

fn verify(link: &Url) -> Letter {
    Letter {
        subject: "Confirm your e-mail address",
        body: format!(
            "Please confirm that this address belongs to your Voxanne account:\n\n{link}\n\n\
             The link works once, within three days. If you have no account with us, somebody \
             mistyped their address: ignore this mail.\n"
        ),
    }
}

fn reset(link: &Url) -> Letter {
    Letter {
        subject: "Set a new password",
        body: format!(
            "Somebody, probably you, wants to set a new password for your Voxanne account:\n\n\
             {link}\n\n\
             The link works once, within an hour. If it was not you, ignore this mail: your \
             password stays as it is.\n"
        ),
    }
}

fn invitation(clinic: &str, link: &Url) -> Letter {
    Letter {
        subject: "You are invited to a clinic on Voxanne",
        body: format!(
            "The clinic \"{clinic}\" invites you to work with it on Voxanne:\n\n{link}\n\n\
             The link works once, within seven days. If you do not know the clinic, ignore this \
             mail.\n"
        ),
    }
}

fn password_changed(forgot: &Url) -> Letter {
    Letter {
        subject: "Your password was changed",
        body: format!(
            "The password of your Voxanne account was changed, and your other sessions were \
             ended.\n\nIf it was not you, set a new one at once:\n\n{forgot}\n"
        ),
    }
}

fn second_factor_on(forgot: &Url) -> Letter {
    Letter {
        subject: "Your second factor was turned on",
        body: format!(
            "From now on, signing in to your Voxanne account asks for a code of your \
             authenticator app. Keep the recovery codes for the day you lose it.\n\n\
             If it was not you, turn it off where you are still signed in, and set a new password \
             at once:\n\n{forgot}\n"
        ),
    }
}

fn second_factor_off(forgot: &Url) -> Letter {
    Letter {
        subject: "Your second factor was turned off",
        body: format!(
            "Signing in to your Voxanne account asks for no code any more.\n\n\
             If it was not you, set a new password at once, which ends every session, and turn it \
             on again:\n\n{forgot}\n"
        ),
    }
}

/// The token stands behind a `#`: browsers keep that part to themselves, so it comes into no log of
/// a server and no `Referer`.
fn link(public_url: &Url, name: &str, token: &str) -> Url {
    let mut url = page(public_url, name);
    url.set_fragment(Some(&format!("token={token}")));
    url
}

fn page(public_url: &Url, name: &str) -> Url {
    let mut url = public_url.clone();
    url.path_segments_mut()
        .expect("the configured address is an http URL")
        .pop_if_empty()
        .push(name);
    url.set_query(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_lies_below_the_configured_address_and_hides_its_token_from_servers() {
        for base in ["https://clinic.example", "https://clinic.example/"] {
            let mail = Mail::ResetPassword {
                token: "vxl_abc".into(),
            };
            let letter = mail.letter(&base.parse().unwrap()).unwrap();
            let link = "\nhttps://clinic.example/reset-password#token=vxl_abc\n";
            assert!(letter.body.contains(link), "{}", letter.body);
        }
    }

    #[test]
    fn every_kind_of_mail_has_words() {
        let token = || "vxl_abc".to_owned();
        let public_url = "https://clinic.example".parse().unwrap();
        for (mail, page) in [
            (Mail::VerifyEmail { token: token() }, "verify-email#"),
            (Mail::ResetPassword { token: token() }, "reset-password#"),
            (Mail::PasswordChanged, "forgot-password\n"),
            (Mail::SecondFactorOn, "forgot-password\n"),
            (Mail::SecondFactorOff, "forgot-password\n"),
            (
                Mail::Invitation {
                    clinic: "Acme Dental".into(),
                    token: token(),
                },
                "accept-invitation#",
            ),
        ] {
            let letter = mail.letter(&public_url).unwrap();
            assert!(letter.body.contains(page), "{}", letter.body);
        }
        assert!(Mail::ResetRequested.letter(&public_url).is_none());
    }
}
