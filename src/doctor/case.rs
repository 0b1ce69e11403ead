//! What is examined, and what is known of it so far: what one check has asked, the next does not ask again.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error, Event};
use crate::http::Fault;
use crate::oauth::message::{Replay, Request, Response};
use crate::oauth::metadata::{self, Metadata};
use crate::oauth::{issuer, validity};
use crate::secret::Secret;
use crate::store::Token;

/// What the flags ask.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub struct Questions {
    pub offline: bool,
    pub audiences: Vec<String>,
    pub roles: Vec<String>,
    pub scopes: Vec<String>,
    pub introspect: bool,
    pub exchange_audience: Option<String>,
    pub redirect_uri: Option<String>,
    pub device: bool,
    pub register: bool,
    pub initial_token: Option<Secret>,
    pub probe_proxy: bool,
    /// The token that is examined in place of a new one.
    pub token: Option<Secret>,
    pub subject_token: Option<Secret>,
    pub refresh_token: Option<Secret>,
    /// The helpers by name, and whether they are `installed` or `partly`.
    pub helpers: Vec<(&'static str, &'static str)>,
}

/// What came of a request without credentials.
pub type Reply = Rc<Result<Response, Fault>>;

pub struct Case<'a> {
    /// It shows no warnings and asks no breaker: what it finds is in the findings.
    pub cx: &'a Context,
    /// The command's own context, which may ask a person for what opens the vault.
    pub asker: &'a Context,
    /// The zone, or the issuer alone, without a client; the error where the configuration can't be read.
    pub zone: Result<Zone, Error>,
    pub questions: Questions,
    /// The metadata, once it is found.
    pub metadata: Option<Metadata>,
    /// What Keycloak says of the realm without asking who asks.
    pub realm: Option<Map<String, Value>>,
    /// The keys of the issuer.
    pub keys: Option<Value>,
    /// What came of the token request, once it was sent; no token where a person must sign in.
    pub minted: Option<Result<Option<Token>, Error>>,
    /// The token that is examined, if it is a JWT.
    pub examined: Option<Examined>,
    replies: BTreeMap<String, Reply>,
    token_reply: Option<Reply>,
    /// By how many seconds this machine's clock is ahead of what an answer or a new token says.
    pub ahead: Option<Ahead>,
}

/// A token, and its claims.
pub struct Examined {
    pub token: Secret,
    pub claims: Map<String, Value>,
}

/// How the clocks differ, and who says so.
#[derive(Debug, Clone, Copy)]
pub struct Ahead {
    pub seconds: i64,
    pub witness: &'static str,
}

impl<'a> Case<'a> {
    pub fn new(cx: &'a Context, asker: &'a Context, zone: Result<Zone, Error>, questions: Questions) -> Self {
        Self {
            cx,
            asker,
            zone,
            questions,
            metadata: None,
            realm: None,
            keys: None,
            minted: None,
            examined: None,
            replies: BTreeMap::new(),
            token_reply: None,
            ahead: None,
        }
    }

    /// The issuer; empty where no zone is known.
    pub fn issuer(&self) -> &str {
        self.zone.as_ref().map_or("", |zone| &zone.issuer)
    }

    /// The token that is examined: the one that was given, else the new one.
    pub fn token(&self) -> Option<Secret> {
        let minted = || Some(self.minted.as_ref()?.as_ref().ok()?.as_ref()?.access_token.clone());
        self.questions.token.clone().or_else(minted)
    }

    /// Whether it is known by a client that can be asked about.
    pub fn has_client(&self) -> bool {
        self.zone.as_ref().is_ok_and(|zone| zone.client_id.is_some())
    }

    /// The base URL and the realm, where the issuer has the form of Keycloak's.
    pub fn keycloak_realm(&self) -> Option<(&str, &str)> {
        issuer::realm(self.issuer())
    }

    /// What the server sends for this URL without credentials; asked once.
    pub fn get(&mut self, url: &str) -> Reply {
        if let Some(known) = self.replies.get(url) {
            return Rc::clone(known);
        }
        let reply = Rc::new(self.ask(&Request::metadata(url)));
        self.replies.insert(url.to_owned(), Rc::clone(&reply));
        reply
    }

    /// Sends a request without credentials, once. Where a clock stands beside the answer, it is compared.
    pub fn ask(&mut self, request: &Request) -> Result<Response, Fault> {
        let reply = self.cx.http_session(self.zone.as_ref().ok()).try_once(request);
        let date = reply.as_ref().ok().and_then(|answer| Moment::parse_http(answer.header("date")?));
        if let (None, Some(date)) = (self.ahead, date) {
            let seconds = self.cx.clock.now().epoch().saturating_sub(date.epoch());
            self.ahead = Some(Ahead { seconds, witness: "the Date of an answer" });
        }
        reply
    }

    /// What the token endpoint says to a request that asks for nothing; asked once.
    pub fn ask_token_endpoint(&mut self) -> Option<Reply> {
        if self.token_reply.is_none() {
            let url = self.endpoint("token_endpoint")?;
            let nothing = vec![("scope".to_owned(), "openid".into())];
            let reply = Rc::new(self.ask(&Request::form("token endpoint", &url, nothing, Replay::Safe)));
            self.token_reply = Some(reply);
        }
        self.token_reply.clone()
    }

    /// The endpoint that the zone uses under this name of the metadata.
    pub fn endpoint(&self, name: &str) -> Option<String> {
        let zone = self.zone.as_ref().ok()?;
        let explicit = zone.endpoint(name).ok()?;
        let discovered = || self.metadata.as_ref()?.endpoint(name).ok()?.map(str::to_owned);
        let assumed = || metadata::default_endpoint(&zone.issuer, name).filter(|_| zone.assume_defaults);
        explicit.or_else(discovered).or_else(assumed)
    }

    /// Whether the examined token says that another issuer made it.
    pub fn has_foreign_token(&self) -> bool {
        let (Some(examined), Ok(zone)) = (&self.examined, &self.zone) else { return false };
        validity::other_issuer(&examined.claims, zone.token_issuer()).is_some()
    }

    /// Whether the server is a Keycloak, by what it has said so far.
    pub fn is_keycloak(&self) -> bool {
        let names_itself = |reply: &Reply| Result::as_ref(reply).is_ok_and(is_from_keycloak);
        let has_its_path = |url: String| url.contains("/protocol/openid-connect/");
        self.keycloak_realm().is_some()
            && (self.realm.is_some()
                || self.endpoint("token_endpoint").is_some_and(has_its_path)
                || self.replies.values().any(names_itself))
    }

    /// The event that a Keycloak writes when it refuses with this sentence what was asked.
    pub fn event(&self, ask: &str, sentence: &str) -> Option<Event> {
        let client_id = self.zone.as_ref().ok()?.client_id.as_deref();
        self.is_keycloak().then(|| Event::find(ask, "", sentence, client_id))?
    }

    /// The replies so far, by their URLs.
    pub fn replies(&self) -> impl Iterator<Item = (&String, &Reply)> {
        self.replies.iter()
    }
}

/// The words of Keycloak for a realm that it does not have, and for a path.
fn is_from_keycloak(answer: &Response) -> bool {
    let says = |words: &str| answer.body.windows(words.len()).any(|window| window == words.as_bytes());
    answer.status != 200 && (says(error::metadata::NO_REALM) || says("Unable to find matching target resource method"))
}
