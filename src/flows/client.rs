//! The zone's client at an endpoint of its authorization server: which endpoint, how the client proves itself there,
//! and what a refusal of that proof means.

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, exit};
use crate::oauth::client_auth::{self, Method};
use crate::oauth::message::{Answer, Request};
use crate::oauth::metadata::Metadata;
use crate::secret::Secret;

use super::discovery::{self, Endpoint};
use super::proof::{self, Prover};

/// The endpoint that has a breaker, and where tokens are bound.
const TOKEN: &str = "token_endpoint";

/// The client of a zone, with what it proves itself by.
pub struct Client<'a> {
    cx: &'a Context,
    zone: &'a Zone,
    /// Its id.
    pub id: String,
    secret: Option<Secret>,
    /// Binds tokens to the zone's key, where it wants that.
    prover: Option<Prover<'a>>,
}

/// A request that was answered.
pub struct Asked {
    /// When the try that was answered was sent.
    pub sent_at: Moment,
    /// The answer.
    pub answer: Answer,
    endpoint: Endpoint,
    method: Method,
}

impl<'a> Client<'a> {
    /// The zone's client; opens the vault where the zone keeps a secret in it, unless `--dry-run`.
    ///
    /// # Errors
    /// 3 when the zone names no client or its secret is missing, 7 when the vault can't be used.
    pub fn of(cx: &'a Context, zone: &'a Zone) -> Result<Self, Error> {
        let id = zone.client_id.clone().ok_or_else(|| {
            Error::config(format!("zone {} has no client_id", zone.name))
                .hint(format!("hallpass zone edit {} --client-id ID", zone.name))
        })?;
        let secret = if cx.options.dry_run { placeholder(zone) } else { cx.client_secret(zone)? };
        Ok(Self { cx, zone, id, secret, prover: Prover::of(cx, zone)? })
    }

    /// Sends what `build` makes of the endpoint's URL, with the client's proof, made anew for each try. `name` is the
    /// endpoint's in the metadata. A cached endpoint that is gone (404) is looked up again, once. A token request of a
    /// zone with DPoP carries a proof, and is made again, once, with the nonce that the server asks for (RFC 9449 §8).
    ///
    /// # Errors
    /// 3 when there is no such endpoint or the method can't be used, 6 when the server can't be reached, 8 when a token
    /// is not bound as it should be.
    pub fn ask(&self, name: &str, build: &dyn Fn(&str) -> Request) -> Result<Asked, Error> {
        self.asked(name, build).map_err(|error| self.unseen(error))
    }

    fn asked(&self, name: &str, build: &dyn Fn(&str) -> Request) -> Result<Asked, Error> {
        let first = self.once(discovery::endpoint(self.cx, self.zone, name, false)?, name, build)?;
        if first.answer.status != 404 || !first.endpoint.cached {
            return Ok(first);
        }
        self.cx.ui.step(&format!("the cached {name} is gone: the metadata is asked again"));
        self.once(discovery::endpoint(self.cx, self.zone, name, true)?, name, build)
    }

    fn once(&self, endpoint: Endpoint, name: &str, build: &dyn Fn(&str) -> Request) -> Result<Asked, Error> {
        let prover = self.prover.as_ref().filter(|_| name == TOKEN);
        let mut asked = self.sent(endpoint, name, prover, build)?;
        if let Some(prover) = prover
            && prover.heard(&asked.endpoint.url, &asked.answer)
        {
            self.cx.ui.step("the server asks for its nonce in the proof");
            asked = self.sent(asked.endpoint, name, Some(prover), build)?;
            prover.heard(&asked.endpoint.url, &asked.answer);
        }
        if name == TOKEN {
            proof::check(prover, self.zone, &asked.answer)?;
        }
        Ok(asked)
    }

    fn sent(
        &self,
        endpoint: Endpoint,
        name: &str,
        prover: Option<&Prover<'_>>,
        build: &dyn Fn(&str) -> Request,
    ) -> Result<Asked, Error> {
        let method = method(self.zone, endpoint.metadata.as_ref(), self.secret.is_some())?;
        let mut bare = build(&endpoint.url);
        client_auth::apply(method, &self.id, self.secret.as_ref(), &mut bare)?;
        let mut sent_at = self.cx.clock.now();
        let verb = bare.method.to_string();
        let prove = || prover.map(|prover| prover.for_server(&verb, &bare.url)).transpose();
        // Nothing is sent when there is no proof to send; each further try has one of its own (RFC 9449 §4.2).
        let mut first = prove()?;
        let mut unproven = None;
        let mut build_try = || {
            sent_at = self.cx.clock.now();
            let mut request = bare.clone();
            let proof = first.take().map_or_else(prove, |proof| Ok(Some(proof)));
            let proof = proof.unwrap_or_else(|error| {
                unproven = Some(error);
                None
            });
            request.headers.extend(proof.map(|proof| ("DPoP".to_owned(), proof.into())));
            request
        };
        let net = self.cx.net(Some(self.zone));
        let answer = match name {
            TOKEN => net.send_guarded(&endpoint.url, &mut build_try)?,
            _ => net.send(&mut build_try)?,
        };
        if let Some(error) = unproven {
            return Err(error);
        }
        Ok(Asked { sent_at, answer, endpoint, method })
    }

    /// Judges what an answer was read as: a refusal of the client says which method was used and which the server
    /// lists, and nothing that was sent as a proof is in the error.
    pub fn judge<T>(&self, asked: &Asked, read: Result<T, crate::oauth::Fault>) -> Result<T, Error> {
        read.map_err(|fault| self.unseen(self.explained(asked, fault.into())))
    }

    fn explained(&self, asked: &Asked, error: Error) -> Error {
        let code = error.code.as_deref().unwrap_or_default();
        // RFC 9449 §5; some servers say it in a sentence only.
        if error.exit == exit::REFUSED
            && (matches!(code, "invalid_dpop_proof" | "use_dpop_nonce") || error.message.contains("DPoP proof"))
        {
            return if self.prover.is_some() {
                error.hint("a proof counts for seconds only: compare this machine's clock with the server's")
            } else {
                error.hint(format!("let the zone have a key: hallpass zone edit {} --dpop", self.zone.name))
            };
        }
        let of_the_client = match error.code.as_deref() {
            Some(code) => matches!(code, "invalid_client" | "unauthorized_client"),
            None => asked.answer.status == 401,
        };
        if error.exit != exit::REFUSED || !of_the_client {
            return error;
        }
        let (method, zone) = (asked.method, self.zone);
        let error = match listed(asked.endpoint.metadata.as_ref()).ok().flatten() {
            Some(list) => error.because(format!("authenticated with {method}; the server lists {}", list.join(", "))),
            None => error.because(format!("authenticated with {method}")),
        };
        if zone.ephemeral() {
            return error.hint("check HALLPASS_CLIENT_ID and HALLPASS_CLIENT_SECRET, or set HALLPASS_AUTH");
        }
        error
            .hint(format!("check the secret: hallpass zone edit {} --client-secret-from -", zone.name))
            .hint(format!("or name the method: hallpass zone edit {} --auth client_secret_post", zone.name))
    }

    /// The error without what was sent as a proof: servers repeat it.
    fn unseen(&self, error: Error) -> Error {
        let Some(secret) = &self.secret else { return error };
        let basic = client_auth::basic_value(&self.id, secret);
        let pair = basic.expose().trim_start_matches("Basic ");
        error.without(secret).without(&Secret::new(pair))
    }
}

/// `--dry-run` shows the request without opening the vault; the redactor hides what stands here anyway.
fn placeholder(zone: &Zone) -> Option<Secret> {
    zone.has_secret().then(|| Secret::new("dry-run"))
}

/// How the client authenticates: the zone's word, else chosen from the metadata, as far as it is known.
///
/// # Errors
/// 3 when the zone's method cannot be used.
pub fn method(zone: &Zone, known: Option<&Metadata>, has_secret: bool) -> Result<Method, Error> {
    if let Some(name) = &zone.auth {
        let method: Method = name
            .parse()
            .map_err(|_| Error::config(format!("zone {} names no client authentication method", zone.name)))?;
        if !has_secret && matches!(method, Method::ClientSecretBasic | Method::ClientSecretPost) {
            return Err(Error::config(format!(
                "zone {} authenticates with {method} but has no client secret",
                zone.name
            ))
            .hint(format!("hallpass zone edit {} --client-secret-from -", zone.name)));
        }
        return Ok(method);
    }
    Ok(client_auth::choose(listed(known)?.as_deref(), has_secret)?)
}

/// The methods that the server lists.
fn listed(known: Option<&Metadata>) -> Result<Option<Vec<String>>, Error> {
    Ok(known.map(|known| known.list("token_endpoint_auth_methods_supported")).transpose()?.flatten())
}
