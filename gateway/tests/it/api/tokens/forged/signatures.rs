//! Tokens that say the right things and are not signed as they must be.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::Forged;
use crate::api::fixture::{KEY_ID, Person, jwk, private, public, sign_text};

const INVALID: &str = "TOKEN_INVALID";

pub(super) fn wrong(person: &Person) -> Vec<Forged> {
    let mut all = unsigned(person);
    all.extend(public_as_secret(person));
    all.extend(own_keys(person));
    all.extend(misnamed(person));
    all.extend(damaged(person));
    all.extend(
        [
            "",
            "vxr_AAAA",
            "a.b.c",
            "..",
            "...",
            "null",
            "Bearer",
            "e30.e30.e30",
        ]
        .map(|text| (format!("the text {text:?}"), text.to_owned(), INVALID)),
    );
    all.retain(|(_, token, _)| !token.is_empty());
    all
}

fn unsigned(person: &Person) -> Vec<Forged> {
    let good = person.token();
    let (_, signature) = good.rsplit_once('.').expect("three parts");
    let mut all = Vec::new();
    for name in ["none", "None", "NONE", "nOnE", "", "HS1", "EdDSA "] {
        for (kid, signature) in [
            (None, ""),
            (Some(KEY_ID), ""),
            (Some(KEY_ID), signature),
            (Some("env-hs256"), "AA"),
        ] {
            let head = json!({ "alg": name, "typ": "JWT", "kid": kid });
            let token = format!("{}.{signature}", encode(&head, &person.claims()));
            all.push((
                format!("the algorithm {name:?} with {kid:?}"),
                token,
                INVALID,
            ));
        }
    }
    for head in [
        json!({ "kid": KEY_ID }),
        json!({ "alg": null, "kid": KEY_ID }),
        json!({ "alg": ["EdDSA"], "kid": KEY_ID }),
        json!({ "alg": 1, "kid": KEY_ID }),
    ] {
        let token = sign_text(&head.to_string(), &person.claims().to_string());
        all.push((format!("the header {head}"), token, INVALID));
    }
    all
}

/// Every form in which somebody might hold the public key for the secret.
fn public_as_secret(person: &Person) -> Vec<Forged> {
    let raw = public();
    let der = [
        b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(),
        &raw,
    ]
    .concat();
    let line = BASE64_STANDARD.encode(&der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{line}\n-----END PUBLIC KEY-----");
    let forms: [(&str, Vec<u8>); 9] = [
        ("raw", raw.clone()),
        ("DER", der),
        ("PEM", pem.clone().into_bytes()),
        ("PEM with a last newline", format!("{pem}\n").into_bytes()),
        ("base64", BASE64_STANDARD.encode(&raw).into_bytes()),
        (
            "URL-safe base64",
            BASE64_URL_SAFE_NO_PAD.encode(&raw).into_bytes(),
        ),
        ("JWK", jwk(KEY_ID, 7).to_string().into_bytes()),
        ("the key's name", KEY_ID.as_bytes().to_vec()),
        ("nothing", Vec::new()),
    ];
    let mut all = Vec::new();
    for (form, secret) in forms {
        for id in [Some(KEY_ID), Some("env-hs256"), None] {
            for algorithm in [Algorithm::HS256, Algorithm::HS512] {
                let header = Header {
                    kid: id.map(str::to_owned),
                    ..Header::new(algorithm)
                };
                let key = EncodingKey::from_secret(&secret);
                let what = format!("{algorithm:?} with {form} as the secret of {id:?}");
                all.push((what, signed(&header, person, &key), INVALID));
            }
        }
    }
    all
}

/// Signed with a key that is the forger's own, which the token brings or leads to.
fn own_keys(person: &Person) -> Vec<Forged> {
    let brought = [
        ("jwk", jwk("mine", 9)),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/chain")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ];
    let mut all = Vec::new();
    for (name, value) in brought {
        // Even under a good signature: whoever reads such a header has a hole.
        let head = json!({ "alg": "EdDSA", "typ": "JWT", "kid": KEY_ID, name: value });
        let good = sign_text(&head.to_string(), &person.claims().to_string());
        all.push((format!("a well-signed header with {name}"), good, INVALID));
        let mine = format!("{}.{}", encode(&head, &person.claims()), {
            let key = private(9);
            let message = encode(&head, &person.claims());
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).expect("signs")
        });
        all.push((format!("another key in {name}"), mine, INVALID));
    }
    all
}

fn misnamed(person: &Person) -> Vec<Forged> {
    let long = "k".repeat(1000);
    let names = [
        "../../../../dev/null",
        "/dev/null",
        "' OR 1=1--",
        "k1\0",
        "\0",
        "\u{202e}k1",
        "http://127.0.0.1:1/jwks",
        "file:///etc/passwd",
        "",
        " ",
        "K1",
        "k1 ",
        "staging-k1",
        "$(id)",
        &long,
    ];
    let mut all = Vec::new();
    for name in names {
        for seed in [7, 9] {
            let header = Header {
                kid: Some(name.to_owned()),
                ..Header::new(Algorithm::EdDSA)
            };
            let what = format!(
                "key {seed} under the name {:.20}",
                name.escape_debug().to_string()
            );
            all.push((what, signed(&header, person, &private(seed)), INVALID));
        }
    }
    let known = Header {
        kid: Some(KEY_ID.to_owned()),
        ..Header::new(Algorithm::EdDSA)
    };
    let what = "another key under a known name".to_owned();
    all.push((what, signed(&known, person, &private(9)), INVALID));
    let none = Header::new(Algorithm::EdDSA);
    let what = "no key named".to_owned();
    all.push((what, signed(&none, person, &private(7)), INVALID));
    for kid in [json!(7), json!(["k1"]), json!({ "k1": 1 })] {
        let head = json!({ "alg": "EdDSA", "kid": kid }).to_string();
        let token = sign_text(&head, &person.claims().to_string());
        all.push((format!("the name {kid}"), token, INVALID));
    }
    all
}

/// A good token with something changed in it.
fn damaged(person: &Person) -> Vec<Forged> {
    let good = person.token();
    let parts: Vec<_> = good.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("three parts")
    };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64");
    let with =
        |signature: &[u8]| format!("{head}.{body}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
    let mut all = Vec::new();
    for place in [0, 1, 31, 32, 62, 63] {
        for bit in [0, 7] {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            let what = format!("bit {bit} of byte {place} of the signature flipped");
            all.push((what, with(&changed), INVALID));
        }
    }
    all.extend(reshaped(person));
    all
}

/// A good token in another form.
fn reshaped(person: &Person) -> Vec<Forged> {
    let good = person.token();
    let parts: Vec<_> = good.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("three parts")
    };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).expect("base64");
    let with =
        |signature: &[u8]| format!("{head}.{body}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
    let mut all = Vec::new();
    let mut longer = bytes.clone();
    longer.push(0);
    // The last of 86 characters carries 2 bits; the other 4 must be zero.
    let last = signature.chars().last().expect("not empty");
    let loose = char::from_u32(u32::from(last) + 1).expect("a character");
    let larger = BASE64_URL_SAFE_NO_PAD.encode(
        String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(body).expect("base64"))
            .expect("JSON")
            .replace("owner", "admin"),
    );
    for (what, token) in [
        ("no signature", format!("{head}.{body}.")),
        ("no third part", format!("{head}.{body}")),
        ("a signature of zeros", with(&[0; 64])),
        ("half a signature", with(&bytes[..32])),
        ("a longer signature", with(&longer)),
        ("another body", format!("{head}.{larger}.{signature}")),
        (
            "loose bits in the base64",
            format!("{}{loose}", &good[..good.len() - 1]),
        ),
        ("padding", format!("{good}==")),
        ("a space inside", format!("{head}. {body}.{signature}")),
        ("a fourth part", format!("{good}.AA")),
        ("a first empty part", format!(".{good}")),
        (
            "five parts, as an encrypted token has",
            format!("{good}.AA.AA"),
        ),
        (
            "parts in another order",
            format!("{body}.{head}.{signature}"),
        ),
        ("the token twice", format!("{good},{good}")),
        (
            "standard base64",
            format!("{head}.{body}.{}", BASE64_STANDARD.encode([255; 64])),
        ),
        ("much too long", "x".repeat(10_000)),
        (
            "long and well-signed",
            sign_text(
                &json!({ "alg": "EdDSA", "kid": KEY_ID }).to_string(),
                &format!("{}{}", person.claims(), " ".repeat(7000)),
            ),
        ),
    ] {
        all.push((what.to_owned(), token, INVALID));
    }
    all
}

fn signed(header: &Header, person: &Person, key: &EncodingKey) -> String {
    jsonwebtoken::encode(header, &person.claims(), key).expect("claims encode")
}

fn encode(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}
