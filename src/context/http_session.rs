//! Requests of a command: the settings of one zone for the command's client, and the breaker of a token endpoint.

use std::cell::Cell;
use std::sync::{Arc, mpsc};

use crate::config::{Config, Zone};
use crate::error::Error;
use crate::http::{self, BeforeSend, Client, Connector, Dialer, Fault};
use crate::oauth::message::{Request, Response, Visibility};
use crate::shared_cache::{Address, Place};

use super::Context;
use super::network::Network;

/// Sends requests with the settings of one zone.
pub struct HttpSession<'a> {
    context: &'a Context,
    settings: http::Settings,
    /// Whether somebody else named the places that are asked: then nothing of what they answer is shown as text.
    pub foreign: bool,
}

impl Context {
    /// A session with a zone's settings, or with the global options alone. Its headers go to the zone's issuer only.
    pub fn http_session(&self, zone: Option<&Zone>) -> HttpSession<'_> {
        let headers = self.headers(zone);
        let settings = http::Settings {
            deadline: self.deadline(),
            cacert: self.cacert(zone).map(|setting| setting.value).into_iter().collect(),
            headers,
            headers_to: Some(zone.map_or_else(String::new, |zone| zone.issuer.clone())),
            proxy: self.proxy().map(|setting| setting.value),
            environment: self.environment.clone(),
            identity: None,
            retries: true,
            before_send: None,
        };
        HttpSession { context: self, settings, foreign: false }
    }

    /// The headers of a zone's requests; those of the command replace the zone's of the same name.
    pub fn headers(&self, zone: Option<&Zone>) -> Vec<(String, String)> {
        let mut headers = zone.map(|zone| zone.headers.clone()).unwrap_or_default();
        headers.retain(|(name, _)| !self.options.headers.iter().any(|(ours, _)| ours.eq_ignore_ascii_case(name)));
        headers.extend(self.options.headers.iter().cloned());
        headers
    }

    pub(super) fn network(&self) -> &Network {
        self.network.get_or_init(|| {
            // A misspelt key does nothing; a command that only reads the cache has no time for it.
            self.ui.warn_each(self.config.get().map(Config::warnings).unwrap_or_default());
            if self.is_dry() {
                return Network::Dry { shown: Cell::new(false) };
            }
            let trace = Network::trace(&self.ui);
            let client = Client::new(self.clock.clone(), self.entropy.clone(), trace, self.ui.secrets());
            let client = client.with_waiting(self.ui.waiting().clone()).with_record(self.record.clone());
            Network::Wire(Arc::new(client))
        })
    }

    /// Whether `--dry-run` has shown the request that was asked for: then the command is done.
    pub fn has_shown_request(&self) -> bool {
        matches!(self.network.get(), Some(Network::Dry { shown }) if shown.get())
    }
}

impl HttpSession<'_> {
    /// The same, with its headers for the origin of this URL.
    #[must_use]
    pub fn with_headers_to(mut self, url: &str) -> Self {
        self.settings.headers_to = Some(url.to_owned());
        self
    }

    /// The same for an endpoint of the zone that takes its credentials, wherever it is: it gets the headers too.
    #[must_use]
    pub fn for_endpoint(mut self) -> Self {
        self.settings.headers_to = None;
        self
    }

    /// The same for places that somebody else named, such as a resource or its challenge.
    #[must_use]
    pub fn for_foreign_places(self) -> Self {
        Self { foreign: true, ..self }
    }

    /// The same, with something to do before the first byte of a request leaves.
    #[must_use]
    pub fn before_send(mut self, before_send: Option<BeforeSend>) -> Self {
        self.settings.before_send = before_send;
        self
    }

    /// The same, presenting the client's certificate (RFC 8705).
    #[must_use]
    pub fn with_client_cert(mut self, identity: Option<http::Identity>) -> Self {
        self.settings.identity = identity;
        self
    }

    /// What opens connections to an origin for who speaks HTTP on them by itself.
    pub fn connector(&self, origin: &str) -> Result<Connector, Error> {
        self.context.settings()?;
        Ok(Connector::new(origin, &self.settings)?)
    }

    /// What opens connections to the engine of the shared cache; `None` for a socket of this machine.
    pub(super) fn dialer(&self, address: &Address) -> Result<Option<Dialer>, Error> {
        match &address.place {
            Place::Host { url, by_tls } => Ok(Some(Dialer::new(url.clone(), *by_tls, &self.settings)?)),
            Place::Socket(_) => Ok(None),
        }
    }

    /// Sends a request that `build` makes again for each try.
    pub fn send(&self, build: &mut dyn FnMut() -> Request) -> Result<Response, Error> {
        self.context.settings()?;
        let mut build = || self.set_visibility(build());
        Ok(self.context.network().send(&self.context.ui, &self.settings, &mut build)??)
    }

    /// Sends a request whose failure does not matter: without retries, and not in a dry run.
    pub fn send_once(&self, request: &Request) -> Option<Response> {
        let settings = http::Settings { retries: false, ..self.settings.clone() };
        let network = self.context.network();
        let sent = matches!(network, Network::Wire(_))
            .then(|| network.send(&self.context.ui, &settings, &mut || self.set_visibility(request.clone())));
        sent?.ok()?.ok()
    }

    /// Sends a request once and says what came of it: for who examines the server. A dry run sends nothing.
    pub fn try_once(&self, request: &Request) -> Result<Response, Fault> {
        let settings = http::Settings { retries: false, ..self.settings.clone() };
        match self.context.network() {
            Network::Wire(client) => client.send(&settings, &mut || self.set_visibility(request.clone())),
            Network::Dry { .. } => Err(Fault::Start { why: "a dry run sends nothing".to_owned() }),
        }
    }

    /// The proxy that requests to this URL go through, as its origin.
    pub fn proxy_for(&self, url: &str) -> Result<Option<String>, Fault> {
        http::proxy_for(url, &self.settings)
    }

    /// Whether there are certificates to trust.
    pub fn check_roots(&self) -> Result<(), Fault> {
        http::check_roots(&self.settings)
    }

    fn set_visibility(&self, mut request: Request) -> Request {
        if self.foreign {
            request.visibility = Visibility::Foreign;
        }
        request
    }

    /// Sends a request on a thread of its own, which hands over what came of it under this number.
    pub fn start(
        &self,
        request: Request,
        number: usize,
        done: &mpsc::Sender<(usize, Result<Response, Fault>)>,
    ) -> Result<(), Error> {
        let Network::Wire(client) = self.context.network() else {
            return self.send(&mut || request.clone()).map(drop);
        };
        self.context.settings()?;
        let request = self.set_visibility(request);
        let (client, settings, done) = (Arc::clone(client), self.settings.clone(), done.clone());
        std::thread::spawn(move || done.send((number, client.send(&settings, &mut || request.clone()))));
        Ok(())
    }

    /// Sends a request to a token endpoint behind its breaker: after five commands in a row that ended in an outage, none
    /// is sent for 60 s, then one probe without retries goes first.
    pub fn send_with_breaker(self, endpoint: &str, build: &mut dyn FnMut() -> Request) -> Result<Response, Error> {
        let Some(breaker) = self.context.endpoint_breaker(endpoint)? else { return self.send(build) };
        let retries = breaker.admit()?;
        self.context.settings()?;
        let settings = http::Settings { retries, ..self.settings };
        let result = self.context.network().send(&self.context.ui, &settings, build)?;
        breaker.record(&result)?;
        Ok(result?)
    }
}
