//! A refresh token that was sent while no answer came may be spent, and sending a spent one again ends the session at a
//! server that rotates (RFC 9700 §4.14.2). So it is not sent again on a guess: the server is asked whether it is still
//! good (RFC 7662), where it tells.

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, Hint, Kind as ErrorKind, exit};
use crate::flows::introspection;
use crate::secret::Secret;
use crate::store::Session;
use crate::store::session::fingerprint;

/// Whether this refresh token may be sent.
pub fn settle(cx: &Context, zone: &Zone, session: &Session, refresh_token: &Secret) -> Result<(), Error> {
    let Some(sent) = session.sent.as_ref().filter(|sent| sent.fingerprint == fingerprint(refresh_token)) else {
        return Ok(());
    };
    let at = Moment::from_millis(sent.at_ms);
    cx.ui.debug("the last refresh is in doubt: the server is asked whether the refresh token is still good");
    match still_good(cx, zone, refresh_token) {
        Some(true) => Ok(()),
        Some(false) => Err(Error::sign_in(&zone.name, format!("the sign-in to zone {} has ended", zone.name))
            .because(format!("a refresh was sent at {} and its answer was lost", at.rfc3339()))
            .because("the server says that the refresh token is no longer good")),
        None => Err(error(zone, Some(at))),
    }
}

/// That a refresh is in doubt, and the ways out.
pub fn error(zone: &Zone, sent_at: Option<Moment>) -> Error {
    let name = &zone.name;
    let when = sent_at.map_or_else(String::new, |at| format!(" at {}", at.rfc3339()));
    Error::new(
        ErrorKind::Network,
        exit::UNSAFE,
        format!(
            "the refresh for zone {name} is in doubt: the refresh token was sent{when}, and no answer could be kept"
        ),
    )
    .doubtful()
    .hint(Hint::login(name).purpose("sign in again, which is always safe"))
    .hint(format!("or find out whether it was used: {}", question(name)))
}

/// The command that asks the server whether a zone's refresh token is still good.
pub fn question(zone: &str) -> String {
    format!("hallpass introspect vault:refresh_token --hint refresh_token -z {zone}")
}

/// What the server says of the refresh token; `None` when it does not say.
fn still_good(cx: &Context, zone: &Zone, refresh_token: &Secret) -> Option<bool> {
    let answer = introspection::ask(cx, zone, refresh_token, Some("refresh_token"), false);
    answer.inspect_err(|error| cx.ui.debug(&error.chain())).ok()?.get("active")?.as_bool()
}
