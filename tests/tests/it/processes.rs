//! How each binary begins and ends.

use std::{collections::BTreeSet, process::Command};

use reqwest::{Method, StatusCode};
use serde_json::Value;
use voxanne_tests::{Fleet, SERVICES, binary};

#[test]
fn a_process_without_configuration_names_every_variable_and_exits_64() {
    for name in ["gateway"].into_iter().chain(SERVICES) {
        let output = Command::new(binary(name))
            .env_clear()
            .output()
            .expect("the binary is built");
        assert_eq!(output.status.code(), Some(64), "{name}");
        let said = String::from_utf8_lossy(&output.stderr);
        let mut needed = BTreeSet::from(["ADMIN_ADDR", "INTERNAL_CONTEXT_KEYS"]);
        needed.insert(if name == "gateway" {
            "HTTP_ADDR"
        } else {
            "DATABASE_URL"
        });
        for variable in needed {
            assert!(
                said.contains(&format!("{variable}: is missing")),
                "{name} said: {said}"
            );
        }
    }
}

#[test]
fn a_malformed_secret_is_named_and_not_shown() {
    let output = Command::new(binary("identity"))
        .env_clear()
        .env("INTERNAL_CONTEXT_KEYS", "k:hunter2")
        .env("VAULT_KEYS", "hunter2")
        .output()
        .expect("the binary is built");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(64));
    assert!(
        said.contains("INTERNAL_CONTEXT_KEYS:") && said.contains("VAULT_KEYS:"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn help_lists_the_variables() {
    for name in ["gateway"].into_iter().chain(SERVICES) {
        let output = Command::new(binary(name))
            .arg("--help")
            .env_clear()
            .output()
            .expect("it is built");
        assert!(output.status.success(), "{name}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("INTERNAL_CONTEXT_KEYS"),
            "{name} said: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_every_process_with_zero() {
    let fleet = Fleet::start().await;
    let (status, ready) = fleet.call(Method::GET, "/readyz", "", Value::Null).await;
    assert_eq!(
        (status, &ready["ready"]),
        (StatusCode::OK, &Value::Bool(true)),
        "{ready}"
    );
    for name in ["gateway"].into_iter().chain(SERVICES) {
        assert_eq!(fleet.terminate(name), Some(0), "{name}");
    }
}
