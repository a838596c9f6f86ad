//! Shapes that were seen and shapes that were not.

use serde_json::json;

use super::*;

fn calls(message: Value) -> Vec<ToolCall> {
    let mut message = message;
    message["type"] = json!("tool-calls");
    let body = json!({ "message": message }).to_string();
    match read(body.as_bytes()).unwrap().content {
        Content::ToolCalls(calls) => calls,
        other => panic!("{other:?}"),
    }
}

fn a_call() -> Vec<ToolCall> {
    vec![ToolCall {
        id: "call_1".into(),
        name: "holdSlot".into(),
        arguments: json!({"slotId": "s"})
            .as_object()
            .cloned()
            .map(Private::new),
    }]
}

#[test]
fn a_tool_call_is_read_in_every_shape() {
    let text = r#"{"slotId":"s"}"#;
    let nested = |name: &str, arguments: Value| json!({"id": "call_1", "type": "function", "function": {"name": "holdSlot", name: arguments}});
    for shape in [
        nested("arguments", json!({"slotId": "s"})),
        nested("arguments", json!(text)),
        nested("parameters", json!({"slotId": "s"})),
        nested("parameters", json!(text)),
        json!({"id": "call_1", "name": "holdSlot", "arguments": {"slotId": "s"}}),
        json!({"id": "call_1", "name": "holdSlot", "parameters": text}),
        json!({"id": "call_1", "name": "holdSlot", "function": null, "arguments": null, "parameters": text}),
        json!({"id": "call_1", "name": null, "function": {"name": "holdSlot"}, "arguments": text}),
    ] {
        assert_eq!(
            calls(json!({"toolCallList": [shape.clone()]})),
            a_call(),
            "{shape}"
        );
        assert_eq!(
            calls(json!({"toolCalls": [shape.clone()]})),
            a_call(),
            "{shape}"
        );
        let wrapped = json!({"toolWithToolCallList": [
            {"function": {"name": "holdSlot", "parameters": {"type": "object"}}, "toolCall": shape}
        ]});
        assert_eq!(calls(wrapped), a_call());
    }
}

#[test]
fn the_lists_repeat_one_another_and_themselves() {
    let one =
        json!({"id": "call_1", "function": {"name": "holdSlot", "arguments": {"slotId": "s"}}});
    let message = json!({
        "toolCallList": [one.clone(), one.clone()],
        "toolCalls": [one.clone()],
        "toolWithToolCallList": [{"toolCall": one.clone()}],
    });
    assert_eq!(calls(message), a_call());
    let message =
        json!({"toolCallList": null, "toolCalls": [], "toolWithToolCallList": [{"toolCall": one}]});
    assert_eq!(calls(message), a_call());
}

#[test]
fn arguments_that_are_no_object_are_told_apart_from_none() {
    for (arguments, readable) in [
        (json!("nonsense"), false),
        (json!("[1]"), false),
        (json!([]), false),
        (json!(3), false),
        (json!(true), false),
        (json!(""), true),
        (json!("null"), true),
        (json!(null), true),
        (json!({}), true),
    ] {
        let message = json!({"toolCalls": [{"id": "1", "name": "x", "arguments": arguments}]});
        assert_eq!(
            calls(message)[0].arguments.is_some(),
            readable,
            "{arguments}"
        );
    }
    assert!(
        calls(json!({"toolCalls": [{"id": "1", "name": "x"}]}))[0]
            .arguments
            .is_some()
    );
}

#[test]
fn odd_lists_and_calls_do_no_harm() {
    assert_eq!(calls(json!({})), []);
    assert_eq!(
        calls(json!({"toolCallList": "nonsense", "toolCalls": {"id": "x"}})),
        []
    );
    assert_eq!(calls(json!({"toolCallList": [null, 1, "x"]})), []);
    let odd = calls(json!({"toolCallList": [{"id": 7, "name": "x".repeat(1000)}, {}]}));
    assert_eq!((odd[0].id.as_str(), odd[0].name.as_str()), ("7", ""));
    assert_eq!((odd[1].id.as_str(), odd[1].name.as_str()), ("", ""));
}

#[test]
fn what_is_no_message_is_unreadable() {
    for body in [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        r#"{"message":null}"#,
        r#"{"message":"x"}"#,
        "\u{feff}{}",
    ] {
        assert_eq!(read(body.as_bytes()), Err(Unreadable), "{body}");
    }
    assert_eq!(read(b"\xff\xfe"), Err(Unreadable));
    let deep = "[".repeat(100_000);
    assert_eq!(read(deep.as_bytes()), Err(Unreadable));
}

#[test]
fn the_call_is_read_past_nulls() {
    let body = json!({"message": {
        "type": "assistant-request",
        "timestamp": 1_763_784_256_708_i64,
        "call": {"id": "c1", "assistantId": null, "squadId": null, "customer": {"number": "+15550001"},
                 "startedAt": "2026-11-20T10:00:00.000Z"},
        "assistant": {"id": "a1"},
        "customer": null,
    }});
    let message = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(message.content, Content::AssistantRequest);
    let call = message.call;
    assert_eq!(call.id.as_deref(), Some("c1"));
    assert_eq!(call.assistant_id.as_deref(), Some("a1"));
    assert_eq!(call.caller_number, Some("+15550001".into()));
    assert_eq!(call.started_at.unwrap().to_string(), "2026-11-20T10:00:00Z");
    assert_eq!(call.ended_at, None);
    assert_eq!(call.at.unwrap().as_millisecond(), 1_763_784_256_708);
}

#[test]
fn times_that_are_none_are_left_out() {
    for timestamp in [
        json!(null),
        json!("x"),
        json!(1e300),
        json!(-1e300),
        json!(i64::MAX),
        json!({}),
    ] {
        let body =
            json!({"message": {"type": "hang", "timestamp": timestamp, "startedAt": "then"}});
        let message = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(message.content, Content::Other);
        assert_eq!(message.call, Call::default(), "{timestamp}");
    }
}

#[test]
fn a_transcript_is_taken_from_the_best_place() {
    let report = |rest: Value| {
        let mut message = rest;
        message["type"] = json!("end-of-call-report");
        let body = json!({ "message": message }).to_string();
        match read(body.as_bytes()).unwrap().content {
            Content::EndOfCall(report) => report,
            other => panic!("{other:?}"),
        }
    };
    let messages = json!([
        {"role": "system", "message": "secret prompt"},
        {"role": "bot", "message": "Hello"},
        {"role": "tool_calls", "toolCalls": []},
        {"role": "user", "message": "Hi"},
    ]);
    let whole = json!({"artifact": {"transcript": "best", "messages": messages}, "transcript": "second",
        "analysis": {"summary": "s"}, "summary": "t", "endedReason": "customer-ended-call"});
    assert_eq!(
        report(whole),
        EndOfCall {
            ended_reason: "customer-ended-call".into(),
            transcript: "best".into(),
            summary: "s".into(),
        }
    );
    let second = json!({"artifact": {"transcript": ""}, "transcript": "second", "summary": "t"});
    assert_eq!(report(second).transcript, "second".into());
    let third = json!({"artifact": {"messages": messages}});
    assert_eq!(report(third).transcript, "AI: Hello\nUser: Hi\n".into());
    assert_eq!(report(json!({})), EndOfCall::default());
    let long = report(json!({"transcript": "é".repeat(1024 * 1024)}))
        .transcript
        .into_exposed();
    assert!(long.len() <= 1024 * 1024 && long.ends_with("[cut]"));
}
