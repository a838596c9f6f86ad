//! Tokens that are signed with identity's key and say what they must not.

use serde_json::{Value, json};

use super::Forged;
use crate::api::fixture::{AUDIENCE, ISSUER, KEY_ID, Person, sign, sign_text};

const INVALID: &str = "TOKEN_INVALID";

pub(super) fn wrong(person: &Person) -> Vec<Forged> {
    let mut all = changed(person);
    all.extend(missing(person));
    all.extend(other_kinds(person));
    all.extend(said_twice(person));
    all.extend(unclear(person));
    all
}

fn changed(person: &Person) -> Vec<Forged> {
    let org = |org: Value| json!({ "org_id": org, "role": "owner" });
    let role = |role: Value| json!({ "org_id": person.org, "role": role });
    let changes = [
        ("aud", json!("others")),
        ("aud", json!(["others", "more"])),
        ("aud", json!([])),
        ("aud", json!(7)),
        ("aud", json!({ "0": AUDIENCE })),
        ("aud", json!(format!("{AUDIENCE} others"))),
        ("aud", json!(AUDIENCE.to_uppercase())),
        ("aud", Value::Null),
        ("iss", json!("https://evil.test")),
        ("iss", json!(format!("{ISSUER}/"))),
        ("iss", json!(ISSUER.to_uppercase())),
        ("iss", json!("https://staging.identity.test")),
        ("iss", json!([ISSUER])),
        ("iss", json!([ISSUER, "https://evil.test"])),
        ("iss", json!("")),
        ("iss", Value::Null),
        ("sub", json!("")),
        ("sub", json!("admin")),
        ("sub", json!(7)),
        ("sub", json!([person.user])),
        ("sub", Value::Null),
        ("sid", json!("")),
        ("sid", json!("forever")),
        ("sid", json!([person.session])),
        ("sid", Value::Null),
        ("app_metadata", org(json!("acme"))),
        ("app_metadata", org(json!([person.org]))),
        ("app_metadata", org(json!({ "id": person.org }))),
        ("app_metadata", org(json!("*"))),
        ("app_metadata", org(json!(person.user))),
        ("app_metadata", org(Value::Null)),
        ("app_metadata", role(json!("root"))),
        ("app_metadata", role(json!("Owner"))),
        ("app_metadata", role(json!(["staff", "owner"]))),
        ("app_metadata", role(Value::Null)),
        ("app_metadata", json!({ "org_id": person.org })),
        ("app_metadata", json!({ "role": "owner" })),
        ("app_metadata", json!([person.org, "owner"])),
        ("app_metadata", json!("owner")),
        ("app_metadata", Value::Null),
    ];
    let mut all = Vec::new();
    for (field, value) in changes {
        let mut claims = person.claims();
        claims[field] = value.clone();
        all.push((format!("{field} is {value}"), sign(&claims), INVALID));
    }
    all
}

fn missing(person: &Person) -> Vec<Forged> {
    let mut all = Vec::new();
    for field in ["iss", "aud", "sub", "exp", "iat", "sid", "app_metadata"] {
        let mut claims = person.claims();
        claims.as_object_mut().expect("an object").remove(field);
        all.push((format!("no {field}"), sign(&claims), INVALID));
    }
    let mut by_user = person.claims();
    by_user["user_metadata"] = by_user["app_metadata"].take();
    all.push((
        "the organisation from the user".into(),
        sign(&by_user),
        INVALID,
    ));
    let mut flat = person.claims();
    flat.as_object_mut()
        .expect("an object")
        .remove("app_metadata");
    flat["org_id"] = json!(person.org);
    flat["role"] = json!("owner");
    all.push(("the organisation at the top".into(), sign(&flat), INVALID));
    // What only an external issuer may call it.
    let mut renamed = person.claims();
    renamed["session_id"] = renamed["sid"].take();
    all.push((
        "the session under another name".into(),
        sign(&renamed),
        INVALID,
    ));
    all
}

/// What the same key may have signed for another purpose.
fn other_kinds(person: &Person) -> Vec<Forged> {
    let mut all = Vec::new();
    for typ in [
        "id+jwt",
        "rt+jwt",
        "mfa+jwt",
        "challenge+jwt",
        "logout+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "JOSE",
        "JWE",
        "application/id+jwt",
        "",
        "at+jwt;v=2",
    ] {
        let head = json!({ "alg": "EdDSA", "kid": KEY_ID, "typ": typ }).to_string();
        let token = sign_text(&head, &person.claims().to_string());
        all.push((format!("a token of type {typ:?}"), token, INVALID));
    }
    for (claim, value) in [
        ("token_use", json!("id")),
        ("token_use", json!("refresh")),
        ("typ", json!("Refresh")),
        ("typ", json!("ID")),
        ("nonce", json!("n-0S6_WzA2Mj")),
        ("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")),
        ("c_hash", json!("LDktKdoQak3Pk0cnXxCltA")),
        (
            "events",
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        ),
    ] {
        let mut claims = person.claims();
        claims[claim] = value.clone();
        all.push((format!("{claim} is {value}"), sign(&claims), INVALID));
    }
    all
}

/// JSON that two readers may read in two ways.
fn said_twice(person: &Person) -> Vec<Forged> {
    let head = json!({ "alg": "EdDSA", "kid": KEY_ID }).to_string();
    let claims = person.claims().to_string();
    let other = voxanne_ids::OrgId::new();
    let inner = |member: &str| claims.replace("\"org_id\":", &format!("{member},\"org_id\":"));
    let open = claims.strip_suffix('}').expect("an object");
    let outer = |member: &str| format!("{open},{member}}}");
    let mut all = Vec::new();
    for (what, text) in [
        (
            "the organisation",
            inner(&format!("\"org_id\":\"{other}\"")),
        ),
        (
            "the organisation, escaped",
            inner(&format!("\"org\\u005fid\":\"{other}\"")),
        ),
        ("the role", inner("\"role\":\"staff\"")),
        ("the metadata", outer("\"app_metadata\":{}")),
        ("the issuer", outer(&format!("\"iss\":\"{ISSUER}\""))),
        ("the end", outer("\"exp\":9999999999")),
        ("the end, escaped", outer("\"\\u0065xp\":9999999999")),
        ("what nobody reads", outer("\"x\":1,\"x\":2")),
    ] {
        let parsed: Result<Value, _> = serde_json::from_str(&text);
        assert!(parsed.is_ok(), "{what}: the JSON is well formed: {text}");
        all.push((
            format!("{what} said twice"),
            sign_text(&head, &text),
            INVALID,
        ));
    }
    all
}

/// Headers that say something twice, and bodies that are more or less than one object.
fn unclear(person: &Person) -> Vec<Forged> {
    let head = json!({ "alg": "EdDSA", "kid": KEY_ID }).to_string();
    let claims = person.claims().to_string();
    let mut all = Vec::new();
    for repeated in [
        format!("{{\"alg\":\"EdDSA\",\"kid\":\"{KEY_ID}\",\"kid\":\"{KEY_ID}\"}}"),
        format!("{{\"alg\":\"none\",\"alg\":\"EdDSA\",\"kid\":\"{KEY_ID}\"}}"),
        format!("{{\"alg\":\"EdDSA\",\"kid\":\"{KEY_ID}\",\"\\u006bid\":\"x\"}}"),
    ] {
        all.push((
            format!("the header {repeated}"),
            sign_text(&repeated, &claims),
            INVALID,
        ));
    }
    let trailing = format!("{claims}{claims}");
    all.push(("two bodies".into(), sign_text(&head, &trailing), INVALID));
    let marked = format!("\u{feff}{claims}");
    all.push((
        "a byte order mark".into(),
        sign_text(&head, &marked),
        INVALID,
    ));
    let nested = claims.replacen(
        '{',
        &format!("{{\"x\":{}{},", "[".repeat(500), "]".repeat(500)),
        1,
    );
    all.push((
        "500 lists in one another".into(),
        sign_text(&head, &nested),
        INVALID,
    ));
    all
}

pub(super) fn right(person: &Person) -> Vec<(&'static str, String)> {
    let mut several = person.claims();
    several["aud"] = json!(["others", AUDIENCE]);
    let mut used = person.claims();
    used["token_use"] = json!("access");
    let mut all = vec![
        ("several audiences", sign(&several)),
        ("said to be an access token", sign(&used)),
    ];
    for typ in ["JWT", "at+jwt", "AT+JWT", "application/at+jwt"] {
        let head = json!({ "alg": "EdDSA", "kid": KEY_ID, "typ": typ }).to_string();
        all.push((typ, sign_text(&head, &person.claims().to_string())));
    }
    let untyped = json!({ "alg": "EdDSA", "kid": KEY_ID }).to_string();
    all.push(("untyped", sign_text(&untyped, &person.claims().to_string())));
    all
}
