//! Refresh tokens (RFC 6749 §1.5). Each is good for one use and brings the next; a used one that comes back ends its
//! family, access tokens included (RFC 9700 §4.14.2): somebody has a copy.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::jose::sign;
use crate::sandbox::endpoint::issue::Issue;
use crate::sandbox::endpoint::message::Refusal;
use crate::sandbox::model::client::random_hex;
use crate::sandbox::model::person;
use crate::sandbox::state::State;

/// The claim of an access token that names its family, as `OpenID` Connect names a session.
pub const FAMILY: &str = "sid";
/// The most families that are remembered; then the oldest are forgotten.
const MOST: usize = 10_000;

/// What a person allowed a client.
#[derive(Debug, Clone)]
pub struct Right {
    /// The client.
    pub client_id: String,
    /// The person.
    pub subject: String,
    /// The scope, names joined by spaces.
    pub scope: String,
    /// The audience of access tokens.
    pub audience: Value,
    /// The `nonce` of the authorization request (`OpenID` Connect Core §3.1.2.1).
    pub nonce: Option<String>,
}

/// The refresh tokens of one consent.
struct Family {
    right: Right,
    /// The one that is good.
    live: String,
    ended: bool,
}

#[derive(Default)]
struct Known {
    /// By their number, in order.
    families: HashMap<u64, Family>,
    /// Every refresh token that was ever issued, spent ones too.
    tokens: HashMap<String, u64>,
    next: u64,
}

/// All of them.
#[derive(Default)]
pub struct Families(Mutex<Known>);

impl Families {
    /// The right behind a refresh token that is still good; nothing changes.
    pub fn right(&self, token: &str) -> Option<Right> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let family = known.families.get(known.tokens.get(token)?)?;
        (!family.ended && family.live == token).then(|| family.right.clone())
    }

    /// The client that a refresh token was issued to, spent or not.
    pub fn client(&self, token: &str) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(known.families.get(known.tokens.get(token)?)?.right.client_id.clone())
    }

    /// Ends the family of a refresh token.
    pub fn end(&self, token: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.tokens.get(token).copied()
            && let Some(family) = known.families.get_mut(&number)
        {
            family.ended = true;
        }
    }

    /// Ends the family of that name, the claim [`FAMILY`] of its tokens.
    pub fn end_named(&self, name: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(family) = number(name).and_then(|number| known.families.get_mut(&number)) {
            family.ended = true;
        }
    }

    /// Whether the family of that name has ended.
    pub fn ended(&self, name: &str) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        number(name).and_then(|number| known.families.get(&number)).is_none_or(|family| family.ended)
    }

    /// A new family, and its first refresh token.
    fn begin(&self, right: Right, token: String) -> u64 {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = known.next;
        known.next += 1;
        if let Some(oldest) = number.checked_sub(MOST as u64) {
            known.families.remove(&oldest);
            known.tokens.retain(|_, family| *family != oldest);
        }
        known.tokens.insert(token.clone(), number);
        known.families.insert(number, Family { right, live: token, ended: false });
        number
    }

    /// Spends a refresh token of this client for the next one.
    fn rotate(&self, client_id: &str, token: &str, next: String) -> Result<(u64, Right), Refusal> {
        let refused = |description| Refusal::new(400, "invalid_grant", description);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = known.tokens.get(token).copied().ok_or(refused("the refresh token is unknown"))?;
        let family = known.families.get_mut(&number).ok_or(refused("the refresh token is unknown"))?;
        if family.right.client_id != client_id {
            return Err(refused("the refresh token was issued to another client"));
        }
        if family.ended {
            return Err(refused("the session has ended"));
        }
        if family.live != token {
            family.ended = true;
            return Err(refused("the refresh token was used before, so its session has ended"));
        }
        family.live.clone_from(&next);
        let right = family.right.clone();
        known.tokens.insert(next, number);
        Ok((number, right))
    }
}

fn number(name: &str) -> Option<u64> {
    name.strip_prefix("session-")?.parse().ok()
}

/// The token answer to a new consent: access token, refresh token, and an ID token where `openid` was asked for.
///
/// # Errors
/// `server_error` without random numbers or a signature.
pub fn begin(state: &State, right: &Right) -> Result<Value, Refusal> {
    let token = fresh(state)?;
    let number = state.families.begin(right.clone(), token.clone());
    answer(state, right, number, &token)
}

/// The token answer to a refresh; `narrow` makes of what was allowed what is asked for now.
///
/// # Errors
/// `invalid_grant`; those of `narrow`, which spends nothing.
pub fn refresh(
    state: &State,
    client_id: &str,
    token: &str,
    narrow: impl FnOnce(&mut Right) -> Result<(), Refusal>,
) -> Result<Value, Refusal> {
    let mut narrowed = state.families.right(token);
    if let Some(right) = &mut narrowed {
        narrow(right)?;
    }
    let next = fresh(state)?;
    let (number, right) = state.families.rotate(client_id, token, next.clone())?;
    answer(state, &narrowed.unwrap_or(right), number, &next)
}

fn fresh(state: &State) -> Result<String, Refusal> {
    let random = random_hex::<24>(state.entropy.as_ref());
    random.map(|hex| format!("rt-{hex}")).map_err(|_| Refusal::new(500, "server_error", "there are no random numbers"))
}

fn answer(state: &State, right: &Right, number: u64, token: &str) -> Result<Value, Refusal> {
    let name = format!("session-{number}");
    let mut claims = person::claims(&right.scope);
    claims.push((FAMILY, json!(name)));
    let issue = Issue {
        client_id: &right.client_id,
        subject: &right.subject,
        scope: right.scope.clone(),
        audience: right.audience.clone(),
        claims,
    };
    let mut answer = issue.answer(state)?;
    answer["refresh_token"] = json!(token);
    if right.scope.split(' ').any(|name| name == "openid") {
        answer["id_token"] = json!(id_token(state, right, &name, &answer)?);
    }
    Ok(answer)
}

/// What binds an ID token to its access token (Core §3.1.3.6): the left half of the hash of ES256.
pub fn at_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16])
}

/// An ID token (`OpenID` Connect Core §2).
fn id_token(state: &State, right: &Right, name: &str, answer: &Value) -> Result<String, Refusal> {
    let now = state.clock.now();
    let mut claims = json!({
        "iss": state.issuer,
        "sub": right.subject,
        "aud": right.client_id,
        "exp": now.plus(state.token_ttl).epoch(),
        "iat": now.epoch(),
        "auth_time": now.epoch(),
        FAMILY: name,
    });
    if let Some(token) = answer["access_token"].as_str() {
        claims["at_hash"] = json!(at_hash(token));
    }
    if let Some(nonce) = &right.nonce {
        claims["nonce"] = json!(nonce);
    }
    for (name, value) in person::claims(&right.scope) {
        claims[name] = value;
    }
    let token = sign(&state.key, &claims, Some("JWT"));
    token.map(|token| token.expose().to_owned()).map_err(|_| Refusal::new(500, "server_error", "no signature"))
}
