use super::{ClientProof, Refusal};
use crate::config::Zone;
use crate::error::{Error, Finding, Kind};
use crate::oauth::client_auth::Method;
use crate::oauth::fault::{ErrorResponse, Fault};
use crate::oauth::grant::Grant;
use crate::oauth::message::{Replay, Request};

const ISSUER: &str = "https://sso.example/realms/acme";

fn refused_at(issuer: &str, grant: Grant, status: u16, code: &str, description: &str) -> Error {
    refused(issuer, grant.registered_name(), Method::ClientSecretBasic, status, code, description)
}

fn refused(issuer: &str, grant: &str, method: Method, status: u16, code: &str, description: &str) -> Error {
    let response = ErrorResponse {
        status,
        url: "https://sso.example/token".into(),
        error: code.to_owned(),
        description: Some(description.to_owned()),
        uri: None,
        retry_after: None,
    };
    let zone = Zone { client_id: Some("gw".to_owned()), ..Zone::new("prod", issuer) };
    let parameters = vec![("grant_type".to_owned(), grant.into())];
    let request = Request::form("the token", "https://sso.example/token", parameters, Replay::Input);
    let proof =
        Some(ClientProof { method, methods: vec![method], listed: None, algorithms: None, status, ahead: None });
    Refusal { zone: &zone, endpoint: "token_endpoint", request: &request, proof }.explain(Fault::Refused(response))
}

#[test]
fn keycloaks_sentences_about_exchange_are_explained() {
    for (status, code, sentence, hint) in [
        (
            400,
            "invalid_request",
            "Standard token exchange is not enabled for the requested client",
            "standard.token.exchange.enabled=true",
        ),
        (403, "access_denied", "Client is not within the token audience", "Included Client Audience gw"),
        (400, "invalid_client", "Audience not found", "check the spelling of"),
        (400, "invalid_request", "Requested audience not available: x", "gw-dedicated > Add mapper"),
        (400, "invalid_request", "Invalid token", "hallpass inspect"),
        (400, "invalid_request", "requested_token_type unsupported", "--requested-type"),
    ] {
        let error = refused_at(ISSUER, Grant::TokenExchange, status, code, sentence);
        assert_eq!((error.kind, error.exit), (Kind::TokenExchange, 5), "{sentence}");
        assert!(error.hints.len() == 1 && error.hints[0].to_string().contains(hint), "{sentence}: {error:?}");
    }
}

#[test]
fn other_servers_are_told_apart_by_their_codes() {
    for (status, code, kind) in [
        (400, "invalid_target", Kind::TokenExchange),
        (400, "invalid_request", Kind::TokenExchange),
        (400, "consent_required", Kind::TokenExchange),
        (401, "invalid_client", Kind::Authentication),
        (400, "invalid_client", Kind::Authentication),
        (400, "unauthorized_client", Kind::Authentication),
        (503, "invalid_target", Kind::Protocol),
    ] {
        assert_eq!(refused_at(ISSUER, Grant::TokenExchange, status, code, "no").kind, kind, "{status} {code}");
    }
}

#[test]
fn keycloaks_sentences_about_assertions_are_explained() {
    let refused = |code: &str, description: &str| refused_at(ISSUER, Grant::JwtBearer, 400, code, description);
    let off = refused("invalid_grant", "JWT Authorization Grant is not supported for the requested client");
    assert_eq!(off.causes, ["the JWT authorization grant is switched off for gw"]);
    assert!(off.hints[0].to_string().starts_with("Keycloak: Clients > gw > "), "{:?}", off.hints);
    assert!(refused("invalid_grant", "User not found").hints[0].to_string().contains("identity provider link"));
    let client = refused("invalid_client", "Invalid token audience");
    assert_eq!(
        client.hints[0].to_string(),
        format!("the server wants its issuer: hallpass zone edit prod --assertion-audience {ISSUER}")
    );
    assert!(refused("invalid_request", "malformed assertion").hints[0].to_string().contains("hallpass inspect"));
    assert!(refused("invalid_grant", "no").hints[0].to_string().contains("hallpass inspect"));
    assert!(refused("unsupported_grant_type", "no").hints[0].to_string().contains("grant_types_supported"));
}

#[test]
fn sentence_that_others_say_counts_at_realm_only() {
    for (issuer, named) in [(ISSUER, true), ("https://as.example", false), ("https://as.example/realms/a/b", false)] {
        let error = refused_at(issuer, Grant::ClientCredentials, 400, "invalid_scope", "Invalid scopes: x");
        assert_eq!(error.hints[0].to_string().starts_with("Keycloak: "), named, "{issuer}");
    }
}

#[test]
fn keycloaks_sentences_about_refresh_and_client_assertion_name_their_check() {
    let key = Method::PrivateKeyJwt;
    for (grant, method, code, sentence, finding, hint) in [
        ("refresh_token", Method::None, "invalid_grant", "Stale token", Finding::Refresh, "hallpass login -z prod"),
        ("refresh_token", key, "invalid_grant", "Token is not active", Finding::Refresh, "hallpass login -z prod"),
        ("refresh_token", key, "invalid_grant", "User disabled", Finding::Refresh, "Enabled: on"),
        ("client_credentials", key, "invalid_client", "Token is not active", Finding::Clock, "clock"),
        ("client_credentials", key, "invalid_client", "Token was issued in the future", Finding::Clock, "clock"),
        ("refresh_token", key, "invalid_client", "Multiple audiences not allowed", Finding::AuthMethod, ISSUER),
        ("client_credentials", key, "invalid_client", "Unable to load public key", Finding::Key, "Clients > gw > Keys"),
    ] {
        let error = refused(ISSUER, grant, method, 400, code, sentence);
        assert_eq!(error.finding, Some(finding), "{sentence}");
        assert!(error.hints.iter().any(|it| it.to_string().contains(hint)), "{sentence}: {error:?}");
    }
}

#[test]
fn client_that_authenticated_is_not_sent_after_its_secret() {
    let refused = |status| {
        let method = Method::ClientSecretBasic;
        refused("https://as.example", "client_credentials", method, status, "unauthorized_client", "no")
    };
    let error = refused(400);
    assert_eq!(error.finding, Some(Finding::Grant));
    let hints = error.hints.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        hints,
        [
            "let the server allow the grant client_credentials for gw",
            "or use one that it may: hallpass zone edit prod --grant GRANT"
        ]
    );
    assert!(refused(401).hints[0].to_string().starts_with("check the secret"));
}

#[test]
fn servers_that_name_the_claim_want_another_audience() {
    let refused = |description: &str| {
        let method = Method::PrivateKeyJwt;
        refused("https://as.example", "client_credentials", method, 400, "invalid_client", description)
    };
    let wanted =
        "the server wants another audience: hallpass zone edit prod --assertion-audience https://sso.example/token";
    for description in ["Invalid claim: 'aud'", "audience must be the token endpoint", "aud is wrong"] {
        assert_eq!(refused(description).hints[0].to_string(), wanted, "{description}");
    }
    let unknown = refused("The client does not exist on this server; it defrauds");
    assert!(unknown.hints.iter().any(|hint| hint.to_string().contains("--client-id ID")), "{unknown:?}");
}

#[test]
fn refusals_of_other_endpoints_have_a_way_out() {
    let zone = Zone { client_id: Some("gw".to_owned()), ..Zone::new("prod", "https://as.example") };
    let request = Request::form("the endpoint", "https://as.example/x", Vec::new(), Replay::Input);
    let hints = |endpoint, fault, proof| {
        let error = Refusal { zone: &zone, endpoint, request: &request, proof }.explain(fault);
        error.hints.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let refused = |status, error: &str| {
        Fault::Refused(ErrorResponse {
            status,
            url: "https://as.example/x".into(),
            error: error.to_owned(),
            description: None,
            uri: None,
            retry_after: None,
        })
    };
    let public = |status| {
        Some(ClientProof {
            method: Method::None,
            methods: Vec::new(),
            listed: None,
            algorithms: None,
            status,
            ahead: None,
        })
    };
    let scope = Fault::NotAuthorized { error: "invalid_scope".to_owned(), description: None, uri: None };
    assert!(hints("authorization_endpoint", scope, None).contains("--field scopes_supported"));
    let audience = Fault::NotAuthorized { error: "invalid_target".to_owned(), description: None, uri: None };
    assert!(hints("authorization_endpoint", audience, None).contains("--resource URL"));
    assert!(hints("registration_endpoint", refused(400, "access_denied"), None).contains("--initial-token-from"));
    let introspect = hints("introspection_endpoint", refused(401, "invalid_client"), public(401));
    assert!(introspect.contains("only a client that authenticates may introspect"), "{introspect}");
    let sign_in = hints("token_endpoint", refused(401, "invalid_client"), public(401));
    assert!(sign_in.contains("if it has a secret: hallpass zone edit prod --client-secret-from -"), "{sign_in}");
    let device = hints("device_authorization_endpoint", refused(400, "unauthorized_client"), public(400));
    assert_eq!(device, "let the server allow the device flow for gw");
    let proof = Some(ClientProof {
        method: Method::ClientSecretPost,
        methods: Vec::new(),
        listed: None,
        algorithms: None,
        status: 400,
        ahead: None,
    });
    let device = hints("device_authorization_endpoint", refused(400, "unauthorized_client"), proof);
    assert!(device.ends_with("; check the secret: hallpass zone edit prod --client-secret-from -"), "{device}");
}
