//! Whatever formats a message learns ids, states and numbers, and nothing that was written or said.

use std::{collections::HashMap, fs, path::Path};

use voxanne_proto::{booking::v1 as booking, identity::v1 as identity, voice_tooling::v1 as voice};

const CANARY: &str = "canary of a text";

fn canary() -> String {
    CANARY.to_owned()
}

#[test]
fn a_message_shows_no_text() {
    let secrets = HashMap::from([(canary(), canary())]);
    let shown = [
        format!(
            "{:?}",
            booking::CreateBookingRequest {
                who: Some(booking::create_booking_request::Who::Patient(
                    booking::BookedPatient {
                        name: canary(),
                        phone: canary(),
                        email: canary(),
                        date_of_birth: canary(),
                    }
                )),
                notes: canary(),
                call_id: "call-7".to_owned(),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            booking::UpdatePatientRequest {
                id: "pat_1".to_owned(),
                name: Some(canary()),
                phone: None,
                email: Some(canary()),
                date_of_birth: Some(canary()),
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            identity::PutCredentialRequest {
                secrets: secrets.clone(),
                settings: secrets,
                ..Default::default()
            }
        ),
        format!(
            "{:?}",
            voice::RunToolResponse {
                outcome: Some(voice::run_tool_response::Outcome::Result(canary())),
            }
        ),
    ];
    for shown in &shown {
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("[private]"), "{shown}");
    }
    assert!(shown[0].contains("call_id: \"call-7\""), "{}", shown[0]);
    assert!(
        shown[1].contains("name: Some([private])") && shown[1].contains("phone: None"),
        "{}",
        shown[1]
    );
}

#[test]
fn no_message_derives_what_would_show_its_texts() {
    let generated = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gen");
    let mut messages = 0;
    for file in fs::read_dir(generated).expect("the code is committed") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let code = fs::read_to_string(&path).expect("code is text");
        for derived in ["::prost::Message)]", "::prost::Oneof)]"] {
            for (at, _) in code.match_indices(derived) {
                messages += 1;
                let next = code[at + derived.len()..].trim_start();
                assert!(
                    next.starts_with("#[prost(skip_debug)]"),
                    "{}: {}",
                    path.display(),
                    next.lines().next().unwrap_or_default()
                );
            }
        }
    }
    assert!(messages > 100, "the contract was walked: {messages}");
}
