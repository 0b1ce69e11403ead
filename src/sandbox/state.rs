//! What the server knows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::endpoint::authorization::{Consent, Request};
use super::endpoint::dpop::Proofs;
use super::endpoint::message::Call;
use super::fault::{Fault, Target};
use super::model::authority::Authority;
use super::model::client::{Clients, random_hex};
use super::model::device::Devices;
use super::model::drawer::Drawer;
use super::model::refresh::Families;
use super::server::Address;
use super::{Error, Options};
use crate::edges::{Clock, Entropy};
use crate::jose::{Algorithm, SigningKey};
use crate::secret::Secret;

/// The path of the issuer.
pub const PATH: &str = "/sandbox";

/// Everything that an endpoint may look at.
pub struct State {
    pub issuer: String,
    pub origin: String,
    /// The origin of those endpoints that ask for a certificate.
    pub secure_origin: String,
    /// Certificates, and who judges them.
    pub authority: Authority,
    pub clients: Clients,
    /// The initial access token (RFC 7591 §3): nobody must show one, but a wrong one is refused.
    pub initial_token: Secret,
    pub key: SigningKey,
    /// Signs the assertions of workloads.
    pub workload: SigningKey,
    pub token_ttl: Duration,
    pub latency: Duration,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// Whether the person says yes to everything at once.
    pub auto_consent: bool,
    /// Authorization requests that were pushed ahead.
    pub pushed: Drawer<Request>,
    /// Authorization requests on a page before the person.
    pub tickets: Drawer<Request>,
    /// Authorization codes that nobody has redeemed.
    pub codes: Drawer<Consent>,
    /// Devices that wait for a person.
    pub devices: Devices,
    /// Refresh tokens and their sessions.
    pub families: Families,
    /// What is remembered of proofs of possession.
    pub proofs: Proofs,
    fault: Option<Fault>,
    faults_left: AtomicU32,
    /// `jti` of revoked tokens, with the second at which they would have expired anyway.
    revoked: Mutex<HashMap<String, i64>>,
    /// What may be used only once, with the second at which it would have expired anyway.
    spent: Mutex<HashMap<String, i64>>,
}

impl State {
    /// Seeds clients, keys and certificates for a server at that address.
    pub fn new(
        address: Address,
        options: &Options,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let origin = format!("http://{}", address.plain);
        let authority = Authority::new(address.secure.ip(), clock.now())?;
        Ok(Self {
            issuer: format!("{origin}{PATH}"),
            origin,
            secure_origin: format!("https://{}", address.secure),
            clients: Clients::seed(entropy.as_ref(), &authority)?,
            authority,
            initial_token: random_hex::<24>(entropy.as_ref()).map(Secret::new)?,
            key: SigningKey::generate(Algorithm::Es256).map_err(Error::Key)?,
            workload: SigningKey::generate(Algorithm::Es256).map_err(Error::Key)?,
            token_ttl: options.token_ttl,
            latency: options.latency,
            clock,
            entropy,
            auto_consent: options.auto_consent,
            pushed: Drawer::default(),
            tickets: Drawer::default(),
            codes: Drawer::default(),
            devices: Devices::default(),
            families: Families::default(),
            proofs: Proofs::default(),
            fault: options.fault,
            faults_left: AtomicU32::new(options.fault.and_then(Fault::times).unwrap_or(u32::MAX)),
            revoked: Mutex::default(),
            spent: Mutex::default(),
        })
    }

    /// The origin that a request came to.
    pub fn origin(&self, call: &Call) -> &str {
        if call.secure { &self.secure_origin } else { &self.origin }
    }

    /// The fault that strikes the next answer of that endpoint; counts it.
    pub fn next_fault(&self, target: Option<Target>) -> Option<Fault> {
        let fault = self.fault.filter(|fault| Some(fault.target()) == target)?;
        if fault.times().is_some() {
            let left = |left: u32| left.checked_sub(1);
            self.faults_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).ok()?;
        }
        Some(fault)
    }

    /// Uses up what may be used only once, such as the `jti` of an assertion; `false` when it was used before.
    pub fn spend(&self, what: &str, until: i64) -> bool {
        let now = self.clock.now().epoch();
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.retain(|_, until| *until > now);
        spent.insert(what.to_owned(), until).is_none()
    }

    /// Marks a token as revoked until it expires; forgets those that have.
    pub fn revoke(&self, jti: &str, exp: i64) {
        let now = self.clock.now().epoch();
        let mut revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, exp| *exp > now);
        revoked.insert(jti.to_owned(), exp);
    }

    /// Whether a token was revoked.
    pub fn is_revoked(&self, jti: &str) -> bool {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner).contains_key(jti)
    }
}
