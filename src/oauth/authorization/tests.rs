use proptest::prelude::*;

use super::{AuthorizationParameters, Expected, Response, parameters, pushed_url, read, read_pasted, url};
use crate::oauth::fault::Fault;
use crate::oauth::parameters::TokenParameters;

const ISSUER: &str = "https://honest.as.example";
const EXPECTED: Expected<'_> = Expected { state: "xyz", issuer: ISSUER, iss_required: false };
const STRICT: Expected<'_> = Expected { iss_required: true, ..EXPECTED };

fn asked() -> AuthorizationParameters<'static> {
    AuthorizationParameters {
        client_id: "s6BhdRkqt3",
        redirect_uri: "https://client.example.com/cb",
        state: "xyz",
        nonce: Some("n-0S6_WzA2Mj"),
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        prompt: None,
        login_hint: None,
        acr: None,
        max_age: None,
        token: TokenParameters::default(),
    }
}

fn code(query: &str, expected: &Expected<'_>) -> Option<String> {
    match read(query, expected) {
        Response::Code(code) => Some(code.expose().to_owned()),
        _ => None,
    }
}

fn fault(query: &str, expected: &Expected<'_>) -> Option<Fault> {
    match read(query, expected) {
        Response::Failed(fault) => Some(fault),
        _ => None,
    }
}

#[test]
fn rfc_6749_4_1_1_example_is_built_with_pkce() {
    assert_eq!(
        url("https://server.example.com/authorize", &parameters(&asked())).unwrap(),
        "https://server.example.com/authorize?response_type=code&client_id=s6BhdRkqt3\
         &redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb&state=xyz&nonce=n-0S6_WzA2Mj\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
}

#[test]
fn optional_parameters_follow_in_order() {
    let (scope, audience) = (["openid".to_owned(), "e mail".to_owned()], ["a".to_owned()]);
    let extra = [("kc_idp_hint".to_owned(), "x".to_owned())];
    let full = AuthorizationParameters {
        prompt: Some("login"),
        login_hint: Some("al ice"),
        acr: Some("1 2"),
        max_age: Some(0),
        token: TokenParameters { scope: &scope, audience: &audience, extra: &extra, ..TokenParameters::default() },
        ..asked()
    };
    let built = url("https://a.example/", &parameters(&full)).unwrap();
    let tail = built.split_once("&audience=").unwrap().1;
    assert!(built.contains("&scope=openid+e+mail&state="), "{built}");
    assert_eq!(tail, "a&prompt=login&login_hint=al+ice&acr_values=1+2&max_age=0&kc_idp_hint=x");
}

#[test]
fn endpoints_own_query_is_kept() {
    let built = |endpoint| url(endpoint, &[("client_id".to_owned(), "a&b".to_owned())]);
    assert_eq!(built("https://a.example/x?tenant=1").unwrap(), "https://a.example/x?tenant=1&client_id=a%26b");
    assert_eq!(built("https://a.example/x?").unwrap(), "https://a.example/x?client_id=a%26b");
    assert_eq!(built("https://a.example/x?t=1&").unwrap(), "https://a.example/x?t=1&client_id=a%26b");
    for bad in ["https://a.example/x#f", "https://a.example/x?client_id=evil", "https://a.example/x?client%5Fid=evil"] {
        assert!(built(bad).is_err(), "{bad}");
    }
    // RFC 9126 §4
    assert_eq!(
        pushed_url("https://server.example.com/authorize", "CLIENT1234", "urn:example:bwc4JK").unwrap(),
        "https://server.example.com/authorize?client_id=CLIENT1234&request_uri=urn%3Aexample%3Abwc4JK"
    );
}

#[test]
fn code_of_examples_is_read() {
    // RFC 6749 §4.1.2 and RFC 9207 §2.1
    assert_eq!(code("code=SplxlOBeZQQYbYS6WxSbIA&state=xyz", &EXPECTED).unwrap(), "SplxlOBeZQQYbYS6WxSbIA");
    let with_iss = "code=x1848ZT64p4IirMPT0R-X3141MFPTuBX-VFL_cvaplMH58&state=xyz&iss=https%3A%2F%2Fhonest.as.example";
    assert!(code(with_iss, &EXPECTED).is_some() && code(with_iss, &STRICT).is_some());
    // RFC 9207 §2.2
    let refused = fault("error=access_denied&state=xyz&iss=https%3A%2F%2Fhonest.as.example", &STRICT).unwrap();
    assert!(matches!(refused, Fault::NotAuthorized { error, .. } if error == "access_denied"));
}

#[test]
fn who_does_not_know_state_is_not_heard() {
    for query in [
        "",
        "code=a",
        "code=a&state=",
        "code=a&state=xy",
        "code=a&state=xyzz",
        "code=a&State=xyz",
        "code=a&state=xyz&state=xyz",
        "code=a&state=xyz&state=abc",
        "error=access_denied",
        "error=access_denied&state=abc",
        "code=a#state=xyz",
    ] {
        assert!(matches!(read(query, &EXPECTED), Response::Ignored), "{query}");
    }
}

#[test]
fn what_knows_state_and_is_wrong_is_end() {
    for (query, expected, reason) in [
        ("state=xyz", EXPECTED, "has no member code"),
        ("code=&state=xyz", EXPECTED, "has no member code"),
        ("code=a&code=b&state=xyz", EXPECTED, "code twice"),
        ("code=a&error=access_denied&state=xyz", EXPECTED, "a code and an error"),
        ("code=a%00b&state=xyz", EXPECTED, "VSCHAR"),
        ("code=%C3%A9&state=xyz", EXPECTED, "VSCHAR"),
        ("code=a&state=xyz&iss=https%3A%2F%2Fevil.example", EXPECTED, "https://evil.example"),
        ("code=a&state=xyz&iss=https%3A%2F%2Fhonest.as.example%2F", EXPECTED, "not https://honest.as.example"),
        ("code=a&state=xyz&iss=https%3A%2F%2Fhonest.as.example&iss=x", EXPECTED, "iss twice"),
        ("code=a&state=xyz", STRICT, "has no iss"),
        ("code=a&state=xyz&iss=", STRICT, "has no iss"),
        ("error=access_denied&state=xyz", STRICT, "has no iss"),
        ("error=a&error=b&state=xyz", EXPECTED, "error twice"),
        ("error=a&error_description=b&error_description=c&state=xyz", EXPECTED, "error_description twice"),
    ] {
        let said = fault(query, &expected).unwrap_or_else(|| panic!("{query}")).to_string();
        assert!(said.contains(reason), "{query}: {said}");
    }
}

#[test]
fn what_person_pastes_is_read() {
    for good in [
        "http://127.0.0.1:1/callback?code=a&state=xyz",
        "  http://127.0.0.1:1/callback?code=a&state=xyz#x\n",
        "code=a&state=xyz",
        "?state=xyz&code=a",
    ] {
        assert!(matches!(read_pasted(good, &EXPECTED), Response::Code(code) if code.expose() == "a"), "{good}");
    }
    for stray in [
        "",
        "  ",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1/?code=a",
        "code=a&state=abc",
        "code=a",
        "a",
        "no code",
    ] {
        for expected in [&EXPECTED, &STRICT] {
            assert!(matches!(read_pasted(stray, expected), Response::Ignored), "{stray}");
        }
    }
}

#[test]
fn what_refusal_says_is_washed() {
    let query = "state=xyz&error=a%1b[2J&error_description=%0a%3A%3Aset-env&error_uri=javascript:alert(1)";
    let Some(Fault::NotAuthorized { error, description, uri }) = fault(query, &EXPECTED) else { panic!("refused") };
    assert_eq!((error.as_str(), description.as_deref(), uri), ("a\\u{1b}[2J", Some("\\u{3a}:set-env"), None));
}

proptest! {
    #[test]
    fn no_query_gives_code_without_state(query in "(code=|state=|iss=|error=|xyz|&|%|[0-9a-f]|\\PC){0,12}") {
        if let Response::Code(_) = read(&query, &EXPECTED) {
            prop_assert!(query.contains("state=xyz") || query.contains('%'));
        }
    }
}
