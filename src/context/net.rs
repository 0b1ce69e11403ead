//! Requests of a command: the hardened client with the zone's settings, `--dry-run`, and the breaker's shared state.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::config::Zone;
use crate::edges::Moment;
use crate::error::Error;
use crate::http::{self, Admission, BeforeSend, Breaker, Trace};
use crate::oauth::message::{Request, Response};
use crate::output::Voice;
use crate::store::file::{self, Durability};
use crate::store::folder;

use super::Context;

/// The most bytes that a breaker's state may have.
const BREAKER_LIMIT: u64 = 4096;

/// Sends requests with the settings of one zone.
pub struct HttpSession<'a> {
    context: &'a Context,
    cacert: Vec<PathBuf>,
    headers: Vec<(String, String)>,
    before_send: Option<BeforeSend>,
    identity: Option<http::Identity>,
}

impl Context {
    /// A net with a zone's settings, or with the global options alone.
    pub fn http_session(&self, zone: Option<&Zone>) -> HttpSession<'_> {
        let mut headers = zone.map(|zone| zone.headers.clone()).unwrap_or_default();
        headers.retain(|(name, _)| !self.options.headers.iter().any(|(ours, _)| ours.eq_ignore_ascii_case(name)));
        headers.extend(self.options.headers.iter().cloned());
        let cacert = self.cacert(zone).map(|setting| setting.value);
        HttpSession { context: self, cacert: cacert.into_iter().collect(), headers, identity: None, before_send: None }
    }

    /// A net for a server that is not the zone's, such as a platform's: without the headers that are meant for that.
    pub(super) fn without_zone_headers(&self) -> HttpSession<'_> {
        HttpSession { headers: Vec::new(), ..self.http_session(None) }
    }

    /// Where the breaker of a token endpoint keeps its state; `None` when there is no home to keep it in.
    fn breaker_file(&self, endpoint: &str) -> Result<Option<PathBuf>, Error> {
        let name = hex(&Sha256::digest(endpoint.as_bytes())[..16]);
        Ok(self.paths_or_none()?.map(|paths| paths.breaker_dir.join(format!("{name}.json"))))
    }

    /// Until when the breaker of this endpoint is open; only read, for `status`.
    pub fn breaker_open_until(&self, endpoint: &str) -> Option<Moment> {
        let path = self.breaker_file(endpoint).ok()??;
        let bytes = file::read(&path, BREAKER_LIMIT).ok()??;
        Breaker::parse(&String::from_utf8_lossy(&bytes)).open_until(self.clock.now())
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
    pub fn with_client_cert(mut self, identity: Option<http::Identity>) -> Self {
        self.identity = identity;
        self
    }

    /// Sends a request that `build` makes anew for each try.
    ///
    /// # Errors
    /// As judged from the client's fault; with `--dry-run` the request is printed instead and the command ends.
    pub fn send(&self, build: &mut dyn FnMut() -> Request) -> Result<Response, Error> {
        Ok(self.exchange(true, build)??)
    }

    /// The outer error ends the command (`--dry-run`, stdout gone, settings that can't be read), the inner fault is the
    /// network's.
    fn exchange(
        &self,
        retries: bool,
        build: &mut dyn FnMut() -> Request,
    ) -> Result<Result<Response, http::Fault>, Error> {
        self.context.settings()?;
        let settings = self.settings(retries);
        if self.context.options.dry_run {
            let command = http::curl(&build(), &settings);
            self.context.ui.print(&format!("{command}\n")).map_err(|error| Error::writing(&error))?;
            return Err(Error::answered());
        }
        let context = self.context;
        let (clock, entropy) = (context.clock.clone(), context.entropy.clone());
        let client = http::Client::new(settings, clock, entropy, self.trace(), context.ui.secrets());
        let _waiting = self.context.ui.waiting();
        Ok(client.send(build))
    }

    /// Sends a request to a token endpoint behind its breaker: five commands in a row that ended in an outage close
    /// the road for 60 s, then one probe without retries goes first.
    ///
    /// # Errors
    /// 6 at once while the breaker is open; else as [`HttpSession::send`].
    pub fn send_with_breaker(&self, endpoint: &str, build: &mut dyn FnMut() -> Request) -> Result<Response, Error> {
        let context = self.context;
        let idle =
            context.options.no_breaker || context.options.dry_run || context.environment.flag("HALLPASS_NO_CACHE");
        let path = if idle { None } else { context.breaker_file(endpoint)? };
        let Some(path) = path else { return self.send(build) };
        let mut retries = true;
        if known(&path) {
            let admission = self.breaker(&path, Breaker::admit)?;
            match admission {
                Admission::Closed => {}
                Admission::Probe => {
                    context.ui.step("the breaker lets one probe through");
                    retries = false;
                }
                Admission::Open { until } => {
                    return Err(Error::new(
                        crate::error::Kind::Network,
                        crate::error::exit::RETRY,
                        "the breaker is open",
                    )
                    .because(format!(
                        "the last commands to {} all ended in an outage; it tries again at {}",
                        crate::oauth::issuer::origin(endpoint),
                        until.rfc3339()
                    ))
                    .hint("wait, or try now with --no-breaker"));
                }
            }
        }
        let answer = self.exchange(retries, build)?;
        if http::outage(&answer) {
            self.breaker(&path, Breaker::failed)?;
        } else if answer.is_ok() && known(&path) {
            // A refusal of our own (an untrusted certificate, a redirect) says nothing of the server's health.
            self.breaker(&path, |breaker, _| breaker.succeeded())?;
        }
        Ok(answer?)
    }

    /// Reads, changes and writes a breaker's state under its lock. A state that can't be kept is no reason to fail.
    fn breaker<T>(&self, path: &Path, change: impl FnOnce(&mut Breaker, Moment) -> T) -> Result<T, Error> {
        let context = self.context;
        let now = context.clock.now();
        let kept = folder::private(&context.paths()?.breaker_dir)
            .map_err(Error::from)
            .and_then(|()| context.lock(&path.with_extension("lock")));
        let bytes = file::read(path, BREAKER_LIMIT)?.unwrap_or_default();
        let before = String::from_utf8_lossy(&bytes).into_owned();
        let mut breaker = Breaker::parse(&before);
        let answer = change(&mut breaker, now);
        let after = breaker.to_json();
        if after != before
            && let Err(error) = kept.and_then(|_lock| Ok(file::write(path, after.as_bytes(), Durability::Volatile)?))
        {
            context.ui.step(&format!("the breaker's state is not kept: {}", error.message));
        }
        Ok(answer)
    }

    fn settings(&self, retries: bool) -> http::Settings {
        http::Settings {
            deadline: self.context.deadline(),
            cacert: self.cacert.clone(),
            headers: self.headers.clone(),
            proxy: self.context.proxy().map(|setting| setting.value),
            environment: self.context.environment.clone(),
            identity: self.identity.clone(),
            retries,
            before_send: self.before_send.clone(),
        }
    }

    fn trace(&self) -> Trace {
        let sink = self.context.ui.sink();
        match self.context.ui.voice() {
            Voice::Quiet | Voice::Normal => Trace::Off,
            Voice::Steps => Trace::Steps(sink),
            Voice::Wire => Trace::Wire(sink),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a breaker has any state; most never do.
fn known(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
