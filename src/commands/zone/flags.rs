//! The settings of a zone as flags, shared by `zone add` and `zone edit`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::commands::request::{parameter, scopes, split};
use crate::config::{HostPattern, Origin, SettingValue, Zone, check_issuer, resolve_endpoint};
use crate::context::Context;
use crate::error::Error;
use crate::jose::Algorithm;
use crate::oauth::client_auth::Method;
use crate::oauth::grant::Grant;
use crate::source::Source;
use crate::store::Kind;

/// The settings of a zone.
#[derive(Debug, Args)]
pub struct Flags {
    /// The client_id at the authorization server
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Copy the client secret from SOURCE into the vault
    #[arg(long, value_name = "SOURCE", conflicts_with = "client_secret_ref")]
    pub client_secret_from: Option<Source>,
    /// Read the client secret from SOURCE at every use; nothing is stored
    #[arg(long, value_name = "SOURCE", value_parser = reference)]
    pub client_secret_ref: Option<Source>,
    /// Copy the private key from SOURCE into the vault: PEM or a private JWK
    #[arg(long, value_name = "SOURCE", conflicts_with = "private_key_ref")]
    pub private_key_from: Option<Source>,
    /// Read the private key from SOURCE at every use; nothing is stored
    #[arg(long, value_name = "SOURCE", value_parser = reference)]
    pub private_key_ref: Option<Source>,
    /// The private key's kid, also to select it in a JWK set
    #[arg(long, value_name = "KID")]
    key_id: Option<String>,
    /// Signature algorithm (default: chosen from the key)
    #[arg(long, value_name = "ALG", value_parser = one_of::<Algorithm>())]
    algorithm: Option<Algorithm>,
    /// Authenticate with an externally signed assertion, read from SOURCE at every use
    #[arg(long, value_name = "SOURCE", value_parser = reference)]
    client_assertion_from: Option<Source>,
    /// The audience of the client's assertions (default: the issuer)
    #[arg(long, value_name = "AUDIENCE")]
    assertion_audience: Option<String>,
    /// Present this certificate, a PEM file, to the server (mutual TLS, RFC 8705)
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// Copy the key of the certificate from SOURCE into the vault: PEM
    #[arg(long, value_name = "SOURCE", conflicts_with = "cert_key_ref")]
    cert_key_from: Option<Source>,
    /// Read the key of the certificate from SOURCE at every use; nothing is stored
    #[arg(long, value_name = "SOURCE", value_parser = reference)]
    cert_key_ref: Option<Source>,
    /// Client authentication method (default: chosen from the metadata)
    #[arg(long, value_name = "METHOD", value_parser = one_of::<Method>())]
    auth: Option<Method>,
    /// How tokens are obtained
    #[arg(long, value_name = "GRANT", value_parser = one_of::<Grant>())]
    grant: Option<Grant>,
    /// With grant jwt_bearer: read the assertion from SOURCE at every call
    #[arg(long, value_name = "SOURCE", value_parser = reference)]
    assertion_ref: Option<Source>,
    /// With grant token_exchange: read the subject token from SOURCE at every call
    #[arg(long, value_name = "SOURCE", value_parser = reference)]
    subject_token_ref: Option<Source>,
    /// Request these scopes; repeatable, splits on spaces
    #[arg(long, value_name = "SCOPE", value_parser = scopes)]
    scope: Vec<String>,
    /// Request tokens for this audience; repeatable
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,
    /// Request tokens for this resource (RFC 8707); repeatable
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// Override the token endpoint: a URL, or a path on the issuer's host
    #[arg(long, value_name = "URL")]
    token_endpoint: Option<String>,
    /// Override the introspection endpoint
    #[arg(long, value_name = "URL")]
    introspection_endpoint: Option<String>,
    /// Override the revocation endpoint
    #[arg(long, value_name = "URL")]
    revocation_endpoint: Option<String>,
    /// Override the registration endpoint
    #[arg(long, value_name = "URL")]
    registration_endpoint: Option<String>,
    /// Override the pushed authorization request endpoint
    #[arg(long, value_name = "URL")]
    par_endpoint: Option<String>,
    /// Override the authorization endpoint
    #[arg(long, value_name = "URL")]
    authorization_endpoint: Option<String>,
    /// Override the device authorization endpoint
    #[arg(long, value_name = "URL")]
    device_endpoint: Option<String>,
    /// Override the URL of the issuer's keys
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// Assume /oauth2/token and related paths for endpoints neither given nor discovered
    #[arg(long)]
    assume_defaults: bool,
    /// Send this additional parameter with every token request; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    param: Vec<(String, String)>,
    /// Host that this zone's tokens may be sent to: h, h:8443 or *.h; repeatable
    #[arg(long, value_name = "HOST", value_parser = host)]
    host: Vec<HostPattern>,
    /// Bind tokens to a key of this zone (DPoP, RFC 9449), generated at the first use and stored in the vault
    #[arg(long)]
    dpop: bool,
}

impl Flags {
    /// Writes what was given into the zone; `--header` and `--cacert` are the zone's here.
    ///
    /// # Errors
    /// 2 when a setting is not allowed, as an endpoint that does not fit the issuer.
    pub fn apply(&self, cx: &Context, zone: &mut Zone) -> Result<(), Error> {
        fn set<T: Clone>(slot: &mut Option<T>, given: Option<&T>) {
            if given.is_some() {
                *slot = given.cloned();
            }
        }
        set(&mut zone.client_id, self.client_id.as_ref());
        set(&mut zone.key_id, self.key_id.as_ref());
        set(&mut zone.algorithm, self.algorithm.as_ref());
        set(&mut zone.client_assertion_ref, self.client_assertion_from.as_ref());
        set(&mut zone.assertion_audience, self.assertion_audience.as_ref());
        set(&mut zone.assertion_ref, self.assertion_ref.as_ref());
        set(&mut zone.subject_token_ref, self.subject_token_ref.as_ref());
        set(&mut zone.auth, self.auth.as_ref());
        set(&mut zone.grant, self.grant.as_ref());
        let scopes = split(&self.scope);
        for (slot, given) in
            [(&mut zone.scope, &scopes), (&mut zone.audience, &self.audience), (&mut zone.resource, &self.resource)]
        {
            if !given.is_empty() {
                slot.clone_from(given);
            }
        }
        if !self.host.is_empty() {
            zone.hosts.clone_from(&self.host);
        }
        for (name, given) in self.endpoints() {
            if let Some(given) = given {
                resolve_endpoint(&zone.issuer, given).map_err(|fault| Error::usage(fault.to_string()))?;
                zone.endpoints.set(name, Some(given.clone()));
            }
        }
        zone.assume_defaults |= self.assume_defaults;
        zone.dpop |= self.dpop;
        if !self.param.is_empty() {
            zone.params.clone_from(&self.param);
        }
        if !cx.options.headers.is_empty() {
            zone.headers.clone_from(&cx.options.headers);
        }
        if let Some(cacert) = cx.options.cacert.as_ref().filter(|cacert| cacert.origin == Origin::Flag) {
            zone.cacert = Some(absolute(cx, &cacert.value));
        }
        if let Some(cert) = &self.cert {
            zone.cert = Some(absolute(cx, cert));
        }
        if zone.cert.is_none() && (self.cert_key_from.is_some() || self.cert_key_ref.is_some()) {
            return Err(
                Error::usage("the key of a certificate needs the certificate").hint("name its file: --cert FILE")
            );
        }
        zone.check().map_err(|fault| Error::usage(fault.to_string()))
    }

    /// Where each secret shall come from: read once and kept, or referred to.
    pub fn secrets(&self) -> [(Kind, Option<&Source>, Option<&Source>); 3] {
        [
            (Kind::ClientSecret, self.client_secret_from.as_ref(), self.client_secret_ref.as_ref()),
            (Kind::PrivateKey, self.private_key_from.as_ref(), self.private_key_ref.as_ref()),
            (Kind::CertKey, self.cert_key_from.as_ref(), self.cert_key_ref.as_ref()),
        ]
    }

    /// Whether a secret of this kind is to be read and kept.
    pub fn brings(&self, kind: Kind) -> bool {
        self.secrets().iter().any(|(known, from, _)| *known == kind && from.is_some())
    }

    fn endpoints(&self) -> [(&'static str, &Option<String>); 8] {
        [
            ("token_endpoint", &self.token_endpoint),
            ("introspection_endpoint", &self.introspection_endpoint),
            ("revocation_endpoint", &self.revocation_endpoint),
            ("registration_endpoint", &self.registration_endpoint),
            ("pushed_authorization_request_endpoint", &self.par_endpoint),
            ("authorization_endpoint", &self.authorization_endpoint),
            ("device_authorization_endpoint", &self.device_endpoint),
            ("jwks_uri", &self.jwks_uri),
        ]
    }
}

/// A path is read from other folders later.
fn absolute(cx: &Context, path: &Path) -> PathBuf {
    match &cx.environment.current_dir {
        Some(folder) => folder.join(path),
        None => path.to_owned(),
    }
}

/// A reference is read again and again: stdin and descriptors are gone after the first time.
fn reference(text: &str) -> Result<Source, String> {
    let source: Source = text.parse()?;
    match source {
        Source::Stdin | Source::Descriptor(_) | Source::Vault(_) => Err("a reference is read at every use: it takes \
             file:PATH, env:NAME, cmd:COMMAND or the identity of a workload"
            .to_owned()),
        _ => Ok(source),
    }
}

fn host(text: &str) -> Result<HostPattern, String> {
    HostPattern::from_text(text).map_err(|reason| format!("host {reason}"))
}

/// A parser of one of the names of a type.
fn one_of<T: SettingValue + Clone + Send + Sync + 'static>() -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(T::choices()).try_map(|name| T::from_text(&name))
}

/// An issuer that a zone may have, byte for byte as given.
pub fn issuer(text: &str) -> Result<String, String> {
    check_issuer(text).map(|()| text.to_owned()).map_err(|fault| fault.to_string())
}
