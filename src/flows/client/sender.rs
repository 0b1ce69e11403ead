//! The zone's client at an endpoint of its authorization server: which endpoint, how the client proves itself there,
//! and what a refusal of that proof means.

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, Hint, exit};
use crate::flows::discovery::{self, Endpoint};
use crate::http::{BeforeSend, Identity};
use crate::oauth::client_auth::Method;
use crate::oauth::message::{Request, Response};

use super::certificate;
use super::credential::{self, Credential};
use super::proof::{self, Prover};

/// The endpoint that has a breaker, and where tokens are bound.
const TOKEN: &str = "token_endpoint";

/// The client of a zone, with what it proves itself by.
pub struct Client<'a> {
    cx: &'a Context,
    zone: &'a Zone,
    pub id: String,
    credential: Credential<'a>,
    identity: Option<Identity>,
    /// Binds tokens to the zone's key, where it wants that.
    prover: Option<Prover<'a>>,
    before_send: Option<BeforeSend>,
}

pub struct ClientResponse {
    /// When the try that was answered was sent.
    pub sent_at: Moment,
    pub answer: Response,
    endpoint: Endpoint,
    method: Method,
    /// The methods that the server lists for this endpoint.
    listed: Option<Vec<String>>,
    tokens: bool,
}

impl<'a> Client<'a> {
    /// The zone's client; opens the vault where the zone keeps a secret in it, unless `--dry-run`.
    pub fn of(cx: &'a Context, zone: &'a Zone) -> Result<Self, Error> {
        let id = zone.client_id.clone().ok_or_else(|| {
            Error::config(format!("zone {} has no client_id", zone.name)).hint(Hint::edit(&zone.name, "--client-id ID"))
        })?;
        Ok(Self {
            cx,
            zone,
            id,
            credential: Credential::of(cx, zone)?,
            identity: certificate::of(cx, zone)?,
            prover: Prover::of(cx, zone)?,
            before_send: None,
        })
    }

    /// The same, with something to do before the first byte of a request leaves: a journal.
    #[must_use]
    pub fn before_send(self, before_send: BeforeSend) -> Self {
        Self { before_send: Some(before_send), ..self }
    }

    /// Sends what `build` makes of the endpoint's URL, with the client's proof, made anew for each try. `name` is the
    /// endpoint's in the metadata. A cached endpoint that is gone (404) is looked up again, once; when it is where it
    /// was, the 404 is the answer, and nothing is sent twice. A token request of a
    /// zone with DPoP carries a proof, and is made again, once, with the nonce that the server asks for (RFC 9449 §8).
    pub fn send(&self, name: &str, build: &dyn Fn(&str) -> Request) -> Result<ClientResponse, Error> {
        self.with_endpoint_retry(name, build)
    }

    fn with_endpoint_retry(&self, name: &str, build: &dyn Fn(&str) -> Request) -> Result<ClientResponse, Error> {
        let first = self.with_nonce_retry(self.endpoint(name, false)?, name, build)?;
        if first.answer.status != 404 || !first.endpoint.cached {
            return Ok(first);
        }
        self.cx.ui.debug(&format!("the cached {name} is gone: the metadata is asked again"));
        let found = self.endpoint(name, true)?;
        if found.url == first.endpoint.url { Ok(first) } else { self.with_nonce_retry(found, name, build) }
    }

    /// The endpoint of this name for this client; `anew` asks the server even if the metadata is known.
    fn endpoint(&self, name: &str, anew: bool) -> Result<Endpoint, Error> {
        let endpoint = discovery::endpoint(self.cx, self.zone, name, anew)?;
        match self.identity {
            Some(_) => certificate::aliased(self.zone, name, endpoint),
            None => Ok(endpoint),
        }
    }

    fn with_nonce_retry(
        &self,
        endpoint: Endpoint,
        name: &str,
        build: &dyn Fn(&str) -> Request,
    ) -> Result<ClientResponse, Error> {
        let prover = self.prover.as_ref().filter(|_| name == TOKEN);
        let mut asked = self.send_once(endpoint, name, prover, build)?;
        if let Some(prover) = prover
            && prover.heard(&asked.endpoint.url, &asked.answer)
        {
            self.cx.ui.debug("the server asks for its nonce in the proof");
            asked = self.send_once(asked.endpoint, name, Some(prover), build)?;
            prover.heard(&asked.endpoint.url, &asked.answer);
        }
        asked.tokens = name == TOKEN;
        Ok(asked)
    }

    fn send_once(
        &self,
        endpoint: Endpoint,
        name: &str,
        prover: Option<&Prover<'_>>,
        build: &dyn Fn(&str) -> Request,
    ) -> Result<ClientResponse, Error> {
        let listed = credential::listed(endpoint.metadata.as_ref(), name)?;
        let method = self.credential.method(listed.as_deref())?;
        if matches!(method, Method::TlsClientAuth | Method::SelfSignedTlsClientAuth)
            && !endpoint.url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
        {
            let origin = crate::oauth::issuer::origin(&endpoint.url);
            return Err(Error::config(format!("{method} needs https, and the {name} is at {origin}")));
        }
        let bare = build(&endpoint.url);
        let verb = bare.method.to_string();
        let prove = || -> Result<Request, Error> {
            let mut request = bare.clone();
            self.credential.prove(method, &self.id, &mut request)?;
            if let Some(prover) = prover {
                let proof = prover.for_server(&verb, &bare.url)?;
                request.headers.push(("DPoP".to_owned(), proof.into()));
            }
            Ok(request)
        };
        // Nothing is sent when there is no proof to send; each further try has its own (RFC 7523 §3, RFC 9449 §4.2), or
        // where none can be made the last one again: never a request without.
        let mut request = prove()?;
        let mut sent = false;
        let mut sent_at = self.cx.clock.now();
        let mut build_try = || {
            sent_at = self.cx.clock.now();
            if sent && let Ok(anew) = prove() {
                request = anew;
            }
            sent = true;
            request.clone()
        };
        let net = self
            .cx
            .http_session(Some(self.zone))
            .with_client_cert(self.identity.clone())
            .before_send(self.before_send.clone());
        let answer = match name {
            TOKEN => net.send_with_breaker(&endpoint.url, &mut build_try)?,
            _ => net.send(&mut build_try)?,
        };
        Ok(ClientResponse { sent_at, answer, endpoint, method, listed, tokens: false })
    }

    /// Judges what an answer was read as: a refusal of the client says which method was used and which the server
    /// lists, and nothing that was sent as a proof is in the error.
    pub fn judge<T>(&self, asked: &ClientResponse, read: Result<T, crate::oauth::Fault>) -> Result<T, Error> {
        if asked.tokens {
            proof::check(self.prover.as_ref(), self.zone, &asked.answer)?;
        }
        read.map_err(|fault| self.explained(asked, fault.into()))
    }

    fn explained(&self, asked: &ClientResponse, error: Error) -> Error {
        let code = error.code.as_deref().unwrap_or_default();
        // RFC 9449 §5; some servers say it in a sentence only.
        if error.exit == exit::REFUSED
            && (matches!(code, "invalid_dpop_proof" | "use_dpop_nonce") || error.message.contains("DPoP proof"))
        {
            return if self.prover.is_some() {
                error.hint("a proof counts for seconds only: compare this machine's clock with the server's")
            } else {
                error.hint(Hint::edit(&self.zone.name, "--dpop").purpose("let the zone have a key"))
            };
        }
        let of_the_client = match error.code.as_deref() {
            Some(code) => matches!(code, "invalid_client" | "unauthorized_client"),
            None => asked.answer.status == 401,
        };
        if error.exit != exit::REFUSED || !of_the_client {
            return error;
        }
        let method = asked.method;
        let error = match &asked.listed {
            Some(list) => error.because(format!("authenticated with {method}; the server lists {}", list.join(", "))),
            None => error.because(format!("authenticated with {method}")),
        };
        self.credential.hints(method, asked.listed.as_deref(), &error.message).into_iter().fold(error, Error::hint)
    }
}
