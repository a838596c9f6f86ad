//! Signatures that Twilio's own libraries make.

use super::*;

struct Vector {
    url: &'static str,
    form: &'static [(&'static str, &'static str)],
    signature: &'static str,
}

const TOKEN: &str = "12345";

const VECTORS: [Vector; 6] = [
    // official docs example
    Vector {
        url: "https://example.com/myapp.php?foo=1&bar=2",
        form: &[
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675310"),
            ("Caller", "+14158675310"),
            ("CallSid", "CA1234567890ABCDE"),
        ],
        signature: "L/OH5YylLD5NRKLltdqwSvS0BnU=",
    },
    // explicit port 443
    Vector {
        url: "https://example.com:443/myapp.php?foo=1&bar=2",
        form: &[
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675310"),
            ("Caller", "+14158675310"),
            ("CallSid", "CA1234567890ABCDE"),
        ],
        signature: "nbjTKFXyL7SOTAXZi6MWqyIuq40=",
    },
    // sms inbound utf8 + empty value
    Vector {
        url: "https://clinic.example/webhooks/twilio/sms/org_1",
        form: &[
            ("AccountSid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("MessageSid", "SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
            ("SmsSid", "SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
            ("SmsMessageSid", "SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
            ("SmsStatus", "received"),
            ("From", "+15558675310"),
            ("To", "+15017122661"),
            ("Body", " Hola, señor 👍 "),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("FromCity", ""),
            ("ApiVersion", "2010-04-01"),
        ],
        signature: "xvpvI7YjnV+Yk6VoO5Lv4GJAPyI=",
    },
    // status callback with our own query id
    Vector {
        url: "https://clinic.example/webhooks/twilio/status/org_1?mid=0190f3a2-0000-7000-8000-000000000001",
        form: &[
            ("AccountSid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("MessageSid", "SMcccccccccccccccccccccccccccccccc"),
            ("SmsSid", "SMcccccccccccccccccccccccccccccccc"),
            ("MessageStatus", "undelivered"),
            ("SmsStatus", "undelivered"),
            ("ErrorCode", "30003"),
            ("To", "+15558675310"),
            ("From", "+15017122661"),
            ("ApiVersion", "2010-04-01"),
            ("RawDlrDoneDate", "2612011530"),
        ],
        signature: "752IgZ3xIM6JsjszfVFCVDSokI0=",
    },
    // case-sensitive key sort
    Vector {
        url: "https://h.example/x",
        form: &[("b", "1"), ("A", "2"), ("a", "3"), ("B", "4")],
        signature: "hSM6dPtutZQPGaXGvebOlh+mTjE=",
    },
    // GET / no params
    Vector {
        url: "https://h.example/x?MessageSid=SM1&Body=a%20b",
        form: &[],
        signature: "xCwMHCymxFmhyaE2LFfM47GRmP8=",
    },
];

fn owned(form: &[(&str, &str)]) -> Vec<(String, String)> {
    form.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The URL as this gateway builds it: its public address, then the path it was asked for.
fn seen(url: &str) -> [String; 2] {
    let public = Url::parse(url).unwrap();
    let path = &url[url.find("://").unwrap() + 3..];
    let path = &path[path.find('/').unwrap()..];
    let mut origin = public.clone();
    origin.set_path("/");
    origin.set_query(None);
    signed_urls(&origin, path)
}

#[test]
fn twilios_own_signatures_are_valid() {
    for vector in &VECTORS {
        let form = owned(vector.form);
        assert!(
            is_valid(TOKEN, &seen(vector.url), &form, vector.signature),
            "{}",
            vector.url
        );
        assert!(!is_valid(
            "54321",
            &seen(vector.url),
            &form,
            vector.signature
        ));
    }
}

#[test]
fn every_part_is_signed() {
    let vector = &VECTORS[3];
    let (urls, form) = (seen(vector.url), owned(vector.form));
    let mut changed = form.clone();
    changed[3].1 = "delivered".to_owned();
    assert!(!is_valid(TOKEN, &urls, &changed, vector.signature));
    let mut more = form.clone();
    more.push(("Extra".to_owned(), String::new()));
    assert!(!is_valid(TOKEN, &urls, &more, vector.signature));
    let elsewhere = seen(&vector.url.replace("mid=0", "mid=1"));
    assert!(!is_valid(TOKEN, &elsewhere, &form, vector.signature));
    for nonsense in ["", "x", "AAAA", "====", &vector.signature.to_lowercase()] {
        assert!(!is_valid(TOKEN, &urls, &form, nonsense), "{nonsense}");
    }
}

#[test]
fn repeated_names_count_once_for_each_value_in_order() {
    let form = owned(&[("b", "2"), ("a", "3"), ("b", "1"), ("b", "2")]);
    assert_eq!(flatten(&form), "a3b1b2");
}

#[test]
fn a_url_counts_with_and_without_its_port() {
    for (public, without, with) in [
        (
            "https://h.example",
            "https://h.example/x?y=%20",
            "https://h.example:443/x?y=%20",
        ),
        (
            "http://h.example/",
            "http://h.example/x?y=%20",
            "http://h.example:80/x?y=%20",
        ),
        (
            "http://h.example:8080/",
            "http://h.example/x?y=%20",
            "http://h.example:8080/x?y=%20",
        ),
        (
            "https://u:p@h.example/base/",
            "https://h.example/base/x?y=%20",
            "https://h.example:443/base/x?y=%20",
        ),
    ] {
        let urls = signed_urls(&Url::parse(public).unwrap(), "/x?y=%20");
        assert_eq!(urls, [without, with]);
    }
}
