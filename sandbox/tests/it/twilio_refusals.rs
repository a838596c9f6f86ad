//! What Twilio would not accept, the stand-in does not accept either.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{ACCOUNT, CLINIC, PATIENT, Stage, TOKEN, answer};

#[tokio::test]
async fn a_bad_field_is_refused_with_twilios_code() {
    let stage = Stage::start().await;
    let long = "a".repeat(1601);
    for (form, code) in [
        (("To", ""), 21604),
        (("From", ""), 21603),
        (("Body", ""), 21602),
        (("To", "5558675310"), 21211),
        (("To", " 15558675310"), 21211),
        (("Body", long.as_str()), 21617),
        (("From", "+15550009999"), 21606),
        (("MessagingServiceSid", "MG1"), 21705),
        (("StatusCallback", "http://under_score.example/x"), 21609),
        (("To", "+15005550009"), 21614),
        (("Colour", "blue"), 20001),
        (("ValidityPeriod", "0"), 20001),
    ] {
        let (status, error) = stage.send(&[form]).await;
        assert_eq!(
            (status, &error["code"]),
            (400, &json!(code)),
            "{form:?} {error}"
        );
        assert_eq!(error["status"], 400);
        assert_eq!(
            error["more_info"],
            format!("https://www.twilio.com/docs/errors/{code}")
        );
    }
    let (_, list) = stage
        .control(Method::GET, "/twilio/messages", Value::Null)
        .await;
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn only_the_accounts_own_credentials_open_it() {
    let stage = Stage::start().await;
    for (user, password) in [
        (ACCOUNT, "wrong"),
        ("ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", TOKEN),
    ] {
        let request = stage
            .http
            .get(stage.messages())
            .basic_auth(user, Some(password));
        let (status, error) = answer(request).await;
        assert_eq!((status, &error["code"]), (401, &json!(20003)));
    }
    assert_eq!(answer(stage.http.get(stage.messages())).await.0, 401);
}

#[tokio::test]
async fn json_is_not_a_form() {
    let stage = Stage::start().await;
    let body = json!({"To": PATIENT, "From": CLINIC, "Body": "Hello"});
    let request = stage
        .http
        .post(stage.messages())
        .basic_auth(ACCOUNT, Some(TOKEN))
        .json(&body);
    assert_eq!(answer(request).await.0, 415);
}

#[tokio::test]
async fn an_account_can_be_added_and_a_number_belongs_to_one_account() {
    let stage = Stage::start().await;
    let other = "ACcccccccccccccccccccccccccccccccc";
    let add = |numbers: Value| {
        let body = json!({"accountSid": other, "authToken": "t", "numbers": numbers});
        stage.control(Method::POST, "/twilio/accounts", body)
    };
    assert_eq!(add(json!(["5550001111"])).await.0, 400);
    assert_eq!(add(json!([CLINIC])).await.0, 409);
    assert_eq!(add(json!(["+15550001111"])).await.0, 201);
    let url = stage.messages().replace(ACCOUNT, other);
    let form = [("To", PATIENT), ("From", "+15550001111"), ("Body", "Hi")];
    let (status, message) = answer(
        stage
            .http
            .post(url)
            .basic_auth(other, Some("t"))
            .form(&form),
    )
    .await;
    assert_eq!((status, &message["account_sid"]), (201, &json!(other)));
}
