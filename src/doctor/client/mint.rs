//! The token request that shows how far the client comes: what the server looks at first is judged first.

use crate::config::{SecretLocation, Zone};
use crate::context::Context;
use crate::doctor::case::{Ahead, Case};
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::CORRECT_SETTING;
use crate::error::{Error, Finding, Hint, Kind};
use crate::flows::client::Client;
use crate::flows::token::input::read_input;
use crate::flows::token::mint::mint_token;
use crate::flows::token::request::TokenRequest;
use crate::jose;
use crate::oauth::grant::Grant;
use crate::oauth::pkce::{self, Verifier};
use crate::oauth::{claim, token, token_request};
use crate::secret::Secret;
use crate::store::Token;

/// The checks of the client in the order in which servers look.
const ORDER: [&str; 9] = ["client", "auth-method", "secret", "key", "proof", "grant", "scope", "audience", "token"];

/// Requests a token as the zone does, once. Where a person must sign in, what the server says to a code that it never issued
/// shows whether it knows the client; then there is no token.
pub fn mint(case: &mut Case<'_>) {
    let Ok(zone) = &case.zone else { return };
    if case.minted.is_some() || zone.client_id.is_none() {
        return;
    }
    let minted = if tried_grant(zone) == Grant::AuthorizationCode {
        redeem_nothing(case.cx, zone).map(|()| None)
    } else {
        request_token(case.cx, &TokenRequest::of(zone)).map(Some)
    };
    if let Ok(Some(token)) = &minted
        && let Ok(decoded) = jose::decode(token.access_token.expose())
        && let Some(issued_at) = claim::date(&decoded.claims, "iat")
    {
        let seconds = token.sent_at.epoch().saturating_sub(issued_at);
        case.ahead = Some(Ahead { seconds, witness: "the iat of a new token" });
    }
    case.minted = Some(minted);
}

/// The grant of the token request: where a person must sign in, a code that no server issued.
pub fn tried_grant(zone: &Zone) -> Grant {
    Some(zone.grant()).filter(|grant| !grant.needs_sign_in()).unwrap_or(Grant::AuthorizationCode)
}

/// A new token, which is not cached.
pub fn request_token(cx: &Context, request: &TokenRequest<'_>) -> Result<Token, Error> {
    let input = read_input(cx, request).map_err(|error| Error { finding: Some(Finding::SubjectToken), ..error })?;
    mint_token(cx, request, input.as_ref())
}

/// Proves the client with a code that no server issued: `invalid_grant` says that all before it was right.
fn redeem_nothing(cx: &Context, zone: &Zone) -> Result<(), Error> {
    let client = Client::of(cx, zone)?;
    let verifier = Verifier::from_random(&[0; pkce::RANDOM], pkce::RANDOM);
    let code = Secret::new("hallpass-doctor".to_owned());
    let redirect_uri = zone.redirect_uri.as_deref().unwrap_or("http://127.0.0.1/callback");
    let parameters = zone.token_parameters();
    let asked = client.send("token_endpoint", &|url| {
        token_request::authorization_code(url, &code, redirect_uri, &verifier, &parameters)
    })?;
    match client.judge(&asked, token::read(&asked.answer)) {
        // Its client has authenticated, and gets its tokens by another grant than a code.
        Err(error) if zone.grant() != Grant::AuthorizationCode && error.finding == Some(Finding::Grant) => Ok(()),
        Err(error) if error.code.as_deref() != Some("invalid_grant") => Err(error),
        _ => Ok(()),
    }
}

/// What this check of the client says of the token request.
pub fn judge(case: &mut Case<'_>, id: &'static str) -> Option<Verdict> {
    mint(case);
    let zone = case.zone.as_ref().ok()?;
    let rank = |id: &str| ORDER.iter().position(|known| *known == id);
    let Some(Err(error)) = &case.minted else { return accept(case, zone, id) };
    let blamed = blame(zone, error);
    match (rank(id), rank(blamed)) {
        _ if id == blamed && was_sent(error) => Some(explain(case, zone, error)),
        _ if id == blamed => Some(Verdict::of_error(error).or_fixed_by(name_source(zone, id))),
        // A check that comes later has it, or one of the server that looks at the answer too.
        (_, None) => (id == "client").then(|| Verdict::skip_for(blamed)),
        (Some(this), Some(failed)) if this < failed && was_sent(error) => accept(case, zone, id),
        _ => accept(case, zone, id).map(|_| Verdict::skip_for(blamed)),
    }
}

/// Whether the failure may come from the server: it can't have accepted what it was not sent.
fn was_sent(error: &Error) -> bool {
    !matches!(error.kind, Kind::Config | Kind::Storage)
}

/// Where the zone names what could not be read.
fn name_source(zone: &Zone, id: &str) -> String {
    let is_referenced = |location: &SecretLocation| matches!(location, SecretLocation::Referenced(_));
    let flag = match (id, zone.grant()) {
        _ if zone.ephemeral() => None,
        ("grant", Grant::JwtBearer) => Some("--assertion-ref"),
        ("grant", Grant::TokenExchange) => Some("--subject-token-ref"),
        ("secret", _) if is_referenced(&zone.client_secret) => Some("--client-secret-ref"),
        ("key", _) if is_referenced(&zone.private_key) => Some("--private-key-ref"),
        _ => None,
    };
    let edit = |flag| {
        Hint::edit(&zone.name, format!("{flag} SOURCE")).purpose("make it readable there, or name another source")
    };
    flag.map_or_else(|| CORRECT_SETTING.to_owned(), |flag| edit(flag).to_string())
}

/// The refusal in words of its own, where the standards have one code for two causes.
fn explain(case: &Case<'_>, zone: &Zone, error: &Error) -> Verdict {
    let verdict = Verdict::of_error(error);
    if error.kind == Kind::Network {
        let asked = case.endpoint("token_endpoint").map(|url| format!("POST {url}"));
        return verdict.because_of(asked.unwrap_or_default());
    }
    let is_either = error.finding == Some(Finding::Client) && error.code.as_deref() == Some("invalid_client");
    if !is_either || case.is_keycloak() {
        return verdict;
    }
    let client = zone.client_id.as_deref().unwrap_or_default();
    let fix = verdict.fix.clone().unwrap_or_default();
    let method = if fix.contains("--auth ") { ", or it may not authenticate as it does" } else { "" };
    verdict
        .renamed(format!("the server does not know the client {client}, or its secret is wrong{method}"))
        .because_of(error.chain())
        .fixed_by(format!("{fix}; or check the client_id: the log of the server tells which"))
}

/// The check that explains this failure.
pub fn blame(zone: &Zone, error: &Error) -> &'static str {
    let own = if zone.private_key == SecretLocation::None { "secret" } else { "key" };
    match (error.finding, error.kind) {
        // Of a zone that gets its tokens by an exchange: no other check looks at its own subject token.
        (Some(Finding::Exchange | Finding::SubjectToken), _) => "grant",
        (Some(finding @ (Finding::Clock | Finding::Realm)), _) => finding.id(),
        (Some(finding), _) if ORDER.contains(&finding.id()) => finding.id(),
        (_, Kind::Config | Kind::Storage) => own,
        // The server has accepted the client, and answers what is no token.
        (None, Kind::Protocol) if error.code.is_none() => "token",
        _ => "client",
    }
}

/// What is so where the server did not refuse because of it; `None` where the zone has nothing of the kind.
fn accept(case: &Case<'_>, zone: &Zone, id: &str) -> Option<Verdict> {
    let client = zone.client_id.as_deref().unwrap_or_default();
    let by_key = zone.private_key != SecretLocation::None;
    let has_secret = zone.client_secret != SecretLocation::None && !by_key;
    // A server may look at the code before the client: then nothing was proven, but nothing refused either.
    let by_code = matches!(case.minted, Some(Ok(None))) && !case.is_keycloak();
    Some(Verdict::ok(match id {
        "client" if by_code => format!("the server did not refuse the client {client}"),
        "secret" if has_secret && by_code => "the server did not refuse the secret".to_owned(),
        "key" if by_key && by_code => "the server did not refuse its key".to_owned(),
        "client" => format!("the server knows the client {client}"),
        "auth-method" => match zone.auth {
            Some(method) => format!("it may authenticate by {method}"),
            None => "it may authenticate as it does".to_owned(),
        },
        "secret" if has_secret => "the secret is right".to_owned(),
        "key" if by_key => "the server has its key".to_owned(),
        "proof" if zone.dpop => "the server takes its proof".to_owned(),
        "grant" => match &case.minted {
            Some(Ok(None)) => format!("a user signs in: hallpass login -z {}", zone.name),
            _ => format!("it gets tokens by {}", zone.grant()),
        },
        _ => return None,
    }))
}
