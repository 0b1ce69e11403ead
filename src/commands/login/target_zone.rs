//! The zone that is signed in to: an existing one, or one that the sign-in adds.

use crate::commands::authorization::Flags;
use crate::commands::interview;
use crate::config::{Backend, SecretLocation, Zone, derive_zone_name};
use crate::context::{Context, check_new_name};
use crate::error::{self, Error};
use crate::oauth::grant::Grant;

pub struct TargetZone {
    /// The flags change an existing one for this sign-in only.
    pub zone: Zone,
    new: bool,
    /// What is written into a zone without a grant.
    grant: Option<Grant>,
}

impl TargetZone {
    /// With an issuer the zone has its own name, from `-z` or from the issuer.
    pub fn find(cx: &Context, issuer: Option<&str>, flags: &Flags) -> Result<Self, Error> {
        let Some(issuer) = issuer else {
            return match cx.zone_or_none()? {
                Some(chosen) => Self::existing(chosen.zone, flags),
                None if cx.may_ask() => Self::ask(cx, flags),
                None => Err(error::zone::none_named(&cx.config()?.zones())),
            };
        };
        let name = match (&cx.options.zone, Self::of_issuer(cx, issuer, flags)?) {
            (Some(name), _) => name.clone(),
            (None, Some(zone)) => return Self::existing(zone, flags),
            (None, None) => derive_zone_name(issuer).ok_or_else(|| error::zone::no_derived_name("-z"))?,
        };
        check_new_name(&name)?;
        if let Some(zone) = cx.config()?.zone(&name)? {
            return if zone.issuer == issuer {
                Self::existing(zone, flags)
            } else {
                Err(error::zone::other_issuer(&zone))
            };
        }
        Self::plan(cx, &name, issuer, flags)
    }

    /// A zone that is made of these flags once somebody has signed in.
    fn plan(cx: &Context, name: &str, issuer: &str, flags: &Flags) -> Result<Self, Error> {
        let mut zone = Zone::new(name, issuer);
        flags.apply(&mut zone);
        if zone.client_id.is_none() && cx.may_ask() {
            zone.client_id = interview::ask_client_id(cx, false)?;
        }
        if zone.client_id.is_none() {
            return Err(error::new_zone::no_client(name, issuer));
        }
        zone.check_all().map_err(|fault| error::zone::invalid_setting(&fault))?;
        Ok(Self { zone, new: true, grant: None })
    }

    /// Nothing names a zone or an issuer: the person does.
    fn ask(cx: &Context, flags: &Flags) -> Result<Self, Error> {
        let issuer = interview::ask_issuer(cx, "ISSUER")?;
        if let Some(zone) = Self::of_issuer(cx, &issuer, flags)? {
            return Self::existing(zone, flags);
        }
        let zones = cx.config()?.zones();
        let name = interview::ask_name(cx, &issuer, "-z", |name| !zones.contains(&name))?;
        Self::plan(cx, &name, &issuer, flags)
    }

    /// The zone for people that has this issuer and client already; of several the one that has the issuer's name, then
    /// the default zone.
    fn of_issuer(cx: &Context, issuer: &str, flags: &Flags) -> Result<Option<Zone>, Error> {
        let config = cx.config()?;
        let mut found = Vec::new();
        for name in config.zones() {
            let fits = |zone: &Zone| {
                let is_same_client = flags.client_id.as_ref().is_none_or(|id| zone.client_id.as_ref() == Some(id));
                zone.issuer == issuer && zone.client_id.is_some() && is_same_client && require_sign_in(zone).is_ok()
            };
            found.extend(config.zone(name)?.filter(fits));
        }
        let own_name = derive_zone_name(issuer);
        let names = [own_name.as_deref(), config.default_zone()];
        let at = names.iter().find_map(|name| found.iter().position(|zone| Some(zone.name.as_str()) == *name));
        let zone = at.or((found.len() == 1).then_some(0)).map(|at| found.swap_remove(at));
        if let Some(zone) = zone.as_ref().filter(|zone| Some(&zone.name) != own_name.as_ref()) {
            cx.ui.info(&format!("signing in to the zone {}, which has this issuer; for a new one: -z NAME", zone.name));
        }
        Ok(zone)
    }

    fn existing(mut zone: Zone, flags: &Flags) -> Result<Self, Error> {
        require_sign_in(&zone)?;
        // What is stored is bound to the zone's client, which could not use a sign-in of another one.
        if let (Some(given), Some(known)) = (&flags.client_id, &zone.client_id)
            && given != known
        {
            return Err(error::zone::other_client(&zone.name, given));
        }
        flags.apply(&mut zone);
        Ok(Self { zone, new: false, grant: None })
    }

    /// A failure before the zone exists: no hint may edit it, and the next try needs the flags again.
    pub fn explain_failure(&self, error: Error) -> Error {
        if !self.new {
            return error;
        }
        let Zone { name, issuer, client_id, .. } = &self.zone;
        error.before_zone_exists(name, issuer, &format!("--client-id {}", client_id.as_deref().unwrap_or("ID")))
    }

    /// Sets the vault of a new zone, and the grant of one without.
    pub fn pin(&mut self, backend: Backend, grant: Grant) {
        if self.new {
            self.zone.vault = Some(backend);
        }
        if self.zone.grant.is_none() {
            self.zone.grant = Some(grant);
            self.grant = Some(grant);
        }
    }

    /// Writes the new zone, or the grant of one that had none; the first zone becomes the default.
    pub fn save(&self, cx: &Context) -> Result<(), Error> {
        if !self.new && self.grant.is_none() {
            return Ok(());
        }
        cx.edit_config(|config| match config.zone(&self.zone.name)? {
            Some(_) if self.new => Err(error::zone::exists(&self.zone.name)),
            Some(known) => Ok(config.put_zone(&Zone { grant: self.zone.grant, ..known })?),
            None => Ok(config.put_zone(&self.zone)?),
        })
    }
}

/// A zone for a client's own tokens does not become a person's by accident, and that of the environment stores nothing.
fn require_sign_in(zone: &Zone) -> Result<(), Error> {
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
