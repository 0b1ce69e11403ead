//! The methods of `check`, as the gate keeps them up to date.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde_json::Value;

use crate::commands::check::methods::Methods;
use crate::config::Zone;
use crate::context::Context;
use crate::error::{Error, internal};
use crate::flows::{discovery, introspection, keys};
use crate::gate::{self, Ask, Evaluator, Live, LiveSource, Log, Method, Read, Reloads, Replicas};
use crate::guard::{Evidence, Introspection, Matched, Presented, Reading, SharedEvidence};
use crate::source::Source;

use super::introspector::{Asked, SharedZone};

/// How often a new key set is asked for at most.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(10);
/// How long the last good keys count after their lifetime.
const KEYS_GRACE: Duration = Duration::from_secs(3600);
/// How long a source may take to be read again.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How many tokens a server is asked about at once.
const EVALUATORS: usize = 16;

/// What keeps values up to date, and with whom answers of a server are shared.
#[derive(Clone)]
pub struct Keeper {
    pub reloads: Arc<Reloads>,
    pub log: Arc<Log>,
    pub replicas: Option<Arc<Replicas>>,
}

impl Keeper {
    /// Reads a value, and keeps it up to date unless the gate only tests.
    pub fn start<T: ?Sized + Send + Sync + 'static>(
        &self,
        cx: &Context,
        mut source: LiveSource<T>,
        tests: bool,
    ) -> Result<Arc<Live<T>>, Error> {
        let live = Arc::new(Live::read(&mut source, !tests)?);
        if !tests {
            live.keep(source, Arc::clone(&self.reloads), Arc::clone(&self.log), Arc::clone(&cx.clock))?;
        }
        Ok(live)
    }
}

/// Reads everything once: what can't be read ends the command, and not the first question.
pub fn start_methods(
    cx: &Context,
    methods: &Methods,
    reading: Reading,
    cache_ttl: Duration,
    keeper: &Keeper,
    tests: bool,
) -> Result<gate::Methods, Error> {
    let reading = Reading { takes_proofs: true, ..reading };
    let start = |method: &'static str| {
        Ok(match method {
            "jwks" => {
                let zone = methods.issuer_zone(cx)?;
                let issuer = zone.token_issuer().to_owned();
                let keys = keeper.start(cx, keys_source(cx, methods, zone, &keeper.log), tests)?;
                Method::Jwks { issuer, reading: reading.clone(), keys }
            }
            "introspect" => {
                let zone = Arc::new(RwLock::new(cx.zone()?.zone));
                let server = keeper.start(cx, server_source(cx, Arc::clone(&zone), &keeper.log), tests)?;
                let threads = if tests { 0 } else { EVALUATORS };
                let evaluator = start_evaluator(cx, &reading, (&zone, &server, cache_ttl), keeper, threads)?;
                Method::Introspection { server, evaluator, cache_ttl }
            }
            _ => Method::Local(keeper.start(cx, local_source(cx, methods, method), tests)?),
        })
    };
    let all = methods.names().into_iter().map(start).collect::<Result<_, Error>>()?;
    Ok(gate::Methods { all, ..gate::Methods::default() })
}

/// Asks the zone's server about tokens, on so many threads.
fn start_evaluator(
    cx: &Context,
    reading: &Reading,
    (zone, server, cache_ttl): (&SharedZone, &Arc<Live<()>>, Duration),
    keeper: &Keeper,
    threads: usize,
) -> Result<Evaluator, Error> {
    let base = cx.for_question(gate::ASKING);
    Evaluator::start(threads, || {
        let cx = base.for_question(gate::ASKING).with_replica(keeper.replicas.as_ref().map(Replicas::share));
        // What else is configured is read now, and not when the file may be broken.
        let _ = cx.settings();
        let (reading, zone, server) = (reading.clone(), Arc::clone(zone), Arc::clone(server));
        Box::new(move || -> Ask {
            // As long as the process.
            let cx: &'static Context = Box::leak(Box::new(cx));
            let evidence = Introspection { server: Asked::new(cx, zone, server, cache_ttl), reading };
            Box::new(move |offered: &Presented| {
                cx.restart();
                let found = evidence.evaluate(offered, cx.clock.now())?;
                let age = evidence.server.age_of(&found);
                Ok((found, age))
            })
        })
    })
}

/// A method by what it proves, as in answers.
fn label(method: &'static str) -> &'static str {
    match method {
        "tokens_file" => Matched::TokenFile.name(),
        "secret_from" => "secret",
        other => other,
    }
}

/// A source, of which files and descriptors tell how it may be read again.
pub fn source_of<T: ?Sized>(
    name: &'static str,
    sources: &[&Source],
    read: Box<dyn FnMut() -> Result<Read<T>, Error> + Send>,
) -> LiveSource<T> {
    let file = |source: &&Source| match source {
        Source::File(path) => Some(path.clone()),
        _ => None,
    };
    let is_read_once = |source: &&Source| matches!(source, Source::Stdin | Source::Descriptor(_));
    LiveSource {
        name,
        files: sources.iter().filter_map(file).collect::<Vec<PathBuf>>(),
        repeats: !sources.iter().any(is_read_once),
        grace: None,
        lasts: true,
        read,
    }
}

fn local_source(cx: &Context, methods: &Methods, method: &'static str) -> LiveSource<dyn Evidence + Send + Sync> {
    let mut first = Some(methods.build_local(cx, method, true));
    let (cx, own) = (cx.for_question(PATIENCE), methods.clone());
    let read = move || {
        // What is on stdin can be read by the command's own context alone.
        let built = first.take().unwrap_or_else(|| {
            cx.restart();
            own.build_local(&cx, method, true)
        });
        let evidence: SharedEvidence = built?.ok_or_else(internal::unknown_method)?;
        Ok((evidence, None))
    };
    let mut source = source_of(label(method), &methods.sources_of(method), Box::new(read));
    source.files.extend(methods.flags.tokens_file.clone().filter(|_| method == "tokens_file"));
    source
}

fn keys_source(cx: &Context, methods: &Methods, mut zone: Zone, log: &Arc<Log>) -> LiveSource<Value> {
    let (base, methods, log) = (cx.for_thread(), methods.clone(), Arc::clone(log));
    let mut known: Option<Arc<Value>> = None;
    let read = move || {
        // With its settings of now.
        let cx = base.for_question(gate::PATIENCE);
        // The signatures of another issuer are another gate's.
        let configured = renew_zone(methods.issuer_zone(&cx), &zone, &log);
        if configured.token_issuer() == zone.token_issuer() {
            zone = configured;
        }
        let (keys, lifetime) = keys::fetch(&cx, &zone)?;
        let same = known.take().filter(|known| **known == keys);
        let keys = known.insert(same.unwrap_or_else(|| Arc::new(keys)));
        Ok((Arc::clone(keys), Some(lifetime.max(SHORTEST_LIFETIME))))
    };
    LiveSource { grace: Some(KEYS_GRACE), ..source_of(Matched::Jwks.name(), &[], Box::new(read)) }
}

/// Whether the zone's server can be asked, with the settings of now.
fn server_source(cx: &Context, zone: SharedZone, log: &Arc<Log>) -> LiveSource<()> {
    let (base, log) = (cx.for_thread(), Arc::clone(log));
    let read = move || {
        let cx = base.for_question(gate::PATIENCE);
        let configured = cx.zone().map(|chosen| chosen.zone);
        let configured = {
            let mut zone = zone.write().unwrap_or_else(PoisonError::into_inner);
            *zone = renew_zone(configured, &zone, &log);
            zone.clone()
        };
        introspection::check_client(&cx, &configured)?;
        discovery::find_endpoint(&cx, &configured, "introspection_endpoint", false)?;
        Ok((Arc::new(()), None))
    };
    LiveSource { lasts: false, ..source_of(Matched::Introspection.name(), &[], Box::new(read)) }
}

/// The zone as it is configured now; what can't be read leaves the last good one.
fn renew_zone(configured: Result<Zone, Error>, known: &Zone, log: &Log) -> Zone {
    configured.unwrap_or_else(|error| {
        log.fault(&error.chain());
        known.clone()
    })
}
