//! The flags of an authorization request, shared by `login`, `par` and `authorize-url`.

use clap::Args;

use crate::config::{SecretLocation, Zone, derive_zone_name};
use crate::context::Context;
use crate::error::{self, Error, usage};
use crate::flows::sign_in::authorization_request::{CALLBACK, LoginRequest};
use crate::oauth::authorization::RESERVED;

use super::request::{parse_parameter, parse_resource, parse_scopes, split_scopes};

/// What the authorization request asks for.
#[derive(Debug, Default, Args)]
pub struct Flags {
    /// The client_id at the authorization server
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Request these scopes; repeatable, splits on spaces
    #[arg(long, value_name = "SCOPE", value_parser = parse_scopes)]
    pub scope: Vec<String>,
    /// Request a token for this audience; repeatable
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Vec<String>,
    /// Request a token for this resource (RFC 8707); repeatable
    #[arg(long, value_name = "URI", value_parser = parse_resource)]
    pub resource: Vec<String>,
    /// The port of the redirect URI (default: chosen by the system)
    #[arg(long, value_name = "N", value_parser = super::number_in(1_u16..=u16::MAX))]
    pub port: Option<u16>,
    /// The registered redirect URI (default: http://127.0.0.1:PORT/callback)
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Option<String>,
    /// What the server prompts for: none, login, consent, select_account
    #[arg(long, value_name = "P")]
    pub prompt: Option<String>,
    /// User name to prefill
    #[arg(long, value_name = "H")]
    pub login_hint: Option<String>,
    /// Acceptable authentication context classes, separated by spaces
    #[arg(long, value_name = "V")]
    pub acr: Option<String>,
    /// Sign in again if older than N seconds
    #[arg(long, value_name = "N", value_parser = parse_seconds)]
    pub max_age: Option<u64>,
    /// Send this additional parameter; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_extra_parameter)]
    pub param: Vec<(String, String)>,
}

impl Flags {
    /// Writes what was given into the zone.
    pub fn apply(&self, zone: &mut Zone) {
        if let Some(id) = &self.client_id {
            zone.client_id = Some(id.clone());
        }
        let scopes = split_scopes(&self.scope);
        for (slot, given) in
            [(&mut zone.scope, &scopes), (&mut zone.audience, &self.audience), (&mut zone.resource, &self.resource)]
        {
            if !given.is_empty() {
                slot.clone_from(given);
            }
        }
        if let Some(uri) = &self.redirect_uri {
            zone.redirect_uri = Some(uri.clone());
        } else if let (Some(port), None) = (self.port, &zone.redirect_uri) {
            zone.redirect_uri = Some(format!("http://127.0.0.1:{port}{CALLBACK}"));
        }
        zone.params.retain(|(name, _)| !self.param.iter().any(|(given, _)| given == name));
        zone.params.extend(self.param.iter().cloned());
    }

    pub fn wish(&self, zone: Zone, redirect_uri: String) -> LoginRequest {
        LoginRequest {
            zone,
            redirect_uri,
            prompt: self.prompt.clone(),
            login_hint: self.login_hint.clone(),
            acr: self.acr.clone(),
            max_age: self.max_age,
        }
    }

    /// The request of a command that does not wait for the redirect: its URI is the given one or the zone's, else that on
    /// loopback.
    pub fn unattended(&self, cx: &Context, issuer: Option<&str>) -> Result<LoginRequest, Error> {
        let mut zone = self.find_zone(cx, issuer)?;
        self.apply(&mut zone);
        if issuer.is_some() {
            zone.check_all().map_err(|fault| error::zone::invalid_setting(&fault))?;
        }
        let redirect_uri = zone.redirect_uri.clone().unwrap_or_else(|| format!("http://127.0.0.1{CALLBACK}"));
        Ok(self.wish(zone, redirect_uri))
    }

    /// The zone in effect; with an issuer that of `-z`, or the one that `login` would make, which is not written.
    fn find_zone(&self, cx: &Context, issuer: Option<&str>) -> Result<Zone, Error> {
        let Some(issuer) = issuer else { return Ok(cx.zone()?.zone) };
        if cx.options.zone.is_some() {
            let zone = cx.zone()?.zone;
            return if zone.issuer == issuer { Ok(zone) } else { Err(error::zone::other_issuer(&zone)) };
        }
        let name = derive_zone_name(issuer).unwrap_or_else(|| "issuer".to_owned());
        let is_ours = |zone: &Zone| {
            zone.issuer == issuer && self.client_id.as_ref().is_none_or(|id| zone.client_id.as_ref() == Some(id))
        };
        match cx.config()?.zone(&name)?.filter(is_ours) {
            Some(zone) => Ok(zone),
            None if self.client_id.is_none() => Err(usage::needs("ISSUER", "--client-id ID")),
            None => Ok(Zone::new(&name, issuer)),
        }
    }
}

/// A zone for a client's own tokens does not become a person's by accident, and that of the environment stores nothing.
pub fn require_sign_in(zone: &Zone) -> Result<(), Error> {
    let person = match zone.grant {
        Some(grant) => grant.needs_sign_in(),
        None => zone.client_secret == SecretLocation::None && zone.private_key == SecretLocation::None,
    };
    match person {
        _ if zone.ephemeral() => Err(error::zone::ephemeral_sign_in()),
        true => Ok(()),
        false => Err(error::zone::grant_without_sign_in(zone)),
    }
}

fn parse_seconds(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "expected a number of seconds")
}

/// Reads `NAME=VALUE`; a parameter that has its own flag is refused.
fn parse_extra_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = parse_parameter(text)?;
    if RESERVED.contains(&name.as_str()) {
        return Err(format!("{name} has its own flag or is reserved"));
    }
    Ok((name, value))
}
