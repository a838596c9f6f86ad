//! Slot ids: a provider, a service and a start that we said ourselves, in one call, to one
//! organisation.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use uuid::Uuid;
use voxanne_ids::{OrgId, ProviderId, ServiceId};
use voxanne_tenant::Keys;

use crate::fields::CallRef;

const PREFIX: &str = "slt_";
const PURPOSE: &str = "slot";
/// The low bytes of the seconds since 1970, which last until the year 36812. With all eight an id
/// would be longer than the 64 characters that an id has in FHIR.
const SECONDS: usize = 5;
/// Provider, service and start.
const PAYLOAD: usize = 16 + 16 + SECONDS;
/// Eighty bits: enough against guessing, short enough to be read back by a language model.
const SIGNATURE: usize = 10;

/// Issues and reads the slot ids of one organisation.
#[derive(Clone, Debug)]
pub(crate) struct SlotIds {
    keys: Keys,
    org: OrgId,
}

/// What a slot id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) provider: ProviderId,
    pub(crate) service: ServiceId,
    pub(crate) starts_at: Timestamp,
}

impl SlotIds {
    pub(crate) const fn new(keys: Keys, org: OrgId) -> Self {
        Self { keys, org }
    }

    pub(crate) fn issue(
        &self,
        provider: ProviderId,
        service: ServiceId,
        starts_at: Timestamp,
        call: &CallRef,
    ) -> String {
        let mut bytes = Vec::with_capacity(PAYLOAD + SIGNATURE);
        bytes.extend(provider.as_uuid().as_bytes());
        bytes.extend(service.as_uuid().as_bytes());
        bytes.extend(&starts_at.as_second().to_be_bytes()[8 - SECONDS..]);
        let (_, signature) = self.keys.sign(PURPOSE, &self.message(&bytes, call));
        bytes.extend(&signature[..SIGNATURE]);
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// `None` for everything that was not issued to this organisation in this call.
    pub(crate) fn read(&self, text: &str, call: &CallRef) -> Option<Named> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(text.strip_prefix(PREFIX)?)
            .ok()?;
        let (payload, signature) = bytes.split_at_checked(PAYLOAD)?;
        if signature.len() != SIGNATURE
            || !self
                .keys
                .verify_any(PURPOSE, &self.message(payload, call), signature)
        {
            return None;
        }
        let mut seconds = [0; 8];
        seconds[8 - SECONDS..].copy_from_slice(&payload[32..]);
        let seconds = i64::from_be_bytes(seconds);
        Some(Named {
            provider: ProviderId::from_uuid(Uuid::from_slice(&payload[..16]).ok()?),
            service: ServiceId::from_uuid(Uuid::from_slice(&payload[16..32]).ok()?),
            starts_at: Timestamp::from_second(seconds).ok()?,
        })
    }

    /// Organisation and payload have fixed lengths, so the call at the end cannot run into them.
    fn message(&self, payload: &[u8], call: &CallRef) -> Vec<u8> {
        [
            self.org.as_uuid().as_bytes(),
            payload,
            call.as_str().as_bytes(),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(org: OrgId) -> SlotIds {
        let keys = "k:dGVzdHMgc2hhcmUgdGhpcyBrZXkgb2YgMzIgYnl0ZXM=";
        SlotIds::new(keys.parse().unwrap(), org)
    }

    #[test]
    fn a_slot_id_is_good_in_its_organisation_and_call_only() {
        let (org, call) = (OrgId::new(), "call-1".parse::<CallRef>().unwrap());
        let named = Named {
            provider: ProviderId::new(),
            service: ServiceId::new(),
            starts_at: "2026-12-01T09:00:00Z".parse().unwrap(),
        };
        let text = ids(org).issue(named.provider, named.service, named.starts_at, &call);
        assert_eq!(ids(org).read(&text, &call), Some(named));
        let bare = text.strip_prefix(PREFIX).unwrap();
        assert_eq!(bare.len(), 63, "an id of FHIR has at most 64 characters");
        assert_eq!(ids(OrgId::new()).read(&text, &call), None);
        assert_eq!(ids(org).read(&text, &CallRef::default()), None);
        assert_eq!(ids(org).read(&text, &"call-2".parse().unwrap()), None);
    }

    #[test]
    fn a_changed_slot_id_is_refused() {
        let (org, call) = (OrgId::new(), CallRef::default());
        let text = ids(org).issue(
            ProviderId::new(),
            ServiceId::new(),
            Timestamp::UNIX_EPOCH,
            &call,
        );
        for place in PREFIX.len()..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(ids(org).read(&forged, &call), None, "{forged}");
        }
        for text in [
            "",
            "slt_",
            "slt_AAAA",
            "bkg_00",
            &text[..text.len() - 1],
            &format!("{text}A"),
        ] {
            assert_eq!(ids(org).read(text, &call), None, "{text}");
        }
    }
}
