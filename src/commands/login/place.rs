//! The zone that is signed in to: one that there is, or one that the sign-in makes.

use crate::commands::authorization::Flags;
use crate::config::{Backend, SecretLocation, Zone, derive_zone_name};
use crate::context::{Context, check_new_name};
use crate::error::{Error, Hint};
use crate::oauth::grant::Grant;

/// A zone with what is asked for.
pub struct Place {
    /// The zone; on one that there is, the flags ask for this sign-in only.
    pub zone: Zone,
    new: bool,
    /// What is written into a zone that names no grant yet.
    grant: Option<Grant>,
}

impl Place {
    /// Finds it: `issuer` names a zone of its own, named by `-z` or by the issuer's last segment.
    pub fn find(cx: &Context, issuer: Option<&str>, flags: &Flags) -> Result<Self, Error> {
        let Some(issuer) = issuer else {
            let mut zone = cx.zone()?.zone;
            fits(&zone)?;
            same_client(&zone, flags)?;
            flags.apply(&mut zone);
            return Ok(Self { zone, new: false, grant: None });
        };
        let name = match &cx.options.zone {
            Some(name) => name.clone(),
            None => derive_zone_name(issuer)
                .ok_or_else(|| Error::usage("no zone name can be derived from the issuer").hint("name it with -z"))?,
        };
        check_new_name(&name)?;
        if let Some(mut zone) = cx.config()?.zone(&name)? {
            if zone.issuer != issuer {
                return Err(Error::usage(format!("zone {name} belongs to the issuer {}", zone.issuer))
                    .hint("name another zone with -z"));
            }
            fits(&zone)?;
            same_client(&zone, flags)?;
            flags.apply(&mut zone);
            return Ok(Self { zone, new: false, grant: None });
        }
        let mut zone = Zone::new(&name, issuer);
        flags.apply(&mut zone);
        if zone.client_id.is_none() {
            return Err(Error::usage(format!("the new zone {name} needs a client: --client-id ID")));
        }
        zone.check_all().map_err(|fault| Error::usage(fault.to_string()))?;
        Ok(Self { zone, new: true, grant: None })
    }

    /// A failure of the sign-in that would have made the zone: as there is none, a hint may not edit it, and the next try
    /// says again what it is made of.
    pub fn explain_failure(&self, error: Error) -> Error {
        if !self.new {
            return error;
        }
        let Zone { name, issuer, client_id, .. } = &self.zone;
        error.before_zone_exists(name, issuer, &format!("--client-id {}", client_id.as_deref().unwrap_or("ID")))
    }

    /// Pins vault and grant where the zone names none.
    pub fn pin(&mut self, backend: Backend, grant: Grant) {
        if self.new {
            self.zone.vault = Some(backend);
        }
        if self.zone.grant.is_none() {
            self.zone.grant = Some(grant);
            self.grant = Some(grant);
        }
    }

    /// Writes the new zone, or the grant of one that named none; the first zone becomes the default.
    pub fn settle(&self, cx: &Context) -> Result<(), Error> {
        if !self.new && self.grant.is_none() {
            return Ok(());
        }
        cx.edit_config(|config| {
            let known = config.zone(&self.zone.name)?;
            let zone = match (known, self.new) {
                (Some(_), true) => return Err(Error::usage(format!("zone {} exists now", self.zone.name))),
                (Some(known), false) => Zone { grant: self.zone.grant, ..known },
                (None, _) => self.zone.clone(),
            };
            Ok(config.put_zone(&zone)?)
        })
    }
}

/// What is kept is bound to the zone's client, so that a sign-in by another one would be lost on it.
fn same_client(zone: &Zone, flags: &Flags) -> Result<(), Error> {
    match (&flags.client_id, &zone.client_id) {
        (Some(given), Some(known)) if given != known => {
            Err(Error::usage(format!("zone {} has another client_id", zone.name))
                .hint(Hint::edit(&zone.name, format!("--client-id {given}")))
                .hint("or name another zone with -z"))
        }
        _ => Ok(()),
    }
}

/// A zone whose tokens are the client's own is not made a person's by the way, and that of the environment keeps nothing.
fn fits(zone: &Zone) -> Result<(), Error> {
    const OWN: &str = "sign in to a zone of its own: hallpass login ISSUER -z NAME --client-id ID";
    if zone.ephemeral() {
        return Err(Error::usage("the zone env lives in the environment and keeps no sign-in").hint(OWN));
    }
    let person = match zone.grant {
        Some(grant) => grant.needs_sign_in(),
        None => zone.client_secret == SecretLocation::None && zone.private_key == SecretLocation::None,
    };
    if person {
        return Ok(());
    }
    Err(Error::usage(format!(
        "the tokens of zone {} are its client's own ({}); nobody signs in",
        zone.name,
        zone.grant()
    ))
    .hint(Hint::edit(&zone.name, "--grant authorization_code").purpose("to have people sign in with this client"))
    .hint(format!("or {OWN}")))
}
