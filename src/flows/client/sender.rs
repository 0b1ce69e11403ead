//! Sends the requests of a zone's client to the endpoints of its authorization server.

use std::borrow::Borrow;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::refusal::{ClientProof, Refusal};
use crate::error::{self, Error};
use crate::flows::discovery::{self, Endpoint};
use crate::http::{BeforeSend, Identity};
use crate::oauth::client_auth::Method;
use crate::oauth::issuer;
use crate::oauth::message::{Request, Response};

use super::certificate;
use super::credential::{self, Credential};
use super::proof::{self, DpopSigner};

/// The endpoint that has a breaker, and where tokens are bound.
const TOKEN: &str = "token_endpoint";
/// It has a breaker like the token endpoint: whoever guards something sends a request here for every credential.
const INTROSPECTION: &str = "introspection_endpoint";

pub struct Client<'a> {
    cx: &'a Context,
    zone: &'a Zone,
    pub id: String,
    credential: Credential<'a>,
    identity: Option<Identity>,
    /// Binds tokens to the zone's key, if it has one.
    signer: Option<DpopSigner<'a>>,
    before_send: Option<BeforeSend>,
}

pub struct ClientResponse {
    /// When the try that was answered was sent.
    pub sent_at: Moment,
    pub answer: Response,
    endpoint: &'static str,
    /// The request without the proof of the client.
    request: Request,
    method: Method,
    /// The methods that the server lists for this endpoint.
    listed: Option<Vec<String>>,
    /// The algorithms that the server lists for assertions of a client.
    algorithms: Option<Vec<String>>,
}

impl<'a> Client<'a> {
    pub fn of(cx: &'a Context, zone: &'a Zone) -> Result<Self, Error> {
        let id = zone.client_id.clone().ok_or_else(|| error::client::no_client_id(&zone.name))?;
        Self::with_id(cx, zone, id)
    }

    /// As [`Client::of`], but without an id where the zone has none and names `none` as its method: an exchange or an
    /// assertion may need no client (RFC 8693 §2.1, RFC 7523 §3.1).
    pub fn of_optional_id(cx: &'a Context, zone: &'a Zone) -> Result<Self, Error> {
        match zone.auth {
            Some(Method::None) => Self::with_id(cx, zone, zone.client_id.clone().unwrap_or_default()),
            _ => Self::of(cx, zone),
        }
    }

    fn with_id(cx: &'a Context, zone: &'a Zone, id: String) -> Result<Self, Error> {
        Ok(Self {
            cx,
            zone,
            id,
            credential: Credential::of(cx, zone)?,
            identity: certificate::load_identity(cx, zone)?,
            signer: DpopSigner::of(cx, zone)?,
            before_send: None,
        })
    }

    /// The same, with something to do before the first byte of a request leaves: a journal.
    #[must_use]
    pub fn before_send(self, before_send: BeforeSend) -> Self {
        Self { before_send: Some(before_send), ..self }
    }

    /// Sends what `build` makes of the URL of the endpoint of this name, with a new proof of the client for each try. A DPoP
    /// token request is repeated, once, with the nonce that the server asks for (RFC 9449 §8).
    pub fn send(&self, name: &'static str, build: &dyn Fn(&str) -> Request) -> Result<ClientResponse, Error> {
        let signer = self.signer.as_ref().filter(|_| name == TOKEN);
        let find = |fresh| {
            let endpoint = discovery::find_endpoint(self.cx, self.zone, name, fresh)?;
            if self.identity.is_some() { certificate::use_mtls_alias(self.zone, name, endpoint) } else { Ok(endpoint) }
        };
        let result = discovery::with_endpoint_retry(self.cx, name, &find, &mut |endpoint| {
            let asked = self.send_once(endpoint, name, signer, build)?;
            let Some(signer) = signer.filter(|signer| signer.store_nonce(&endpoint.url, &asked.answer)) else {
                return Ok(asked);
            };
            self.cx.ui.debug("the server asks for its nonce in the proof");
            let asked = self.send_once(endpoint, name, Some(signer), build)?;
            signer.store_nonce(&endpoint.url, &asked.answer);
            Ok(asked)
        });
        result.map_err(|error| error.at_zone(&self.zone.name))
    }

    /// Sends what `build` makes to this URL, which the caller has checked, and to no other one.
    pub fn send_to(
        &self,
        url: &str,
        name: &'static str,
        build: &dyn Fn(&str) -> Request,
    ) -> Result<ClientResponse, Error> {
        let metadata = discovery::cached_metadata(self.cx, self.zone);
        self.send_once(&Endpoint { url: url.to_owned(), cached: false, metadata }, name, None, build)
    }

    fn send_once(
        &self,
        endpoint: &Endpoint,
        name: &'static str,
        signer: Option<&DpopSigner<'_>>,
        build: &dyn Fn(&str) -> Request,
    ) -> Result<ClientResponse, Error> {
        let listed = credential::list_methods(endpoint.metadata.as_ref(), name);
        // A zone that names its method does not need the server's list.
        let listed = if self.zone.auth.is_some() { listed.unwrap_or_default() } else { listed? };
        let method = credential::choose_method(self.credential.zone(), listed.as_deref())?;
        if method.is_mutual_tls() && !endpoint.url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
        {
            return Err(error::client::needs_https(method, name, issuer::origin(&endpoint.url)));
        }
        let bare = build(&endpoint.url);
        let prove = || -> Result<Request, Error> {
            let mut request = bare.clone();
            self.credential.prove(method, &self.id, &mut request)?;
            if let Some(signer) = signer {
                let proof = signer.for_server(&bare.method.to_string(), &bare.url)?;
                request.headers.push(("DPoP".to_owned(), proof.into()));
            }
            Ok(request)
        };
        // Each try has its own proof (RFC 7523 §3, RFC 9449 §4.2), or the last one again: never a request without.
        let mut request = prove()?;
        let mut sent = false;
        let mut sent_at = self.cx.clock.now();
        let mut build_try = || {
            sent_at = self.cx.clock.now();
            if sent && let Ok(renewed) = prove() {
                request = renewed;
            }
            sent = true;
            request.clone()
        };
        let session = self.cx.http_session(Some(self.zone)).for_endpoint().with_client_cert(self.identity.clone());
        let session = session.before_send(self.before_send.clone());
        let answer = match name {
            TOKEN | INTROSPECTION => session.send_with_breaker(&endpoint.url, &mut build_try)?,
            _ => session.send(&mut build_try)?,
        };
        let algorithms = endpoint.metadata.as_ref().and_then(credential::list_algorithms);
        Ok(ClientResponse { sent_at, answer, endpoint: name, request: bare, method, listed, algorithms })
    }

    /// Checks what a token is bound to, and explains a refusal of the client.
    pub fn judge<T>(&self, asked: &ClientResponse, read: Result<T, crate::oauth::Fault>) -> Result<T, Error> {
        if asked.endpoint == TOKEN {
            proof::check_binding(self.signer.as_ref(), &self.zone.name, &asked.answer)?;
        }
        read.map_err(|fault| {
            let zone = self.credential.zone();
            let date = asked.answer.header("date").and_then(Moment::parse_http);
            let proof = Some(ClientProof {
                method: asked.method,
                methods: credential::find_means(zone).methods(),
                listed: asked.listed.as_deref(),
                algorithms: asked.algorithms.as_deref(),
                status: asked.answer.status,
                ahead: date.map(|date| asked.sent_at.epoch().saturating_sub(date.epoch())),
            });
            Refusal { zone, endpoint: asked.endpoint, request: &asked.request, proof }.explain(fault)
        })
    }
}

impl ClientResponse {
    /// Whether the client only named itself.
    pub fn is_unproven(&self) -> bool {
        self.method == Method::None
    }
}

impl Borrow<Response> for ClientResponse {
    fn borrow(&self) -> &Response {
        &self.answer
    }
}
