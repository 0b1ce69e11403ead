//! The zone's server, as the gate asks it about tokens. Replicas share its answers.

use std::cell::Cell;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::introspection;
use crate::gate::{Live, NO, Status as _};
use crate::guard::{Finding, Introspector};
use crate::oauth::claim;
use crate::secret::Secret;
use crate::shared_cache::Answer;

/// A zone as it is configured now.
pub type SharedZone = Arc<RwLock<Zone>>;

/// Only the value true of `active` is a yes.
pub struct Asked {
    cx: &'static Context,
    zone: SharedZone,
    server: Arc<Live<()>>,
    cache_ttl: Duration,
    /// How long before the last answer the server was asked for it.
    age: Cell<Duration>,
}

impl Asked {
    pub fn new(cx: &'static Context, zone: SharedZone, server: Arc<Live<()>>, cache_ttl: Duration) -> Self {
        Self { cx, zone, server, cache_ttl, age: Cell::default() }
    }

    /// How old the finding is that the last answer led to. A no that is older than one may be is our own, of a yes.
    pub fn age_of(&self, finding: &Finding) -> Duration {
        let age = self.age.get();
        if matches!(finding, Finding::Refused { .. }) && age >= NO { Duration::ZERO } else { age }
    }

    /// What decides the answer.
    fn question(&self, zone: &Zone, token: &Secret) -> Secret {
        let Zone { issuer, introspection_endpoint, client_id, .. } = zone;
        let headers = self.cx.headers(Some(zone));
        Secret::new(serde_json::json!([issuer, introspection_endpoint, client_id, headers, token.expose()]).to_string())
    }

    /// For how long an answer counts from when the server was asked.
    fn span(&self, members: &Map<String, Value>, asked_at: Moment) -> Duration {
        if members.get("active") != Some(&Value::Bool(true)) {
            return NO;
        }
        let end = claim::date(members, "exp").map_or(Moment::LAST, Moment::from_epoch);
        self.cache_ttl.min(end.since(asked_at))
    }

    /// An answer that another replica got, if it still counts here; none from before everything was to be read again.
    fn find_shared(&self, question: &Secret) -> Option<Map<String, Value>> {
        let now = self.cx.clock.now();
        let found = self.cx.ask_replicas(|cache, patience| cache.find_answer(question.expose(), now, patience));
        let (Answer { members, .. }, age) = found??;
        let was_reread = self.server.versioned().1 > 1;
        let counts = age < self.span(&members, now.minus(age)) && !(was_reread && self.server.age() < Some(age));
        counts.then(|| {
            self.age.set(age);
            members
        })
    }

    fn share(&self, question: &Secret, members: &Map<String, Value>, asked_at: Moment) {
        let answer = Answer::new(members.clone(), asked_at, self.span(members, asked_at));
        let (now, entropy) = (self.cx.clock.now(), &*self.cx.entropy);
        self.cx.ask_replicas(|cache, patience| cache.store_answer(question.expose(), &answer, now, entropy, patience));
    }
}

impl Introspector for Asked {
    fn introspect(&self, token: &Secret) -> Result<Map<String, Value>, Error> {
        self.age.set(Duration::ZERO);
        let zone = self.zone.read().unwrap_or_else(PoisonError::into_inner).clone();
        let ask = || introspection::read_answer(self.cx, &zone, token);
        if !self.cx.is_replica() {
            return ask();
        }
        let question = self.question(&zone, token);
        if let Some(members) = self.find_shared(&question) {
            return Ok(members);
        }
        let asked_at = self.cx.clock.now();
        let members = ask()?;
        self.share(&question, &members, asked_at);
        Ok(members)
    }

    fn explain_inactive(&self, _token: &Secret) -> Option<String> {
        None
    }
}
