//! Agents on the wire.

use voxanne_clock::to_proto;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::voice_tooling::v1 as proto;

use crate::agents::{Agent, Draft, Model, Voice};

const NAME: usize = 40;
const SYSTEM_PROMPT: usize = 20_000;
const FIRST_MESSAGE: usize = 1_000;
const PROVIDER: usize = 40;
const CHOICE: usize = 100;
/// RFC 5646, section 4.4.1.
const LANGUAGE: usize = 35;

impl TryFrom<proto::SaveAgentRequest> for Draft {
    type Error = Problem;

    fn try_from(request: proto::SaveAgentRequest) -> Result<Self, Problem> {
        let mut violations = Violations::default();
        let voice = request.voice.unwrap_or_default();
        let model = request.model.unwrap_or_default();
        let draft = Self {
            name: request.name.trim().to_owned(),
            system_prompt: request.system_prompt,
            first_message: request.first_message,
            voice: Voice {
                provider: voice.provider,
                id: voice.voice_id,
            },
            model: Model {
                provider: model.provider,
                name: model.model,
            },
            language: request.language,
        };
        for (field, text, longest) in [
            ("name", &draft.name, NAME),
            ("systemPrompt", &draft.system_prompt, SYSTEM_PROMPT),
            ("voice.provider", &draft.voice.provider, PROVIDER),
            ("voice.voiceId", &draft.voice.id, CHOICE),
            ("model.provider", &draft.model.provider, PROVIDER),
            ("model.model", &draft.model.name, CHOICE),
        ] {
            if text.trim().is_empty() {
                violations.add(field, "REQUIRED", "must not be empty");
            }
            at_most(&mut violations, field, text, longest);
        }
        let field = "firstMessage";
        at_most(&mut violations, field, &draft.first_message, FIRST_MESSAGE);
        if !is_language(&draft.language) {
            violations.add("language", "FORMAT", "must be a language tag like `en-US`");
        }
        violations.finish(Some(draft))
    }
}

fn at_most(violations: &mut Violations, field: &str, text: &str, longest: usize) {
    if text.chars().count() > longest {
        let detail = format!("must be at most {longest} characters");
        violations.add(field, "TOO_LONG", detail);
    }
    // Postgres keeps no such text.
    if text.contains('\0') {
        violations.add(field, "FORMAT", "must not contain a NUL character");
    }
}

/// Whether `tag` has the form of a BCP 47 tag: a language, then subtags.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    tag.len() <= LANGUAGE
        && (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

impl From<Agent> for proto::Agent {
    fn from(agent: Agent) -> Self {
        Self {
            id: agent.id.to_string(),
            name: agent.draft.name,
            system_prompt: agent.draft.system_prompt,
            first_message: agent.draft.first_message,
            voice: Some(proto::Voice {
                provider: agent.draft.voice.provider,
                voice_id: agent.draft.voice.id,
            }),
            model: Some(proto::Model {
                provider: agent.draft.model.provider,
                model: agent.draft.model.name,
            }),
            language: agent.draft.language,
            enabled: agent.enabled,
            version: agent.version,
            vapi_assistant_id: agent.vapi_assistant_id.unwrap_or_default(),
            updated_at: Some(to_proto(agent.updated_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_field_is_named_as_the_client_wrote_it() {
        let request = proto::SaveAgentRequest {
            name: "n".repeat(41),
            system_prompt: String::new(),
            first_message: "é".repeat(1001),
            voice: None,
            model: None,
            language: "english".into(),
        };
        let problem = Draft::try_from(request).unwrap_err();
        let fields: Vec<_> = problem
            .violations
            .iter()
            .map(|one| one.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "name",
                "systemPrompt",
                "voice.provider",
                "voice.voiceId",
                "model.provider",
                "model.model",
                "firstMessage",
                "language",
            ]
        );
    }

    #[test]
    fn a_language_is_a_tag() {
        for tag in ["en", "en-US", "es-419", "zh-Hans-CN", "haw"] {
            assert!(is_language(tag), "{tag}");
        }
        for tag in ["", "e", "english", "en_US", "en-", "e1-US"] {
            assert!(!is_language(tag), "{tag}");
        }
    }
}
