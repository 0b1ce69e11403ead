//! One attempt to sign in by an authorization code: what binds the request, its response and the token to each other,
//! pushed ahead where that is wanted.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, Hint, exit};
use crate::flows::client::Client;
use crate::flows::discovery;
use crate::http;
use crate::oauth::authorization::{self, Expected};
use crate::oauth::metadata::Metadata;
use crate::oauth::par::{self, Pushed};
use crate::oauth::parameters::TokenParameters;
use crate::oauth::pkce::{self, Verifier};
use crate::oauth::token::{self, TokenResponse};
use crate::oauth::token_request;
use crate::secret::Secret;

/// The path of the redirect URI on loopback.
pub const CALLBACK: &str = "/callback";
const AUTHORIZATION: &str = "authorization_endpoint";
const PAR: &str = "pushed_authorization_request_endpoint";

/// When the request is pushed ahead (RFC 9126).
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
pub struct Wish {
    /// By whom; its scopes, audiences, resources and parameters are what is asked for.
    pub zone: Zone,
    pub redirect_uri: String,
    pub prompt: Option<String>,
    pub login_hint: Option<String>,
    /// The authentication context classes that would do.
    pub acr: Option<String>,
    /// How many seconds ago the person may have signed in.
    pub max_age: Option<u64>,
}

pub struct Attempt {
    /// What binds the response to the request.
    pub state: String,
    /// What binds the ID token to the request.
    pub nonce: String,
    /// What only we know of the request.
    pub verifier: Verifier,
    wish: Wish,
    client_id: String,
    endpoint: String,
    metadata: Option<Metadata>,
}

/// A verifier of that many characters.
pub fn verifier(cx: &Context, length: usize) -> Result<Verifier, Error> {
    let mut random = Zeroizing::new([0; pkce::RANDOM]);
    cx.entropy.fill(&mut *random).map_err(Error::internal)?;
    Ok(Verifier::from_random(&random, length))
}

/// 144 random bits.
fn random(cx: &Context) -> Result<String, Error> {
    let mut bytes = [0; 18];
    cx.entropy.fill(&mut bytes).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl Attempt {
    /// Begins one: finds the authorization endpoint and makes state, nonce and verifier.
    pub fn begin(cx: &Context, wish: Wish) -> Result<Self, Error> {
        let client_id = wish.zone.client_id.clone().ok_or_else(|| no_client(&wish.zone))?;
        let endpoint = discovery::endpoint(cx, &wish.zone, AUTHORIZATION, false)?;
        let metadata = match endpoint.metadata {
            Some(known) => Some(known),
            // It says whether the response names its issuer; without any, nothing promises that.
            None => match discovery::metadata(cx, &wish.zone, false) {
                Ok((found, _)) => Some(found),
                Err(error) if error.exit == exit::CONFIG => None,
                Err(error) => return Err(error),
            },
        };
        if let Some(known) = &metadata
            && let Some(methods) = known.list("code_challenge_methods_supported")?
            && !methods.iter().any(|method| method == pkce::METHOD)
        {
            return Err(Error::refused("the server does not take the code challenge method S256")
                .because(format!("it lists {}", crate::text::sanitize(&methods.join(", ")))));
        }
        Ok(Self {
            state: random(cx)?,
            nonce: random(cx)?,
            verifier: verifier(cx, *pkce::LENGTH.start())?,
            wish,
            client_id,
            endpoint: endpoint.url,
            metadata,
        })
    }

    /// Where the response goes.
    pub fn redirect_uri(&self) -> &str {
        &self.wish.redirect_uri
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let (wish, zone) = (&self.wish, &self.wish.zone);
        authorization::parameters(&authorization::AuthorizationParameters {
            client_id: &self.client_id,
            redirect_uri: &wish.redirect_uri,
            state: &self.state,
            nonce: &self.nonce,
            challenge: &self.verifier.challenge(),
            prompt: wish.prompt.as_deref(),
            login_hint: wish.login_hint.as_deref(),
            acr: wish.acr.as_deref(),
            max_age: wish.max_age,
            token: zone.token_parameters(),
        })
    }

    pub fn push(&self, cx: &Context) -> Result<Pushed, Error> {
        let client = Client::of(cx, &self.wish.zone)?;
        let asked = client.send(PAR, &|url| par::request(url, &self.parameters()))?;
        client.judge(&asked, par::read(&asked.answer))
    }

    pub fn pushes(&self, par: Par) -> Result<bool, Error> {
        let says = |name| self.metadata.as_ref().is_some_and(|known| known.flag(name));
        Ok(match par {
            Par::Always => true,
            Par::Never => says("require_pushed_authorization_requests"),
            Par::Auto => {
                let served = match &self.metadata {
                    Some(known) => known.endpoint(PAR)?.is_some(),
                    None => false,
                };
                served || self.wish.zone.endpoint(PAR)?.is_some()
            }
        })
    }

    /// The URL that a person opens; the request is pushed ahead first where that is wanted.
    pub fn url(&self, cx: &Context, par: Par) -> Result<String, Error> {
        let url = if self.pushes(par)? {
            self.pushed_url(&self.push(cx)?)?
        } else {
            cx.require_request(false).map_err(|error| error.because("the URL is built offline"))?;
            authorization::url(&self.endpoint, &self.parameters())?
        };
        Ok(http::check_page(&url)?)
    }

    pub fn pushed_url(&self, pushed: &Pushed) -> Result<String, Error> {
        Ok(authorization::pushed_url(&self.endpoint, &self.client_id, &pushed.request_uri)?)
    }

    /// What the response must say.
    pub fn expected(&self) -> Expected<'_> {
        let flag = "authorization_response_iss_parameter_supported";
        let iss_required = self.metadata.as_ref().is_some_and(|known| known.flag(flag));
        Expected { state: &self.state, issuer: &self.wish.zone.issuer, iss_required }
    }

    /// Redeems the code: one request, whatever comes of it.
    pub fn redeem(&self, cx: &Context, code: &Secret) -> Result<(TokenResponse, Moment), Error> {
        let zone = &self.wish.zone;
        let client = Client::of(cx, zone)?;
        let parameters = TokenParameters { scope: &[], audience: &[], ..zone.token_parameters() };
        let redeem = |url: &str| {
            token_request::authorization_code(url, code, &self.wish.redirect_uri, &self.verifier, &parameters)
        };
        let asked = client.send("token_endpoint", &redeem).map_err(|error| {
            if error.in_doubt { error.hint("a new sign-in is always safe: it brings a new code") } else { error }
        })?;
        let response = client.judge(&asked, token::read(&asked.answer))?;
        Ok((response, asked.sent_at))
    }
}

fn no_client(zone: &Zone) -> Error {
    Error::config(format!("zone {} has no client_id", zone.name)).hint(Hint::edit(&zone.name, "--client-id ID"))
}
