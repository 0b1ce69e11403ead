//! Renews a person's access token by the refresh token (RFC 6749 §6), so that a refresh token that rotates is never lost
//! and never sent twice.
//!
//! The caller holds the lock of the credential ([`super::session::lock`]). Then, in this order: the vault is proven
//! writable; the journal says that the token is sent, at the moment when the first byte leaves; the new one goes into the
//! vault; the journal is cleared; only then is anything cached or printed. A process that dies in between leaves the
//! journal's mark, and whoever comes next knows that the token may be spent. What a gateway answers (502, 504) is a lost
//! answer; the server's own failure (500 and the like) is its word, and the token may be sent again.
//!
//! A token that the last refresh left as it was has no journal: a lost answer is 6 there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Zone;
use crate::context::Context;
use crate::error::{Error, Kind as ErrorKind, exit};
use crate::flows::client::{Client, ClientResponse};
use crate::http::BeforeSend;
use crate::oauth::parameters::TokenParameters;
use crate::oauth::token::{self, TokenResponse};
use crate::oauth::token_request;
use crate::secret::Secret;
use crate::store::session::fingerprint;
use crate::store::{Fault, SecretKind, Sent, Session};

use super::doubt;
use super::issued::issued_token;
use super::session;
use super::single_flight::{Fetched, Source};

/// Refreshes; `zone` has the scopes, audiences and resources that are wanted. When the vault does not take the new refresh
/// token, `stored` is 7: it was rescued then, or the error says that it is lost.
pub fn refresh_token(cx: &Context, zone: &Zone) -> Result<Fetched, Error> {
    let session = signed_in(cx, zone)?;
    if cx.options.dry_run {
        return show_request(cx, zone, &session);
    }
    let backend = cx.backend_of(zone)?;
    session::adopt(cx, zone, backend)?;
    cx.vault(backend)?.status()?;
    let refresh_token = cx.stored(zone, SecretKind::RefreshToken)?.ok_or_else(|| {
        Error::sign_in(&zone.name, format!("the vault holds no refresh token for zone {}", zone.name))
    })?;
    doubt::settle(cx, zone, &session, &refresh_token)?;
    Exchange { cx, zone, session, refresh_token }.run()
}

/// The session with its refresh token.
fn signed_in(cx: &Context, zone: &Zone) -> Result<Session, Error> {
    let name = &zone.name;
    let session =
        session::of(cx, zone)?.ok_or_else(|| Error::sign_in(name, format!("nobody is signed in to zone {name}")))?;
    if !session.refresh_token {
        return Err(Error::sign_in(name, format!("the sign-in to zone {name} has ended"))
            .because("there is no refresh token to renew it by"));
    }
    Ok(session)
}

/// `--dry-run`: the request without the vault; the redactor hides what stands here anyway.
fn show_request(cx: &Context, zone: &Zone, session: &Session) -> Result<Fetched, Error> {
    ask(&Client::of(cx, zone)?, zone, session, &Secret::new("dry-run"))?;
    Err(Error::internal("a dry run was answered"))
}

fn ask(client: &Client<'_>, zone: &Zone, session: &Session, refresh_token: &Secret) -> Result<ClientResponse, Error> {
    let parameters = TokenParameters { scope: narrowed(&zone.scope, &session.scope), ..zone.token_parameters() };
    client.send("token_endpoint", &|url| token_request::refresh(url, refresh_token, &parameters))
}

/// The scopes to ask for: none where they are those of the sign-in, of which the server may have allowed fewer.
fn narrowed<'a>(wanted: &'a [String], allowed: &[String]) -> &'a [String] {
    let same = wanted.iter().all(|scope| allowed.contains(scope)) && allowed.iter().all(|scope| wanted.contains(scope));
    if same { &[] } else { wanted }
}

/// One refresh, from the journal to the vault.
struct Exchange<'a> {
    cx: &'a Context,
    zone: &'a Zone,
    session: Session,
    refresh_token: Secret,
}

impl Exchange<'_> {
    fn run(&self) -> Result<Fetched, Error> {
        let journal = Journal::of(self);
        let client = Client::of(self.cx, self.zone)?.before_send(journal.before_send());
        let asked = match ask(&client, self.zone, &self.session, &self.refresh_token) {
            Ok(asked) => asked,
            Err(error) => return Err(self.unanswered(&journal, error)),
        };
        match token::read(&asked.answer) {
            Ok(response) => {
                let refreshed = self.keep(response, &asked);
                // An access token of the wrong kind is refused, but the refresh token beside it is the good one now.
                client.judge(&asked, Ok(())).map(|()| refreshed)
            }
            Err(fault) => Err(self.refused(&asked, client.judge::<()>(&asked, Err(fault)).err())),
        }
    }

    /// No answer that could be read: whether the token is spent depends on whether it left.
    fn unanswered(&self, journal: &Journal, error: Error) -> Error {
        if let Some(fault) = journal.fault() {
            return Error::from(fault).because("the refresh was not sent, because its journal could not be written");
        }
        if !journal.left() {
            return error;
        }
        if error.in_doubt { self.lost(error) } else { self.settled(error) }
    }

    /// Whether the last refresh left the token as it was.
    fn is_steady(&self) -> bool {
        self.session.rotates == Some(false)
    }

    /// It was sent, and the server's answer is lost. A token that was good for more than one refresh is good for one
    /// more, by all that is known of the server: it may be sent again. Else it is not.
    fn lost(&self, error: Error) -> Error {
        if !self.is_steady() {
            return doubt::error(self.zone, None).because(error.chain());
        }
        let exit = if error.kind == ErrorKind::Network { exit::RETRY } else { exit::UNSAFE };
        let told = Error::new(error.kind, exit, format!("no answer came to the refresh for zone {}", self.zone.name));
        let told = error.causes.into_iter().fold(told, Error::because);
        told.because("the refresh token did not rotate so far, so it is sent again next time")
    }

    /// An answer that brings no token.
    fn refused(&self, asked: &ClientResponse, judged: Option<Error>) -> Error {
        let error = judged.unwrap_or_else(|| Error::internal("a refusal was none"));
        if error.code.as_deref() == Some("invalid_grant") && error.exit == exit::REFUSED {
            return self.ended(error);
        }
        if asked.answer.status >= 300 || error.code.is_some() {
            let error = match error.code.as_deref() {
                // Busy (503) says that nothing was done; broken says nothing.
                _ if asked.answer.status >= 500 && asked.answer.status != 503 && !self.is_steady() => {
                    error.hint(format!(
                        "sending a refresh token again that was spent ends the sign-in; to look first: {}",
                        doubt::question(&self.zone.name)
                    ))
                }
                Some("invalid_scope") => error.hint(format!(
                    "a scope that was not asked for at the sign-in needs a new one: hallpass login -z {} --scope '{}'",
                    self.zone.name,
                    self.zone.scope.join(" ")
                )),
                _ => error,
            };
            return self.settled(error);
        }
        let Some(next) = token::refresh_token_from_bad_response(&asked.answer) else {
            if self.is_steady() {
                return self.settled(error);
            }
            // A success that is unusable has spent the token.
            return doubt::error(self.zone, None).because(error.chain());
        };
        match self.store(Some(next)) {
            Ok(()) => error.because("the refresh token in it was kept"),
            Err(unstored) => unstored.because(error.chain()),
        }
    }

    /// The server says that the refresh token is dead: the proof on which it is forgotten.
    fn ended(&self, refusal: Error) -> Error {
        let zone = &self.zone.name;
        let mut error = Error::sign_in(zone, format!("the sign-in to zone {zone} has ended")).because(refusal.chain());
        error.code = refusal.code;
        let forget = || -> Result<(), Error> {
            self.cx.vault(self.cx.backend_of(self.zone)?)?.delete(zone, SecretKind::RefreshToken)?;
            let session = Session { refresh_token: false, sent: None, ..self.session.clone() };
            Ok(self.cx.sessions()?.put(zone, &session)?)
        };
        match forget() {
            Ok(()) => error,
            Err(unforgotten) => error.because(format!("it could not be forgotten here: {}", unforgotten.chain())),
        }
    }

    /// A success: the vault first.
    fn keep(&self, response: TokenResponse, asked: &ClientResponse) -> Fetched {
        let next = response.refresh_token.clone().filter(|next| !next.matches(&self.refresh_token));
        let stored = self.store(next);
        let token = issued_token(self.cx, self.zone, response, asked.sent_at);
        Fetched { token, source: Source::Refresh, cacheable: true, stored }
    }

    /// Stores the next refresh token, then clears the journal.
    fn store(&self, next: Option<Secret>) -> Result<(), Error> {
        // One that rotates now and then is one that rotates.
        let rotates = next.is_some() || self.session.rotates == Some(true);
        if let Some(next) = next {
            session::store(self.cx, self.zone, self.cx.backend_of(self.zone)?, next)?;
        }
        let session = Session { rotates: Some(rotates), sent: None, ..self.session.clone() };
        if session != self.session || rotates {
            self.cx.sessions()?.put(&self.zone.name, &session)?;
        }
        Ok(())
    }

    /// The token is as it was: the journal is cleared.
    fn settled(&self, error: Error) -> Error {
        let session = Session { sent: None, ..self.session.clone() };
        match self.cx.sessions().and_then(|sessions| Ok(sessions.put(&self.zone.name, &session)?)) {
            Ok(()) => error,
            Err(fault) => error.because(format!("the journal of the refresh could not be cleared: {}", fault.chain())),
        }
    }
}

/// Writes down that the token was sent, when it leaves.
struct Journal {
    before_send: BeforeSend,
    left: Arc<AtomicBool>,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl Journal {
    fn of(exchange: &Exchange<'_>) -> Self {
        let (left, fault) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(None)));
        let (sessions, clock) = (exchange.cx.sessions(), Arc::clone(&exchange.cx.clock));
        let (zone, session) = (exchange.zone.name.clone(), exchange.session.clone());
        let print = fingerprint(&exchange.refresh_token);
        let before_send: BeforeSend = {
            let (left, fault) = (Arc::clone(&left), Arc::clone(&fault));
            Arc::new(move || {
                let Ok(sessions) = &sessions else { return false };
                // One that was good for many refreshes is good for one more.
                if session.rotates != Some(false) {
                    let sent = Some(Sent { fingerprint: print.clone(), at_ms: clock.now().millis() });
                    if let Err(error) = sessions.put(&zone, &Session { sent, ..session.clone() }) {
                        *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        return false;
                    }
                }
                left.store(true, Ordering::SeqCst);
                true
            })
        };
        Self { before_send, left, fault }
    }

    fn before_send(&self) -> BeforeSend {
        Arc::clone(&self.before_send)
    }

    /// Whether a byte of the request may have left.
    fn left(&self) -> bool {
        self.left.load(Ordering::SeqCst)
    }

    /// Why it could not be written, and the request was kept back.
    fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::narrowed;

    #[test]
    fn scopes_are_named_only_when_they_differ_from_the_sign_in() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let allowed = texts(&["a", "b"]);
        for (wanted, sent) in
            [(&["b", "a"][..], &[][..]), (&["a"], &["a"]), (&["a", "b", "c"], &["a", "b", "c"]), (&[], &[])]
        {
            assert_eq!(narrowed(&texts(wanted), &allowed), texts(sent));
        }
    }
}
