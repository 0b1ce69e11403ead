//! `hallpass header --dpop`: a bound token with the proof for one request (RFC 9449 §7.1).

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::commands::request::TokenFlags;
use crate::config::Zone;
use crate::context::Context;
use crate::error::{self, Error};
use crate::flows::client::proof::DpopSigner;
use crate::flows::token::single_flight::{Source, TokenResult};
use crate::output::{Printed, Render, Text};
use crate::secret::Secret;

use super::name::parse_field_name;

/// For which request the proof is.
#[derive(Debug, Default, clap::Args)]
pub struct Proof {
    /// Print a DPoP token and the proof for one request, two lines (RFC 9449)
    #[arg(long, requires = "method", requires = "url", conflicts_with_all = ["what", "value", "name"])]
    pub dpop: bool,
    /// With --dpop: the method of the request
    #[arg(long, value_name = "METHOD", requires = "dpop", value_parser = parse_field_name)]
    method: Option<String>,
    /// With --dpop: the URL of the request (query and fragment are ignored)
    #[arg(long, value_name = "URL", requires = "dpop", value_parser = parse_resource)]
    url: Option<String>,
    /// With --dpop: the nonce that the server asked for (its DPoP-Nonce header)
    #[arg(long, value_name = "NONCE", requires = "dpop", value_parser = parse_nonce)]
    nonce: Option<String>,
}

/// The line of the token and that of its proof.
#[derive(Serialize, JsonSchema)]
pub struct Lines {
    /// `Authorization`.
    name: &'static str,
    /// Its value: `DPoP`, then the token.
    value: Printed,
    /// The value of the header `DPoP`: the proof, valid for one request and a few seconds.
    dpop: Printed,
}

impl Render for Lines {
    fn text(&self) -> Text {
        Text::Document(format!("Authorization: {}\nDPoP: {}\n", self.value.0.expose(), self.dpop.0.expose()))
    }
}

pub fn prove_request(cx: &Context, flags: &TokenFlags, args: &Proof) -> Result<Lines, Error> {
    let zone = cx.zone()?.zone;
    let signer = DpopSigner::of(cx, &zone)?.ok_or_else(|| error::token::zone_without_dpop(&zone.name))?;
    let obtained = flags.obtain_token(cx)?;
    let (method, url) = (args.method.as_deref().unwrap_or_default(), args.url.as_deref().unwrap_or_default());
    let [value, dpop] = prove_token(cx, &zone, &signer, &obtained, method, url, args.nonce.as_deref())?.map(Printed);
    Ok(Lines { name: "Authorization", value, dpop })
}

/// The header value for a bound token, and the proof for one request with it.
pub fn prove_token(
    cx: &Context,
    zone: &Zone,
    signer: &DpopSigner<'_>,
    obtained: &TokenResult,
    method: &str,
    url: &str,
    nonce: Option<&str>,
) -> Result<[Secret; 2], Error> {
    let value = bound_value(cx, zone, signer, obtained)?;
    Ok([value, signer.prove(method, url, nonce, Some(&obtained.token.access_token))?])
}

/// The header value for a token that is bound to the key of its zone.
pub fn bound_value(
    cx: &Context,
    zone: &Zone,
    signer: &DpopSigner<'_>,
    obtained: &TokenResult,
) -> Result<Secret, Error> {
    let token = &obtained.token.access_token;
    let (name, ours) = match obtained.source {
        Source::Environment => ("HALLPASS_TOKEN", signer.is_bound_to_key(token.expose())),
        _ => ("the token", obtained.token.token_type == "DPoP" && signer.may_be_bound_to_key(token.expose())),
    };
    if !ours {
        return Err(error::token::not_bound_to_key(name, &zone.name));
    }
    super::server_token::server_value(cx, "DPoP ", token)
}

/// Refuses a zone whose tokens need a proof for each request: no header can carry them alone.
pub fn refuse_bound(zone: &Zone) -> Result<(), Error> {
    if zone.dpop { Err(error::token::proof_required(&zone.name)) } else { Ok(()) }
}

/// A URL that a proof can be for.
fn parse_resource(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    let url = Url::parse(text).ok().filter(|url| plain && matches!(url.scheme(), "http" | "https"));
    match url {
        Some(url) if url.username().is_empty() && url.password().is_none() => Ok(text.to_owned()),
        Some(_) => Err("a URL with a user or a password is not sent".to_owned()),
        None => Err("expected a whole http or https URL".to_owned()),
    }
}

/// RFC 9449 §8.1.
fn parse_nonce(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    if fits { Ok(text.to_owned()) } else { Err("expected the value of a DPoP-Nonce header".to_owned()) }
}
