//! The seeded clients, and how a request proves to come from one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::edges::Entropy;
use crate::http::thumbprint;
use crate::jose::{Algorithm, SigningKey};
use crate::oauth::client_assertion::TYPE;
use crate::sandbox::Error;
use crate::sandbox::endpoint::assertion;
use crate::sandbox::endpoint::form::{Form, decode};
use crate::sandbox::endpoint::message::{Call, Refusal};
use crate::sandbox::endpoint::redirect::LOOPBACK;
use crate::sandbox::endpoint::registration::Registered;
use crate::sandbox::model::authority::{Authority, SUBJECT};
use crate::sandbox::model::certificate;
use crate::sandbox::model::certificate::Known;
use crate::sandbox::state::State;
use crate::secret::Secret;

/// The scopes that every client may ask for; the first one is given when none is asked for.
pub const SCOPES: [&str; 7] = ["read", "write", "admin", "openid", "profile", "email", "offline_access"];

/// A way to authenticate (RFC 7591 §2, `token_endpoint_auth_method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Only the id: a public client.
    None,
    /// The Authorization field, both halves form-encoded (RFC 6749 §2.3.1).
    Basic,
    /// Parameters of the body.
    Post,
    /// An assertion signed with the secret (OpenID Connect Core §9).
    SecretJwt,
    /// An assertion signed with a private key (RFC 7523 §2.2).
    KeyJwt,
    /// A certificate in TLS that the authority of this server issued (RFC 8705 §2.1).
    Tls,
    /// A certificate in TLS that the client issued to itself (RFC 8705 §2.2).
    SelfSignedTls,
}

impl Method {
    /// All of them, as metadata lists them.
    pub const ALL: [Self; 7] =
        [Self::Basic, Self::Post, Self::SecretJwt, Self::KeyJwt, Self::Tls, Self::SelfSignedTls, Self::None];

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::SecretJwt => "client_secret_jwt",
            Self::KeyJwt => "private_key_jwt",
            Self::Tls => "tls_client_auth",
            Self::SelfSignedTls => "self_signed_tls_client_auth",
        }
    }

    /// This one alone, as a registered client may use it.
    pub fn alone(self) -> &'static [Self] {
        match self {
            Self::None => &[Self::None],
            Self::Basic => &[Self::Basic],
            Self::Post => &[Self::Post],
            Self::SecretJwt => &[Self::SecretJwt],
            Self::KeyJwt => &[Self::KeyJwt],
            Self::Tls => &[Self::Tls],
            Self::SelfSignedTls => &[Self::SelfSignedTls],
        }
    }

    /// Whether it proves itself by a certificate.
    pub fn shows_certificate(self) -> bool {
        matches!(self, Self::Tls | Self::SelfSignedTls)
    }
}

/// A registered client.
#[derive(Debug, Clone)]
pub struct Client {
    /// The `client_id`.
    pub id: String,
    /// The secret of a confidential client, made for this start.
    pub secret: Option<Secret>,
    /// The public keys that it signs with.
    pub jwks: Option<Value>,
    /// The private key of a seeded client, for a child of the sandbox.
    pub private_key: Option<Secret>,
    /// The certificate that it proves itself by, or that its tokens are bound to.
    pub certificate: Option<Known>,
    /// Whether it proves itself by an assertion of the workload's issuer instead of its own.
    pub workload: bool,
    /// The ways in which it may authenticate.
    pub methods: &'static [Method],
    /// Where its codes may go; the port is free on loopback.
    pub redirect_uris: Vec<String>,
    /// The grants that it registered; a seeded client may use all.
    pub grants: Option<Vec<String>>,
    /// Whether it may introspect tokens of other clients.
    pub introspects_all: bool,
    /// Whether its tokens must be bound to a key (RFC 9449), by a proof with a nonce of this server.
    pub bound: bool,
    /// What it is for, in a few words, for the banner.
    pub purpose: &'static str,
    /// The variable that hands its secret or private key to a child of the sandbox.
    pub variable: Option<&'static str>,
}

impl Client {
    /// Whether it has nothing to prove itself by.
    pub fn is_public(&self) -> bool {
        self.methods.contains(&Method::None)
    }
}

/// All clients of a server, the main one first.
pub struct Clients {
    all: [Client; 11],
    pub main_secret: Secret,
    /// Those that registered themselves (RFC 7591).
    registered: Mutex<HashMap<String, Registered>>,
}

impl Clients {
    /// Makes the clients with fresh secrets.
    pub fn seed(entropy: &dyn Entropy, authority: &Authority) -> Result<Self, Error> {
        let secret = || random_hex::<24>(entropy).map(Secret::new);
        let main_secret = secret()?;
        let main = Client {
            id: format!("sandbox-{}", random_hex::<4>(entropy)?),
            secret: Some(main_secret.clone()),
            jwks: None,
            private_key: None,
            certificate: None,
            workload: false,
            methods: &[Method::Basic, Method::Post, Method::SecretJwt],
            redirect_uris: LOOPBACK.map(str::to_owned).to_vec(),
            grants: None,
            introspects_all: false,
            bound: false,
            purpose: "confidential, the one in HALLPASS_CLIENT_ID",
            variable: None,
        };
        // `%41` is an `A` to who forgets to encode, and `+` a space.
        let hostile = Secret::new(format!("{}+%41:&=", random_hex::<24>(entropy)?));
        let basic = Client {
            id: "sandbox-basic".to_owned(),
            secret: Some(hostile),
            methods: &[Method::Basic],
            purpose: "takes client_secret_basic only, its secret must be form-encoded",
            variable: Some("HALLPASS_SANDBOX_BASIC_SECRET"),
            ..main.clone()
        };
        let post = Client {
            id: "sandbox-post".to_owned(),
            secret: Some(secret()?),
            methods: &[Method::Post],
            purpose: "takes client_secret_post only",
            variable: Some("HALLPASS_SANDBOX_POST_SECRET"),
            ..main.clone()
        };
        let public = Client {
            id: "sandbox-public".to_owned(),
            secret: None,
            methods: &[Method::None],
            purpose: "public, has no secret",
            ..main.clone()
        };
        let api = Client {
            id: "sandbox-api".to_owned(),
            secret: Some(secret()?),
            introspects_all: true,
            purpose: "a resource server: introspects everybody's tokens",
            variable: Some("HALLPASS_SANDBOX_API_SECRET"),
            ..main.clone()
        };
        let dpop = Client {
            id: "sandbox-dpop".to_owned(),
            secret: Some(secret()?),
            bound: true,
            purpose: "demands DPoP proofs with a nonce",
            variable: Some("HALLPASS_SANDBOX_DPOP_SECRET"),
            ..main.clone()
        };
        let jwt = Client {
            id: "sandbox-jwt".to_owned(),
            secret: Some(secret()?),
            methods: &[Method::SecretJwt],
            purpose: "takes client_secret_jwt only",
            variable: Some("HALLPASS_SANDBOX_JWT_SECRET"),
            ..main.clone()
        };
        let key = SigningKey::generate(Algorithm::Es256).map_err(Error::Key)?;
        let key = Client {
            id: "sandbox-key".to_owned(),
            secret: None,
            jwks: Some(json!({"keys": [key.public_jwk()]})),
            private_key: Some(key.private_pem().map_err(Error::Key)?),
            methods: &[Method::KeyJwt],
            purpose: "takes private_key_jwt only",
            variable: Some("HALLPASS_SANDBOX_PRIVATE_KEY"),
            ..main.clone()
        };
        let workload = Client {
            id: "sandbox-workload".to_owned(),
            secret: None,
            workload: true,
            methods: &[Method::KeyJwt],
            purpose: "proves itself by the workload's assertion in HALLPASS_SANDBOX_ASSERTION",
            ..main.clone()
        };
        let [mtls, self_signed] = certified(&main, authority);
        Ok(Self {
            all: [main, basic, post, public, api, dpop, jwt, key, workload, mtls, self_signed],
            main_secret,
            registered: Mutex::default(),
        })
    }

    /// The client that is meant for use.
    pub fn main(&self) -> &Client {
        &self.all[0]
    }

    /// All of them, the main one first.
    pub fn all(&self) -> &[Client] {
        &self.all
    }

    /// The client of that id.
    pub fn find(&self, id: &str) -> Option<Client> {
        let seeded = self.all.iter().find(|client| client.id == id).cloned();
        seeded.or_else(|| self.registered(|known| known.get(id).map(|one| one.client.clone())))
    }

    /// Reads or changes the clients that registered themselves, one at a time.
    pub fn registered<T>(&self, change: impl FnOnce(&mut HashMap<String, Registered>) -> T) -> T {
        change(&mut self.registered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The clients that prove themselves by a certificate.
fn certified(main: &Client, authority: &Authority) -> [Client; 2] {
    let mtls = Client {
        id: "sandbox-mtls".to_owned(),
        secret: None,
        certificate: Some(Known::Subject(SUBJECT.to_owned())),
        methods: &[Method::Tls],
        purpose: "takes tls_client_auth only, with the certificate in HALLPASS_SANDBOX_CERT",
        ..main.clone()
    };
    let self_signed = Client {
        id: "sandbox-self-signed".to_owned(),
        certificate: Some(Known::Own(vec![thumbprint(&authority.stranger.der)])),
        methods: &[Method::SelfSignedTls],
        purpose: "takes self_signed_tls_client_auth only, with the one in HALLPASS_SANDBOX_SELF_SIGNED_CERT",
        ..mtls.clone()
    };
    [mtls, self_signed]
}

/// The client that a request comes from; notes it for the log.
///
/// # Errors
/// `invalid_client` when it proves nothing, `invalid_request` when it tries two ways at once (RFC 6749 §2.3).
pub fn authenticate(state: &State, call: &mut Call, form: &Form) -> Result<Client, Refusal> {
    let (method, id, secret) = presented(call, form)?;
    // One sentence for an unknown client and for a wrong secret: the difference is nobody's business.
    let wrong = Refusal::client("the client is unknown or its secret is wrong");
    let client = state.clients.find(&id).ok_or(wrong)?;
    let method = match method {
        // Only the id is said where a certificate speaks.
        Method::None => client.methods.iter().copied().find(|one| one.shows_certificate()).unwrap_or(method),
        said => said,
    };
    if !client.methods.contains(&method) {
        return Err(Refusal::client("this client may not authenticate in this way"));
    }
    match method {
        Method::SecretJwt | Method::KeyJwt => assertion::prove(state, &client, secret.expose())?,
        Method::Tls | Method::SelfSignedTls => {
            let known = client.certificate.as_ref().ok_or(wrong)?;
            certificate::prove(state, known, call)?;
        }
        Method::None | Method::Basic | Method::Post => {
            if client.secret.as_ref().is_some_and(|right| !right.matches(&secret)) {
                return Err(wrong);
            }
        }
    }
    call.note.client_id = Some(client.id.clone());
    Ok(client)
}

/// Who a request says that it is, and how it would prove it.
fn presented(call: &Call, form: &Form) -> Result<(Method, String, Secret), Refusal> {
    let id = form.get("client_id");
    let secret = form.get("client_secret");
    if let Some(assertion) = form.get("client_assertion") {
        if secret.is_some() || call.header("authorization")?.is_some() {
            return Err(Refusal::request("there are two client authentications"));
        }
        if form.get("client_assertion_type") != Some(TYPE) {
            return Err(Refusal::client("the client_assertion_type is not that of a JWT"));
        }
        let (shared, subject) =
            assertion::peek(assertion).ok_or(Refusal::client("the assertion is not a JWT with a subject"))?;
        let method = if shared { Method::SecretJwt } else { Method::KeyJwt };
        return Ok((method, id.map_or(subject, str::to_owned), Secret::new(assertion)));
    }
    if let Some(field) = call.header("authorization")? {
        let (user, password) = basic(field).ok_or(Refusal::client("the Authorization field is not Basic"))?;
        if secret.is_some() {
            return Err(Refusal::request("there are two client authentications"));
        }
        if id.is_some_and(|other| other != user) {
            return Err(Refusal::request("the body and the Authorization field name different clients"));
        }
        return Ok((Method::Basic, user, password));
    }
    let id = id.ok_or(Refusal::client("there is no client authentication"))?.to_owned();
    let method = if secret.is_some() { Method::Post } else { Method::None };
    Ok((method, id, Secret::new(secret.unwrap_or_default())))
}

/// Reads Basic credentials (RFC 7617 §2), both halves form-encoded (RFC 6749 §2.3.1).
fn basic(field: &str) -> Option<(String, Secret)> {
    let (scheme, credentials) = field.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(credentials.trim_matches(' ')).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((decode(id)?, Secret::new(decode(secret)?)))
}

/// That many random bytes as lower-case hex.
pub fn random_hex<const N: usize>(entropy: &dyn Entropy) -> Result<String, Error> {
    use std::fmt::Write as _;
    let mut bytes = [0; N];
    entropy.fill(&mut bytes).map_err(Error::Entropy)?;
    Ok(bytes.iter().fold(String::with_capacity(2 * N), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
