//! The key that a zone's tokens are bound to (DPoP, RFC 9449): made at the first use, stored in the vault, never sent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::config::Zone;
use crate::context::{Context, LockName};
use crate::error::{self, Error};
use crate::jose;
use crate::jose::dpop::{ProofClaims, ProofKey};
use crate::oauth::message::Response;
use crate::oauth::{dpop, issuer, json};
use crate::secret::Secret;
use crate::store::{SecretKind, Vault};

pub struct DpopSigner<'a> {
    cx: &'a Context,
    key: ProofKey,
}

impl<'a> DpopSigner<'a> {
    pub fn of(cx: &'a Context, zone: &Zone) -> Result<Option<Self>, Error> {
        if !zone.dpop {
            return Ok(None);
        }
        let key = match cx.proofs.key(&zone.name) {
            Some(key) => key,
            None => find_or_make_key(cx, zone)?,
        };
        cx.proofs.keep_key(&zone.name, &key);
        Ok(Some(Self { cx, key }))
    }

    pub fn thumbprint(&self) -> &str {
        self.key.thumbprint()
    }

    /// A proof for a request to an authorization server, with the nonce that this server gave last.
    pub fn for_server(&self, method: &str, url: &str) -> Result<Secret, Error> {
        let nonce = self.cx.proofs.nonce(issuer::origin(url));
        self.prove(method, url, nonce.as_deref(), None)
    }

    /// A proof for a request; one to a resource server carries this access token.
    pub fn prove(&self, method: &str, url: &str, nonce: Option<&str>, token: Option<&Secret>) -> Result<Secret, Error> {
        let mut random = [0; 16];
        self.cx.entropy.fill(&mut random).map_err(error::client::no_entropy)?;
        let jti = URL_SAFE_NO_PAD.encode(random);
        let issued_at = self.cx.clock.now().epoch();
        let claims = ProofClaims { method, url, jti: &jti, issued_at, nonce, token };
        self.key.prove(&claims).map_err(|fault| error::client::no_proof(&fault))
    }

    /// Remembers the nonce of an answer; says whether the request must be made again with it.
    pub fn store_nonce(&self, url: &str, answer: &Response) -> bool {
        if let Some(nonce) = dpop::nonce(answer) {
            self.cx.proofs.keep_nonce(issuer::origin(url), nonce);
        }
        dpop::wanted_nonce(answer).is_some()
    }

    /// Whether a token that says what it is bound to is bound to this key; an opaque one says nothing.
    pub fn may_be_bound_to_key(&self, token: &str) -> bool {
        bound_to(token).is_none_or(|jkt| jkt == self.key.thumbprint())
    }

    /// Whether a token says itself that it is bound to this key.
    pub fn is_bound_to_key(&self, token: &str) -> bool {
        bound_to(token).is_some_and(|jkt| jkt == self.key.thumbprint())
    }
}

/// Refuses a token response whose token is not bound as the zone wants it: a downgrade to Bearer, or a token that is bound
/// to a key which is not ours. Anything but a token response is left to its reader.
pub fn check_binding(signer: Option<&DpopSigner<'_>>, zone: &str, answer: &Response) -> Result<(), Error> {
    if !matches!(answer.status, 200 | 201) {
        return Ok(());
    }
    let Ok(members) = json::object(&answer.body) else { return Ok(()) };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    // N_A means that it is no access token (RFC 8693 §2.2.1): nothing to bind.
    let (Some(kind), Some(token)) = (text("token_type"), text("access_token")) else { return Ok(()) };
    let bound = kind.eq_ignore_ascii_case("DPoP");
    match signer {
        None if bound => Err(error::client::bound_to_unknown_key(zone)),
        Some(_) if !bound && !kind.eq_ignore_ascii_case("N_A") => Err(error::client::not_bound(zone, kind)),
        Some(signer) if bound && !signer.may_be_bound_to_key(token) => Err(error::client::bound_to_other_key()),
        _ => Ok(()),
    }
}

/// The thumbprint that a token names in its confirmation claim (RFC 9449 §6.1).
fn bound_to(token: &str) -> Option<String> {
    let claims = jose::decode(token).ok()?.claims;
    claims.get("cnf")?.get("jkt")?.as_str().map(str::to_owned)
}

/// The key in the vault; made and stored at the first use.
fn find_or_make_key(cx: &Context, zone: &Zone) -> Result<ProofKey, Error> {
    let vault = cx.vault(cx.backend_of(zone)?)?;
    if let Some(key) = read_stored_key(&*vault, zone)? {
        return Ok(key);
    }
    // Of two keys made at once one would be lost, with the tokens that are bound to it.
    let _held = cx.lock(&LockName::ProofKey(&zone.name))?;
    if let Some(key) = read_stored_key(&*vault, zone)? {
        return Ok(key);
    }
    let no_proof = |fault| error::client::no_proof(&fault);
    let key = ProofKey::generate().map_err(no_proof)?;
    vault.put(&zone.name, &cx.record(zone, SecretKind::DpopKey, key.pem().map_err(no_proof)?))?;
    cx.ui.debug(&format!("the tokens of zone {} are bound to a new key", zone.name));
    Ok(key)
}

/// A key that was made for another issuer or client is not used: both servers could link it to us.
fn read_stored_key(vault: &dyn Vault, zone: &Zone) -> Result<Option<ProofKey>, Error> {
    let client_id = zone.client_id.as_deref().unwrap_or_default();
    let record = vault.get(&zone.name, SecretKind::DpopKey)?.filter(|record| record.belongs(&zone.issuer, client_id));
    let key = record.map(|record| ProofKey::from_pem(&record.secret)).transpose();
    key.map_err(|fault| error::client::unusable_stored_key(&zone.name, &fault))
}
