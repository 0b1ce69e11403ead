//! How a client proves itself at the token endpoint (RFC 6749 §2.3).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::client_assertion::TYPE;
use super::message::{Body, Request, Value};
use crate::secret::Secret;
use crate::text::sanitize;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("unknown client authentication method {name}; known are {known}")]
    UnknownMethod { name: String, known: String },
    #[error("client authentication by {0} is not supported here")]
    Unsupported(Method),
    #[error("the server accepts {has} by none of the methods it lists: {}", .listed.join(", "))]
    NoMethod { has: &'static str, listed: Vec<String> },
    #[error("client authentication by {0} lacks its proof")]
    NoProof(Method),
    #[error("the {part} cannot be sent as Basic credentials: {reason}")]
    NotBasic { part: &'static str, reason: &'static str },
}

/// A client authentication method, named as in the registry of RFC 7591 §4.2 and RFC 8705 §2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    ClientSecretBasic,
    ClientSecretPost,
    /// An assertion signed with the secret.
    ClientSecretJwt,
    PrivateKeyJwt,
    /// A certificate of a known authority.
    TlsClientAuth,
    /// A certificate whose key is registered.
    SelfSignedTlsClientAuth,
    /// A public client: only its id in the body.
    None,
}

impl Method {
    pub const ALL: [Self; 7] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
        Self::None,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }

    /// Whether the client's secret is what it proves itself by.
    pub fn uses_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }

    /// Whether the client authenticates with its certificate (RFC 8705).
    pub const fn is_mutual_tls(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Method {
    type Err = Fault;

    fn from_str(name: &str) -> Result<Self, Fault> {
        Self::ALL
            .into_iter()
            .find(|method| method.name() == name)
            .ok_or_else(|| Fault::UnknownMethod { name: sanitize(name), known: Self::ALL.map(Self::name).join(", ") })
    }
}

/// What a client has to prove itself by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that a client has or has not")]
pub struct Means {
    pub certificate: bool,
    pub key: bool,
    /// An externally signed assertion: a workload's identity.
    pub assertion: bool,
    pub secret: bool,
}

impl Means {
    /// The methods that they allow, the best first.
    pub fn methods(self) -> Vec<Method> {
        let mut methods = Vec::new();
        if self.certificate {
            methods.extend([Method::TlsClientAuth, Method::SelfSignedTlsClientAuth]);
        }
        if self.key || self.assertion {
            methods.push(Method::PrivateKeyJwt);
        }
        if self.secret {
            methods.extend([Method::ClientSecretBasic, Method::ClientSecretPost, Method::ClientSecretJwt]);
        }
        methods
    }

    fn words(self) -> &'static str {
        match self {
            Self { certificate: true, .. } => "a certificate",
            Self { secret: true, key: true, .. } => "a private key or a client secret",
            Self { secret: true, assertion: true, .. } => "an assertion or a client secret",
            Self { secret: true, .. } => "a client secret",
            Self { assertion: true, .. } => "an assertion",
            _ => "a private key",
        }
    }
}

/// Chooses a method from `token_endpoint_auth_methods_supported`; an absent list means Basic (RFC 8414 §2), or a key.
/// Without any means the method is `none` even where that is not listed: Keycloak has public clients and leaves it out.
pub fn choose(listed: Option<&[String]>, means: Means) -> Result<Method, Fault> {
    let methods = means.methods();
    if methods.is_empty() {
        return Ok(Method::None);
    }
    let lists = |method: &Method| listed.is_none_or(|list| list.iter().any(|name| name == method.name()));
    methods.into_iter().find(lists).ok_or_else(|| Fault::NoMethod {
        has: means.words(),
        listed: listed.unwrap_or_default().iter().map(|name| sanitize(name)).collect(),
    })
}

/// What a client proves itself with in one request.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    None,
    Secret(&'a Secret),
    Assertion(&'a Secret),
}

/// Puts the client's proof into a form request.
pub fn apply(method: Method, client_id: &str, proof: Proof<'_>, request: &mut Request) -> Result<(), Fault> {
    let Body::Form(parameters) = &mut request.body else { return Err(Fault::Unsupported(method)) };
    if method != Method::ClientSecretBasic {
        // A pushed authorization request names its client already (RFC 9126 §2.1).
        parameters.retain(|(name, _)| name != "client_id");
    }
    let mut put = |name: &str, value: Value| parameters.push((name.to_owned(), value));
    match (method, proof) {
        (Method::ClientSecretBasic, Proof::Secret(secret)) => {
            request.headers.push(("Authorization".to_owned(), Value::Hidden(basic_value(client_id, secret))));
        }
        (Method::ClientSecretPost, Proof::Secret(secret)) => {
            put("client_id", client_id.into());
            put("client_secret", Value::Hidden(secret.clone()));
        }
        (Method::ClientSecretJwt | Method::PrivateKeyJwt, Proof::Assertion(assertion)) => {
            // RFC 7521 §4.2 makes client_id optional; servers that trust a workload's issuer need it to find the client.
            put("client_id", client_id.into());
            put("client_assertion_type", TYPE.into());
            put("client_assertion", Value::Hidden(assertion.clone()));
        }
        (Method::None, _) if client_id.is_empty() => {}
        // RFC 8705 §2: the certificate proves, the id says who.
        (Method::None | Method::TlsClientAuth | Method::SelfSignedTlsClientAuth, _) => {
            put("client_id", client_id.into());
        }
        _ => return Err(Fault::NoProof(method)),
    }
    Ok(())
}

/// `Basic …` with both halves form-encoded first (RFC 6749 §2.3.1): servers decode them.
pub fn basic_value(client_id: &str, secret: &Secret) -> Secret {
    encode_basic(&form_encode(client_id), &form_encode(secret.expose()))
}

/// `Basic …` of the halves as they are (RFC 7617 §2); an id with a colon and controls cannot be carried.
pub fn basic_raw_value(client_id: &str, secret: &Secret) -> Result<Secret, Fault> {
    if client_id.contains(':') {
        return Err(Fault::NotBasic { part: "client id", reason: "it contains a colon (RFC 7617 §2)" });
    }
    for (part, text) in [("client id", client_id), ("client secret", secret.expose())] {
        if text.chars().any(char::is_control) {
            return Err(Fault::NotBasic { part, reason: "it contains a control character (RFC 7617 §2)" });
        }
    }
    Ok(encode_basic(client_id, secret.expose()))
}

/// `application/x-www-form-urlencoded` of one value (RFC 6749 appendix B).
fn form_encode(text: &str) -> Zeroizing<String> {
    // The room is asked for at once, so that no half-written copy stays behind.
    let mut encoded = Zeroizing::new(String::with_capacity(text.len() * 3));
    encoded.extend(byte_serialize(text.as_bytes()));
    encoded
}

fn encode_basic(id: &str, secret: &str) -> Secret {
    let pair = Zeroizing::new([id, ":", secret].concat());
    let mut value = String::with_capacity(6 + pair.len().div_ceil(3) * 4);
    value.push_str("Basic ");
    STANDARD.encode_string(pair.as_bytes(), &mut value);
    Secret::new(value)
}

#[cfg(test)]
mod tests {
    use super::{Fault, Means, Method, Proof, apply, basic_raw_value, basic_value, choose, form_encode};
    use crate::oauth::message::{Body, Replay, Request};
    use crate::secret::Secret;

    fn form() -> Request {
        Request::form(
            "token endpoint",
            "https://a.example/t",
            vec![("grant_type".to_owned(), "client_credentials".into())],
            Replay::RetryOnce,
        )
    }

    fn wire(request: &Request) -> Vec<(&str, &str)> {
        match &request.body {
            Body::Form(parameters) => parameters.iter().map(|(name, value)| (name.as_str(), value.wire())).collect(),
            _ => panic!("a form"),
        }
    }

    #[test]
    fn rfc_6749_appendix_b_is_encoded() {
        assert_eq!(form_encode(" %&+£€").as_str(), "+%25%26%2B%C2%A3%E2%82%AC");
        assert_eq!(form_encode("a:b/~=").as_str(), "a%3Ab%2F%7E%3D");
    }

    #[test]
    fn rfc_6749_2_3_1_and_rfc_7617_examples_hold() {
        let basic = basic_value("s6BhdRkqt3", &Secret::new("7Fjfp0ZBr1KtDRbnfVdmIw"));
        assert_eq!(basic.expose(), "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
        let raw = basic_raw_value("Aladdin", &Secret::new("open sesame")).unwrap();
        assert_eq!(raw.expose(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let utf8 = basic_raw_value("test", &Secret::new("123£")).unwrap();
        assert_eq!(utf8.expose(), "Basic dGVzdDoxMjPCow==");
    }

    #[test]
    fn raw_basic_refuses_what_it_cannot_carry() {
        let fault = basic_raw_value("a:b", &Secret::new("x")).unwrap_err();
        assert!(matches!(fault, Fault::NotBasic { part: "client id", .. }));
        let fault = basic_raw_value("a", &Secret::new("hunter2\n")).unwrap_err();
        assert!(matches!(fault, Fault::NotBasic { part: "client secret", .. }));
        assert!(!format!("{fault}{fault:?}").contains("hunter2"));
        assert!(basic_raw_value("a", &Secret::new("b:c")).is_ok());
    }

    #[test]
    fn names_go_both_ways() {
        for method in Method::ALL {
            assert_eq!(method.to_string().parse::<Method>().unwrap(), method);
        }
        let fault = "basic".parse::<Method>().unwrap_err();
        assert!(fault.to_string().contains("self_signed_tls_client_auth, none"), "{fault}");
    }

    #[test]
    fn every_method_is_allowed_by_some_means() {
        let methods = Means { certificate: true, key: true, assertion: true, secret: true }.methods();
        for method in Method::ALL {
            assert!(methods.contains(&method) || method == Method::None, "nothing allows {method}");
        }
    }

    #[test]
    fn method_is_chosen_from_what_server_lists() {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let none = Means::default();
        let secret = Means { secret: true, ..none };
        let key = Means { key: true, ..none };
        let both = Means { key: true, ..secret };
        let workload = Means { assertion: true, ..none };
        let certificate = Means { certificate: true, ..none };
        for (listed, means, expected) in [
            (None, secret, Method::ClientSecretBasic),
            (None, none, Method::None),
            (None, key, Method::PrivateKeyJwt),
            (Some(list(&["client_secret_post", "client_secret_basic"])), secret, Method::ClientSecretBasic),
            (Some(list(&["private_key_jwt", "client_secret_post"])), secret, Method::ClientSecretPost),
            (Some(list(&["private_key_jwt", "client_secret_jwt"])), secret, Method::ClientSecretJwt),
            (Some(list(&["client_secret_basic", "private_key_jwt"])), both, Method::PrivateKeyJwt),
            (Some(list(&["client_secret_basic"])), both, Method::ClientSecretBasic),
            (Some(list(&["private_key_jwt"])), workload, Method::PrivateKeyJwt),
            (Some(list(&["client_secret_basic"])), none, Method::None),
            (None, certificate, Method::TlsClientAuth),
            (Some(list(&["self_signed_tls_client_auth"])), certificate, Method::SelfSignedTlsClientAuth),
            (Some(list(&["client_secret_basic"])), Means { secret: true, ..certificate }, Method::ClientSecretBasic),
        ] {
            assert_eq!(choose(listed.as_deref(), means).unwrap(), expected, "{listed:?} {means:?}");
        }
        let fault = choose(Some(&list(&["private_key_jwt", "none"])), secret).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the server accepts a client secret by none of the methods it lists: private_key_jwt, none"
        );
        let fault = choose(Some(&list(&["client_secret_basic"])), key).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the server accepts a private key by none of the methods it lists: client_secret_basic"
        );
        assert!(choose(Some(&[]), secret).is_err());
    }

    #[test]
    fn each_method_puts_its_proof_where_it_belongs() {
        let secret = Secret::new("p&ss");
        let mut basic = form();
        apply(Method::ClientSecretBasic, "id", Proof::Secret(&secret), &mut basic).unwrap();
        assert_eq!(wire(&basic), [("grant_type", "client_credentials")]);
        assert_eq!(
            basic.headers.last().map(|(name, value)| (name.as_str(), value.wire())).unwrap(),
            ("Authorization", "Basic aWQ6cCUyNnNz")
        );

        let mut post = form();
        apply(Method::ClientSecretPost, "id", Proof::Secret(&secret), &mut post).unwrap();
        assert_eq!(wire(&post)[1..], [("client_id", "id"), ("client_secret", "p&ss")]);

        for method in [Method::None, Method::TlsClientAuth, Method::SelfSignedTlsClientAuth] {
            let mut none = form();
            apply(method, "id", Proof::None, &mut none).unwrap();
            assert_eq!(
                (wire(&none)[1..].to_vec(), none.headers.len()),
                (vec![("client_id", "id")], form().headers.len())
            );
        }

        let mut jwt = form();
        apply(Method::PrivateKeyJwt, "id", Proof::Assertion(&Secret::new("a.p&ss.c")), &mut jwt).unwrap();
        assert_eq!(
            wire(&jwt)[1..],
            [
                ("client_id", "id"),
                // RFC 7523 §2.2
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", "a.p&ss.c")
            ]
        );

        for request in [&basic, &post, &jwt] {
            assert!(!format!("{request:?}").contains("p&ss") && !format!("{request:?}").contains("aWQ6"));
        }
    }

    #[test]
    fn what_cannot_be_applied_is_refused() {
        let secret = Secret::new("s");
        let fault = |method, proof| apply(method, "id", proof, &mut form()).unwrap_err();
        for method in [Method::ClientSecretBasic, Method::ClientSecretPost] {
            assert_eq!(fault(method, Proof::None), Fault::NoProof(method));
            assert_eq!(fault(method, Proof::Assertion(&secret)), Fault::NoProof(method));
        }
        // A secret never goes out as an assertion.
        for method in [Method::PrivateKeyJwt, Method::ClientSecretJwt] {
            assert_eq!(fault(method, Proof::Secret(&secret)), Fault::NoProof(method));
        }
        let mut bare = Request::metadata("https://as.example/");
        let fault = apply(Method::TlsClientAuth, "id", Proof::None, &mut bare).unwrap_err();
        assert_eq!(fault, Fault::Unsupported(Method::TlsClientAuth));
    }
}
