//! The methods by which a credential is checked.

use std::path::PathBuf;
use std::sync::Arc;

use clap::parser::ValueSource;
use clap::{ArgGroup, ArgMatches, Args, FromArgMatches};

use crate::config::Zone;
use crate::context::Context;
use crate::error::{self, Error, usage};
use crate::guard::{
    Evidence, Introspection, Jwks, Kong, ProvidedClaims, Reading, SharedEvidence, StaticSecret, TokenFile, TokenList,
};
use crate::source::Source;
use crate::store;
use crate::text::sanitize;

use super::super::server::{Server, issuer_zone};
use super::gateway_signature::GatewaySignatureFlags;
use super::secret::read_shared_secret;

/// The flags that are methods.
const METHODS: [&str; 7] = ["tokens_file", "tokens_env", "secret_from", "introspect", "jwks", "claims", "kong"];

/// The flags that need another one. (clap forgets such a need where the other one conflicts with a flag that is given.)
const NEEDS: [(&str, &str); 9] = [
    ("alternate_from", "secret_from"),
    ("prefix", "secret_from"),
    ("issuer", "jwks"),
    ("hmac_key_from", "kong"),
    ("hmac_alternate_from", "hmac_key_from"),
    ("method", "hmac_key_from"),
    ("path", "hmac_key_from"),
    ("hmac", "hmac_key_from"),
    ("skew", "hmac_key_from"),
];

/// The flags, as they are parsed.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(group = ArgGroup::new("method_of_proof").args(METHODS).required(true).multiple(true))]
pub struct Flags {
    /// Accept the active tokens of this token file
    #[arg(long, value_name = "FILE")]
    pub tokens_file: Option<PathBuf>,
    /// Accept the tokens in this variable, separated by commas
    #[arg(long, value_name = "NAME", value_parser = parse_variable)]
    tokens_env: Option<Source>,
    /// Accept this shared secret as the whole field value
    #[arg(long, value_name = "SOURCE")]
    pub secret_from: Option<Source>,
    /// Also accept this secret, during rotation
    #[arg(long, value_name = "SOURCE")]
    alternate_from: Option<Source>,
    /// Prefix of the shared secret (case-insensitive; include the space)
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    prefix: Option<String>,
    /// Ask the zone's authorization server
    #[arg(long)]
    introspect: bool,
    /// Verify the signature with the issuer's keys, and issuer and times
    #[arg(long)]
    pub jwks: bool,
    /// With --jwks: the required issuer (default: the zone's)
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Trust a JSON object of claims (an introspection or userinfo response)
    #[arg(long, conflicts_with_all = ["tokens_file", "tokens_env", "secret_from", "introspect", "jwks", "kong"])]
    pub claims: bool,
    /// Trust header lines of a gateway (X-User-ID, X-Service-Name …)
    #[arg(long, conflicts_with_all = ["tokens_file", "tokens_env", "secret_from", "introspect", "jwks"])]
    pub kong: bool,
    #[command(flatten)]
    pub gateway_signature: GatewaySignatureFlags,
}

/// The methods, in the order in which they were given.
#[derive(Debug, Clone)]
pub struct Methods {
    pub flags: Flags,
    order: Vec<&'static str>,
    lacks: Option<(&'static str, &'static str)>,
}

impl FromArgMatches for Methods {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |flag: &str| matches.value_source(flag) == Some(ValueSource::CommandLine);
        let mut order: Vec<&'static str> = METHODS.into_iter().filter(|method| given(method)).collect();
        order.sort_by_key(|method| matches.index_of(method));
        let lacks = NEEDS.into_iter().find(|(flag, needed)| given(flag) && !given(needed));
        Ok(Self { flags: Flags::from_arg_matches(matches)?, order, lacks })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Methods {
    fn augment_args(command: clap::Command) -> clap::Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Flags::augment_args_for_update(command)
    }
}

impl Methods {
    pub fn check_needs(&self) -> Result<(), Error> {
        let written = |flag: &str| format!("--{}", flag.replace('_', "-"));
        match self.lacks {
            Some((flag, needed)) => Err(usage::needs(&written(flag), &written(needed))),
            None => Ok(()),
        }
    }

    /// The methods in their order, as flags are written.
    pub fn names(&self) -> Vec<&'static str> {
        self.order.clone()
    }

    pub fn asks_server(&self) -> bool {
        self.flags.introspect || self.flags.jwks
    }

    /// The sources of secrets, each with its flag.
    pub fn list_sources(&self) -> Vec<(&'static str, &Source)> {
        let Flags { secret_from, alternate_from, gateway_signature, .. } = &self.flags;
        let named = [("--secret-from", secret_from.as_ref()), ("--alternate-from", alternate_from.as_ref())];
        named
            .into_iter()
            .chain(gateway_signature.list_sources())
            .filter_map(|(flag, source)| Some((flag, source?)))
            .collect()
    }

    /// Builds the evidences and reads every secret, so that a broken configuration fails for every credential.
    /// `--dry-run` keeps those that send a request.
    pub fn build_evidences<'a>(
        &self,
        cx: &'a Context,
        reading: &Reading,
    ) -> Result<Vec<Box<dyn Evidence + 'a>>, Error> {
        let is_built = |method: &&&str| cx.stand_in().is_none() || matches!(**method, "introspect" | "jwks");
        let methods = self.order.iter().filter(is_built);
        let build = |method: &&'static str| {
            Ok(match self.build_local(cx, method, false)? {
                Some(evidence) => Box::new(evidence),
                None => self.build_of_server(cx, method, reading)?,
            })
        };
        methods.map(build).collect()
    }

    /// The evidence of a method that asks no server; `None` for another one. With `keeps` it has the content of a file.
    pub fn build_local(&self, cx: &Context, method: &str, keeps: bool) -> Result<Option<SharedEvidence>, Error> {
        let flags = &self.flags;
        Ok(Some(match (method, &flags.tokens_file, &flags.tokens_env, &flags.secret_from) {
            ("tokens_file", Some(path), ..) => {
                let content = if keeps { Some(store::token_file::TokenFile::read(path)?) } else { None };
                if let Some((_, warnings)) = &content {
                    cx.ui.warn_each(warnings);
                }
                Arc::new(TokenFile { path: path.clone(), content: content.map(|(content, _)| content) })
            }
            ("tokens_env", _, Some(variable), _) => {
                Arc::new(TokenList::read(sanitize(&variable.to_string()), &cx.read(variable, "tokens", None)?)?)
            }
            ("secret_from", .., Some(source)) => {
                let read_alternate = |source: &Source| read_shared_secret(cx, source, "alternate secret");
                Arc::new(StaticSecret {
                    primary: read_shared_secret(cx, source, "secret")?,
                    alternate: flags.alternate_from.as_ref().map(read_alternate),
                    prefix: flags.prefix.clone().unwrap_or_default(),
                })
            }
            ("kong", ..) => Arc::new(Kong { signature: flags.gateway_signature.build_signature(cx)? }),
            _ => return Ok(None),
        }))
    }

    fn build_of_server<'a>(
        &self,
        cx: &'a Context,
        method: &str,
        reading: &Reading,
    ) -> Result<Box<dyn Evidence + 'a>, Error> {
        let reading = reading.clone();
        Ok(match method {
            "introspect" => Box::new(Introspection { server: Server { cx, zone: cx.zone()?.zone }, reading }),
            "jwks" => {
                let zone = self.issuer_zone(cx)?;
                Box::new(Jwks { issuer: zone.token_issuer().to_owned(), keys: Server { cx, zone }, reading })
            }
            "claims" => Box::new(ProvidedClaims { reading }),
            _ => return Err(error::internal::unknown_method()),
        })
    }

    /// The zone of the issuer whose signatures count.
    pub fn issuer_zone(&self, cx: &Context) -> Result<Zone, Error> {
        issuer_zone(cx, self.flags.issuer.as_deref())
    }

    /// The sources of a method's secrets.
    pub fn sources_of(&self, method: &str) -> Vec<&Source> {
        let all = self.list_sources();
        let of_kong = |flag: &str| flag.starts_with("--hmac");
        let wanted = all.into_iter().filter(|(flag, _)| match method {
            "secret_from" => !of_kong(flag),
            "kong" => of_kong(flag),
            _ => false,
        });
        wanted.map(|(_, source)| source).collect()
    }
}

fn parse_variable(name: &str) -> Result<Source, String> {
    format!("env:{name}").parse()
}
