//! All that the endpoints share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::error::Error;
use super::model::session::SESSION_CLAIM;
use super::model::{
    Authority, AuthorizationRequest, Client, Device, ExpiringStore, RefreshTokenFamily, Registration, Signer,
    seed_clients,
};
use super::options::Options;
use crate::edges::{Clock, Entropy, Moment, random_hex};
use crate::oauth::claim;
use crate::secret::Secret;

pub const PATH: &str = "/sandbox";

pub struct State {
    pub origin: String,
    /// The origin of the endpoints that ask for a certificate.
    pub secure_origin: String,
    pub authority: Authority,
    /// The clients that are there from the start, the main one first.
    pub clients: Vec<Client>,
    /// The initial access token (RFC 7591 §3): not required, but a wrong one is refused.
    pub initial_token: Secret,
    pub signer: Signer,
    pub platform: Signer,
    /// The platform's assertion, by which the client `sandbox-workload` authenticates.
    pub assertion: Secret,
    pub software_statement: Secret,
    pub token_ttl: Duration,
    /// Whether the person allows everything without being asked.
    pub auto_consent: bool,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub records: Records,
}

#[derive(Default)]
pub struct Records {
    /// By client id; they never expire.
    pub registrations: ExpiringStore<Registration>,
    pub pushed: ExpiringStore<AuthorizationRequest>,
    /// Authorization requests that a page asks the person about.
    pub pending: ExpiringStore<AuthorizationRequest>,
    /// Authorization requests behind an unused code.
    pub codes: ExpiringStore<AuthorizationRequest>,
    pub devices: ExpiringStore<Device>,
    pub families: ExpiringStore<RefreshTokenFamily>,
    pub nonces: ExpiringStore<()>,
    /// What may be used once: assertions and DPoP proofs.
    pub used: ExpiringStore<()>,
    /// The `jti` of revoked access tokens.
    pub revoked: ExpiringStore<()>,
}

impl State {
    pub fn new(
        plain: SocketAddr,
        secure: SocketAddr,
        options: &Options,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let origin = format!("http://{plain}");
        let issuer = format!("{origin}{PATH}");
        let platform = Signer::generate(format!("{issuer}/workload"))?;
        let authority = Authority::new(secure.ip(), clock.now())?;
        Ok(Self {
            origin,
            secure_origin: format!("https://{secure}"),
            clients: seed_clients(entropy.as_ref(), &authority)?,
            authority,
            initial_token: random_hex::<24>(entropy.as_ref()).map(Secret::new).map_err(Error::Entropy)?,
            assertion: platform.sign_assertion(&issuer, clock.now())?,
            software_statement: platform.sign_software_statement(clock.now())?,
            platform,
            signer: Signer::generate(issuer)?,
            token_ttl: options.token_ttl,
            auto_consent: options.auto_consent,
            clock,
            entropy,
            records: Records::default(),
        })
    }

    pub fn issuer(&self) -> &str {
        &self.signer.issuer
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub fn random_hex<const N: usize>(&self) -> Result<String, Error> {
        random_hex::<N>(self.entropy.as_ref()).map_err(Error::Entropy)
    }

    /// Stores a record under a random key with this prefix; returns the key.
    pub fn issue_key<T>(
        &self,
        store: &ExpiringStore<T>,
        prefix: &str,
        lifetime: Duration,
        record: T,
    ) -> Result<String, Error> {
        let key = format!("{prefix}{}", self.random_hex::<24>()?);
        let now = self.now();
        store.insert(now, now.plus(lifetime), key.clone(), record);
        Ok(key)
    }

    pub fn find_client(&self, id: &str) -> Option<Client> {
        let seeded = self.clients.iter().find(|client| client.id == id).cloned();
        seeded.or_else(|| self.find_registration(id).map(|registration| registration.client))
    }

    pub fn find_registration(&self, id: &str) -> Option<Registration> {
        self.records.registrations.update(self.now(), |known, _| known == id, |_, registration| registration.clone())
    }

    pub fn save_registration(&self, registration: Registration) {
        let id = registration.client.id.clone();
        self.records.registrations.insert(self.now(), Moment::LAST, id, registration);
    }

    /// Marks what may be used once as used; `false` when it was used before.
    pub fn use_once(&self, key: String, until: i64) -> bool {
        self.records.used.insert(self.now(), Moment::from_epoch(until), key, ())
    }

    /// The claims of an access token of this server that is neither expired nor revoked.
    pub fn active_claims(&self, token: &str) -> Option<Map<String, Value>> {
        let claims = self.signer.verify(token)?;
        let now = self.now();
        let is_expired = claim::date(&claims, "exp")? <= now.epoch();
        let is_revoked = self.records.revoked.contains(now, claim::text(&claims, "jti")?);
        let has_ended = claim::text(&claims, SESSION_CLAIM).is_some_and(|session| self.has_ended(session));
        (!is_expired && !is_revoked && !has_ended).then_some(claims)
    }

    pub fn with_family_of<R>(&self, token: &str, change: impl FnOnce(&str, &mut RefreshTokenFamily) -> R) -> Option<R> {
        self.records.families.update(self.now(), |_, family| family.contains(token), change)
    }

    pub fn end_session(&self, session: &str) {
        self.records.families.update(self.now(), |name, _| name == session, |_, family| family.ended = true);
    }

    fn has_ended(&self, session: &str) -> bool {
        self.records.families.update(self.now(), |name, _| name == session, |_, family| family.ended) != Some(false)
    }
}
