//! `hallpass header --dpop`: a bound token with the proof for one request (RFC 9449 §7.1).

use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::commands::request::Flags;
use crate::config::Zone;
use crate::context::Context;
use crate::error::{Error, Hint};
use crate::flows::client::proof::DpopSigner;
use crate::flows::token::single_flight::Source;
use crate::oauth::bearer;
use crate::output::{Printed, Render, Text};

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
    /// The value of the header `DPoP`: the proof, good for one request and for seconds only.
    dpop: Printed,
}

impl Render for Lines {
    fn text(&self) -> Text {
        Text::Document(format!("Authorization: {}\nDPoP: {}\n", self.value.0.expose(), self.dpop.0.expose()))
    }
}

pub fn lines(cx: &Context, flags: &Flags, args: &Proof) -> Result<Lines, Error> {
    let zone = cx.zone()?.zone;
    if !zone.dpop {
        let error = Error::usage(format!("zone {} has no key to prove (DPoP)", zone.name));
        return Err(if zone.ephemeral() {
            error.hint("the zone of the environment has no vault for a key: hallpass zone add NAME --dpop")
        } else {
            error.hint(Hint::edit(&zone.name, "--dpop").purpose("give it one"))
        });
    }
    let obtained = flags.obtain(cx)?;
    let signer = DpopSigner::of(cx, &zone)?.ok_or_else(|| Error::internal("a zone with DPoP has no signer"))?;
    let token = &obtained.token.access_token;
    let ours = match obtained.source {
        Source::Environment => signer.is_bound_to_key(token.expose()),
        _ => obtained.token.token_type == "DPoP" && signer.may_be_bound_to_key(token.expose()),
    };
    if !ours {
        let whose = if obtained.source == Source::Environment { "HALLPASS_TOKEN" } else { "the token" };
        return Err(Error::refused(format!("{whose} is not bound to the key of zone {}", zone.name))
            .hint(format!("ask for one that is: hallpass -z {} header --dpop … --fresh", zone.name)));
    }
    let (method, url) = (args.method.as_deref().unwrap_or_default(), args.url.as_deref().unwrap_or_default());
    let proof = signer.prove(method, url, args.nonce.as_deref(), Some(token))?;
    let value = Printed(bearer::header_value("DPoP ", token)?);
    Ok(Lines { name: "Authorization", value, dpop: Printed(proof) })
}

/// Refuses a zone whose tokens need a proof for each request: no header can carry them alone.
pub fn refuse(zone: &Zone) -> Result<(), Error> {
    if zone.dpop { Err(needed(&zone.name)) } else { Ok(()) }
}

/// Why a DPoP token of this zone does not stand in a header by itself.
pub fn needed(zone: &str) -> Error {
    Error::usage(format!("the tokens of zone {zone} are bound to a key: each request needs a proof of its own"))
        .hint(format!("hallpass -z {zone} header --dpop --method GET --url URL"))
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
