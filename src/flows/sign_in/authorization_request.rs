//! One authorization request: what binds the request, its response and the token to each other. It may be pushed (PAR).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::refusal::Refusal;
use crate::error::{self, Error, exit};
use crate::flows::client::Client;
use crate::flows::discovery;
use crate::http;
use crate::oauth::Fault;
use crate::oauth::authorization::{self, Expected};
use crate::oauth::id_token::Nonce;
use crate::oauth::metadata::Metadata;
use crate::oauth::par::{self, Pushed};
use crate::oauth::parameters::TokenParameters;
use crate::oauth::pkce::{self, Verifier};
use crate::oauth::token::{self, TokenResponse};
use crate::oauth::token_request;
use crate::secret::Secret;

pub const CALLBACK: &str = "/callback";
const AUTHORIZATION: &str = "authorization_endpoint";
const PAR: &str = "pushed_authorization_request_endpoint";

/// When to use a pushed authorization request (RFC 9126).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Par {
    Auto,
    Always,
    Never,
}

impl Par {
    pub const NAMED: &'static [(&'static str, &'static str, Self)] = &[
        ("auto", "When the server advertises it", Self::Auto),
        ("always", "Always; fail where the server does not support it", Self::Always),
        ("never", "Never, unless the server requires it", Self::Never),
    ];
}

#[derive(Debug, Clone)]
pub struct LoginRequest {
    /// By whom; its scopes, audiences, resources and parameters are what is asked for.
    pub zone: Zone,
    pub redirect_uri: String,
    pub prompt: Option<String>,
    pub login_hint: Option<String>,
    /// The authentication context classes that would do.
    pub acr: Option<String>,
    /// The maximum age of the sign-in, in seconds.
    pub max_age: Option<u64>,
}

pub struct AuthorizationRequest {
    /// What binds the response to the request.
    pub state: String,
    /// What binds the ID token to the request.
    pub nonce: String,
    sends_nonce: bool,
    /// What only we know of the request.
    pub verifier: Verifier,
    request: LoginRequest,
    client_id: String,
    endpoint: String,
    metadata: Option<Metadata>,
}

pub fn generate_verifier(cx: &Context, length: usize) -> Result<Verifier, Error> {
    let mut random = Zeroizing::new([0; pkce::RANDOM]);
    cx.entropy.fill(&mut *random).map_err(error::client::no_entropy)?;
    Ok(Verifier::from_random(&random, length))
}

/// 144 random bits.
fn generate_random(cx: &Context) -> Result<String, Error> {
    let mut bytes = [0; 18];
    cx.entropy.fill(&mut bytes).map_err(error::client::no_entropy)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl AuthorizationRequest {
    /// Begins one: finds the authorization endpoint and makes state, nonce and verifier.
    pub fn begin(cx: &Context, request: LoginRequest) -> Result<Self, Error> {
        let client_id =
            request.zone.client_id.clone().ok_or_else(|| error::client::no_client_id(&request.zone.name))?;
        let endpoint = discovery::find_endpoint(cx, &request.zone, AUTHORIZATION, false)?;
        let metadata = match endpoint.metadata {
            Some(known) => Some(known),
            // It says whether the response names its issuer; without any, nothing promises that.
            None => match discovery::find_metadata(cx, &request.zone) {
                Ok(found) => Some(found),
                Err(error) if error.exit == exit::CONFIG => None,
                Err(error) => return Err(error),
            },
        };
        if let Some(known) = &metadata
            && let Some(methods) = known.list("code_challenge_methods_supported")?
            && !methods.iter().any(|method| method == pkce::METHOD)
        {
            return Err(error::metadata::no_s256(&methods));
        }
        Ok(Self {
            state: generate_random(cx)?,
            nonce: generate_random(cx)?,
            sends_nonce: true,
            verifier: generate_verifier(cx, *pkce::LENGTH.start())?,
            request,
            client_id,
            endpoint: endpoint.url,
            metadata,
        })
    }

    /// Without the nonce where no ID token is asked for: a server may refuse one without the scope openid.
    #[must_use]
    pub fn for_own_sign_in(self) -> Self {
        Self { sends_nonce: self.request.zone.asks_for_id_token(), ..self }
    }

    /// What an ID token in answer to it must have.
    pub fn expected_nonce(&self) -> Nonce<'_> {
        if self.sends_nonce { Nonce::Sent(&self.nonce) } else { Nonce::NotSent }
    }

    pub fn login(&self) -> &LoginRequest {
        &self.request
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let (request, zone) = (&self.request, &self.request.zone);
        authorization::parameters(&authorization::AuthorizationParameters {
            client_id: &self.client_id,
            redirect_uri: &request.redirect_uri,
            state: &self.state,
            nonce: self.sends_nonce.then_some(&self.nonce),
            challenge: &self.verifier.challenge(),
            prompt: request.prompt.as_deref(),
            login_hint: request.login_hint.as_deref(),
            acr: request.acr.as_deref(),
            max_age: request.max_age,
            token: zone.token_parameters(),
        })
    }

    pub fn push(&self, cx: &Context) -> Result<Pushed, Error> {
        let client = Client::of(cx, &self.request.zone)?;
        let asked = client.send(PAR, &|url| par::request(url, &self.parameters()))?;
        client.judge(&asked, par::read(&asked.answer))
    }

    /// Pushes the request if `par` asks for it. Some servers advertise it and take it only of clients that prove themselves.
    fn push_as(&self, cx: &Context, par: Par) -> Result<Option<Pushed>, Error> {
        if !self.pushes(par)? {
            return Ok(None);
        }
        let client = Client::of(cx, &self.request.zone)?;
        let asked = client.send(PAR, &|url| par::request(url, &self.parameters()))?;
        let read = par::read(&asked.answer);
        let is_closed = asked.is_unproven() && matches!(read, Err(Fault::Status { status: 401, .. }));
        if is_closed && par == Par::Auto && !self.requires_push() {
            cx.ui.debug("the server takes no pushed request of a client without a secret: the request is in the URL");
            return Ok(None);
        }
        client.judge(&asked, read).map(Some)
    }

    fn requires_push(&self) -> bool {
        self.metadata.as_ref().is_some_and(|known| known.flag("require_pushed_authorization_requests"))
    }

    pub fn pushes(&self, par: Par) -> Result<bool, Error> {
        Ok(match (par, &self.metadata) {
            (Par::Always, _) => true,
            (Par::Never, _) => self.requires_push(),
            (Par::Auto, Some(known)) if known.endpoint(PAR).is_ok_and(|url| url.is_some()) => true,
            (Par::Auto, _) => self.request.zone.endpoint(PAR)?.is_some(),
        })
    }

    /// The URL that a person opens; pushes the request first if `par` asks for it.
    pub fn url(&self, cx: &Context, par: Par) -> Result<String, Error> {
        let url = if let Some(pushed) = self.push_as(cx, par)? {
            self.pushed_url(&pushed)?
        } else {
            cx.require_request(false).map_err(|error| error.because("the URL is built offline"))?;
            authorization::url(&self.endpoint, &self.parameters())?
        };
        Ok(http::check_page(&url)?)
    }

    pub fn pushed_url(&self, pushed: &Pushed) -> Result<String, Error> {
        Ok(authorization::pushed_url(&self.endpoint, &self.client_id, &pushed.request_uri)?)
    }

    pub fn expected(&self) -> Expected<'_> {
        let flag = "authorization_response_iss_parameter_supported";
        let iss_required = self.metadata.as_ref().is_some_and(|known| known.flag(flag));
        Expected { state: &self.state, issuer: self.request.zone.token_issuer(), iss_required }
    }

    /// The error that the authorization endpoint sent the browser back with, explained.
    pub fn explain(&self, fault: Fault) -> Error {
        let request = par::request(&self.endpoint, &self.parameters());
        Refusal { zone: &self.request.zone, endpoint: AUTHORIZATION, request: &request, proof: None }.explain(fault)
    }

    /// Redeems the code: one request, whatever comes of it.
    pub fn redeem(&self, cx: &Context, code: &Secret) -> Result<(TokenResponse, Moment), Error> {
        let zone = &self.request.zone;
        let client = Client::of(cx, zone)?;
        let parameters = TokenParameters { scope: &[], audience: &[], ..zone.token_parameters() };
        let uri = &self.request.redirect_uri;
        let redeem = |url: &str| token_request::authorization_code(url, code, uri, &self.verifier, &parameters);
        let asked = client.send("token_endpoint", &redeem).map_err(Error::or_new_code)?;
        let response = client.judge(&asked, token::read(&asked.answer))?;
        Ok((response, asked.sent_at))
    }
}
