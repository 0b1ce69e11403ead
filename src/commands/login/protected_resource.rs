//! The sign-in that a protected resource asks for (RFC 9728): at which authorization server, for which scope, by which
//! client, into which zone.

use std::time::Duration;

use clap::Args;

use crate::commands::authorization::{Flags, require_sign_in};
use crate::commands::client::parse_document_url;
use crate::commands::request::split_scopes;
use crate::commands::zone::{ProofFlags, parse_issuer};
use crate::config::{HostPattern, Zone, derive_zone_name};
use crate::context::{Context, check_new_name};
use crate::error::{self, Error, exit, usage};
use crate::flows::resource::{self, Described};
use crate::flows::{discovery, well_known};
use crate::oauth::client_auth::Method;
use crate::oauth::metadata::{self, Metadata};
use crate::oauth::protected_resource::{TokenChallenge, is_metadata_url};
use crate::oauth::token::check_scope;
use crate::oauth::{claim, issuer, secure_url};
use crate::source::Source;

const OFFLINE: &str = "offline_access";

/// How a sign-in that begins at a protected resource finds its server and client.
#[derive(Debug, Args)]
pub struct ResourceFlags {
    /// With --resource: the WWW-Authenticate value of a 401 or 403, instead of asking the resource for one
    #[arg(long, value_name = "SOURCE", requires = "resource", conflicts_with = "issuer")]
    challenge_from: Option<Source>,
    /// With --resource: sign in at this one of its authorization servers (default: the first that answers)
    #[arg(long = "issuer", value_name = "ISSUER", value_parser = parse_issuer, requires = "resource", conflicts_with = "issuer")]
    server: Option<String>,
    /// With --resource: the client_id where the server supports client ID metadata documents
    #[arg(long, value_name = "URL", value_parser = parse_document_url, requires = "resource", conflicts_with = "issuer")]
    client_metadata_url: Option<String>,
    /// With --resource: do not register a client
    #[arg(long, requires = "resource", conflicts_with = "issuer")]
    no_register: bool,
}

/// Where a sign-in starts.
pub struct Start {
    /// An existing zone, or a new one.
    pub zone: Zone,
    pub is_new: bool,
    /// `None` where the resource has no metadata.
    pub demand: Option<Demand>,
}

/// What the zone is to have for a resource.
pub struct Demand {
    /// The resource as its metadata names it, byte for byte.
    pub resource: String,
    /// The URL to call.
    pub url: String,
    pub scope: Vec<String>,
    pub host: HostPattern,
    pub dpop: bool,
    pub client: ClientChoice,
}

/// The client of a zone that has none.
pub enum ClientChoice {
    /// The zone or a flag names it, or nobody does.
    Given,
    /// Its client ID metadata document.
    Document(String),
    /// It registers, to authenticate with this method.
    Register(Method),
}

impl ResourceFlags {
    /// Asks the resource, if the sign-in begins there; `None` if it does not.
    pub fn find_start(
        &self,
        cx: &Context,
        (issuer, flags, proof): (Option<&str>, &Flags, &ProofFlags),
    ) -> Result<Option<Start>, Error> {
        let url = match &flags.resource[..] {
            [url] if issuer.is_none() && is_web_url(url) => url,
            _ if self.is_given() => return Err(usage::invalid_value("--resource", "expected one https URL")),
            _ => return Ok(None),
        };
        let parts = issuer::parts(url);
        let host =
            parts.map(|parts| [parts.host, &parts.port.map(|port| format!(":{port}")).unwrap_or_default()].concat());
        let host = host.and_then(|host| HostPattern::parse(&host));
        let host = host.ok_or_else(|| usage::invalid_value("--resource", "it names no host"))?;
        let name = find_name(cx, url)?;
        let former = cx.config()?.zone(&name)?;
        if let Some(zone) = &former {
            require_sign_in(zone)?;
        }
        let given = self.challenge_from.as_ref().map(|source| read_challenge(cx, source)).transpose()?;
        let (challenge, found) = match resource::describe_challenged(cx, url, given) {
            Ok(found) => found,
            Err(error) if error.exit == exit::CONFIG && self.server.is_none() => match former {
                Some(zone) => {
                    cx.ui.info(&format!("{}: signing in to zone {name} for this resource", error.message));
                    return Ok(Some(Start { zone, is_new: false, demand: None }));
                }
                None => return Err(error.or_sign_in_at_issuer(url)),
            },
            Err(error) => return Err(error),
        };
        if let Some(zone) = &former
            && (!found.issuers.contains(&zone.issuer)
                || self.server.as_ref().is_some_and(|server| *server != zone.issuer))
        {
            return Err(error::zone::other_issuer_of_resource(zone, &found.issuers));
        }
        let (zone, metadata) = match &former {
            Some(zone) => (zone.clone(), discovery::find_metadata(cx, zone)?),
            None => self.find_server(cx, url, &name, &found)?,
        };
        let document = claim::text(&found.metadata, "resource").unwrap_or(url);
        cx.ui.info(&format!("Signing in at {}, the authorization server of {document}", zone.issuer));
        if let [other] = &zone.resource[..]
            && other != document
        {
            cx.ui.info(&format!("From now on zone {name} is for this resource, no longer for {other}"));
        }
        let client = self.choose_client(cx, &zone, (flags, proof), &metadata)?;
        let demand = Demand {
            resource: document.to_owned(),
            url: if is_metadata_url(url) { document } else { url }.to_owned(),
            scope: choose_scope(cx, (flags, &zone), &challenge, &found, &metadata)?,
            host,
            dpop: found.metadata.get("dpop_bound_access_tokens_required") == Some(&true.into()),
            client,
        };
        if demand.dpop {
            cx.ui.debug("the resource takes only tokens that are bound to a key: the zone uses DPoP");
        }
        Ok(Some(Start { zone, is_new: former.is_none(), demand: Some(demand) }))
    }

    fn is_given(&self) -> bool {
        self.challenge_from.is_some() || self.server.is_some() || self.client_metadata_url.is_some() || self.no_register
    }

    /// The zone for the authorization server, and the server's metadata, none of which may lead to where the resource
    /// itself may not. The metadata is cached: nothing is asked twice.
    fn find_server(&self, cx: &Context, url: &str, name: &str, found: &Described) -> Result<(Zone, Metadata), Error> {
        let session = cx.http_session(None).with_headers_to(url).for_foreign_places();
        let wanted = "authorization_endpoint";
        let ask = |issuer: &str| {
            let zone = Zone::new(name, issuer);
            let (metadata, lifetime) = if let Some(known) = discovery::cached_metadata(cx, &zone) {
                (known, Duration::ZERO)
            } else {
                let asking = well_known::Asking::Enough;
                let (answer, lifetime) = discovery::discover(&session, (issuer, None), asking, wanted)?;
                if !answer.served() {
                    let tried = &answer.documents;
                    return Err(discovery::explain_no_metadata(cx, &session, None, issuer, tried, wanted));
                }
                (answer.metadata, lifetime)
            };
            for endpoint in metadata::ENDPOINTS.iter().filter_map(|name| metadata.endpoint(name).ok()?) {
                resource::check_named(issuer, endpoint)?;
            }
            discovery::cache_metadata(cx, &zone, &metadata, lifetime);
            Ok((zone, metadata))
        };
        let ((zone, metadata), failures) = resource::ask_servers(url, found, self.server.as_deref(), &ask)?;
        cx.ui.warn_each(failures.iter().map(Error::chain));
        if !cx.options.headers.is_empty() && self.server.is_none() && !secure_url::same_origin(&zone.issuer, url) {
            return Err(error::metadata::header_for_named_server(&zone.issuer));
        }
        Ok((zone, metadata))
    }

    /// The client: the given one, else by its metadata document, else by registration.
    fn choose_client(
        &self,
        cx: &Context,
        zone: &Zone,
        (flags, proof): (&Flags, &ProofFlags),
        metadata: &Metadata,
    ) -> Result<ClientChoice, Error> {
        if zone.client_id.is_some() || flags.client_id.is_some() {
            return Ok(ClientChoice::Given);
        }
        let takes_documents = metadata.flag("client_id_metadata_document_supported");
        if let Some(document) = self.client_metadata_url.as_ref().filter(|_| takes_documents) {
            cx.ui.debug("the server supports client ID metadata documents: the client is the one of the document");
            return Ok(ClientChoice::Document(document.clone()));
        }
        if self.client_metadata_url.is_some() {
            cx.ui.info("the server does not support client ID metadata documents");
        }
        let is_open =
            !self.no_register && !proof.0.has_proof() && metadata.endpoint("registration_endpoint")?.is_some();
        let methods = metadata.list("token_endpoint_auth_methods_supported")?;
        // RFC 8414 §2: a server that lists none has the first of ours.
        let is_listed = |method: &Method| match &methods {
            Some(listed) => listed.iter().any(|name| name == method.name()),
            None => *method == Method::ALL[0],
        };
        let secret = Method::ALL.into_iter().filter(|method| method.uses_secret());
        let method = std::iter::once(Method::None).chain(secret).find(is_listed);
        Ok(method.filter(|_| is_open).map_or(ClientChoice::Given, ClientChoice::Register))
    }
}

impl Demand {
    /// Writes what the resource wants into its zone.
    pub fn apply(&self, zone: &mut Zone) {
        if let ClientChoice::Document(url) = &self.client {
            zone.client_id = Some(url.clone());
        }
        zone.resource = vec![self.resource.clone()];
        zone.scope.clone_from(&self.scope);
        zone.dpop |= self.dpop;
        if !zone.hosts.contains(&self.host) {
            zone.hosts.push(self.host.clone());
        }
    }
}

/// The name of the zone: that of `-z`, else one from the host.
fn find_name(cx: &Context, url: &str) -> Result<String, Error> {
    let named = cx
        .options
        .zone
        .as_deref()
        .map_or_else(|| cx.environment.read_choice("HALLPASS_ZONE"), |name| Ok(Some(name)))?;
    let name = match named {
        Some(name) => name.to_owned(),
        None => derive_zone_name(issuer::origin(url)).ok_or_else(|| error::zone::no_derived_name("-z"))?,
    };
    check_new_name(&name)?;
    Ok(name)
}

fn read_challenge(cx: &Context, source: &Source) -> Result<TokenChallenge, Error> {
    let bytes = cx.read_raw(source, "challenge")?;
    let text = String::from_utf8_lossy(&bytes);
    TokenChallenge::read(text.trim()).ok_or_else(error::metadata::no_challenge)
}

/// What is asked for: what the person says, else the challenge, else what the zone has, else what the resource lists. A
/// step-up adds to what the zone has. Where a scope is asked for, so is the refresh token that the server has a scope for.
fn choose_scope(
    cx: &Context,
    (flags, zone): (&Flags, &Zone),
    challenge: &TokenChallenge,
    found: &Described,
    metadata: &Metadata,
) -> Result<Vec<String>, Error> {
    let given = split_scopes(&flags.scope);
    let listed =
        claim::list(&found.metadata, "scopes_supported").into_iter().filter(|scope| check_scope(scope).is_ok());
    let listed: Vec<String> = listed.map(str::to_owned).collect();
    let choices = [
        ("--scope", &given),
        ("the challenge", &challenge.scope),
        ("the zone", &zone.scope),
        ("scopes_supported of the resource", &listed),
    ];
    let Some((origin, scope)) = choices.into_iter().find(|(_, scope)| !scope.is_empty()) else {
        cx.ui.debug("scope: none, so the server's default");
        return Ok(Vec::new());
    };
    let mut scope = scope.clone();
    if challenge.is_step_up && given.is_empty() {
        let missing: Vec<String> = scope.into_iter().filter(|new| !zone.scope.contains(new)).collect();
        scope = [&zone.scope[..], &missing].concat();
    }
    let offers = metadata.list("scopes_supported")?.unwrap_or_default();
    if offers.iter().any(|offer| offer == OFFLINE) && !scope.iter().any(|known| known == OFFLINE) {
        scope.push(OFFLINE.to_owned());
    }
    cx.ui.debug(&format!("scope: {}, from {origin}", scope.join(" ")));
    Ok(scope)
}

fn is_web_url(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}
