//! The flags of a token request, and the token that they lead to.

use std::time::Duration;

use clap::Args;
use clap::builder::TypedValueParser;

use super::choice::ChoiceParser;
use crate::config::{SettingValue as _, Zone};
use crate::context::Context;
use crate::edges::{Moment, parse_span};
use crate::error::{self, Error, usage};
use crate::flows::sign_in::id_token;
use crate::flows::token::freshness::Freshness;
use crate::flows::token::obtain;
use crate::flows::token::renewal;
use crate::flows::token::request::TokenRequest;
use crate::flows::token::single_flight::{Source, TokenResult};
use crate::oauth::grant::Grant;
use crate::oauth::token::{check_parameter_name, check_resource, check_scope};
use crate::oauth::{bearer, expiry};
use crate::secret::Secret;
use crate::source::Source as SecretSource;
use crate::store::{Provenance, Token};

/// The parameters of a token request, in place of the zone's.
#[derive(Debug, Clone, Default, Args)]
pub struct ParameterFlags {
    /// Request these scopes instead of the zone's; repeatable, splits on spaces
    #[arg(long, value_name = "SCOPE", value_parser = parse_scopes)]
    pub scope: Vec<String>,
    /// Request a token for this audience instead of the zone's; repeatable
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Vec<String>,
    /// Request a token for this resource (RFC 8707) instead of the zone's; repeatable
    #[arg(long, value_name = "URI", value_parser = parse_resource)]
    pub resource: Vec<String>,
    /// Send this additional parameter; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub param: Vec<(String, String)>,
}

/// What the flags split and join for a request that borrows its lists.
#[derive(Debug, Default)]
pub struct ParameterLists {
    scope: Vec<String>,
    extra: Vec<(String, String)>,
}

impl ParameterFlags {
    /// The request with the lists of these flags in place of its own, and their parameters after its own.
    pub fn apply_to<'a>(&'a self, request: TokenRequest<'a>, lists: &'a mut ParameterLists) -> TokenRequest<'a> {
        lists.scope = split_scopes(&self.scope);
        let extra = request.parameters.extra;
        if !self.param.is_empty() {
            lists.extra = [extra, &self.param].concat();
        }
        let lists = &*lists;
        let mut request = request.asking_for(&lists.scope, &self.audience, &self.resource);
        request.parameters.extra = if self.param.is_empty() { extra } else { &lists.extra };
        request
    }

    fn is_empty(&self) -> bool {
        let lists = [&self.scope, &self.audience, &self.resource];
        self.param.is_empty() && lists.iter().all(|list| list.is_empty())
    }
}

/// Which token is wanted.
#[derive(Debug, Clone, Default, Args)]
pub struct TokenFlags {
    #[command(flatten)]
    pub parameters: ParameterFlags,
    /// Use this grant for this call, or another one by its URI with --param
    #[arg(long, value_name = "GRANT", value_parser = parse_grant())]
    pub grant: Option<Grant>,
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
    /// Print to stderr when the token was issued, expires and is renewed, and where it came from
    #[arg(long)]
    pub explain: bool,
}

impl TokenFlags {
    /// Obtains the token: `HALLPASS_TOKEN` unless a zone is named with `-z`, else the zone's.
    pub fn obtain_token(&self, cx: &Context) -> Result<TokenResult, Error> {
        self.obtain_token_for(cx, &|_| Ok(()))
    }

    /// As [`TokenFlags::obtain_token`], for a zone that `fits`; for another one no request is sent.
    pub fn obtain_token_for(
        &self,
        cx: &Context,
        fits: &dyn Fn(&Zone) -> Result<(), Error>,
    ) -> Result<TokenResult, Error> {
        if let Some(token) = self.environment_token(cx)? {
            return Ok(token);
        }
        let zone = cx.zone()?.zone;
        fits(&zone)?;
        self.obtain_from(cx, &zone)
    }

    /// The token of `HALLPASS_TOKEN`; only `-z` beats it.
    pub fn environment_token(&self, cx: &Context) -> Result<Option<TokenResult>, Error> {
        let token = environment_token(cx, self)?;
        if let Some(token) = &token {
            self.explain_token(cx, token);
        }
        Ok(token)
    }

    /// Obtains a token of this zone.
    pub fn obtain_from(&self, cx: &Context, zone: &Zone) -> Result<TokenResult, Error> {
        let mut lists = ParameterLists::default();
        let mut request = self.parameters.apply_to(TokenRequest::of(zone), &mut lists);
        if let Some(grant) = self.grant {
            request = request.with_grant(grant);
        }
        if let Some(source) = &self.assertion_from {
            let extension = Some(request.grant).filter(|grant| matches!(grant, Grant::Extension(_)));
            (request.grant, request.input) = (extension.unwrap_or(Grant::JwtBearer), Some(source));
        }
        if let Some(source) = &self.subject_token_from {
            (request.grant, request.input) = (Grant::TokenExchange, Some(source));
        }
        let freshness = Freshness { min_ttl: self.min_ttl.unwrap_or_default(), fresh: self.fresh };
        let obtained = obtain::obtain_token(cx, &request, freshness, self.no_cache)?;
        self.explain_token(cx, &obtained);
        Ok(obtained)
    }

    fn explain_token(&self, cx: &Context, obtained: &TokenResult) {
        if self.explain {
            explain_token(cx, obtained, self.min_ttl.unwrap_or_default());
        }
    }
}

fn environment_token(cx: &Context, flags: &TokenFlags) -> Result<Option<TokenResult>, Error> {
    let Some(token) = read_environment_token(cx)? else { return Ok(None) };
    if flags.fresh {
        return Err(usage::conflict_with_token_variable("--fresh"));
    }
    let has_input = flags.assertion_from.is_some() || flags.subject_token_from.is_some();
    if !flags.parameters.is_empty() || flags.grant.is_some() || has_input {
        cx.ui.warn("HALLPASS_TOKEN is used as it is; the flags of a token request have no effect");
    }
    cx.require_request(false).map_err(|error| error.because("HALLPASS_TOKEN is set"))?;
    if token.left(cx.clock.now()).is_none() {
        cx.ui.warn("the token in HALLPASS_TOKEN has expired");
    }
    Ok(Some(TokenResult { token, source: Source::Environment, because: "HALLPASS_TOKEN is set", file: None }))
}

/// The token of `HALLPASS_TOKEN`, where it would be used.
pub fn read_environment_token(cx: &Context) -> Result<Option<Token>, Error> {
    if cx.options.zone.is_some() {
        return Ok(None);
    }
    let Some(value) = cx.environment.read_choice("HALLPASS_TOKEN")? else { return Ok(None) };
    if !bearer::is_b64token(value) || value.len() > bearer::TOKEN_LIMIT {
        return Err(error::token::unusable_environment_token());
    }
    let access_token = Secret::new(value);
    let expires_at = expiry::jwt_exp(&access_token).map(Moment::from_epoch);
    Ok(Some(Token {
        access_token,
        token_type: "Bearer".to_owned(),
        scope: None,
        id_token: None,
        sent_at: cx.started(),
        obtained_at: cx.started(),
        expires_at,
        provenance: Provenance::default(),
    }))
}

/// The ID token that came with a token, verified, and not expired: a refresh need not return a new one.
pub fn verified_id_token(cx: &Context, obtained: &TokenResult) -> Result<Secret, Error> {
    let Some(token) = obtained.token.id_token.clone() else {
        return Err(match obtained.source {
            Source::Environment => usage::conflict_with_token_variable("--id-token"),
            _ => error::token::no_id_token(),
        });
    };
    if expiry::jwt_exp(&token).is_some_and(|exp| exp <= cx.clock.now().epoch()) {
        return Err(error::token::id_token_expired(&obtained.token.provenance.zone));
    }
    id_token::confirm(cx, &cx.zone()?.zone, &token)?;
    Ok(token)
}

/// Prints the times of a token, and why it is this one.
fn explain_token(cx: &Context, obtained: &TokenResult, min_ttl: Duration) {
    let (token, print) = (&obtained.token, |line: String| cx.ui.write_line(&line));
    if obtained.source != Source::Environment {
        print(format!("issued_at: {}", token.sent_at.rfc3339()));
        if let (Some(expires_at), Some(renew_at)) = (token.expires_at, renewal::renew_here_at(cx, token, min_ttl)) {
            print(format!("expires_at: {}", expires_at.rfc3339()));
            print(format!("renew_at: {}", renew_at.rfc3339()));
        } else {
            let kept = obtained.source == Source::Cache;
            print(format!("expires_at: unknown, so it is {}", if kept { "kept until logout" } else { "not cached" }));
        }
    }
    print(format!("source: {}, because {}", obtained.source.name(), obtained.because));
}

fn parse_grant() -> impl TypedValueParser<Value = Grant> {
    ChoiceParser::new(Grant::choices(), |text| Grant::parse(text).is_some()).try_map(|name| Grant::from_text(&name))
}

pub fn parse_resource(text: &str) -> Result<String, String> {
    check_resource(text).map(|()| text.to_owned())
}

pub fn parse_scopes(text: &str) -> Result<String, String> {
    check_scope(text).map(|()| text.to_owned())
}

/// Splits scopes on spaces and drops what is empty.
pub fn split_scopes(scopes: &[String]) -> Vec<String> {
    scopes.iter().flat_map(|scope| scope.split_whitespace()).map(str::to_owned).collect()
}

pub fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    check_parameter_name(name)?;
    Ok((name.to_owned(), value.to_owned()))
}
