//! The key that a zone's tokens are bound to (DPoP, RFC 9449): made at the first use, kept in the vault, never sent.
//!
//! A zone with DPoP keeps this key in its vault even when all its other secrets are references. The zone `env` has no
//! vault and so no DPoP.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::config::Zone;
use crate::context::{Context, LockName};
use crate::error::{Error, Hint};
use crate::jose;
use crate::jose::dpop::{ProofClaims, ProofKey};
use crate::oauth::message::Response;
use crate::oauth::{dpop, issuer, json};
use crate::secret::Secret;
use crate::store::{SecretKind, Vault};

/// Makes proofs for one zone.
pub struct Prover<'a> {
    cx: &'a Context,
    key: ProofKey,
}

impl<'a> Prover<'a> {
    /// The prover of a zone with DPoP, `None` for another. With `--dry-run` the vault stays closed and the key is one
    /// of this process.
    pub fn of(cx: &'a Context, zone: &Zone) -> Result<Option<Self>, Error> {
        if !zone.dpop {
            return Ok(None);
        }
        let key = match cx.proofs.key(&zone.name) {
            Some(key) => key,
            None if cx.options.dry_run => ProofKey::generate().map_err(|fault| unusable(&fault))?,
            None => kept(cx, zone)?,
        };
        cx.proofs.keep_key(&zone.name, &key);
        Ok(Some(Self { cx, key }))
    }

    /// The thumbprint of the key, which is part of what a cached token answers to.
    pub fn thumbprint(&self) -> &str {
        self.key.thumbprint()
    }

    /// A proof for a request to an authorization server, with the nonce that this server gave last.
    pub fn for_server(&self, method: &str, url: &str) -> Result<Secret, Error> {
        let nonce = self.cx.proofs.nonce(issuer::origin(url));
        self.prove(method, url, nonce.as_deref(), None)
    }

    /// A proof for a request that carries this access token to a resource server.
    pub fn for_resource(&self, method: &str, url: &str, nonce: Option<&str>, token: &Secret) -> Result<Secret, Error> {
        self.prove(method, url, nonce, Some(token))
    }

    fn prove(&self, method: &str, url: &str, nonce: Option<&str>, token: Option<&Secret>) -> Result<Secret, Error> {
        let mut random = [0; 16];
        self.cx.entropy.fill(&mut random).map_err(|why| Error::internal("no random numbers").because(why))?;
        let jti = URL_SAFE_NO_PAD.encode(random);
        let issued_at = self.cx.clock.now().epoch();
        let claims = ProofClaims { method, url, jti: &jti, issued_at, nonce, token };
        self.key.prove(&claims).map_err(|fault| unusable(&fault))
    }

    /// Remembers the nonce of an answer; says whether the request must be made again with it.
    pub fn heard(&self, url: &str, answer: &Response) -> bool {
        if let Some(nonce) = dpop::nonce(answer) {
            self.cx.proofs.keep_nonce(issuer::origin(url), nonce);
        }
        dpop::wanted_nonce(answer).is_some()
    }

    /// Whether a token that says what it is bound to is bound to this key; an opaque one says nothing.
    pub fn binds(&self, token: &str) -> bool {
        bound_to(token).is_none_or(|jkt| jkt == self.key.thumbprint())
    }

    /// Whether a token says itself that it is bound to this key.
    pub fn surely_binds(&self, token: &str) -> bool {
        bound_to(token).is_some_and(|jkt| jkt == self.key.thumbprint())
    }
}

/// Refuses an answer of the token endpoint whose token is not bound as the zone wants it: a downgrade to Bearer, and a
/// token that is bound to a key which is not ours. What is no token answer is the reader's to judge.
pub fn check(prover: Option<&Prover<'_>>, zone: &Zone, answer: &Response) -> Result<(), Error> {
    if !matches!(answer.status, 200 | 201) {
        return Ok(());
    }
    let Ok(members) = json::object(&answer.body) else { return Ok(()) };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    // N_A says that it is no access token (RFC 8693 §2.2.1): nothing to bind.
    let (Some(kind), Some(token)) = (text("token_type"), text("access_token")) else { return Ok(()) };
    let bound = kind.eq_ignore_ascii_case("DPoP");
    match prover {
        None if bound => Err(Error::refused("the server sent a DPoP token, which is bound to a key that is not ours")
            .hint(Hint::edit(&zone.name, "--dpop").purpose("let the zone have a key"))),
        Some(_) if !bound && !kind.eq_ignore_ascii_case("N_A") => Err(Error::refused(format!(
            "the server sent a token of type {}, which is not bound to the key of zone {}",
            crate::text::sanitize(kind),
            zone.name
        ))
        .because("the request carried a proof (DPoP, RFC 9449), the server passed over it")
        .hint("see whether the server does DPoP: hallpass discover --require dpop")
        .hint(Hint::edit(&zone.name, "--unset dpop").purpose("or do without"))),
        Some(prover) if bound && !prover.binds(token) => {
            Err(Error::refused("the server sent a token that is bound to another key than ours"))
        }
        _ => Ok(()),
    }
}

/// The thumbprint that a token names in its confirmation claim (RFC 9449 §6.1).
fn bound_to(token: &str) -> Option<String> {
    let claims = jose::decode(token).ok()?.claims;
    claims.get("cnf")?.get("jkt")?.as_str().map(str::to_owned)
}

/// The key in the vault; the first one who asks makes it.
fn kept(cx: &Context, zone: &Zone) -> Result<ProofKey, Error> {
    let vault = cx.vault(cx.backend_of(zone)?)?;
    if let Some(key) = stored(&*vault, zone)? {
        return Ok(key);
    }
    // Two that made one each would bind tokens to a key that is lost.
    let _held = cx.lock(&LockName::ProofKey(&zone.name))?;
    if let Some(key) = stored(&*vault, zone)? {
        return Ok(key);
    }
    let key = ProofKey::generate().map_err(|fault| unusable(&fault))?;
    vault.put(&zone.name, &cx.record(zone, SecretKind::DpopKey, key.pem().map_err(|fault| unusable(&fault))?))?;
    cx.ui.debug(&format!("made a key for zone {}, tokens are bound to it", zone.name));
    Ok(key)
}

/// A key that was made for another issuer or client is not used: it would tell both servers who we are.
fn stored(vault: &dyn Vault, zone: &Zone) -> Result<Option<ProofKey>, Error> {
    let client_id = zone.client_id.as_deref().unwrap_or_default();
    let record = vault.get(&zone.name, SecretKind::DpopKey)?.filter(|record| record.belongs(&zone.issuer, client_id));
    let Some(record) = record else { return Ok(None) };
    let key = ProofKey::from_pem(&record.secret).map_err(|fault| {
        Error::storage(format!("the stored dpop_key of zone {} can't be used", zone.name))
            .because(fault.to_string())
            .hint(Hint::edit(&zone.name, "--unset dpop").purpose("throw it away"))
    })?;
    Ok(Some(key))
}

fn unusable(fault: &jose::Fault) -> Error {
    Error::internal("no proof of possession").because(fault.to_string())
}
