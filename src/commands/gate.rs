//! `hallpass gate`: the guard of `check` as a server, for proxies.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::edges::{parse_span, raise_descriptor_limit};
use crate::error::{self, Error, internal, usage};
use crate::gate::{self, Accepted, Gate, Live, Log, Metrics, Notifier, Profile, Reloads, Replicas, SigningKey, Status};
use crate::guard::signature::{Fault, Version};
use crate::guard::{PathRule, ReplayWindow};
use crate::http::server::{ListenAddress, Listener};
use crate::jose::MacKey;
use crate::output::{Render, Text};
use crate::source::Source;

use super::Outcome;
use super::check::methods::Methods;
use super::check::required::Required;
use super::check::secret::read_shared_secret;
use super::named_value::named_value;
use super::program::{CaughtSignals, count_signals};

mod evidence;
mod introspector;

use evidence::{Keeper, source_of, start_methods};

/// Answer proxies whether a request may pass, and who it is
///
/// For auth_request of nginx, ForwardAuth of Traefik, forward_auth of Caddy, ext_authz of Envoy and HAProxy: a request to
/// /auth with the credential of the original one is answered with 200 and identity fields, or with 401 or 403. Methods and
/// requirements are those of check.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(
    override_usage = "hallpass gate [OPTIONS] <METHOD>...",
    after_help = "Examples:
  # Guard a service with a token file
  $ hallpass gate --tokens-file tokens.txt --test

  # Verify JWTs of the zone; all need the scope
  $ hallpass gate --jwks --audience orders --scope read --test"
)]
pub struct Args {
    /// Listen here
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9190")]
    #[arg(value_parser = super::parse_address)]
    listen: SocketAddr,
    /// Listen on other addresses than loopback too
    #[arg(long)]
    listen_anywhere: bool,
    /// Listen on a socket in place of a port
    #[arg(long, value_name = "PATH", conflicts_with = "listen")]
    socket: Option<PathBuf>,
    /// The mode of the socket, in octal
    #[arg(long, value_name = "MODE", default_value = "0660", requires = "socket", value_parser = parse_mode)]
    socket_mode: u32,
    #[command(flatten)]
    methods: Methods,
    #[command(flatten)]
    required: Required,
    /// The identity fields of an answer
    #[arg(long, value_name = "PROFILE", default_value = "oauth2-proxy", value_parser = named_value(Profile::NAMED))]
    headers: Profile,
    /// Add the token to the identity fields of oauth2-proxy
    #[arg(long)]
    forward_token: bool,
    /// With --headers auth-gate: sign the identity fields with this key
    #[arg(long, value_name = "SOURCE")]
    sign_key_from: Option<Source>,
    /// The version of that signature
    #[arg(long, value_name = "VERSION", default_value = "v1", requires = "sign_key_from")]
    #[arg(value_parser = named_value(Version::NAMED))]
    sign_hmac: Version,
    /// Let requests of this path through without asking; repeatable
    #[arg(long, value_name = "[METHOD:]PATH")]
    exclude: Vec<PathRule>,
    /// Let requests of this path through without a credential, but not with a bad one; repeatable
    #[arg(long, value_name = "[METHOD:]PATH")]
    optional: Vec<PathRule>,
    /// The realm of challenges
    #[arg(long, value_name = "R", default_value = "hallpass")]
    realm: String,
    /// The metadata of the resource, for challenges (RFC 9728)
    #[arg(long, value_name = "URL")]
    resource_metadata: Option<String>,
    /// How long the word of the authorization server counts
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = parse_span)]
    cache_ttl: Duration,
    /// Answer Kubernetes webhooks at /tokenreview (authentication.k8s.io/v1)
    #[arg(long)]
    token_review: bool,
    /// Serve Prometheus metrics at /-/metrics
    #[arg(long)]
    metrics: bool,
    /// Serve on so many threads
    #[arg(long, value_name = "N", default_value = "1", value_parser = super::number_in(1_u16..=256))]
    workers: u16,
    /// Serve so many connections at once; others wait
    #[arg(long, value_name = "N", default_value = "10000", value_parser = super::number_in(1_u32..=1_000_000))]
    max_connections: u32,
    /// Time for questions in flight to end after a signal
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = parse_span)]
    drain: Duration,
    /// Read everything, say what would be guarded with, and end
    #[arg(long)]
    test: bool,
}

/// Where the gate listens, and with what it guards.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// `http://ADDRESS:PORT`, or `unix:PATH`.
    url: String,
    /// The methods, in their order.
    methods: Vec<&'static str>,
}

impl Render for Answer {
    fn text(&self) -> Text {
        Text::Line(format!("{} guards by {}", self.url, self.methods.join(", ")))
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    cx.require_request(false)?;
    check_flags(args)?;
    let address = find_address(args)?;
    let verbosity = cx.ui.verbosity();
    let log = Arc::new(Log::new(cx.ui.sink(), verbosity, Arc::clone(&cx.clock)));
    let mut keeper = Keeper { reloads: Arc::default(), log: Arc::clone(&log), replicas: None };
    let sharing = start_replicas(cx, &keeper, args.test)?;
    let (replicas, sharing) = sharing.unzip();
    keeper.replicas.clone_from(&replicas);
    let reading = args.required.reading.reading(&[]);
    let methods = start_methods(cx, &args.methods, reading, args.cache_ttl, &keeper, args.test)?;
    let signing_key = start_signing_key(cx, args, &keeper)?;
    let answer = Answer { url: address.url(), methods: args.methods.names() };
    if args.test {
        return Ok(Outcome::view(answer));
    }
    let listener = open_listener(cx, args, &address)?;
    let signals = CaughtSignals::catch().map_err(|cause| internal::io(&cause))?;
    raise_descriptor_limit();
    cx.ui.answer(&Answer { url: listener.to_string(), ..answer }).map_err(|error| Error::writing(&error))?;
    let mut evidences = methods.statuses();
    evidences.extend(signing_key.as_ref().map(|signing| Arc::clone(&signing.key) as Arc<dyn Status>));
    evidences.extend(sharing.map(|sharing| sharing as Arc<dyn Status>));
    let notifier = find_notifier(cx);
    let on_hangup = reload_on_hangup(keeper.reloads, notifier.clone());
    let gate = Gate {
        options: build_options(args),
        methods,
        used_proofs: ReplayWindow::default(),
        replicas,
        evidences,
        signing_key,
        metrics: Metrics::default(),
        log: Arc::clone(&log),
        clock: Arc::clone(&cx.clock),
        secrets: cx.ui.secrets(),
        notifier,
        stop: count_signals(signals, Some(on_hangup)),
    };
    let served = gate::serve(gate, listener);
    log.flush();
    served?;
    Ok(Outcome::Exit(0))
}

/// The socket of systemd, else one of our own. Neither is reachable from elsewhere unless that is wanted.
fn open_listener(cx: &Context, args: &Args, address: &ListenAddress) -> Result<Listener, Error> {
    if !inherits_socket(cx) {
        return Ok(Listener::bind(address)?);
    }
    match Listener::inherited()? {
        Listener::Tcp(_, open) if !open.ip().is_loopback() && !args.listen_anywhere => {
            Err(error::gate::not_loopback(open))
        }
        listener => Ok(listener),
    }
}

/// Whether systemd has opened a socket for this process, in place of that of the flags.
fn inherits_socket(cx: &Context) -> bool {
    let own = std::process::id().to_string();
    let variable = |name| cx.environment.text(name);
    variable("LISTEN_PID") == Some(&own) && variable("LISTEN_FDS").is_some_and(|count| count != "0")
}

fn find_notifier(cx: &Context) -> Option<Arc<Notifier>> {
    let own = std::process::id().to_string();
    let is_ours = cx.environment.text("WATCHDOG_PID").is_none_or(|pid| pid == own);
    let watchdog = cx.environment.text("WATCHDOG_USEC").filter(|_| is_ours);
    cx.environment.os("NOTIFY_SOCKET").and_then(|socket| Notifier::new(socket, watchdog)).map(Arc::new)
}

/// Reads everything again, and tells systemd when it begins and when it is done.
fn reload_on_hangup(reloads: Arc<Reloads>, notifier: Option<Arc<Notifier>>) -> Box<dyn Fn() + Send> {
    Box::new(move || {
        if let Some(notifier) = &notifier {
            notifier.send_reloading();
        }
        let notifier = notifier.clone();
        reloads.request(move || {
            if let Some(notifier) = notifier {
                notifier.send("READY=1");
            }
        });
    })
}

/// Refuses flags of `check` that mean nothing here, and flags without the one that they belong to.
fn check_flags(args: &Args) -> Result<(), Error> {
    args.methods.check_needs()?;
    let flags = &args.methods.flags;
    let request = &flags.gateway_signature.signature;
    let foreign =
        [("--claims", flags.claims), ("--method", request.method.is_some()), ("--path", request.path.is_some())];
    if let Some((flag, _)) = foreign.into_iter().find(|(_, given)| *given) {
        return Err(usage::conflict(flag, "gate"));
    }
    if args.forward_token && args.headers != Profile::Oauth2Proxy {
        return Err(error::gate::needs_headers("--forward-token", "oauth2-proxy"));
    }
    if args.sign_key_from.is_some() && args.headers != Profile::AuthGate {
        return Err(error::gate::needs_headers("--sign-key-from", "auth-gate"));
    }
    Ok(())
}

fn build_options(args: &Args) -> gate::Options {
    let flags = &args.methods.flags;
    let accepted = match (flags.kong, &flags.secret_from) {
        (true, _) => Accepted::Gateway,
        (false, Some(_)) => Accepted::AnyField,
        (false, None) => Accepted::Bearer,
    };
    gate::Options {
        requirements: args.required.requirements(),
        accepted,
        profile: args.headers,
        forward_token: args.forward_token,
        excluded: args.exclude.clone(),
        optional: args.optional.clone(),
        realm: args.realm.clone(),
        resource_metadata: args.resource_metadata.clone(),
        token_review: args.token_review,
        metrics: args.metrics,
        workers: usize::from(args.workers),
        max_connections: usize::try_from(args.max_connections).unwrap_or(usize::MAX),
        drain: args.drain,
    }
}

/// The replicas, and what keeps the key and the password of their engine up to date.
type Sharing = (Arc<Replicas>, Arc<Live<()>>);

fn start_replicas(cx: &Context, keeper: &Keeper, tests: bool) -> Result<Option<Sharing>, Error> {
    let Some(cache) = cx.shared_cache()?.filter(|_| !tests) else { return Ok(None) };
    let (entropy, clock) = (Arc::clone(&cx.entropy), Arc::clone(&cx.clock));
    let replicas = Replicas::start(cache, entropy, Arc::clone(&keeper.log), clock)?;
    let (again, renewed, mut is_first) = (cx.for_question(evidence::PATIENCE), Arc::clone(&replicas), true);
    let read = move || {
        if !std::mem::take(&mut is_first) {
            again.restart();
            renewed.use_cache(again.renew_shared_cache(renewed.cache())?);
        }
        Ok((Arc::new(()), None))
    };
    let sources = cx.shared_cache_sources()?;
    let source = source_of("shared_cache", &sources.iter().collect::<Vec<_>>(), Box::new(read));
    Ok(Some((replicas, keeper.start(cx, source, false)?)))
}

fn start_signing_key(cx: &Context, args: &Args, keeper: &Keeper) -> Result<Option<SigningKey>, Error> {
    let Some(source) = args.sign_key_from.clone() else { return Ok(None) };
    let read = |cx: &Context, source: &Source| {
        let secret = read_shared_secret(cx, source, "signing key")?;
        MacKey::new(&secret).ok_or_else(|| error::signature::unusable_key(&Fault::EmptyKey))
    };
    let mut first = Some(read(cx, &source));
    let (thread, again) = (cx.for_thread(), source.clone());
    let read = move || {
        let key = first.take().unwrap_or_else(|| read(&thread, &again))?;
        Ok((Arc::new(key), None))
    };
    let source = source_of("sign_key", &[&source], Box::new(read));
    Ok(Some(SigningKey { version: args.sign_hmac, key: keeper.start(cx, source, args.test)? }))
}

fn find_address(args: &Args) -> Result<ListenAddress, Error> {
    match &args.socket {
        Some(path) => Ok(ListenAddress::Socket(path.clone(), args.socket_mode)),
        None if args.listen.ip().is_loopback() || args.listen_anywhere => Ok(ListenAddress::Tcp(args.listen)),
        None => Err(error::gate::not_loopback(args.listen)),
    }
}

fn parse_mode(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777);
    mode.ok_or_else(|| "expected a mode such as 0660".to_owned())
}
