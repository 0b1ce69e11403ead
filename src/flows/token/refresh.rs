//! Renews an access token with the refresh token (RFC 6749 §6); one that rotates is never lost and never sent twice.
//!
//! Under the lock of the credential, in this order: the vault is proven writable; the journal says that the token is sent,
//! when the first byte leaves; the new one is stored in the vault; the journal is cleared; only then is anything cached or
//! printed. After a crash the mark in the journal says that the token may be spent. A gateway's error (502, 504) is a lost
//! answer; after the server's own failure (500) the token may be sent again. A token that the last refresh did not rotate
//! has no journal: a lost answer is 6 there.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{self, Error, exit};
use crate::flows::client::{Client, ClientResponse};
use crate::flows::introspection;
use crate::http::BeforeSend;
use crate::oauth::parameters::TokenParameters;
use crate::oauth::token::{self, TokenResponse};
use crate::oauth::token_request;
use crate::secret::Secret;
use crate::store::session::fingerprint;
use crate::store::{Fault, SecretKind, Sent, Session};

use super::request::TokenRequest;
use super::session;
use super::single_flight::{Fetched, Source};

/// Refreshes. If the vault can't store the new refresh token, `stored` says whether it was rescued or is lost.
pub fn refresh_token(cx: &Context, request: &TokenRequest<'_>) -> Result<Fetched, Error> {
    let (zone, name) = (request.zone, &request.zone.name);
    let session = session::find_session(cx, zone)?.ok_or_else(|| error::session::none(name))?;
    if !session.refresh_token {
        return Err(error::session::ended(name, ["there is no refresh token to renew it by".to_owned()]));
    }
    session::recover_rescued(cx, zone, cx.usable_vault(zone)?)?;
    let refresh_token =
        cx.stored(zone, SecretKind::RefreshToken)?.ok_or_else(|| error::session::no_stored_token(name))?;
    check_sendable(cx, zone, &session, &refresh_token)?;
    RefreshTransaction { cx, request, session, refresh_token }.run()
}

/// Whether this refresh token may be sent. One that was sent while no answer came may be spent, and sending a spent one
/// ends the session at a server that rotates (RFC 9700 §4.14.2): the server is asked whether it is still good (RFC 7662).
fn check_sendable(cx: &Context, zone: &Zone, session: &Session, refresh_token: &Secret) -> Result<(), Error> {
    let Some(sent) = session.sent.as_ref().filter(|sent| sent.fingerprint == fingerprint(refresh_token)) else {
        return Ok(());
    };
    let at = Moment::from_millis(sent.at_ms);
    cx.ui.debug("the last refresh is in doubt: asking the server whether the refresh token is still good");
    let answer = introspection::introspect_token(cx, zone, refresh_token, Some("refresh_token"), false);
    let answer = answer.inspect_err(|error| cx.ui.debug(&error.chain())).ok();
    match answer.and_then(|answer| answer.get("active")?.as_bool()) {
        Some(true) => Ok(()),
        Some(false) => {
            let sent = format!("a refresh was sent at {} and its answer was lost", at.rfc3339());
            let refused = "the server reports that the refresh token is no longer good".to_owned();
            Err(error::session::ended(&zone.name, [sent, refused]))
        }
        None => Err(error::session::refresh_in_doubt(&zone.name, Some(at), None)),
    }
}

/// The scopes to ask for: none where they are those of the sign-in, of which the server may have allowed fewer.
fn narrow_scope<'a>(wanted: &'a [String], allowed: &[String]) -> &'a [String] {
    let same = wanted.iter().all(|scope| allowed.contains(scope)) && allowed.iter().all(|scope| wanted.contains(scope));
    if same { &[] } else { wanted }
}

struct RefreshTransaction<'a> {
    cx: &'a Context,
    request: &'a TokenRequest<'a>,
    session: Session,
    refresh_token: Secret,
}

impl RefreshTransaction<'_> {
    fn run(&self) -> Result<Fetched, Error> {
        let journal = Arc::new(Mutex::new(Departure::Waiting));
        let client = Client::of(self.cx, self.request.zone)?.before_send(self.mark_sent(&journal));
        let scope = narrow_scope(self.request.parameters.scope, &self.session.scope);
        let parameters = TokenParameters { scope, ..self.request.parameters };
        let asked = client
            .send("token_endpoint", &|url| token_request::refresh(url, &self.refresh_token, &parameters))
            .map_err(|error| {
                let departure = std::mem::take(&mut *journal.lock().unwrap_or_else(PoisonError::into_inner));
                self.explain_unanswered(departure, error)
            })?;
        match token::read(&asked.answer) {
            Ok(response) => {
                let refreshed = self.save_response(response, &asked);
                // An access token of the wrong kind is refused, but the refresh token beside it is the good one now.
                client.judge(&asked, Ok(())).map(|()| refreshed)
            }
            Err(fault) => {
                let Err(error) = client.judge::<Infallible>(&asked, Err(fault));
                Err(self.explain_refusal(&asked, error))
            }
        }
    }

    /// Marks the token as sent when the first byte is about to leave; one that does not rotate needs no mark.
    fn mark_sent(&self, journal: &Arc<Mutex<Departure>>) -> BeforeSend {
        let (sessions, clock, journal) = (self.cx.sessions(), Arc::clone(&self.cx.clock), Arc::clone(journal));
        let (zone, session) = (self.request.zone.name.clone(), self.session.clone());
        let fingerprint = fingerprint(&self.refresh_token);
        Arc::new(move || {
            let Ok(sessions) = &sessions else { return false };
            let sent = Some(Sent { fingerprint: fingerprint.clone(), at_ms: clock.now().millis() });
            let written = match session.rotates {
                Some(false) => Ok(()),
                _ => sessions.put(&zone, &Session { sent, ..session.clone() }),
            };
            let left = written.is_ok();
            *journal.lock().unwrap_or_else(PoisonError::into_inner) =
                written.map_or_else(Departure::Blocked, |()| Departure::Left);
            left
        })
    }

    /// No answer that could be read: whether the token is spent depends on whether it left.
    fn explain_unanswered(&self, departure: Departure, error: Error) -> Error {
        match departure {
            Departure::Waiting => error,
            Departure::Blocked(fault) => {
                Error::from(fault).because("the refresh was not sent, because its journal could not be written")
            }
            Departure::Left if !error.in_doubt => self.clear_journal(error),
            Departure::Left if self.is_steady() => error::session::refresh_unanswered(&self.request.zone.name, error),
            Departure::Left => self.in_doubt(&error),
        }
    }

    fn is_steady(&self) -> bool {
        self.session.rotates == Some(false)
    }

    fn in_doubt(&self, error: &Error) -> Error {
        error::session::refresh_in_doubt(&self.request.zone.name, None, Some(error.chain()))
    }

    fn explain_refusal(&self, asked: &ClientResponse, error: Error) -> Error {
        if error.code.as_deref() == Some("invalid_grant") && error.exit == exit::REFUSED {
            return self.forget_session(&error);
        }
        let status = asked.answer.status;
        if status >= 300 || error.code.is_some() {
            // Busy (503) means that nothing was done; another failure means nothing.
            let spent = status >= 500 && status != 503 && !self.is_steady();
            let scope = self.request.parameters.scope.join(" ");
            return self.clear_journal(error::session::refresh_failed(&self.request.zone.name, error, spent, &scope));
        }
        match token::refresh_token_from_bad_response(&asked.answer) {
            Some(next) => match self.save_refresh_token(Some(next)) {
                Ok(()) => error.because("the refresh token in it was saved"),
                Err(unstored) => unstored.because(error.chain()),
            },
            None if self.is_steady() => self.clear_journal(error),
            // An unusable success has spent the token.
            None => self.in_doubt(&error),
        }
    }

    /// The server refused the refresh token, which is the proof on which it is deleted.
    fn forget_session(&self, refusal: &Error) -> Error {
        let zone = self.request.zone;
        let error = Error { code: refusal.code.clone(), ..error::session::ended(&zone.name, [refusal.chain()]) };
        let forget = || -> Result<(), Error> {
            self.cx.vault(self.cx.backend_of(zone)?)?.delete(&zone.name, SecretKind::RefreshToken)?;
            self.put_session(&Session { refresh_token: false, sent: None, ..self.session.clone() })
        };
        match forget() {
            Ok(()) => error,
            Err(unforgotten) => error.because(format!("it could not be deleted here: {}", unforgotten.chain())),
        }
    }

    /// A success: the vault first.
    fn save_response(&self, response: TokenResponse, asked: &ClientResponse) -> Fetched {
        let next = response.refresh_token.clone().filter(|next| !next.matches(&self.refresh_token));
        let stored = self.save_refresh_token(next);
        let token = self.request.issued_token(self.cx, response, asked.sent_at);
        Fetched { token, source: Source::Refresh, cacheable: true, stored }
    }

    /// Stores the next refresh token, then clears the journal.
    fn save_refresh_token(&self, next: Option<Secret>) -> Result<(), Error> {
        // A token that rotates only sometimes counts as rotating.
        let rotates = next.is_some() || self.session.rotates == Some(true);
        if let Some(next) = next {
            let zone = self.request.zone;
            session::store_refresh_token(self.cx, zone, self.cx.backend_of(zone)?, next)?;
        }
        let session = Session { rotates: Some(rotates), sent: None, ..self.session.clone() };
        if session == self.session && !rotates { Ok(()) } else { self.put_session(&session) }
    }

    /// The token was not spent: clears the journal.
    fn clear_journal(&self, error: Error) -> Error {
        match self.put_session(&Session { sent: None, ..self.session.clone() }) {
            Ok(()) => error,
            Err(fault) => error.because(format!("the journal of the refresh could not be cleared: {}", fault.chain())),
        }
    }

    fn put_session(&self, session: &Session) -> Result<(), Error> {
        Ok(self.cx.sessions()?.put(&self.request.zone.name, session)?)
    }
}

/// Whether a byte of the request may have left.
#[derive(Default)]
enum Departure {
    #[default]
    Waiting,
    Left,
    /// The journal could not be written, so the request was held back.
    Blocked(Fault),
}

#[cfg(test)]
mod tests {
    use super::narrow_scope;

    #[test]
    fn refresh_sends_scope_only_when_it_differs() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let allowed = texts(&["a", "b"]);
        for (wanted, sent) in
            [(&["b", "a"][..], &[][..]), (&["a"], &["a"]), (&["a", "b", "c"], &["a", "b", "c"]), (&[], &[])]
        {
            assert_eq!(narrow_scope(&texts(wanted), &allowed), texts(sent));
        }
    }
}
