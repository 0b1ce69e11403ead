//! `hallpass discover`: the metadata of an authorization server or a protected resource.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::config::table::SETTINGS;
use crate::config::{Zone, ephemeral};
use crate::context::{Context, HttpSession};
use crate::error::{self, Error, usage};
use crate::flows::discovery::{self, Tried};
use crate::flows::resource;
use crate::flows::well_known::Asking;
use crate::oauth::issuer;
use crate::oauth::metadata::feature::FEATURES;
use crate::oauth::metadata::{self, Metadata};
use crate::output::{Render, Text, pretty, to_cell};

use super::Outcome;

mod diff;

pub use diff::Differences;

/// Show an authorization server's metadata and endpoints
///
/// Reads the metadata at the three well-known URLs (OpenID Connect; RFC 8414, before and after the path) and merges what
/// belongs to the same issuer, which is compared byte for byte. --resource starts at a protected resource (RFC 9728): its well-known
/// URLs, the root of its host, then the challenge of the resource itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  # Show the metadata of the zone's server
  $ hallpass discover

  # Of any issuer
  $ hallpass discover https://sso.example/realms/acme

  # One value, for a script
  $ hallpass discover --field token_endpoint

  # Exit 1 unless the server has these features
  $ hallpass discover --require grant:client_credentials pkce:S256

  # The merged document, as JSON
  $ hallpass discover --raw")]
pub struct Args {
    /// The issuer or its well-known URL (default: the zone's); with --resource the URL of the resource's metadata
    #[arg(value_name = "ISSUER|URL")]
    issuer: Option<String>,
    /// Read the metadata of this protected resource and follow its authorization servers
    #[arg(long, value_name = "URL", value_parser = parse_resource_url, conflicts_with = "diff")]
    resource: Option<String>,
    /// With --resource: follow this one of its authorization servers (default: the first that answers)
    #[arg(long = "issuer", value_name = "ISSUER", requires = "resource")]
    server: Option<String>,
    /// Print the merged document as served
    #[arg(long, group = "what")]
    raw: bool,
    /// Print the bare value of this member, arrays one per line; exit 1 if absent
    #[arg(long, value_name = "NAME", group = "what")]
    field: Option<String>,
    /// Exit 1 unless the server supports this feature, such as grant:client_credentials or pkce:S256; repeatable
    #[arg(long, value_name = "FEATURE", num_args = 1.., group = "what", long_help = describe_features())]
    require: Vec<String>,
    /// Compare with this issuer; exit 1 if something differs
    ///
    /// On a terminal, lists and URLs show only what differs.
    #[arg(long, value_name = "ISSUER2", value_parser = parse_url, group = "what")]
    diff: Option<String>,
}

fn describe_features() -> String {
    format!(
        "Exit 1 unless the server supports this feature, such as grant:client_credentials or pkce:S256; repeatable\n\n\
         FEATURE: {FEATURES}"
    )
}

/// What is known of an issuer.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The issuer, byte for byte.
    issuer: String,
    /// The metadata of the protected resource, with `--resource`.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Value>,
    /// The well-known URLs that were tried.
    documents: Vec<Tried>,
    /// The endpoints, by their metadata names.
    endpoints: BTreeMap<String, Endpoint>,
    /// The merged metadata, as served.
    metadata: Map<String, Value>,
    /// What did not fit together.
    warnings: Vec<String>,
}

/// An endpoint and where it comes from.
#[derive(Serialize, JsonSchema)]
pub struct Endpoint {
    /// The URL, used as given.
    url: String,
    /// `explicit`, `discovered`, `default`.
    origin: &'static str,
}

impl Render for Answer {
    fn text(&self) -> Text {
        show_overview(self)
    }
}

/// The answer of `discover --raw`: the merged document.
#[derive(Serialize, JsonSchema)]
pub struct Raw(Map<String, Value>);

impl Render for Raw {
    fn text(&self) -> Text {
        Text::Document(format!("{}\n", pretty(&Value::Object(self.0.clone()))))
    }

    fn is_foreign(&self) -> bool {
        true
    }
}

/// The answer of `discover --field`: one member, or null.
#[derive(Serialize, JsonSchema)]
pub struct Field(Option<Value>);

impl Render for Field {
    fn text(&self) -> Text {
        self.0.as_ref().map_or(Text::Nothing, show_member)
    }

    fn is_foreign(&self) -> bool {
        true
    }

    fn negative(&self) -> bool {
        self.0.is_none()
    }
}

/// The answer of `discover --require`.
#[derive(Serialize, JsonSchema)]
pub struct Missing {
    /// The issuer.
    issuer: String,
    /// The features that it lacks.
    missing: Vec<String>,
}

impl Render for Missing {
    fn text(&self) -> Text {
        Text::Lines(self.missing.clone())
    }

    fn negative(&self) -> bool {
        !self.missing.is_empty()
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    for feature in &args.require {
        if let Err(fault @ crate::oauth::Fault::UnknownFeature { .. }) = Metadata::new(Map::new()).supports(feature) {
            return Err(fault.into());
        }
    }
    let mut found = if let Some(url) = &args.resource {
        describe_resource(cx, url, args)?
    } else {
        let (zone, issuer) = find_issuer(cx, args.issuer.as_deref())?;
        describe_issuer(cx, zone.as_ref(), &issuer, &issuer, args.raw || args.diff.is_some())?
    };
    let secrets = cx.ui.secrets();
    found.warnings.iter_mut().for_each(|warning| *warning = secrets.redact(warning));
    cx.ui.warn_each(&found.warnings);
    if let Some(other) = &args.diff {
        let other = issuer::of_url(other);
        let other = describe_issuer(cx, None, &other, &other, true)?;
        let differences = Differences::between(&found.issuer, &found.metadata, &other.issuer, &other.metadata);
        cx.ui.note_empty(differences.is_empty(), "no differences");
        return Ok(Outcome::view(differences));
    }
    Ok(select_view(args, found))
}

/// The issuer to ask, and the zone whose settings are used.
fn find_issuer(cx: &Context, issuer: Option<&str>) -> Result<(Option<Zone>, String), Error> {
    let Some(issuer) = issuer else {
        if cx.options.zone.is_none()
            && cx.environment.read_choice("HALLPASS_ZONE")?.is_none()
            && let Some(issuer) = ephemeral::issuer(&cx.environment)?
        {
            return Ok((ephemeral::from_environment(&cx.environment).ok().flatten(), issuer.to_owned()));
        }
        let zone = cx.zone()?.zone;
        let issuer = zone.issuer.clone();
        return Ok((Some(zone), issuer));
    };
    if !issuer.contains("://") {
        return Err(error::issuer::not_a_url());
    }
    let zone = cx.options.zone.is_some().then(|| cx.zone()).transpose()?.map(|chosen| chosen.zone);
    Ok((zone, issuer::of_url(issuer)))
}

/// What is known of an issuer. Where no metadata is found, the endpoints that the zone has are enough, unless the `whole`
/// document is wanted. The headers of the command are for the server that the person `named`.
fn describe_issuer(cx: &Context, zone: Option<&Zone>, issuer: &str, named: &str, whole: bool) -> Result<Answer, Error> {
    let session = cx.http_session(zone).with_headers_to(named);
    describe_in_session(cx, &session, zone, issuer, whole)
}

fn describe_in_session(
    cx: &Context,
    session: &HttpSession<'_>,
    zone: Option<&Zone>,
    issuer: &str,
    whole: bool,
) -> Result<Answer, Error> {
    let zone = zone.filter(|zone| zone.issuer == issuer);
    let template = zone.and_then(|zone| zone.issuer_template.as_deref());
    let (mut found, lifetime) = discovery::discover(session, (issuer, template), Asking::All, "token_endpoint")?;
    found.warnings.extend(found.metadata.usable().1.iter().map(|fault| format!("{fault}; it is ignored")));
    let endpoints = list_endpoints(zone, &found.metadata)?;
    if !found.served() {
        let error = discovery::explain_no_metadata(cx, session, zone, issuer, &found.documents, "token_endpoint");
        if whole || endpoints.is_empty() {
            return Err(error);
        }
        found.warnings.push(format!("{}: showing the endpoints configured in the zone", error.message));
    } else if let Some(zone) = zone {
        discovery::cache_metadata(cx, zone, &found.metadata, lifetime);
    }
    Ok(Answer {
        issuer: issuer.to_owned(),
        resource: None,
        documents: found.documents,
        endpoints,
        metadata: found.metadata.members().clone(),
        warnings: found.warnings.into_iter().chain(found.notes).collect(),
    })
}

/// What is known of the authorization server of a resource: of the one that is picked, else of the first that answers.
fn describe_resource(cx: &Context, url: &str, args: &Args) -> Result<Answer, Error> {
    let metadata_url = args.issuer.as_deref().map(parse_resource_url).transpose();
    let metadata_url = metadata_url.map_err(|reason| usage::invalid_value("the metadata URL", &reason))?;
    let found = resource::describe_resource(cx, url, metadata_url.as_deref())?;
    let session = cx.http_session(None).with_headers_to(url).for_foreign_places();
    let ask = |issuer: &str| describe_in_session(cx, &session, None, issuer, true);
    let (mut answer, failures) = resource::ask_servers(url, &found, args.server.as_deref(), &ask)?;
    answer.documents.splice(0..0, found.documents);
    answer.resource = Some(Value::Object(found.metadata));
    let others: Vec<&str> = found.issuers.iter().map(String::as_str).filter(|one| *one != answer.issuer).collect();
    if !others.is_empty() {
        let others = others.join(", ");
        answer.warnings.push(format!("the resource names further authorization servers: {others}"));
    }
    answer.warnings.extend(failures.iter().map(Error::chain));
    Ok(answer)
}

/// Every endpoint with its origin: the zone's settings, the metadata, the assumed default.
fn list_endpoints(zone: Option<&Zone>, found: &Metadata) -> Result<BTreeMap<String, Endpoint>, Error> {
    let mut endpoints = BTreeMap::new();
    for name in metadata::ENDPOINTS {
        if let Ok(Some(url)) = found.endpoint(name) {
            endpoints.insert(name.to_owned(), Endpoint { url: url.to_owned(), origin: "discovered" });
        }
    }
    let Some(zone) = zone else { return Ok(endpoints) };
    if zone.assume_defaults {
        for name in metadata::ENDPOINTS {
            if let Some(url) = metadata::default_endpoint(&zone.issuer, name) {
                endpoints.entry(name.to_owned()).or_insert(Endpoint { url, origin: "default" });
            }
        }
    }
    for name in SETTINGS.iter().filter_map(|row| row.endpoint) {
        if let Some(url) = zone.endpoint(name)? {
            endpoints.insert(name.to_owned(), Endpoint { url, origin: "explicit" });
        }
    }
    Ok(endpoints)
}

fn select_view(args: &Args, found: Answer) -> Outcome {
    if args.raw {
        return Outcome::view(Raw(found.metadata));
    }
    let metadata = Metadata::new(found.metadata.clone());
    if let Some(name) = &args.field {
        let value = found.endpoints.get(name).map(|endpoint| Value::String(endpoint.url.clone()));
        return Outcome::view(Field(value.or_else(|| metadata.usable().0.member(name).cloned())));
    }
    if args.require.is_empty() {
        return Outcome::view(found);
    }
    // A member that can't be read proves nothing.
    let lacks = |feature: &&String| !metadata.supports(feature).unwrap_or_default();
    let missing = args.require.iter().filter(lacks).cloned().collect();
    Outcome::view(Missing { issuer: found.issuer, missing })
}

/// An issuer or a resource has a scheme; a zone is named with -z.
fn parse_url(text: &str) -> Result<String, String> {
    if text.contains("://") { Ok(text.to_owned()) } else { Err("expected a URL such as https://host/path".to_owned()) }
}

/// A resource is at a URL without a fragment (RFC 9728 §1.2).
fn parse_resource_url(text: &str) -> Result<String, String> {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("https" | "http") if !text.contains('#') => Ok(text.to_owned()),
        Some("https" | "http") => Err("it has a fragment".to_owned()),
        _ => Err("expected an https URL".to_owned()),
    }
}

/// A member without its quotes; arrays one per line.
fn show_member(value: &Value) -> Text {
    match value {
        Value::Array(items) => Text::Lines(items.iter().map(to_cell).collect()),
        other => Text::Line(to_cell(other)),
    }
}

fn show_overview(found: &Answer) -> Text {
    let mut fields = vec![("issuer".to_owned(), found.issuer.clone())];
    for document in &found.documents {
        let status = document.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        fields.push((format!("document {}", document.kind), format!("{status} {}", document.url)));
    }
    for (name, endpoint) in &found.endpoints {
        fields.push((name.clone(), format!("{} ({})", endpoint.url, endpoint.origin)));
    }
    for name in [
        "grant_types_supported",
        "token_endpoint_auth_methods_supported",
        "code_challenge_methods_supported",
        "scopes_supported",
    ] {
        if let Some(Value::Array(items)) = found.metadata.get(name) {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            fields.push((name.to_owned(), items.join(" ")));
        }
    }
    Text::Fields(fields)
}
