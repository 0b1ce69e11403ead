//! Whether everything goes over https, and the server knows that it does.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::edit_issuer;
use crate::oauth::issuer;
use crate::oauth::message::Response;
use crate::oauth::metadata::ENDPOINTS;

/// What Keycloak says to http where its realm wants https.
const REQUIRED: &str = "HTTPS required";

const SEND_PROTO: &str = "the proxy must send X-Forwarded-Proto: https, and the server must believe it";

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let has_metadata = case.metadata.is_some();
    if is_required(case) {
        let proxy = if case.issuer().starts_with("https:") {
            format!("{SEND_PROTO} (Keycloak: proxy-headers=xforwarded)")
        } else {
            let zone = case.zone.as_ref().ok()?;
            edit_issuer(zone, "https://…").purpose("use the https address of the server").to_string()
        };
        return Some(
            Verdict::fail("the server saw a request over plain http, and its realm wants https")
                .because_of(format!("it answers 403 {REQUIRED}"))
                .fixed_by(proxy),
        );
    }
    if !case.issuer().starts_with("https:") {
        return Some(Verdict::ok("plain http, which is allowed to loopback"));
    }
    let plain: Vec<String> = ENDPOINTS
        .iter()
        .filter_map(|name| Some((name, case.endpoint(name)?)))
        .filter(|(_, url)| !url.starts_with("https:"))
        .map(|(name, url)| format!("{name} is {url}"))
        .collect();
    if !plain.is_empty() {
        let own = " (Keycloak: proxy-headers=xforwarded, or hostname=https://…)";
        let own = if case.is_keycloak() { own } else { "" };
        return Some(
            Verdict::fail("the metadata of an https issuer names plain http endpoints")
                .because_of(plain.join("; "))
                .fixed_by(format!("the server does not know that it is behind TLS: {SEND_PROTO}{own}")),
        );
    }
    let origin = issuer::origin(case.issuer());
    Some(Verdict::ok(if has_metadata {
        "issuer and endpoints are https".to_owned()
    } else {
        format!("{origin} is https")
    }))
}

/// Whether the server refuses plain http, as it sees the request.
pub fn is_required(case: &mut Case<'_>) -> bool {
    let refuses = |answer: &Response| {
        answer.status == 403 && answer.body.windows(REQUIRED.len()).any(|window| window == REQUIRED.as_bytes())
    };
    if case.replies().any(|(_, reply)| Result::as_ref(reply).is_ok_and(refuses)) {
        return true;
    }
    case.ask_token_endpoint().is_some_and(|reply| Result::as_ref(&reply).is_ok_and(refuses))
}
