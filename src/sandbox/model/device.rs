//! Device authorization (RFC 8628): a code for the device, a short one for the person, and a page to type it into.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::edges::Moment;
use crate::sandbox::endpoint::form::{Form, decode};
use crate::sandbox::endpoint::issue;
use crate::sandbox::endpoint::message::{Call, Refusal, Reply};
use crate::sandbox::endpoint::page::{escape, page};
use crate::sandbox::model::client;
use crate::sandbox::model::person;
use crate::sandbox::model::refresh::Right;
use crate::sandbox::state::State;

/// How long a device code lives.
const LIFETIME: Duration = Duration::from_secs(600);
/// The seconds between two polls (RFC 8628 §3.2), as long as the device is not too quick.
const INTERVAL: u64 = 5;
/// The same where nobody has to do anything.
const QUICK: u64 = 1;
/// How much more `slow_down` wants (RFC 8628 §3.5).
const SLOWER: u64 = 5;
/// Letters that look like no other one and make no word (RFC 8628 §6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// The most codes that are remembered.
const MOST: usize = 1000;

/// What the person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Nothing,
    Yes,
    No,
}

struct Waiting {
    device_code: String,
    user_code: String,
    right: Right,
    expires_at: Moment,
    interval: u64,
    polled_at: Option<Moment>,
    word: Word,
}

/// The devices that wait for a person.
#[derive(Default)]
pub struct Devices(Mutex<Vec<Waiting>>);

/// Answers a device authorization request (RFC 8628 §3.1).
pub fn authorize(state: &State, call: &mut Call) -> Result<Reply, Refusal> {
    let form = Form::read(call)?;
    let client = client::authenticate(state, call, &form)?;
    let mut bytes = [0; 8];
    let random = |bytes: &mut [u8]| {
        state.entropy.fill(bytes).map_err(|_| Refusal::new(500, "server_error", "there are no random numbers"))
    };
    random(&mut bytes)?;
    let mut letters: String =
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
    letters.insert(4, '-');
    let device_code = client::random_hex::<24>(state.entropy.as_ref())
        .map_err(|_| Refusal::new(500, "server_error", "there are no random numbers"))?;
    let interval = if state.auto_consent { QUICK } else { INTERVAL };
    let answer = json!({
        "device_code": device_code,
        "user_code": letters,
        "verification_uri": format!("{}/device", state.issuer),
        "verification_uri_complete": format!("{}/device?user_code={letters}", state.issuer),
        "expires_in": LIFETIME.as_secs(),
        "interval": interval,
    });
    let right = Right {
        client_id: client.id.clone(),
        subject: person::SUBJECT.to_owned(),
        scope: issue::scope(&form)?,
        audience: issue::audience(&form)?,
        nonce: None,
    };
    let mut devices = state.devices.0.lock().unwrap_or_else(PoisonError::into_inner);
    if devices.len() >= MOST {
        devices.remove(0);
    }
    devices.push(Waiting {
        device_code,
        user_code: letters,
        right,
        expires_at: state.clock.now().plus(LIFETIME),
        interval,
        polled_at: None,
        word: if state.auto_consent { Word::Yes } else { Word::Nothing },
    });
    Ok(Reply::json(200, &answer))
}

/// What a poll of the device brings (RFC 8628 §3.4): the person's yes, once.
///
/// # Errors
/// `authorization_pending`, `slow_down`, `access_denied`, `expired_token` (RFC 8628 §3.5), `invalid_grant`.
pub fn poll(state: &State, client_id: &str, device_code: &str) -> Result<Right, Refusal> {
    let refused = |error, description| Err(Refusal::new(400, error, description));
    let now = state.clock.now();
    let mut devices = state.devices.0.lock().unwrap_or_else(PoisonError::into_inner);
    let found = devices.iter_mut().find(|device| device.device_code == device_code);
    let Some(device) = found.filter(|device| device.right.client_id == client_id) else {
        return refused("invalid_grant", "the device code is unknown or was redeemed");
    };
    if now >= device.expires_at {
        return refused("expired_token", "the device code has expired");
    }
    let early = device.polled_at.is_some_and(|before| now < before.plus(Duration::from_secs(device.interval)));
    device.polled_at = Some(now);
    if early {
        device.interval += SLOWER;
        return refused("slow_down", "wait longer between polls");
    }
    match device.word {
        Word::Nothing => refused("authorization_pending", "the person has not answered yet"),
        Word::No => refused("access_denied", "the person said no"),
        Word::Yes => {
            let right = device.right.clone();
            devices.retain(|device| device.device_code != device_code);
            Ok(right)
        }
    }
}

/// The page where a person types the code, and what they said on it (RFC 8628 §3.3).
pub fn verify(state: &State, call: &Call) -> Result<Reply, Refusal> {
    if call.method != "POST" {
        let query = call.query.as_deref().unwrap_or_default();
        let typed = query.split('&').find_map(|pair| decode(pair.strip_prefix("user_code=")?));
        return Ok(question(&typed.unwrap_or_default()));
    }
    let form = Form::read(call)?;
    let typed = form.get("user_code").unwrap_or_default();
    let word = match form.get("decision") {
        Some("allow") => Word::Yes,
        Some("deny") => Word::No,
        _ => return Ok(question(typed)),
    };
    let plain = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let now = state.clock.now();
    let mut devices = state.devices.0.lock().unwrap_or_else(PoisonError::into_inner);
    let waits = |device: &&mut Waiting| device.word == Word::Nothing && now < device.expires_at;
    let Some(device) = devices.iter_mut().filter(waits).find(|device| plain(&device.user_code) == plain(typed)) else {
        return Ok(page(400, "This code is not known", "<p>It may have expired. Look at the device again.</p>"));
    };
    device.word = word;
    Ok(match word {
        Word::Yes => page(200, "The device is signed in", "<p>You may close this page.</p>"),
        _ => page(200, "The device was turned away", "<p>You may close this page.</p>"),
    })
}

fn question(typed: &str) -> Reply {
    let typed = escape(typed);
    page(
        200,
        "Sign in a device",
        &format!(
            "<form method=\"post\" action=\"/sandbox/device\">\n\
             <p><label>The code that the device shows<br>\n\
             <input name=\"user_code\" value=\"{typed}\" autocomplete=\"off\" autofocus></label></p>\n\
             <p><button name=\"decision\" value=\"allow\">Allow</button> \
             <button name=\"decision\" value=\"deny\">Deny</button></p>\n</form>"
        ),
    )
}
