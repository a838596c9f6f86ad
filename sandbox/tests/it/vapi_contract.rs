//! The strict contract: what Vapi would answer 400 to.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::Stage;

async fn refused(stage: &Stage, path: &str, body: Value) -> Vec<String> {
    let (status, error) = stage.vapi(Method::POST, path, body).await;
    assert_eq!(
        (status, &error["error"]),
        (400, &json!("Bad Request")),
        "{error}"
    );
    assert_eq!(error["statusCode"], 400);
    serde_json::from_value(error["message"].clone()).unwrap()
}

fn openai(more: Value) -> Value {
    let mut model = json!({"provider": "openai", "model": "gpt-4o"});
    for (name, value) in more.as_object().into_iter().flatten() {
        model[name] = value.clone();
    }
    json!({"model": model})
}

#[tokio::test]
async fn a_tool_that_breaks_the_contract_is_refused_by_name() {
    let stage = Stage::start().await;
    let function = |more: Value| json!({"type": "function", "function": more});
    let server = |more: Value| json!({"type": "function", "server": more});
    let pattern = "function.name must match /^[a-zA-Z0-9_-]{1,64}$/ regular expression";
    for (body, message) in [
        (
            json!({"type": "function", "name": "x"}),
            "property name should not exist",
        ),
        (
            json!({}),
            "type must be one of the following values: function",
        ),
        (function(json!({"name": "a b"})), pattern),
        (function(json!({})), "function.name should not be empty"),
        (
            server(json!({"secret": "s"})),
            "server.property secret should not exist",
        ),
        (
            server(json!({"timeoutSeconds": 999})),
            "server.timeoutSeconds must not be greater than 300",
        ),
        (server(json!({"url": 7})), "server.url must be a string"),
    ] {
        assert_eq!(
            refused(&stage, "/tool", body.clone()).await,
            [message],
            "{body}"
        );
    }
}

#[tokio::test]
async fn other_resources_that_break_the_contract_are_refused_by_name() {
    let stage = Stage::start().await;
    let long = json!({"name": "a".repeat(41)});
    for (path, body, message) in [
        (
            "/assistant",
            json!({"serverUrl": "x"}),
            "property serverUrl should not exist",
        ),
        (
            "/assistant",
            long,
            "name must be shorter than or equal to 40 characters",
        ),
        (
            "/assistant",
            openai(json!({"functions": []})),
            "model.property functions should not exist",
        ),
        (
            "/assistant",
            openai(json!({"temperature": 3})),
            "model.temperature must not be greater than 2",
        ),
        (
            "/credential",
            json!({"provider": "custom-credential"}),
            "authenticationPlan should not be empty",
        ),
        (
            "/credential",
            json!({"provider": "aws"}),
            "provider must be one of the following values: custom-credential, webhook",
        ),
        (
            "/call",
            json!({"metadata": {}}),
            "property metadata should not exist",
        ),
    ] {
        assert_eq!(
            refused(&stage, path, body.clone()).await,
            [message],
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn trap_29_the_shapes_that_the_project_sends_are_accepted() {
    let stage = Stage::start().await;
    let credential = stage
        .create(
            "/credential",
            json!({"provider": "custom-credential", "name": "gateway",
                "authenticationPlan": {"type": "bearer", "token": "secret", "headerName": "X-Vapi-Secret", "bearerPrefixEnabled": false}}),
        )
        .await;
    assert_eq!(
        credential["authenticationPlan"].get("token"),
        None,
        "secrets stay inside"
    );
    stage
        .create(
            "/tool",
            json!({"type": "function", "async": false,
                "function": {"name": "getCalendarSlots", "description": "Finds free slots.",
                    "parameters": {"type": "object", "properties": {"date": {"type": "string"}}, "required": []}},
                "server": {"url": "https://clinic.example/api/vapi/tools/get-calendar-slots", "timeoutSeconds": 20, "credentialId": credential["id"], "headers": {"X-Org": "org_1"}},
                "messages": [{"type": "request-start", "content": "One moment.", "blocking": false},
                    {"type": "request-response-delayed", "content": "Still checking.", "timingMilliseconds": 3000}],
                "parameters": [{"key": "caller", "value": "{{ customer.number }}"}]}),
        )
        .await;
    stage
        .create(
            "/assistant",
            json!({"name": "Reception", "firstMessage": "Hello", "voice": {"provider": "11labs", "voiceId": "sarah"},
                "transcriber": {"provider": "deepgram", "model": "nova-3", "language": "en"},
                "model": {"provider": "openai", "model": "gpt-4o", "temperature": 0.5, "toolIds": [], "messages": [{"role": "system", "content": "You are kind."}]},
                "server": {"url": "https://clinic.example/api/webhooks/vapi", "credentialId": credential["id"]},
                "serverMessages": ["tool-calls", "status-update", "end-of-call-report"],
                "metadata": {"orgId": "org_1"}, "compliancePlan": null}),
        )
        .await;
    let number = json!({"provider": "twilio", "number": "+15005550006", "twilioAccountSid": "AC1", "twilioAuthToken": "t", "smsEnabled": false});
    stage.create("/phone-number", number).await;
}

#[tokio::test]
async fn a_wrong_key_opens_nothing() {
    let stage = Stage::start().await;
    let request = stage
        .http
        .get(format!("{}/tool", stage.url))
        .bearer_auth("wrong");
    let (status, error) = crate::stage::answer(request).await;
    assert_eq!((status, &error["error"]), (401, &json!("Unauthorized")));
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Invalid Key.")
    );
}
