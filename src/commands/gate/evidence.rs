//! The methods of `check`, as the gate keeps them up to date.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::commands::check::methods::Methods;
use crate::config::Zone;
use crate::context::Context;
use crate::error::{Error, internal};
use crate::flows::{discovery, introspection, keys};
use crate::gate::{KeySet, Live, LiveSource, Log, Prove, Read, Reloads, Status};
use crate::guard::{
    self, Evidence, Introspection, Introspector, Jwks, Keys, Matched, Presented, Reading, SharedEvidence,
};
use crate::jose::{Decoded, Fault};
use crate::secret::Secret;
use crate::source::Source;

/// How often a new key set is asked for at most.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(10);
/// How long a source may take to be read again.
const PATIENCE: Duration = Duration::from_secs(30);

/// The evidences of the methods, in their order, with what is read of them.
#[derive(Clone)]
pub struct LiveMethods {
    methods: Methods,
    reading: Reading,
    all: Vec<LiveMethod>,
    keys: Arc<KeySet>,
}

#[derive(Clone)]
enum LiveMethod {
    Local(Arc<Live<dyn Evidence + Send + Sync>>),
    /// A server proves it; what is kept is whether it can be asked.
    OfServer(&'static str, Arc<Live<()>>),
}

/// What keeps values up to date.
#[derive(Clone)]
pub struct Keeper {
    pub reloads: Arc<Reloads>,
    pub log: Arc<Log>,
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

impl LiveMethods {
    /// Reads everything once: what can't be read ends the command, and not the first question.
    pub fn start(
        cx: &Context,
        methods: &Methods,
        reading: &Reading,
        keeper: &Keeper,
        tests: bool,
    ) -> Result<Self, Error> {
        let keys = Arc::<KeySet>::default();
        let start = |method: &'static str| {
            Ok(match method {
                "introspect" | "jwks" => {
                    let source = server_source(cx, methods, method, &keys)?;
                    LiveMethod::OfServer(method, keeper.start(cx, source, tests)?)
                }
                _ => LiveMethod::Local(keeper.start(cx, local_source(cx, methods, method), tests)?),
            })
        };
        let all = methods.names().into_iter().map(start).collect::<Result<_, Error>>()?;
        Ok(Self { methods: methods.clone(), reading: reading.clone(), all, keys })
    }

    pub fn statuses(&self) -> Vec<Arc<dyn Status>> {
        let status = |kept: &LiveMethod| -> Arc<dyn Status> {
            match kept {
                LiveMethod::Local(live) => Arc::clone(live) as _,
                LiveMethod::OfServer(_, live) => Arc::clone(live) as _,
            }
        };
        self.all.iter().map(status).collect()
    }

    /// Evaluates credentials on this thread.
    pub fn prover(self, cx: &'static Context) -> Prove {
        let of_server: Result<Vec<Option<Box<dyn Evidence>>>, Error> =
            self.all.iter().map(|kept| self.build(cx, kept)).collect();
        Box::new(move |offered: &Presented| {
            cx.restart();
            let of_server = of_server.as_ref().map_err(Error::clone)?;
            let evidences = self.all.iter().zip(of_server);
            let evidences = evidences.map(|(kept, built)| -> Result<Box<dyn Evidence + '_>, Error> {
                Ok(match (kept, built) {
                    (_, Some(built)) => Box::new(&**built),
                    (LiveMethod::Local(live), None) => Box::new(live.value().ok_or_else(internal::unknown_method)?),
                    (LiveMethod::OfServer(..), None) => return Err(internal::unknown_method()),
                })
            });
            guard::prove(&evidences.collect::<Result<Vec<_>, _>>()?, offered, cx.clock.now())
        })
    }

    fn build(&self, cx: &'static Context, kept: &LiveMethod) -> Result<Option<Box<dyn Evidence>>, Error> {
        let reading = self.reading.clone();
        Ok(match kept {
            LiveMethod::Local(_) => None,
            LiveMethod::OfServer("introspect", _) => {
                Some(Box::new(Introspection { server: Asked { cx, zone: cx.zone()?.zone }, reading }))
            }
            LiveMethod::OfServer(..) => {
                let zone = self.methods.issuer_zone(cx)?;
                let issuer = zone.token_issuer().to_owned();
                Some(Box::new(Jwks { issuer, keys: LiveKeys { cx, zone, keys: Arc::clone(&self.keys) }, reading }))
            }
        })
    }
}

/// A method by what it proves, as in answers.
fn label(method: &'static str) -> &'static str {
    match method {
        "tokens_file" => Matched::TokenFile.name(),
        "introspect" => Matched::Introspection.name(),
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

fn server_source(
    cx: &Context,
    methods: &Methods,
    method: &'static str,
    keys: &Arc<KeySet>,
) -> Result<LiveSource<()>, Error> {
    let cx = cx.for_question(crate::gate::PATIENCE);
    let keys = Arc::clone(keys);
    let zone = if method == "jwks" { methods.issuer_zone(&cx)? } else { cx.zone()?.zone };
    let read: Box<dyn FnMut() -> Result<Read<()>, Error> + Send> = Box::new(move || {
        cx.restart();
        let again_in = if method == "jwks" {
            Some(keys.renew(&|| keys::fetch(&cx, &zone))?.max(SHORTEST_LIFETIME))
        } else {
            introspection::check_client(&cx, &zone)?;
            discovery::find_endpoint(&cx, &zone, "introspection_endpoint", false)?;
            None
        };
        Ok((Arc::new(()), again_in))
    });
    Ok(source_of(label(method), &[], read))
}

/// The zone's server, which is asked about tokens. Only the value true of `active` is a yes.
struct Asked {
    cx: &'static Context,
    zone: Zone,
}

impl Introspector for Asked {
    fn introspect(&self, token: &Secret) -> Result<Map<String, Value>, Error> {
        introspection::read_answer(self.cx, &self.zone, token)
    }

    fn explain_inactive(&self, _token: &Secret) -> Option<String> {
        None
    }
}

struct LiveKeys {
    cx: &'static Context,
    zone: Zone,
    keys: Arc<KeySet>,
}

impl Keys for LiveKeys {
    fn verify(&self, token: &Secret) -> Result<Result<Decoded, Fault>, Error> {
        self.keys.verify(token.expose(), &|| keys::fetch(self.cx, &self.zone))
    }
}
