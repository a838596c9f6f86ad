//! What an assistant should be, laid over what it is: pure.
//!
//! Vapi replaces each field it is sent as a whole, and people edit assistants in its dashboard too.
//! So every field that changes is copied whole from what Vapi has, and only what the clinic decides
//! here is set in it.

use serde_json::{Map, Value, json};
use voxanne_ids::AgentId;

use crate::agents::Draft;

/// Vapi sends eleven kinds of messages unless it is told which ones are wanted.
const SERVER_MESSAGES: [&str; 3] = ["tool-calls", "status-update", "end-of-call-report"];
/// Tags with a region that Deepgram knows; others go without theirs.
const HEARD_WITH_REGION: [&str; 19] = [
    "da-DK", "de-CH", "en-AU", "en-GB", "en-IE", "en-IN", "en-NZ", "en-US", "es-419", "fr-CA",
    "ko-KR", "nl-BE", "pt-BR", "pt-PT", "sv-SE", "th-TH", "zh-CN", "zh-HK", "zh-TW",
];

/// What is wanted of an assistant.
pub(crate) struct Wish {
    pub(crate) agent_id: AgentId,
    pub(crate) draft: Draft,
    pub(crate) tool_ids: Vec<String>,
    /// Tools it was linked to and should no longer be.
    pub(crate) stale_tool_ids: Vec<String>,
    /// `url`, `credentialId` and `timeoutSeconds`.
    pub(crate) server: Value,
}

/// The fields of `assistant` that have to change, each complete; none when it is as wished.
pub(crate) fn link(assistant: &Value, wish: &Wish) -> Map<String, Value> {
    let draft = &wish.draft;
    let metadata = json!({"agentId": wish.agent_id});
    [
        ("name", json!(draft.name)),
        ("firstMessage", json!(draft.first_message)),
        ("model", model(&assistant["model"], wish)),
        ("voice", voice(&assistant["voice"], draft)),
        ("transcriber", transcriber(&assistant["transcriber"], draft)),
        ("server", overlay(&assistant["server"], &wish.server)),
        (
            "serverMessages",
            server_messages(&assistant["serverMessages"]),
        ),
        ("metadata", overlay(&assistant["metadata"], &metadata)),
    ]
    .into_iter()
    .filter(|(name, value)| assistant[name] != *value)
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn model(current: &Value, wish: &Wish) -> Value {
    let chosen = &wish.draft.model;
    let mut model = overlay(
        current,
        &json!({"provider": chosen.provider, "model": chosen.name}),
    );
    model["messages"] = prompted(&current["messages"], &wish.draft.system_prompt);
    model["toolIds"] = linked(current, wish);
    model
}

/// The messages with one system message, the prompt.
fn prompted(current: &Value, prompt: &str) -> Value {
    let others = current.as_array().into_iter().flatten();
    let others = others
        .filter(|message| message["role"] != "system")
        .cloned();
    std::iter::once(json!({"role": "system", "content": prompt}))
        .chain(others)
        .collect()
}

/// The linked tools: what others linked, without what is stale, and ours, each once. A tool that
/// somebody pinned to a version is linked by that, and Vapi drops its plain id.
fn linked(model: &Value, wish: &Wish) -> Value {
    let texts = |list: &Value, field: Option<&str>| -> Vec<String> {
        let items = list.as_array().into_iter().flatten();
        let texts = items.map(|item| field.map_or(item, |field| &item[field]).as_str());
        texts.flatten().map(str::to_owned).collect()
    };
    let pinned = texts(&model["toolRefs"], Some("toolId"));
    let mut ids: Vec<String> = Vec::new();
    let ours = wish.tool_ids.iter().filter(|id| !pinned.contains(id));
    let before = texts(&model["toolIds"], None);
    let kept = before.iter().filter(|id| !wish.stale_tool_ids.contains(id));
    for id in kept.chain(ours) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    json!(ids)
}

/// The voice; its speed and the like stay while the provider does.
fn voice(current: &Value, draft: &Draft) -> Value {
    let wanted = json!({"provider": draft.voice.provider, "voiceId": draft.voice.id});
    if current["provider"] == wanted["provider"] {
        overlay(current, &wanted)
    } else {
        wanted
    }
}

/// Who listens: Deepgram in the agent's language, unless somebody chose another in the dashboard.
fn transcriber(current: &Value, draft: &Draft) -> Value {
    let tag = draft.language.as_str();
    let language = HEARD_WITH_REGION
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(tag))
        .unwrap_or_else(|| tag.split('-').next().unwrap_or(tag));
    match current["provider"].as_str() {
        None => json!({"provider": "deepgram", "model": "nova-3", "language": language}),
        Some("deepgram") => overlay(current, &json!({"language": language})),
        Some(_) => current.clone(),
    }
}

/// Their order means nothing.
fn server_messages(current: &Value) -> Value {
    let same = current.as_array().is_some_and(|listed| {
        listed.len() == SERVER_MESSAGES.len()
            && SERVER_MESSAGES
                .iter()
                .all(|kind| listed.iter().any(|one| one == kind))
    });
    if same {
        current.clone()
    } else {
        json!(SERVER_MESSAGES)
    }
}

/// `current` with the fields of `wanted` set.
fn overlay(current: &Value, wanted: &Value) -> Value {
    let mut fields = current.as_object().cloned().unwrap_or_default();
    for (name, value) in wanted.as_object().into_iter().flatten() {
        fields.insert(name.clone(), value.clone());
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use crate::agents::{Model, Voice};

    use super::*;

    fn wish() -> Wish {
        Wish {
            agent_id: AgentId::new(),
            draft: Draft {
                name: "Ava".into(),
                system_prompt: "Be kind.".into(),
                first_message: "Hello".into(),
                voice: Voice {
                    provider: "11labs".into(),
                    id: "sarah".into(),
                },
                model: Model {
                    provider: "openai".into(),
                    name: "gpt-4o".into(),
                },
                language: "de-DE".into(),
            },
            tool_ids: vec!["t1".into(), "t2".into()],
            stale_tool_ids: vec!["t0".into()],
            server: json!({"url": "https://ours", "credentialId": "c", "timeoutSeconds": 20}),
        }
    }

    fn applied(assistant: &Value, wish: &Wish) -> Value {
        overlay(assistant, &Value::Object(link(assistant, wish)))
    }

    #[test]
    fn linking_what_is_linked_changes_nothing() {
        let wish = wish();
        let created = applied(&json!({}), &wish);
        assert!(link(&created, &wish).is_empty());
        assert_eq!(created["transcriber"]["language"], "de");
    }

    #[test]
    fn what_others_set_survives() {
        let wish = wish();
        let edited = json!({
            "maxDurationSeconds": 900,
            "model": {
                "provider": "openai", "model": "gpt-4o-mini", "temperature": 0.2,
                "messages": [{"role": "system", "content": "old"}, {"role": "user", "content": "x"}],
                "toolIds": ["theirs", "t0", "t1"], "knowledgeBase": {"provider": "custom-knowledge-base"},
            },
            "voice": {"provider": "11labs", "voiceId": "old", "speed": 0.9},
            "transcriber": {"provider": "gladia", "language": "fr"},
            "server": {"url": "https://old", "headers": {"x": "y"}},
            "serverMessages": ["end-of-call-report", "tool-calls", "status-update"],
            "metadata": {"note": "n"},
        });
        let linked = applied(&edited, &wish);
        assert_eq!(linked["maxDurationSeconds"], 900);
        assert_eq!(
            linked["model"],
            json!({
                "provider": "openai", "model": "gpt-4o", "temperature": 0.2,
                "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "x"}],
                "toolIds": ["theirs", "t1", "t2"], "knowledgeBase": {"provider": "custom-knowledge-base"},
            })
        );
        assert_eq!(
            linked["voice"],
            json!({"provider": "11labs", "voiceId": "sarah", "speed": 0.9})
        );
        assert_eq!(linked["transcriber"], edited["transcriber"]);
        assert_eq!(linked["server"]["headers"], json!({"x": "y"}));
        assert_eq!(linked["serverMessages"], edited["serverMessages"]);
        assert_eq!(linked["metadata"]["note"], "n");
    }

    #[test]
    fn a_pinned_tool_is_not_linked_twice() {
        let pinned =
            json!({"model": {"toolRefs": [{"toolId": "t1", "version": "v3"}], "toolIds": []}});
        assert_eq!(link(&pinned, &wish())["model"]["toolIds"], json!(["t2"]));
    }

    #[test]
    fn another_providers_voice_replaces_the_old_one() {
        let edited = json!({"voice": {"provider": "cartesia", "voiceId": "old", "speed": 2}});
        let voice = &link(&edited, &wish())["voice"];
        assert_eq!(*voice, json!({"provider": "11labs", "voiceId": "sarah"}));
    }
}
