//! The zone that is signed in to: an existing one, or one that the sign-in adds.

use crate::commands::authorization::{Flags, require_sign_in};
use crate::commands::interview;
use crate::commands::zone::{ProofFlags, apply_global_flags};
use crate::config::{Backend, SecretLocation, Zone, derive_zone_name};
use crate::context::{Context, check_new_name};
use crate::error::{self, Error};
use crate::flows::registration::register::{self, NewClient, RegistrationRequest};
use crate::flows::sign_in::authorize;
use crate::flows::zone::NewSecrets;
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::oauth::native_client;
use crate::text::quote_for_shell;

use super::protected_resource::{ClientChoice, Start};

pub struct TargetZone {
    /// The flags change an existing one for this sign-in only, except for how its client authenticates.
    pub zone: Zone,
    /// The zone as it was, if there is one.
    former: Option<Zone>,
    /// Its new secrets, which are stored after the sign-in.
    secrets: NewSecrets,
    /// Whether a resource made its settings, which an existing zone keeps.
    of_resource: bool,
    /// How the client authenticates that is to be registered.
    registers: Option<Method>,
}

/// What the flags say of the zone that is signed in to.
pub struct Wanted<'a> {
    pub issuer: Option<&'a str>,
    pub flags: &'a Flags,
    pub proof: &'a ProofFlags,
    pub dpop: bool,
    /// Where a protected resource is signed in to.
    pub start: Option<&'a Start>,
}

impl Wanted<'_> {
    /// With an issuer the zone has its own name, from `-z` or from the issuer.
    pub fn find(&self, cx: &Context) -> Result<TargetZone, Error> {
        match self.start {
            Some(start) if start.is_new => return self.complete(cx, start.zone.clone(), None, false),
            Some(start) => return self.existing(cx, start.zone.clone()),
            None => {}
        }
        let Some(issuer) = self.issuer else {
            return match cx.zone_or_none()? {
                Some(chosen) => self.existing(cx, chosen.zone),
                None if cx.may_ask() => self.ask(cx),
                None => Err(match cx.config()?.zones() {
                    none if none.is_empty() => error::new_zone::no_issuer(self.flags.client_id.is_none()),
                    zones => error::zone::none_named(&zones),
                }),
            };
        };
        let name = match &cx.options.zone {
            Some(name) => name.clone(),
            None => match self.of_issuer(cx, issuer)? {
                Some(zone) => return self.existing(cx, zone),
                None => derive_zone_name(issuer).ok_or_else(|| error::zone::no_derived_name("-z"))?,
            },
        };
        check_new_name(&name)?;
        match cx.config()?.zone(&name)? {
            Some(zone) if zone.issuer == issuer => self.existing(cx, zone),
            Some(zone) => Err(error::zone::other_issuer(&zone)),
            None => self.complete(cx, Zone::new(&name, issuer), None, false),
        }
    }

    /// The zone with the flags. Its client, if it has none yet, is named by a person if not by them, and then they are also
    /// asked how it authenticates, as in an `interview` that has begun.
    fn complete(
        &self,
        cx: &Context,
        mut zone: Zone,
        former: Option<Zone>,
        mut interview: bool,
    ) -> Result<TargetZone, Error> {
        self.flags.apply(&mut zone);
        zone.dpop |= self.dpop;
        let demand = self.start.and_then(|start| start.demand.as_ref());
        if let Some(demand) = demand {
            demand.apply(&mut zone);
        }
        // A server behind an authority or a gateway of its own wants them again at every refresh.
        if former.is_none() {
            apply_global_flags(cx, &mut zone);
        }
        let mut proof = self.proof.0.clone();
        let registers = match demand.map(|demand| &demand.client) {
            Some(ClientChoice::Register(method)) => Some(*method),
            _ => None,
        };
        if zone.client_id.is_none() && registers.is_none() && cx.may_ask() {
            zone.client_id = interview::ask_client_id(cx)?;
            interview = true;
        }
        if zone.client_id.is_none() && registers.is_none() {
            return Err(match (demand, &former) {
                (Some(demand), _) => error::new_zone::no_client_for_resource(&zone, &demand.url),
                (None, Some(zone)) => error::client::no_client_id(&zone.name),
                (None, None) => error::new_zone::no_client(&zone.name, &zone.issuer),
            });
        }
        if interview {
            interview::complete_proof(cx, &mut proof, "none")?;
        }
        proof.set_given(cx, &mut zone)?;
        zone.check_all().map_err(|fault| error::zone::invalid_setting(&fault))?;
        let secrets = NewSecrets::read(cx, proof.secrets(), &zone)?;
        secrets.apply_locations(&mut zone);
        secrets.hold(cx, &zone);
        Ok(TargetZone { zone, former, secrets, of_resource: demand.is_some(), registers })
    }

    /// Nothing names a zone or an issuer: the person does.
    fn ask(&self, cx: &Context) -> Result<TargetZone, Error> {
        let issuer = interview::ask_issuer(cx, "ISSUER")?;
        if let Some(zone) = self.of_issuer(cx, &issuer)? {
            return self.existing(cx, zone);
        }
        let zones = cx.config()?.zones();
        let name = interview::ask_name(cx, &issuer, "-z", |name| !zones.contains(&name))?;
        self.complete(cx, Zone::new(&name, &issuer), None, true)
    }

    /// The zone for people that has this issuer and client already; of several the one that has the issuer's name, then
    /// the default zone.
    fn of_issuer(&self, cx: &Context, issuer: &str) -> Result<Option<Zone>, Error> {
        let config = cx.config()?;
        let mut found = Vec::new();
        for name in config.zones() {
            let fits = |zone: &Zone| {
                let is_same_client = self.flags.client_id.as_ref().is_none_or(|id| zone.client_id.as_ref() == Some(id));
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

    fn existing(&self, cx: &Context, zone: Zone) -> Result<TargetZone, Error> {
        require_sign_in(&zone)?;
        // What is stored is bound to the zone's client, which could not use a sign-in of another one.
        if let (Some(given), Some(known)) = (&self.flags.client_id, &zone.client_id)
            && given != known
        {
            return Err(error::zone::other_client(&zone.name, given));
        }
        self.complete(cx, zone.clone(), Some(zone), false)
    }
}

impl TargetZone {
    /// A failure before the zone exists: no hint may edit it, and the next try needs the flags again.
    pub fn explain_failure(&self, error: Error) -> Error {
        if self.former.is_some() {
            return error;
        }
        let Zone { name, issuer, client_id, auth, .. } = &self.zone;
        let mut flags = vec![format!("--client-id {}", client_id.as_deref().unwrap_or("ID"))];
        flags.extend(auth.map(|method| format!("--auth {method}")));
        for (kind, location) in self.zone.secret_locations() {
            let flag = format!("--{}", kind.replace('_', "-"));
            match location {
                SecretLocation::None => {}
                SecretLocation::Stored => flags.push(format!("{flag}-from -")),
                SecretLocation::Referenced(source) => {
                    flags.push(format!("{flag}-ref {}", quote_for_shell(&source.to_string())));
                }
            }
        }
        error.before_zone_exists(name, issuer, &flags)
    }

    /// Sets the vault of a new zone, and the grant of one without.
    pub fn pin(&mut self, backend: Backend, grant: Grant) {
        if self.former.is_none() {
            self.zone.vault = Some(backend);
        }
        self.zone.grant = self.zone.grant.or(Some(grant));
    }

    /// Registers the client, if one is to be: with the redirect URI that this sign-in has, because not every server allows
    /// another port. From then on the zone exists, however the sign-in ends.
    pub fn register_client(&mut self, cx: &Context, grant: Grant) -> Result<(), Error> {
        let Some(method) = self.registers.filter(|_| self.zone.client_id.is_none()) else { return Ok(()) };
        let uri = self.zone.redirect_uri.clone().map_or_else(authorize::free_redirect_uri, Ok)?;
        let mut grants = vec![Grant::AuthorizationCode.registered_name(), "refresh_token"];
        grants.extend((grant == Grant::DeviceCode).then(|| grant.registered_name()));
        let metadata = native_client::metadata("hallpass", &[uri], &grants, method.name());
        let (initial_token, key) = (None, None);
        let request =
            RegistrationRequest { zone: self.zone.clone(), metadata, initial_token, key, save: true, replace: false };
        let client = register::register_client(cx, request)?;
        cx.ui.warn_each(&client.registration.warnings);
        let NewClient { zone, registration, .. } = client;
        cx.ui.info(&format!("Registered the client {} and saved it as zone {}", registration.client_id, zone.name));
        self.former = Some(zone.clone());
        self.zone = zone;
        Ok(())
    }

    /// Writes the new zone, or what an existing one lacked of its client and grant; the first zone becomes the default.
    pub fn save(&self, cx: &Context) -> Result<(), Error> {
        if let Some(former) = &self.former
            && self.keep_settings(former.clone()) == *former
            && self.secrets.is_empty()
        {
            return Ok(());
        }
        cx.edit_config_with(
            |config| {
                let zone = match config.zone(&self.zone.name)? {
                    Some(known) if self.former.is_none() => return Err(error::zone::exists(&known.name)),
                    Some(known) => {
                        let mut zone = self.keep_settings(known);
                        self.secrets.apply_locations(&mut zone);
                        zone
                    }
                    None => self.zone.clone(),
                };
                config.put_zone(&zone)?;
                Ok(zone)
            },
            |zone, write| self.secrets.save(cx, self.former.as_ref(), zone, write),
        )
        .map(drop)
    }

    /// An existing zone with what it keeps of this sign-in.
    fn keep_settings(&self, known: Zone) -> Zone {
        let Zone { client_id, auth, grant, dpop, .. } = &self.zone;
        let mut zone = Zone { client_id: client_id.clone(), auth: *auth, grant: *grant, dpop: *dpop, ..known };
        if self.of_resource {
            zone.scope.clone_from(&self.zone.scope);
            zone.resource.clone_from(&self.zone.resource);
            zone.hosts.clone_from(&self.zone.hosts);
        }
        zone
    }
}
