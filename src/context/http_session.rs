//! Requests of a command: the settings of one zone for the command's client, and the breaker of a token endpoint.

use std::path::PathBuf;

use crate::config::Zone;
use crate::error::Error;
use crate::http::{self, BeforeSend};
use crate::oauth::message::{Request, Response};

use super::Context;

/// Sends requests with the settings of one zone.
pub struct HttpSession<'a> {
    context: &'a Context,
    cacert: Vec<PathBuf>,
    headers: Vec<(String, String)>,
    before_send: Option<BeforeSend>,
    identity: Option<http::Identity>,
}

impl Context {
    /// A session with a zone's settings, or with the global options alone.
    pub fn http_session(&self, zone: Option<&Zone>) -> HttpSession<'_> {
        let mut headers = zone.map(|zone| zone.headers.clone()).unwrap_or_default();
        headers.retain(|(name, _)| !self.options.headers.iter().any(|(ours, _)| ours.eq_ignore_ascii_case(name)));
        headers.extend(self.options.headers.iter().cloned());
        let cacert = self.cacert(zone).map(|setting| setting.value);
        HttpSession { context: self, cacert: cacert.into_iter().collect(), headers, identity: None, before_send: None }
    }

    /// A session for a server that is not the zone's, such as a platform's: without the headers that are meant for that.
    pub(super) fn without_zone_headers(&self) -> HttpSession<'_> {
        HttpSession { headers: Vec::new(), ..self.http_session(None) }
    }
}

impl HttpSession<'_> {
    /// The same, with something to do before the first byte of a request leaves.
    #[must_use]
    pub fn before_send(self, before_send: Option<BeforeSend>) -> Self {
        Self { before_send, ..self }
    }

    /// The same, presenting the client's certificate (RFC 8705).
    #[must_use]
    pub fn with_client_cert(self, identity: Option<http::Identity>) -> Self {
        Self { identity, ..self }
    }

    /// Sends a request that `build` makes again for each try.
    pub fn send(&self, build: &mut dyn FnMut() -> Request) -> Result<Response, Error> {
        let settings = self.settings(true)?;
        Ok(self.context.network().send(&self.context.ui, &settings, build)??)
    }

    /// Sends a request to a token endpoint behind its breaker: after five commands in a row that ended in an outage, none
    /// is sent for 60 s, then one probe without retries goes first.
    pub fn send_with_breaker(&self, endpoint: &str, build: &mut dyn FnMut() -> Request) -> Result<Response, Error> {
        let Some(breaker) = self.context.endpoint_breaker(endpoint)? else { return self.send(build) };
        let retries = breaker.admit()?;
        let settings = self.settings(retries)?;
        let result = self.context.network().send(&self.context.ui, &settings, build)?;
        breaker.record(&result)?;
        Ok(result?)
    }

    fn settings(&self, retries: bool) -> Result<http::Settings, Error> {
        let context = self.context;
        context.settings()?;
        Ok(http::Settings {
            deadline: context.deadline(),
            cacert: self.cacert.clone(),
            headers: self.headers.clone(),
            proxy: context.proxy().map(|setting| setting.value),
            environment: context.environment.clone(),
            identity: self.identity.clone(),
            retries,
            before_send: self.before_send.clone(),
        })
    }
}
