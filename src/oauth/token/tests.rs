use std::time::Duration;

use super::{
    Fault, SECRET_PARAMETERS, TokenResponse, check_parameter_name, check_resource, read,
    refresh_token_from_bad_response,
};
use crate::oauth::message::{Body, Replay, Response};
use crate::oauth::parameters::TokenParameters;
use crate::oauth::token_request::client_credentials;

fn answer(status: u16, content_type: &str, body: &[u8]) -> Response {
    let headers =
        if content_type.is_empty() { vec![] } else { vec![("content-type".to_owned(), content_type.to_owned())] };
    Response { status, headers, body: body.to_vec(), url: "https://a.example/token".to_owned() }
}

fn good(body: &str) -> TokenResponse {
    read(&answer(200, "application/json", body.as_bytes())).unwrap()
}

fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::NotJson { .. } => "not json",
        Fault::Malformed { .. } => "malformed",
        Fault::MissingMember { .. } => "missing",
        Fault::BadToken { .. } => "bad token",
        Fault::Refused(_) => "refused",
        Fault::Status { .. } => "status",
        _ => "other",
    }
}

#[test]
fn request_has_its_parameters_in_order() {
    let scope = ["a".to_owned(), "b".to_owned()];
    let extra = [("tenant".to_owned(), "x y".to_owned())];
    let endpoint = "https://a.example/t/?v=1";
    let parameters = TokenParameters { scope: &scope, extra: &extra, ..TokenParameters::default() };
    let request = client_credentials(endpoint, &parameters);
    let Body::Form(parameters) = &request.body else { panic!("a form") };
    let sent: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.wire())).collect();
    assert_eq!(sent, [("grant_type", "client_credentials"), ("scope", "a b"), ("tenant", "x y")]);
    assert_eq!((request.url.as_str(), request.replay, request.credential), (endpoint, Replay::RetryOnce, true));
}

#[test]
fn example_of_rfc_6749_5_1_is_read() {
    let token = good(
        r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example","expires_in":3600,
            "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","example_parameter":"example_value"}"#,
    );
    assert_eq!(token.access_token.expose(), "2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(token.token_type, "example");
    assert_eq!(token.expires_in, Some(Duration::from_secs(3600)));
    assert_eq!(token.refresh_token.unwrap().expose(), "tGzv3JOkF0XG5Qx2TlKWIA");
    assert!(token.warnings.is_empty());
}

#[test]
fn keycloaks_answer_is_read() {
    let token = good(
        r#"{"access_token":"eyJ.e30.x-_","expires_in":60,"refresh_expires_in":0,"token_type":"bearer",
            "not-before-policy":0,"scope":"email profile","id_token":"a.b.c","device_secret":"hunter2"}"#,
    );
    assert_eq!(token.token_type, "Bearer");
    assert_eq!(token.scope.as_deref(), Some("email profile"));
    let debug = format!("{token:?}");
    assert!(!debug.contains("hunter2") && !debug.contains("a.b.c") && !debug.contains("eyJ"));
}

#[test]
fn types_are_written_canonically() {
    for (served, expected) in
        [("bearer", "Bearer"), ("BEARER", "Bearer"), ("dpop", "DPoP"), ("n_a", "N_A"), ("mac", "mac"), ("PoP", "PoP")]
    {
        assert_eq!(good(&format!(r#"{{"access_token":"a","token_type":"{served}"}}"#)).token_type, expected);
    }
}

#[test]
fn other_names_of_bearer_tokens_are_warned_of() {
    for served in ["BearerToken", "bearertoken", "JWT", "bot", "User Access Token", ""] {
        let token = good(&format!(r#"{{"access_token":"a","token_type":"{served}"}}"#));
        assert_eq!((token.token_type.as_str(), token.warnings.len()), ("Bearer", 1), "{served}");
    }
}

#[test]
fn what_can_be_put_up_with_is_warning() {
    let body = |member: &str| format!(r#"{{"access_token":"a","token_type":"Bearer",{member}}}"#);
    for member in [r#""expires_in":true"#, r#""expires_in":"soon""#] {
        let token = good(&body(member));
        assert_eq!((token.expires_in, token.warnings.len()), (None, 1), "{member}");
    }
    for member in [r#""expires_in":-1"#, r#""expires_in":"-1""#, r#""expires_in":0"#] {
        let token = good(&body(member));
        assert_eq!((token.expires_in, token.warnings.len()), (Some(Duration::ZERO), 1), "{member}");
    }
    let listed = good(&body(r#""scope":["a","b"]"#));
    assert_eq!((listed.scope.as_deref(), listed.warnings.len()), (Some("a b"), 1));
    let nulls = good(&body(r#""expires_in":null,"scope":null,"refresh_token":null,"id_token":"","error":null"#));
    assert!(nulls.expires_in.is_none() && nulls.scope.is_none() && nulls.refresh_token.is_none());
    assert!(nulls.id_token.is_none() && nulls.warnings.is_empty());
}

#[test]
fn success_accepts_200_and_201_of_any_json_type() {
    let body = br#"{"access_token":"a","token_type":"Bearer"}"#;
    for content_type in ["", "application/json", "Application/JSON;charset=UTF-8", "text/json", "application/x+json"] {
        assert!(read(&answer(200, content_type, body)).is_ok(), "{content_type}");
    }
    assert!(read(&answer(201, "application/json", body)).is_ok());
    for status in [202, 203, 204, 206, 301, 302, 307, 400, 401, 403, 404, 429, 500, 503] {
        let fault = read(&answer(status, "application/json", body)).unwrap_err();
        assert_eq!((kind(&fault), fault.status()), ("status", Some(status)));
    }
}

#[test]
fn malformed_answer_has_its_fault_and_shows_no_value() {
    let long = format!(r#"{{"access_token":"{}","token_type":"Bearer"}}"#, "a".repeat(16 * 1024 + 1));
    let deep =
        format!(r#"{{"access_token":"hunter2","token_type":"Bearer","x":{}1{}}}"#, "[".repeat(33), "]".repeat(33));
    let table: [(&str, &str); 46] = [
        ("", "not json"),
        ("  \n", "not json"),
        ("hunter2", "not json"),
        ("\"hunter2\"", "not json"),
        ("null", "not json"),
        ("access_token=hunter2&token_type=Bearer", "not json"),
        ("<html><body>hunter2</body></html>", "not json"),
        ("<?xml version=\"1.0\"?><token>hunter2</token>", "not json"),
        ("[]", "malformed"),
        (r#"[{"access_token":"hunter2","token_type":"Bearer"}]"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer""#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bear"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer"}x"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer"}{}"#, "malformed"),
        ("\u{feff}{\"access_token\":\"hunter2\",\"token_type\":\"Bearer\"}", "malformed"),
        (r#"{"access_token":"hunter2","access_token":"hunter2","token_type":"Bearer"}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer","token_type":"Bearer"}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer","x":{"hunter2":1,"hunter2":2}}"#, "malformed"),
        (&deep, "malformed"),
        (r#"{"access_token":"hunter2\ud800","token_type":"Bearer"}"#, "malformed"),
        (r#"{"access_token":12345,"token_type":"Bearer"}"#, "malformed"),
        (r#"{"access_token":["hunter2"],"token_type":"Bearer"}"#, "malformed"),
        (r#"{"access_token":{"hunter2":1},"token_type":"Bearer"}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":["Bearer"]}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":true}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer x"}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer\r\n"}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer","scope":7}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer","scope":["a",7]}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer","refresh_token":7}"#, "malformed"),
        (r#"{"access_token":"hunter2","token_type":"Bearer","id_token":{}}"#, "malformed"),
        ("{}", "missing"),
        (r#"{"token_type":"Bearer"}"#, "missing"),
        (r#"{"access_token":null,"token_type":"Bearer"}"#, "missing"),
        (r#"{"access_token":"hunter2"}"#, "missing"),
        (r#"{"access_token":"hunter2","token_type":null}"#, "missing"),
        (r#"{"Access_Token":"hunter2","token_type":"Bearer"}"#, "missing"),
        (r#"{"access_token":"","token_type":"Bearer"}"#, "bad token"),
        (r#"{"access_token":"hunter2\r\nX: y","token_type":"Bearer"}"#, "bad token"),
        (r#"{"access_token":"hunter2\u0000","token_type":"Bearer"}"#, "bad token"),
        (r#"{"access_token":"Bearer hunter2","token_type":"Bearer"}"#, "bad token"),
        (r#"{"access_token":"hunter2\"","token_type":"Bearer"}"#, "bad token"),
        (r#"{"access_token":"hunter2é","token_type":"Bearer"}"#, "bad token"),
        (&long, "bad token"),
        (r#"{"access_token":"a","token_type":"Bearer","refresh_token":"hunter2\n"}"#, "bad token"),
        (r#"{"access_token":"a","token_type":"Bearer","id_token":"hunter2 x"}"#, "bad token"),
    ];
    for (body, expected) in table {
        let fault = read(&answer(200, "application/json", body.as_bytes())).unwrap_err();
        let shown = format!("{fault} {fault:?}");
        assert_eq!(kind(&fault), expected, "{body} → {shown}");
        assert!(!shown.contains("hunter2") && !shown.contains("aaaa"), "{shown}");
    }
    let bytes = b"{\"access_token\":\"hunter2\xff\",\"token_type\":\"Bearer\"}";
    assert_eq!(kind(&read(&answer(200, "", bytes)).unwrap_err()), "malformed");
}

#[test]
fn another_content_type_is_warning_and_page_error() {
    let body = br#"{"access_token":"hunter2","token_type":"Bearer"}"#;
    for kind in
        ["text/html", "text/plain; charset=utf-8", "application/octet-stream", "application/json, application/json"]
    {
        let warnings = read(&answer(200, kind, body)).unwrap().warnings;
        let expected = format!("the token answer has the content type {kind}; RFC 6749 §5.1 wants application/json");
        assert_eq!(warnings, [expected]);
    }
    let page = read(&answer(200, "text/html", b"<p>hunter2</p>")).unwrap_err().to_string();
    assert_eq!(page, "the token answer is not JSON (HTTP 200 from https://a.example/token, text/html, an HTML page)");
}

#[test]
fn error_in_success_is_error() {
    let both = r#"{"access_token":"hunter2","token_type":"Bearer","error":"invalid_scope","error_description":"no"}"#;
    let fault = read(&answer(200, "application/json", both.as_bytes())).unwrap_err();
    assert_eq!(fault.to_string(), "the server refused: invalid_scope: no (HTTP 200 from https://a.example/token)");
    for body in [r#"{"error":"Not now, please"}"#, r#"{"error":false}"#, r#"{"error":{"message":"no"}}"#] {
        let fault = read(&answer(200, "application/json", body.as_bytes())).unwrap_err();
        assert_eq!((kind(&fault), fault.status()), ("status", Some(200)), "{body}");
    }
}

#[test]
fn unusable_success_gives_up_refresh_token() {
    let saved = |status, body: &str| {
        let answer = Response { status, headers: vec![], body: body.as_bytes().to_vec(), url: String::new() };
        refresh_token_from_bad_response(&answer).map(|token| token.expose().to_owned())
    };
    assert_eq!(saved(200, r#"{"access_token":7,"refresh_token":"RT-2"}"#).as_deref(), Some("RT-2"));
    for (status, body) in [
        (400, r#"{"refresh_token":"RT-2"}"#),
        (200, r#"{"refresh_token":""}"#),
        (200, r#"{"refresh_token":"a\nb"}"#),
        (200, r#"{"refresh_token":7}"#),
        (200, r#"{"refresh_token":"RT-2""#),
        (200, "<html>"),
    ] {
        assert_eq!(saved(status, body), None, "{body}");
    }
}

#[test]
fn secret_is_no_parameter() {
    for name in SECRET_PARAMETERS {
        assert!(check_parameter_name(name).is_err(), "{name}");
    }
    assert!(check_parameter_name("tenant").is_ok());
}

#[test]
fn resource_is_absolute_uri_without_fragment() {
    for (text, fits) in [
        ("https://api.example/x?y", true),
        ("urn:a", true),
        ("foo", false),
        ("", false),
        (":x", false),
        ("/path", false),
        ("https://api.example/#x", false),
        ("https://api.example/a b", false),
    ] {
        assert_eq!(check_resource(text).is_ok(), fits, "{text}");
    }
}
