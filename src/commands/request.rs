//! The flags that say which token is wanted, shared by `token` and `header`.

use std::time::Duration;

use clap::Args;

use crate::config::Zone;
use crate::context::Context;
use crate::edges::{Moment, parse_span};
use crate::error::{Error, Kind, exit};
use crate::flows::sign_in::id_token;
use crate::flows::token::cache;
use crate::flows::token::obtain;
use crate::flows::token::request::TokenRequest;
use crate::flows::token::single_flight::{Freshness, Source, TokenResult};
use crate::oauth::grant::Grant;
use crate::oauth::token::{check_parameter_name, check_scope};
use crate::oauth::{bearer, expiry};
use crate::secret::Secret;
use crate::source::Source as SecretSource;
use crate::store::{Provenance, Token};

/// What to do about a token in the environment that is not wanted.
const OTHERWISE: &str = "unset it, or name a zone with -z";

/// Which token is wanted.
#[derive(Debug, Default, Args)]
pub struct Flags {
    /// Request these scopes instead of the zone's; repeatable, splits on spaces
    #[arg(long, value_name = "SCOPE", value_parser = scopes)]
    pub scope: Vec<String>,
    /// Request a token for this audience instead of the zone's; repeatable
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Vec<String>,
    /// Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    #[arg(long, value_name = "URI")]
    pub resource: Vec<String>,
    /// Send this additional parameter; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub param: Vec<(String, String)>,
    /// Use grant jwt_bearer with the assertion from SOURCE
    #[arg(long, value_name = "SOURCE", conflicts_with = "subject_token_from")]
    pub assertion_from: Option<SecretSource>,
    /// Use grant token_exchange with the subject token from SOURCE
    #[arg(long, value_name = "SOURCE")]
    pub subject_token_from: Option<SecretSource>,
    /// Minimum remaining lifetime (best effort: a shorter-lived token is still printed, with a warning)
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub min_ttl: Option<Duration>,
    /// Ignore the cache; get a new token
    #[arg(long)]
    pub fresh: bool,
    /// Do not read or write the cache
    #[arg(long)]
    pub no_cache: bool,
    /// Print times and the reason to stderr
    #[arg(long)]
    pub explain: bool,
}

impl Flags {
    /// Obtains the token: `HALLPASS_TOKEN` unless a zone is named with `-z`, else the zone's.
    pub fn obtain(&self, cx: &Context) -> Result<TokenResult, Error> {
        self.obtain_for(cx, &|_| Ok(()))
    }

    /// As [`Flags::obtain`], for a zone that `fits`: nothing is asked for one that does not.
    pub fn obtain_for(&self, cx: &Context, fits: &dyn Fn(&Zone) -> Result<(), Error>) -> Result<TokenResult, Error> {
        let obtained = match given(cx, self)? {
            Some(given) => given,
            None => self.obtain_of_zone(cx, fits)?,
        };
        if self.explain {
            explain(cx, &obtained, self.min_ttl.unwrap_or_default());
        }
        Ok(obtained)
    }

    /// Whether they ask for a token other than just any of the zone's.
    fn asks(&self) -> bool {
        let lists = [&self.scope, &self.audience, &self.resource];
        let sources = self.assertion_from.is_some() || self.subject_token_from.is_some();
        sources || !self.param.is_empty() || lists.iter().any(|list| !list.is_empty())
    }

    fn obtain_of_zone(&self, cx: &Context, fits: &dyn Fn(&Zone) -> Result<(), Error>) -> Result<TokenResult, Error> {
        let zone = cx.zone()?.zone;
        fits(&zone)?;
        let scope = split(&self.scope);
        let extra;
        let mut request = TokenRequest::of(&zone).asking_for(&scope, &self.audience, &self.resource);
        if !self.param.is_empty() {
            extra = [&zone.params[..], &self.param].concat();
            request.parameters.extra = &extra;
        }
        if let Some(source) = &self.assertion_from {
            (request.grant, request.input) = (Grant::JwtBearer, Some(source));
        }
        if let Some(source) = &self.subject_token_from {
            (request.grant, request.input) = (Grant::TokenExchange, Some(source));
        }
        let freshness = Freshness { min_ttl: self.min_ttl.unwrap_or_default(), fresh: self.fresh };
        obtain::obtain_token(cx, &request, freshness, self.no_cache)
    }
}

/// The token of `HALLPASS_TOKEN`; only `-z` beats it.
fn given(cx: &Context, flags: &Flags) -> Result<Option<TokenResult>, Error> {
    let Some(value) = cx.environment.os("HALLPASS_TOKEN").filter(|_| cx.options.zone.is_none()) else {
        return Ok(None);
    };
    if flags.fresh {
        return Err(Error::usage("--fresh can't be used while HALLPASS_TOKEN is set").hint(OTHERWISE));
    }
    if flags.asks() {
        cx.ui.warn("HALLPASS_TOKEN is handed out as it is: nothing else is asked for");
    }
    cx.require_request(false).map_err(|error| error.because("HALLPASS_TOKEN is set"))?;
    let sound = |text: &&str| bearer::is_b64token(text) && text.len() <= bearer::TOKEN_LIMIT;
    let text = value.to_str().filter(sound).ok_or_else(|| {
        Error::refused("HALLPASS_TOKEN is not a bearer token of at most 16 KiB (RFC 6750 §2.1)").hint(OTHERWISE)
    })?;
    let access_token = Secret::new(text);
    let expires_at = expiry::jwt_exp(&access_token).map(Moment::from_epoch);
    if expires_at.is_some_and(|at| at <= cx.clock.now()) {
        cx.ui.warn("the token in HALLPASS_TOKEN has expired");
    }
    let token = Token {
        access_token,
        token_type: "Bearer".to_owned(),
        scope: None,
        id_token: None,
        sent_at: cx.started,
        obtained_at: cx.started,
        expires_at,
        provenance: Provenance::default(),
    };
    Ok(Some(TokenResult { token, source: Source::Environment, because: "HALLPASS_TOKEN is set" }))
}

/// The ID token that came with a token: one that is still good, for a refresh need not bring a new one. It is verified
/// here, because only who asks for it needs the issuer's keys.
pub fn id_token(cx: &Context, obtained: &TokenResult) -> Result<Secret, Error> {
    let Some(token) = obtained.token.id_token.clone() else {
        if obtained.source == Source::Environment {
            return Err(Error::usage("HALLPASS_TOKEN is set, and brings no ID token").hint(OTHERWISE));
        }
        return Err(Error::new(Kind::Protocol, exit::REFUSED, "the server gave no ID token")
            .hint("ask for the scope openid: --scope openid --fresh"));
    };
    if expiry::jwt_exp(&token).is_some_and(|exp| exp <= cx.clock.now().epoch()) {
        return Err(Error::sign_in(
            &obtained.token.provenance.zone,
            "the ID token has expired, and the server gave no new one",
        ));
    }
    id_token::confirm(cx, &cx.zone()?.zone, &token)?;
    Ok(token)
}

fn explain(cx: &Context, obtained: &TokenResult, min_ttl: Duration) {
    let token = &obtained.token;
    if obtained.source == Source::Environment {
        cx.ui.write_line("", "", &format!("source: {}, because {}", obtained.source.name(), obtained.because));
        return;
    }
    cx.ui.write_line("", "", &format!("issued_at: {}", token.sent_at.rfc3339()));
    if let (Some(expires_at), Some(renew_at)) = (token.expires_at, cache::renew_at(token, min_ttl)) {
        cx.ui.write_line("", "", &format!("expires_at: {}", expires_at.rfc3339()));
        cx.ui.write_line("", "", &format!("renew_at: {}", renew_at.rfc3339()));
    } else {
        cx.ui.write_line("", "", "expires_at: unknown, so it is not cached");
    }
    cx.ui.write_line("", "", &format!("source: {}, because {}", obtained.source.name(), obtained.because));
}

/// Reads scopes, one or several with spaces between them.
pub fn scopes(text: &str) -> Result<String, String> {
    check_scope(text).map(|()| text.to_owned())
}

/// Splits scopes on spaces and drops what is empty.
pub fn split(scopes: &[String]) -> Vec<String> {
    scopes.iter().flat_map(|scope| scope.split_whitespace()).map(str::to_owned).collect()
}

pub fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    check_parameter_name(name)?;
    Ok((name.to_owned(), value.to_owned()))
}
