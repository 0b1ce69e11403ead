use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::certificates::{Authority, trusting, url, wrap, write};
use super::server::{Server, answer};
use super::{Fault, secret_form, send, settings};
use crate::http::{Identity, Settings, curl, is_outage};
use crate::oauth::message::Replay;
use crate::secret::Secret;

/// A server of this authority that wants a client certificate of it.
fn demanding(authority: &Authority) -> Server {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority.issuer).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(authority.issuer.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    Server::on("127.0.0.1:0", wrap(Arc::new(config)), |_, _, stream| {
        let _ = stream.write_all(answer("200 OK", "{}").as_bytes());
        let _ = stream.flush();
        false
    })
}

/// A client certificate of an authority as a file, and its key.
fn client(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> (tempfile::TempDir, PathBuf, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, "ci");
    change(&mut params);
    let certificate = params.signed_by(&key, &authority.issuer).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("client.pem");
    write(&file, &certificate.pem());
    (directory, file, key)
}

fn pem(key: &KeyPair) -> Secret {
    Secret::new(key.serialize_pem())
}

fn refused(fault: &Fault) -> &'static str {
    match fault {
        Fault::ClientCertificate { why, .. } => why,
        other => panic!("{other}"),
    }
}

#[test]
fn certificate_is_presented_where_it_is_wanted() {
    let authority = Authority::new();
    let server = demanding(&authority);
    let (_directory, file, key) = client(&authority, |_| ());
    let identity = Some(Identity::load(&file, &pem(&key)).unwrap());
    let settings = Settings { identity, ..trusting(&authority) };
    assert_eq!(send(settings, &secret_form(&url(&server), Replay::Single)).unwrap().status, 200);
    assert_eq!(server.arrivals(), 1);
}

#[test]
fn wrong_client_certificate_is_refused_once() {
    let authority = Authority::new();
    let other = Authority::named("another");
    let (_directory, file, key) = client(&other, |_| ());
    let stranger = Some(Identity::load(&file, &pem(&key)).unwrap());
    let (_directory, file, key) = client(&authority, |params| params.not_after = date_time_ymd(2020, 1, 1));
    let expired = Some(Identity::load(&file, &pem(&key)).unwrap());
    for (identity, words) in [
        (None, "it wants one and got none"),
        (stranger, "the server does not trust who signed it"),
        (expired, "it has expired"),
    ] {
        let server = demanding(&authority);
        let settings = Settings { identity, ..trusting(&authority) };
        let fault = send(settings, &secret_form(&url(&server), Replay::RetryOnce)).unwrap_err();
        assert!(refused(&fault).starts_with(words), "{fault}");
        assert!(!is_outage(&Err(fault)));
        assert_eq!((server.connects(), server.arrivals()), (1, 0));
    }
}

#[test]
fn mismatched_key_is_refused_before_sending() {
    let authority = Authority::new();
    let (directory, file, key) = client(&authority, |_| ());
    let empty = directory.path().join("empty.pem");
    write(&empty, "hunter2");
    let absent = directory.path().join("absent.pem");
    for (path, key, words) in [
        (&file, pem(&KeyPair::generate().unwrap()), "the key is not the one of the certificate"),
        (&file, Secret::new("hunter2"), "its key is no unencrypted private key in PEM"),
        (
            &file,
            Secret::new("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
            "no unencrypted",
        ),
        (&empty, pem(&key), "it contains no PEM certificate"),
        (&absent, pem(&key), "No such file"),
    ] {
        let fault = Identity::load(path, &key).unwrap_err();
        let text = fault.to_string();
        assert!(matches!(fault, Fault::Identity { .. }) && text.contains(words) && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn end_of_certificate_is_known() {
    let authority = Authority::new();
    let (_directory, file, key) = client(&authority, |params| params.not_after = date_time_ymd(2031, 2, 3));
    let identity = Identity::load(&file, &pem(&key)).unwrap();
    assert_eq!(identity.validity().unwrap().not_after.rfc3339(), "2031-02-03T00:00:00Z");
    assert!(!format!("{identity:?}").contains("PRIVATE"));
}

#[test]
fn unsent_request_names_file_and_hides_key() {
    let settings = || Settings { identity: Some(Identity::without_key("/c/client.pem".as_ref())), ..settings() };
    let shown = curl(&secret_form("https://as.example/token", Replay::RetryOnce), &settings());
    assert!(shown.contains("--cert /c/client.pem --key '[redacted]'"), "{shown}");
    let plain = curl(&secret_form("http://127.0.0.1:1/token", Replay::RetryOnce), &settings());
    assert!(!plain.contains("--cert"), "{plain}");
}
