//! The semantics of Vapi's resources.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::Stage;

fn tool(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "description": "d"}, "server": {"url": "https://a.example", "timeoutSeconds": 5}})
}

#[tokio::test]
async fn a_patch_replaces_the_whole_model() {
    let stage = Stage::start().await;
    let model = json!({"provider": "openai", "model": "gpt-4o", "messages": [{"role": "system", "content": "p"}]});
    let assistant = stage
        .create("/assistant", json!({"name": "A", "model": model}))
        .await;
    let path = format!("/assistant/{}", assistant["id"].as_str().unwrap());
    let change = json!({"model": {"provider": "openai", "model": "gpt-4o", "toolIds": ["t"]}});
    let (status, patched) = stage.vapi(Method::PATCH, &path, change.clone()).await;
    assert_eq!(status, 200, "{patched}");
    assert_eq!(patched["model"], change["model"], "the prompt is gone");
    assert_eq!(patched["name"], "A");
    assert!(patched["updatedAt"].as_str() > assistant["updatedAt"].as_str());
    assert_eq!(stage.vapi(Method::GET, &path, Value::Null).await.1, patched);
}

#[tokio::test]
async fn a_tool_is_patched_with_or_without_its_type_and_null_clears() {
    let stage = Stage::start().await;
    let created = stage.create("/tool", tool("a")).await;
    let path = format!("/tool/{}", created["id"].as_str().unwrap());
    for change in [
        json!({"server": {"url": "https://b.example"}}),
        json!({"type": "function", "server": {"url": "https://b.example"}}),
    ] {
        let (status, patched) = stage.vapi(Method::PATCH, &path, change).await;
        assert_eq!(status, 200, "{patched}");
        assert_eq!(patched["server"], json!({"url": "https://b.example"}));
        assert_eq!(patched["function"]["name"], "a");
    }
    let (_, patched) = stage
        .vapi(Method::PATCH, &path, json!({"server": null}))
        .await;
    assert_eq!(patched.get("server"), None);
    let (status, error) = stage.vapi(Method::PATCH, &path, json!({"id": "x"})).await;
    assert_eq!(
        (status, &error["message"]),
        (400, &json!(["property id should not exist"]))
    );
}

#[tokio::test]
async fn nothing_makes_two_creations_one() {
    let stage = Stage::start().await;
    let (one, two) = (
        stage.create("/tool", tool("a")).await,
        stage.create("/tool", tool("a")).await,
    );
    assert_ne!(one["id"], two["id"]);
    let (_, shown) = stage.control(Method::GET, "/vapi/tools", Value::Null).await;
    assert_eq!(shown["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_is_an_array_of_a_hundred_paged_by_creation_time() {
    let stage = Stage::start().await;
    for number in 0..105 {
        stage.create("/tool", tool(&format!("t{number}"))).await;
    }
    let (_, first) = stage.vapi(Method::GET, "/tool", Value::Null).await;
    let first = first.as_array().unwrap();
    assert_eq!(first.len(), 100);
    let last = first[99]["createdAt"].as_str().unwrap();
    let (_, rest) = stage
        .vapi(
            Method::GET,
            &format!("/tool?createdAtLt={last}"),
            Value::Null,
        )
        .await;
    let names: Vec<_> = rest
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["function"]["name"])
        .collect();
    assert_eq!(names, ["t4", "t3", "t2", "t1", "t0"]);
    let (_, all) = stage
        .vapi(Method::GET, "/tool?limit=1000", Value::Null)
        .await;
    assert_eq!(all.as_array().unwrap().len(), 105);
    assert_eq!(
        stage
            .vapi(Method::GET, "/tool?limit=1001", Value::Null)
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn deleting_a_tool_does_not_unlink_it() {
    let stage = Stage::start().await;
    let created = stage.create("/tool", tool("a")).await;
    let model = json!({"provider": "openai", "model": "gpt-4o", "toolIds": [created["id"]]});
    let assistant = stage.create("/assistant", json!({"model": model})).await;
    let path = format!("/tool/{}", created["id"].as_str().unwrap());
    assert_eq!(
        stage.vapi(Method::DELETE, &path, Value::Null).await,
        (200, created.clone())
    );
    let (status, error) = stage.vapi(Method::GET, &path, Value::Null).await;
    assert_eq!((status, &error["error"]), (404, &json!("Not Found")));
    let path = format!("/assistant/{}", assistant["id"].as_str().unwrap());
    let (_, assistant) = stage.vapi(Method::GET, &path, Value::Null).await;
    assert_eq!(assistant["model"]["toolIds"], json!([created["id"]]));
}

#[tokio::test]
async fn an_outbound_call_is_queued_for_a_known_assistant() {
    let stage = Stage::start().await;
    let assistant = stage.create("/assistant", json!({"name": "A"})).await;
    let body = json!({"assistantId": assistant["id"], "customer": {"number": "+15558675310"}});
    let call = stage.create("/call", body).await;
    assert_eq!(call["status"], "queued");
    let path = format!("/call/{}", call["id"].as_str().unwrap());
    assert_eq!(
        stage.vapi(Method::GET, &path, Value::Null).await,
        (200, call)
    );
    let unknown = json!({"assistantId": "nobody"});
    assert_eq!(stage.vapi(Method::POST, "/call", unknown).await.0, 400);
}
