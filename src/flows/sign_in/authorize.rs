//! Signs a person in by an authorization code (RFC 6749 §4.1): a page is opened, the response comes to loopback or is
//! pasted, the code is redeemed, the ID token is verified.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use url::{Host, Url};

use crate::config::{Origin, Zone};
use crate::context::Context;
use crate::edges::{Deadline, Environment, Moment};
use crate::error::{self, Error};
use crate::http::{Callback, Verdict};
use crate::oauth::Fault;
use crate::oauth::authorization::{self, Response};
use crate::oauth::secure_url::is_loopback;
use crate::oauth::token::TokenResponse;
use crate::output::describe_span;
use crate::secret::Secret;
use crate::source::Source;

use super::authorization_request::{AuthorizationRequest, CALLBACK, LoginRequest, Par};
use super::id_token;

/// How long a person may take, unless a deadline was set.
const PATIENCE: Duration = Duration::from_secs(600);
/// So many answers that know nothing of our request end the attempt.
const STRAYS: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// A browser on this machine is opened, and comes back by itself.
    Browser,
    /// As [`ResponseMode::Browser`], but the person opens the page.
    Listen,
    /// The person opens the page anywhere and pastes the URL they were redirected to.
    Paste,
}

/// A redirect URI as it is sent, and the listener there; `None` where the response is pasted.
struct RedirectListener {
    uri: String,
    path: String,
    callback: Option<Callback>,
}

pub fn sign_in(
    cx: &Context,
    request: LoginRequest,
    port: Option<u16>,
    par: Par,
    mode: ResponseMode,
) -> Result<(TokenResponse, Moment), Error> {
    if mode == ResponseMode::Paste && cx.options.no_input && cx.ui.stdin_terminal() {
        return Err(error::sign_in::paste_needs_prompt());
    }
    let RedirectListener { uri, path, callback } = listen_for_redirect(&request.zone, port, mode)?;
    let environment = browser_environment(cx, &request.zone);
    let request = AuthorizationRequest::begin(cx, LoginRequest { redirect_uri: uri, ..request })?.for_own_sign_in();
    if let Some(code) = cx.stand_in()
        && !request.pushes(par)?
    {
        // The first request of a dry run is the one that redeems the code.
        return request.redeem(cx, &code);
    }
    let url = request.url(cx, par)?;
    cx.ui.info(match mode {
        ResponseMode::Browser => "Opening your browser… If no page appears, open this one:",
        _ => "To sign in, open this page:",
    });
    cx.ui.write_line(&url);
    let code = match callback {
        Some(callback) => {
            if mode == ResponseMode::Browser {
                open_page(cx, environment, &url);
            }
            let deadline = person_deadline(cx);
            cx.ui.info(&wait_notice(deadline.remaining(), None));
            wait_for_redirect(cx, callback, &path, &request, deadline)
                .map_err(|error| error.if_not_redirected(&request.login().zone, &request.login().redirect_uri))
        }
        None => read_pasted(cx, &request),
    }?;
    cx.waited_for_person();
    let (response, sent_at) = request.redeem(cx, &code)?;
    verify_id_token(cx, &request, &response)?;
    let LoginRequest { zone, prompt, .. } = request.login();
    // OpenID Connect Core §11: a server ignores this scope without the prompt, unless it knows better.
    let is_ignored = response.refresh_token.is_none() && zone.scope.iter().any(|scope| scope == "offline_access");
    if is_ignored && prompt.as_deref() != Some("consent") {
        cx.ui.warn(&format!(
            "the server gave no refresh token, though the scope offline_access was asked for; it may want consent: \
             hallpass login -z {} --prompt consent",
            zone.name
        ));
    }
    Ok((response, sent_at))
}

/// A redirect URI with a port that is free now, for a client that registers it.
pub fn free_redirect_uri() -> Result<String, Error> {
    Ok(format!("http://127.0.0.1:{}{CALLBACK}", Callback::listen(None)?.port()))
}

/// The redirect URI of the zone, else the usual one at this port, and the listener there.
fn listen_for_redirect(zone: &Zone, port: Option<u16>, mode: ResponseMode) -> Result<RedirectListener, Error> {
    let Some(given) = &zone.redirect_uri else {
        let callback = Callback::listen(port)?;
        let uri = format!("http://127.0.0.1:{}{CALLBACK}", callback.port());
        // Nobody listens for a pasted response: the browser shows it in its address bar.
        let callback = (mode != ResponseMode::Paste).then_some(callback);
        return Ok(RedirectListener { uri, path: CALLBACK.to_owned(), callback });
    };
    let url = Url::parse(given).map_err(|_| error::sign_in::bad_redirect_uri("is not a URL"))?;
    if url.fragment().is_some() {
        return Err(error::sign_in::bad_redirect_uri("has a fragment (RFC 6749 §3.1.2)"));
    }
    if mode == ResponseMode::Paste {
        return Ok(RedirectListener { uri: given.clone(), path: String::new(), callback: None });
    }
    // The listener has one address of 127.0.0.0/8.
    let elsewhere = matches!(url.host(), Some(Host::Ipv4(address)) if address != Ipv4Addr::LOCALHOST);
    if !is_loopback(&url) || elsewhere || url.scheme() != "http" {
        return Err(error::sign_in::cannot_listen("it is not http to loopback"));
    }
    if url.query().is_some() {
        return Err(error::sign_in::cannot_listen("it has a query"));
    }
    let callback = Callback::listen(url.port().or(port))?;
    let mut listening = url.clone();
    let uri = match url.port() {
        Some(_) => given.clone(),
        // RFC 8252 §7.3: the client may choose the port.
        None if listening.set_port(Some(callback.port())).is_ok() => listening.into(),
        None => return Err(error::sign_in::bad_redirect_uri("takes no port")),
    };
    Ok(RedirectListener { uri, path: url.path().to_owned(), callback: Some(callback) })
}

/// Opens the page without waiting for it: the listener has to be there when the browser comes back.
fn open_page(cx: &Context, environment: Environment, url: &str) {
    let (browser, url, sink) = (Arc::clone(&cx.browser), url.to_owned(), cx.ui.sink());
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
fn browser_environment(cx: &Context, zone: &Zone) -> Environment {
    cx.child_environment(Some(zone)).remove_variables(|name| name.as_encoded_bytes().starts_with(b"HALLPASS_"))
}

/// Says that a person is waited for, and how long.
pub(super) fn wait_notice(deadline: Option<Duration>, code: Option<Duration>) -> String {
    let most = deadline.map(|span| format!(", at most {}", describe_span(span + Duration::from_millis(500))));
    let valid = code.map(|span| format!("; the code is valid for {}", describe_span(span)));
    format!("Waiting for the sign-in{}{}; Ctrl-C cancels", most.unwrap_or_default(), valid.unwrap_or_default())
}

fn person_deadline(cx: &Context) -> Deadline {
    match cx.patience().origin {
        Origin::Default | Origin::User => Deadline::after(PATIENCE),
        _ => cx.deadline(),
    }
}

/// Waits for the browser. Who does not know the state is turned away; the third such ends it.
fn wait_for_redirect(
    cx: &Context,
    callback: Callback,
    path: &str,
    request: &AuthorizationRequest,
    deadline: Deadline,
) -> Result<Secret, Error> {
    let (mut strays, mut outcome) = (0, None);
    let _shown = cx.ui.waiting().show(|| "waiting for the browser".to_owned());
    callback.wait(path, deadline, &mut |query| match authorization::read(query, &request.expected()) {
        Response::Code(code) => {
            outcome = Some(Ok(code));
            Verdict::Welcome
        }
        Response::Failed(fault) => {
            let verdict = match &fault {
                Fault::NotAuthorized { .. } => Verdict::Failed,
                _ => Verdict::Wrong,
            };
            outcome = Some(Err(request.explain(fault)));
            verdict
        }
        Response::Ignored => {
            strays += 1;
            if strays == STRAYS {
                outcome = Some(Err(error::sign_in::wrong_state(false)));
                return Verdict::Wrong;
            }
            cx.ui.warn("ignored a response with a different state; still waiting");
            cx.ui.write_warnings();
            Verdict::Ignored
        }
    })?;
    outcome.unwrap_or_else(|| Err(error::sign_in::no_callback()))
}

/// Reads the URL that the browser was redirected to: from a prompt, else one line of stdin.
fn read_pasted(cx: &Context, request: &AuthorizationRequest) -> Result<Secret, Error> {
    if cx.may_ask() {
        let uri = &request.login().redirect_uri;
        cx.ui.info(&format!("After that the browser goes to {uri}?…, a page that may not load: copy its URL"));
    }
    for _ in 0..STRAYS {
        let text = if cx.may_ask() {
            cx.ask_secret("Paste the URL you were redirected to (hidden)").map_err(error::sign_in::nothing_pasted)?
        } else {
            cx.read_unasked(&Source::Stdin, "URL you were redirected to", None)?
        };
        match authorization::read_pasted(text.expose(), &request.expected()) {
            Response::Code(code) => return Ok(code),
            Response::Failed(fault) => return Err(request.explain(fault)),
            Response::Ignored if cx.may_ask() => cx.ui.warn("this is not the whole URL of this sign-in"),
            Response::Ignored => break,
        }
    }
    Err(error::sign_in::wrong_state(true))
}

fn verify_id_token(cx: &Context, request: &AuthorizationRequest, response: &TokenResponse) -> Result<(), Error> {
    let LoginRequest { zone, max_age, .. } = request.login();
    let Some(id_token) = &response.id_token else {
        if zone.asks_for_id_token() {
            cx.ui.warn("the server gave no ID token, though the scope openid was asked for");
        }
        return Ok(());
    };
    let max_age = max_age.map(Duration::from_secs);
    id_token::verify(cx, zone, id_token, request.expected_nonce(), Some(&response.access_token), max_age).map(drop)
}
