//! The methods of the gate, in their order. What is in memory proves a token on the spot; a server is asked on other
//! threads, and what comes of it is remembered for a moment.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::timeout_at;

use super::decisions::{Decisions, Key};
use super::evaluator::Evaluator;
use super::live::{Live, Status};
use crate::edges::Moment;
use crate::error::{Error, gate, internal};
use crate::guard::{Evidence, Finding, Findings, Jwks, Keys, Matched, NO_TOKEN, Presented, Proof, Reading};
use crate::jose::{self, Decoded, Fault};
use crate::secret::Secret;

/// How long the methods of a question may take, so that it is answered in time.
const LONGEST: Duration = Duration::from_millis(1800);
/// How long a signature counts without being verified again, while the keys are the same.
const OF_SIGNATURE: Duration = Duration::from_secs(3600);

pub enum Method {
    /// What it needs is in memory, and fast to look at.
    Local(Arc<Live<dyn Evidence + Send + Sync>>),
    /// The signature of an issuer.
    Jwks { issuer: String, reading: Reading, keys: Arc<Live<Value>> },
    /// The word of a server, which counts for so long.
    Introspection { server: Arc<Live<()>>, evaluator: Evaluator, cache_ttl: Duration },
}

#[derive(Default)]
pub struct Methods {
    pub all: Vec<Method>,
    pub decisions: Arc<Decisions>,
}

impl Methods {
    /// What keeps each of them up to date.
    pub fn statuses(&self) -> Vec<Arc<dyn Status>> {
        let status = |method: &Method| -> Arc<dyn Status> {
            match method {
                Method::Local(live) => Arc::clone(live) as _,
                Method::Jwks { keys, .. } => Arc::clone(keys) as _,
                Method::Introspection { server, .. } => Arc::clone(server) as _,
            }
        };
        self.all.iter().map(status).collect()
    }

    /// The first method that proves a user or service counts. One that takes too long could not say.
    pub async fn prove(&self, offered: &Presented, now: Moment) -> Result<Proof, Error> {
        let until = tokio::time::Instant::now() + LONGEST;
        let mut findings = Findings::new(offered.warnings.clone());
        for method in &self.all {
            let found = timeout_at(until, self.evaluate(method, offered, now)).await;
            if let Some(proof) = findings.add(found.unwrap_or_else(|_| Err(gate::too_slow())))? {
                return Ok(proof);
            }
        }
        findings.conclude()
    }

    async fn evaluate(&self, method: &Method, offered: &Presented, now: Moment) -> Result<Finding, Error> {
        match method {
            Method::Local(live) => live.value().ok_or_else(internal::unknown_method)?.evaluate(offered, now),
            Method::Jwks { issuer, reading, keys } => {
                let Some(token) = &offered.token else { return Ok(Finding::refused(Matched::Jwks.name(), NO_TOKEN)) };
                let read = |keys: Option<Arc<Value>>| {
                    let keys = CurrentKeys { keys, lacks_key: Cell::new(false) };
                    let evidence = Jwks { keys, issuer: issuer.clone(), reading: reading.clone() };
                    Ok((evidence.evaluate(offered, now)?, evidence.keys.lacks_key.get()))
                };
                self.verify(token, keys, now, &read).await
            }
            Method::Introspection { server, evaluator, cache_ttl } => {
                let matched = Matched::Introspection;
                let Some(token) = &offered.token else { return Ok(Finding::refused(matched.name(), NO_TOKEN)) };
                let known = (Key::of(matched, token), server.versioned().1);
                let ask = || evaluator.evaluate(Presented::from_token(token.clone()));
                let found = self.decisions.find_or_ask(known, *cache_ttl, (Instant::now(), now), ask).await?;
                Ok(found.unpack(matched))
            }
        }
    }

    /// Verifies a token with the keys, and once more where they are read again because its key is not among them.
    async fn verify(
        &self,
        token: &Secret,
        keys: &Live<Value>,
        now: Moment,
        read: &(dyn Fn(Option<Arc<Value>>) -> Result<(Finding, bool), Error> + Sync),
    ) -> Result<Finding, Error> {
        let (key, asked_at) = (Key::of(Matched::Jwks, token), (Instant::now(), now));
        let (mut current, mut version) = keys.versioned();
        if let Some(found) = current.is_some().then(|| self.decisions.get(key, version, now)).flatten() {
            return Ok(found.unpack(Matched::Jwks));
        }
        let (mut found, lacks_key) = read(current)?;
        if lacks_key && keys.read_again().await {
            (current, version) = keys.versioned();
            found = read(current)?.0;
        }
        self.decisions.remember(key, version, &found, OF_SIGNATURE, asked_at);
        Ok(found)
    }
}

/// The keys as they are now, if there are any: most tokens that are none are refused without.
struct CurrentKeys {
    keys: Option<Arc<Value>>,
    /// Whether the key of a token is not among them.
    lacks_key: Cell<bool>,
}

impl Keys for CurrentKeys {
    fn verify(&self, token: &Secret) -> Result<Result<Decoded, Fault>, Error> {
        let verified = jose::verify(token.expose(), self.keys.as_ref().ok_or_else(gate::no_keys)?);
        self.lacks_key.set(match &verified {
            Err(Fault::NoKey { .. } | Fault::UnusableKey { .. }) => true,
            // A key without a name may have been replaced.
            Err(Fault::Signature) => jose::decode(token.expose()).is_ok_and(|token| !token.header.contains_key("kid")),
            _ => false,
        });
        Ok(verified)
    }
}
