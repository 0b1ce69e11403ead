//! `hallpass helper …`: answers other programs in their own credential protocols.
//!
//! No helper asks a person, and nothing but the answer is on stdout. A token goes only to a host that a zone names
//! (`zone edit --host`) or that `--allow-host` does.

pub mod bazel;
pub mod cargo;
pub mod docker;
pub mod gcp;
pub mod git;
pub mod go;
pub mod install;
mod installation;
pub mod keyring;
pub mod kubectl;
pub mod list;
pub mod mcp;
pub mod npm;
pub mod pnpm;
pub mod terraform;
pub mod uninstall;
pub mod vault;

use std::time::Duration;

use serde_json::Value;

use crate::config::{HostPattern, Zone};
use crate::context::{Context, HostMatch};
use crate::edges::{Moment, parse_span};
use crate::error::{self, Error, exit};
use crate::flows::token::forget::forget_zone;
use crate::flows::token::single_flight::TokenResult;
use crate::output::json_line;
use crate::secret::Secret;
use crate::source::Source;

use super::Outcome;
use super::checked_url::{CheckedUrl, parse_host};
use super::header::bearer_value;
use super::request::{ParameterFlags, TokenFlags};

/// Answer another program in its credential protocol
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  # What git gets for a host of the zone
  $ hallpass zone edit prod --host git.example
  $ printf 'protocol=https\nhost=git.example\n' | hallpass helper git get

  # The headers for an MCP server
  $ hallpass helper mcp --allow-host mcp.example https://mcp.example/mcp"#)]
pub struct Args {}

/// What every helper takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct HelperFlags {
    /// Answer for this host too: HOST, HOST:PORT or *.DOMAIN; repeatable
    #[arg(long, value_name = "HOST", value_parser = parse_host)]
    allow_host: Vec<HostPattern>,
    #[command(flatten)]
    parameters: ParameterFlags,
    /// Minimum remaining lifetime of the token
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    min_ttl: Option<Duration>,
    #[arg(skip)]
    fresh: bool,
}

/// A bearer token for the program that asks.
pub struct Credential {
    pub obtained: TokenResult,
    /// The value of the header `Authorization`.
    pub value: Secret,
}

impl Credential {
    fn new(cx: &Context, obtained: TokenResult) -> Result<Self, Error> {
        let value = bearer_value(cx, &obtained.token)?;
        Ok(Self { obtained, value })
    }

    pub fn token(&self) -> &str {
        self.obtained.token.access_token.expose()
    }

    pub fn expires_at(&self) -> Option<Moment> {
        self.obtained.token.expires_at
    }
}

impl HelperFlags {
    /// The credential for a URL; `None` for a host that nothing names, and for plain http off this machine.
    pub fn find_credential(&self, cx: &Context, url: &str) -> Result<Option<Credential>, Error> {
        let Some(url) = check_url(cx, url) else { return Ok(None) };
        if self.allow_host.iter().any(|pattern| fits(pattern, &url))
            && let Some(token) = self.token_flags().environment_token(cx)?
        {
            return Credential::new(cx, token).map(Some);
        }
        self.zone_for(cx, &url)?.map(|zone| self.obtain_credential(cx, &zone)).transpose()
    }

    fn token_flags(&self) -> TokenFlags {
        let (parameters, min_ttl, fresh) = (self.parameters.clone(), self.min_ttl, self.fresh);
        TokenFlags { parameters, min_ttl, fresh, ..TokenFlags::default() }
    }

    /// The zone whose token would go to a URL.
    pub fn find_zone(&self, cx: &Context, url: &str) -> Result<Option<Zone>, Error> {
        check_url(cx, url).map_or(Ok(None), |url| self.zone_for(cx, &url))
    }

    fn zone_for(&self, cx: &Context, url: &CheckedUrl) -> Result<Option<Zone>, Error> {
        let zone = match cx.match_host(&url.host, url.port)? {
            HostMatch::One(zone) => Some(*zone),
            HostMatch::None => None,
            HostMatch::Several(error) => {
                cx.ui.warn(&format!("no token for {}: {}", url.origin_host(), error.chain()));
                return Ok(None);
            }
        };
        let zone = zone.filter(|zone| zone.hosts.iter().chain(&self.allow_host).any(|pattern| fits(pattern, url)));
        if zone.is_none() {
            cx.ui.debug(&format!("no zone names the host {}", url.origin_host()));
        }
        Ok(zone)
    }

    /// The same, for a token that is newly issued.
    pub fn fresh(&self) -> Self {
        Self { fresh: true, ..self.clone() }
    }

    /// Deletes the cached tokens of the zone of a URL: the next one is a new one.
    pub fn forget(&self, cx: &Context, url: &str) -> Result<Outcome, Error> {
        if let Some(zone) = self.find_zone(cx, url)? {
            forget_zone(cx, &zone)?;
        }
        Ok(Outcome::Exit(0))
    }

    /// The credential of the zone in effect, for a protocol that names no URL.
    pub fn obtain_own_credential(&self, cx: &Context) -> Result<Credential, Error> {
        let obtained = self.token_flags().obtain_token_for(cx, &super::header::refuse_bound)?;
        Credential::new(cx, obtained)
    }

    fn obtain_credential(&self, cx: &Context, zone: &Zone) -> Result<Credential, Error> {
        super::header::refuse_bound(zone)?;
        Credential::new(cx, self.token_flags().obtain_from(cx, zone)?)
    }
}

/// The URL of an origin that a program names by scheme and host; a host with more in it names none.
fn origin_url(scheme: &str, host: &str) -> String {
    let host = if host.contains(['/', '?', '#']) { "" } else { host };
    format!("{scheme}://{host}/")
}

fn fits(pattern: &HostPattern, url: &CheckedUrl) -> bool {
    pattern.precision(&url.host, url.port).is_some()
}

/// A URL that a token may be sent to.
fn check_url(cx: &Context, url: &str) -> Option<CheckedUrl> {
    match CheckedUrl::read(url) {
        Ok(url) if url.secure || url.is_loopback() => Some(url),
        Ok(url) => {
            cx.ui.warn(&format!("no token for {}: plain http would show it to the network", url.name));
            None
        }
        Err(reason) => {
            cx.ui.debug(&format!("no token: {reason}"));
            None
        }
    }
}

/// Reads all that the program wrote, which is text.
fn read_request(cx: &Context) -> Result<String, Error> {
    let bytes = cx.read_raw(&Source::Stdin, "request")?;
    String::from_utf8(bytes).map_err(|_| error::helper::unreadable_request("it is not UTF-8"))
}

/// Reads a request that is a JSON object, and its member of this name.
fn read_member(cx: &Context, name: &str) -> Result<String, Error> {
    let text = read_request(cx)?;
    let request: Value =
        serde_json::from_str(&text).map_err(|_| error::helper::unreadable_request("it is not JSON"))?;
    let value = request.get(name).and_then(Value::as_str);
    value.map(str::to_owned).ok_or_else(|| error::helper::unreadable_request("a member is missing"))
}

/// Prints what the program reads, as it is.
fn answer(cx: &Context, text: &str) -> Result<Outcome, Error> {
    cx.ui.print(text).map_err(|error| Error::writing(&error))?;
    Ok(Outcome::Exit(0))
}

fn answer_json(cx: &Context, value: &Value) -> Result<Outcome, Error> {
    answer(cx, &format!("{}\n", json_line(value)))
}

/// What a protocol without a word for it gets where no zone names the host: nothing, and exit code 1.
fn answer_nothing(cx: &Context, url: &str) -> Outcome {
    cx.ui.info(&error::helper::no_zone_for(url));
    Outcome::Exit(exit::NO)
}
