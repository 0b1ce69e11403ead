//! Sign-ins that fail before there is a token.

use super::{Error, Hint, Kind, exit};
use crate::config::Zone;
use crate::oauth::issuer;
use crate::text::sanitize;

pub fn paste_needs_prompt() -> Error {
    Error::usage("--paste prompts for a URL, and --no-input forbids prompts")
        .hint("give the URL on stdin, or drop --no-input")
}

/// The redirect URI can't be used, for this reason.
pub fn bad_redirect_uri(reason: &str) -> Error {
    Error::usage(format!("the redirect URI {reason}"))
}

/// No listener can be opened at the redirect URI, for this reason.
pub fn cannot_listen(reason: &str) -> Error {
    Error::usage(format!("can't listen at this redirect URI: {reason}"))
        .hint("paste the URL you are redirected to: --paste")
}

pub fn no_callback() -> Error {
    Error::internal("the callback ended without a response")
}

/// The responses belong to another sign-in.
pub fn wrong_state(pasted: bool) -> Error {
    let error =
        Error::refused("the responses carried a different state").hint("sign in again, and use only the newest page");
    if pasted { error.hint("paste the whole URL, with code and state") } else { error }
}

pub fn nothing_pasted(error: Error) -> Error {
    if error.silent { error } else { Error::new(Kind::Cancelled, exit::SIGN_IN, "no URL was pasted") }
}

pub fn code_expired(zone: &str) -> Error {
    Error::sign_in(zone, "the code has expired before anybody answered")
}

pub fn deadline_passed() -> Error {
    Error::new(Kind::Network, exit::RETRY, "the deadline passed before anybody answered")
        .hint("more time: --deadline 10m")
}

impl Error {
    /// The server has no device flow, or not for this client: a browser may do, here or where there is a display.
    #[must_use]
    pub fn or_with_browser(self, zone: &str, has_display: bool) -> Self {
        if self.kind != Kind::Config && self.code.as_deref() != Some("unauthorized_client") {
            return self;
        }
        let (flag, purpose) = if has_display {
            ("--browser", "or sign in with a browser")
        } else {
            ("--paste", "or sign in with a browser on another machine, then paste the URL")
        };
        self.hint(Hint::login(zone).with_flags(flag).purpose(purpose))
    }

    /// Nobody came back: some servers show an error page instead of a redirect.
    #[must_use]
    pub fn if_not_redirected(self, zone: &Zone, redirect_uri: &str) -> Self {
        if self.exit != exit::RETRY {
            return self;
        }
        let client = zone.client_id.as_deref().map_or_else(String::new, sanitize);
        let registered = format!("{} must be registered for {client}", sanitize(redirect_uri));
        self.hint(format!("if the page showed an error: {registered}, or name one that is: --redirect-uri URI"))
            .hint(if issuer::realm(&zone.issuer).is_some() {
                format!("Keycloak: Clients > {client} > Settings > Valid redirect URIs: add http://127.0.0.1/*")
            } else {
                "loopback redirect URIs may be registered without a port (RFC 8252 §7.3)".to_owned()
            })
            .hint(Hint::edit(&zone.name, "--client-id ID").purpose("if the client was not found"))
    }

    /// The code was sent and can't be sent again.
    #[must_use]
    pub fn or_new_code(self) -> Self {
        if self.in_doubt { self.hint("a new sign-in is always safe: it uses a new code") } else { self }
    }
}

/// The person said no, whatever the status of the response is.
pub fn denied(error: Error) -> Error {
    Error { kind: Kind::Authentication, exit: exit::REFUSED, ..error }
}
