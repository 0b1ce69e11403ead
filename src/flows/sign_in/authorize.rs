//! Signs a person in by an authorization code (RFC 6749 §4.1): the page is opened, its answer is heard on loopback or
//! pasted, the code is redeemed, the ID token is verified.

use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use url::{Host, Url};

use crate::config::{Origin, Zone};
use crate::context::Context;
use crate::edges::{Deadline, Environment, Moment};
use crate::error::{Error, Kind, exit};
use crate::http::{Callback, Verdict};
use crate::oauth::Fault;
use crate::oauth::authorization::{self, Expected, Response};
use crate::oauth::secure_url::is_loopback;
use crate::oauth::token::TokenResponse;
use crate::secret::Secret;
use crate::source::{Source, child_environment};

use super::attempt::{Attempt, CALLBACK, Par, Wish};
use super::id_token;

/// How long a person may take, unless a deadline was set.
const PATIENCE: Duration = Duration::from_secs(600);
/// So many answers that know nothing of our request end the attempt.
const STRAYS: u32 = 3;

/// How the answer comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A browser on this machine is opened, and comes back by itself.
    Browser,
    /// As [`Way::Browser`], but the person opens the page.
    Listen,
    /// The person opens the page anywhere and pastes the address that the browser ended at.
    Paste,
}

/// Where the answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The redirect URI that was registered, if it is not the usual one.
    pub redirect_uri: Option<String>,
    /// The port, if the kernel is not to choose.
    pub port: Option<u16>,
}

/// A redirect URI as it is sent, and the place where it is heard.
struct Place {
    uri: String,
    path: String,
    callback: Option<Callback>,
}

pub fn sign_in(
    cx: &Context,
    wish: Wish,
    target: &Target,
    par: Par,
    way: Way,
) -> Result<(TokenResponse, Moment), Error> {
    if way == Way::Paste && cx.options.no_input && cx.ui.stdin_terminal() {
        return Err(Error::usage("--paste asks for an address, and --no-input forbids that")
            .hint("give the address on stdin, or leave --no-input out"));
    }
    let Place { uri, path, callback } = place(target, way)?;
    let (zone, max_age) = (wish.zone.clone(), wish.max_age);
    let attempt = Attempt::begin(cx, Wish { redirect_uri: uri, ..wish })?;
    if cx.options.dry_run && !attempt.pushes(par)? {
        // The first request is the one that redeems the code.
        return attempt.redeem(cx, &Secret::new("dry-run"));
    }
    let url = attempt.url(cx, par)?;
    cx.ui.info("open this page to sign in:");
    cx.ui.write_line("", "", &url);
    let expected = attempt.expected();
    let code = match callback {
        Some(callback) => {
            if way == Way::Browser {
                open(cx, &url);
            }
            heard(cx, callback, &path, &expected)
        }
        None => pasted(cx, &expected),
    }?;
    cx.waited_for_person();
    let (response, sent_at) = attempt.redeem(cx, &code)?;
    verified(cx, &zone, &attempt, &response, max_age)?;
    Ok((response, sent_at))
}

/// Where the answer goes, and who listens there.
fn place(target: &Target, way: Way) -> Result<Place, Error> {
    let Some(given) = &target.redirect_uri else {
        let callback = Callback::listen(target.port)?;
        let uri = format!("http://127.0.0.1:{}{CALLBACK}", callback.port());
        // Where the answer is pasted nobody listens: the browser shows it in its address bar.
        let callback = (way != Way::Paste).then_some(callback);
        return Ok(Place { uri, path: CALLBACK.to_owned(), callback });
    };
    let url = Url::parse(given).map_err(|_| Error::usage("the redirect URI is not a URL"))?;
    if url.fragment().is_some() {
        return Err(Error::usage("the redirect URI has a fragment (RFC 6749 §3.1.2)"));
    }
    if way == Way::Paste {
        return Ok(Place { uri: given.clone(), path: String::new(), callback: None });
    }
    // Of 127.0.0.0/8 the listener has one address.
    let elsewhere = matches!(url.host(), Some(Host::Ipv4(address)) if address != Ipv4Addr::LOCALHOST);
    let here = is_loopback(&url) && !elsewhere;
    if !here || url.scheme() != "http" {
        return Err(Error::usage("nobody can listen at this redirect URI: it is not http to loopback")
            .hint("paste the address that the browser ends at: --paste"));
    }
    if url.query().is_some() {
        return Err(Error::usage("a redirect URI on loopback has no query here").hint("or paste: --paste"));
    }
    let callback = Callback::listen(url.port().or(target.port))?;
    let mut listening = url.clone();
    let uri = match url.port() {
        Some(_) => given.clone(),
        // RFC 8252 §7.3: the port is the client's to choose.
        None if listening.set_port(Some(callback.port())).is_ok() => listening.into(),
        None => return Err(Error::usage("the redirect URI takes no port")),
    };
    Ok(Place { uri, path: url.path().to_owned(), callback: Some(callback) })
}

/// Opens the page without waiting for it: the listener has to be there when the browser comes back.
fn open(cx: &Context, url: &str) {
    let (browser, url) = (Arc::clone(&cx.browser), url.to_owned());
    let (environment, sink) = (clean(&cx.environment), cx.ui.sink());
    let quiet = cx.ui.verbosity() == crate::output::Verbosity::Quiet;
    std::thread::spawn(move || {
        if let Err(why) = browser.open(&url, &environment)
            && !quiet
        {
            sink(&format!("{}: open the page yourself", crate::text::sanitize(&why)));
        }
    });
}

/// A browser learns nothing of ours.
fn clean(environment: &Environment) -> Environment {
    let ours = |name: &OsStr| name.as_encoded_bytes().starts_with(b"HALLPASS_");
    Environment::of(child_environment(environment).into_iter().filter(|(name, _)| !ours(name)))
}

/// Until when a person is waited for.
fn patience(cx: &Context) -> Deadline {
    match cx.patience().origin {
        Origin::Default | Origin::User => Deadline::after(PATIENCE),
        _ => cx.deadline(),
    }
}

/// Waits for the browser. Who does not know the state is turned away; the third such ends it.
fn heard(cx: &Context, callback: Callback, path: &str, expected: &Expected<'_>) -> Result<Secret, Error> {
    let (mut strays, mut outcome) = (0, None);
    callback.wait(path, patience(cx), &mut |query| match authorization::read(query, expected) {
        Response::Code(code) => {
            outcome = Some(Ok(code));
            Verdict::Welcome
        }
        Response::Failed(fault) => {
            let verdict = match &fault {
                Fault::NotAuthorized { .. } => Verdict::Failed,
                _ => Verdict::Wrong,
            };
            outcome = Some(Err(fault.into()));
            verdict
        }
        Response::Ignored => {
            strays += 1;
            if strays == STRAYS {
                outcome = Some(Err(stray()));
                return Verdict::Wrong;
            }
            cx.ui.warn("an answer came that is not to this sign-in; it still waits for the right one");
            Verdict::Ignored
        }
    })?;
    outcome.unwrap_or_else(|| Err(Error::internal("the callback ended without an answer")))
}

fn stray() -> Error {
    Error::refused("the answers that came are not to this sign-in: their state is another one")
        .hint("begin again, and use the newest page only")
}

/// Reads the address that the browser ended at: asks a person, else reads one line of stdin.
fn pasted(cx: &Context, expected: &Expected<'_>) -> Result<Secret, Error> {
    for _ in 0..STRAYS {
        let text = if cx.may_ask() {
            cx.prompt.secret("Paste the address that the browser ended at (it is not shown)").map_err(|error| {
                Error::new(Kind::Cancelled, exit::SIGN_IN, "no address was pasted").because(error.to_string())
            })?
        } else {
            cx.read(&Source::Stdin, None)?
        };
        match authorization::read_pasted(text.expose(), expected) {
            Response::Code(code) => return Ok(code),
            Response::Failed(fault) => return Err(fault.into()),
            Response::Ignored if cx.may_ask() => cx.ui.warn("this is not the whole address of this sign-in"),
            Response::Ignored => break,
        }
    }
    Err(stray().hint("paste the whole address, with code and state"))
}

/// The ID token, where there is one, is signed by the issuer and belongs to this attempt.
fn verified(
    cx: &Context,
    zone: &Zone,
    attempt: &Attempt,
    response: &TokenResponse,
    max_age: Option<u64>,
) -> Result<(), Error> {
    let Some(id_token) = &response.id_token else {
        if zone.scope.iter().any(|scope| scope == "openid") {
            cx.ui.warn("the server gave no ID token, though the scope openid was asked for");
        }
        return Ok(());
    };
    let max_age = max_age.map(Duration::from_secs);
    id_token::verify(cx, zone, id_token, Some(&attempt.nonce), Some(&response.access_token), max_age).map(drop)
}
