//! docker and skopeo, which ask a container registry by way of its token server.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::fault::{Reply, Request, Server, answer, json as answer_json, with_fields};
use crate::room::{Outcome, finish};
use crate::site::{Site, await_expiry, basic, token_of, tokens};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// What the registry takes, from whoever has a token for its token server.
const PULL: &str = "pull.1";

fn credential(number: u64) -> String {
    basic("oauth2accesstoken", number)
}

/// A registry with an image x:latest, and the token server that its challenge names.
fn registry(knows: bool) -> Server {
    let config =
        json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).to_string();
    let digest = hex(&Sha256::digest(&config));
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [], "config":
        {"mediaType": "application/vnd.docker.container.image.v1+json", "size": config.len(), "digest": format!("sha256:{digest}")}});
    let manifest = manifest.to_string();
    Server::start_tls(move |request, base| match request.target() {
        target if target.starts_with("/token") => give_pull_token(request, knows),
        _ if request.field("Authorization") != Some(&format!("Bearer {PULL}")) => {
            let challenge = format!("WWW-Authenticate: Bearer realm=\"{base}/token\",service=\"r\"\r\n");
            with_fields(401, &challenge, "")
        }
        "/v2/" => answer_json(200, "{}"),
        "/v2/x/tags/list" => answer_json(200, r#"{"name":"x","tags":["latest"]}"#),
        target if target.starts_with("/v2/x/manifests/") => answer(200, MANIFEST, &manifest),
        target if target.starts_with("/v2/x/blobs/") => answer(200, "application/octet-stream", &config),
        _ => answer_json(404, "{}"),
    })
}

/// Anybody without credentials gets a token that is good for nothing, as at the registries of the world.
fn give_pull_token(request: &Request, knows: bool) -> Reply {
    let good = knows && token_of(request, credential).is_some();
    if request.field("Authorization").is_some() && !good {
        return answer_json(401, "{}");
    }
    answer_json(200, json!({"token": if good { PULL } else { "nothing" }}).to_string())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Asks a registry for its image, again when the token has expired, and a registry that no zone names.
fn ask_twice(ask: impl Fn(&Site, &str) -> Outcome) -> (Site, Server) {
    let (registry, stranger) = (registry(true), registry(false));
    let site = Site::expiring(registry.host());
    site.write("authorities.pem", format!("{}{}", registry.certificate(), stranger.certificate()));
    let (path, authorities) = (site.path_with("bin"), site.path("authorities.pem"));
    let site = site.with("PATH", path).with("SSL_CERT_FILE", authorities);
    site.room.run(&["helper", "install", "docker", "-z", "a", "--bin-dir", "bin"]).answer();
    // The user's configuration sends every other registry to the helper too.
    let mut configuration: serde_json::Value =
        serde_json::from_slice(&std::fs::read(site.path(".docker/config.json")).unwrap()).unwrap();
    configuration["credHelpers"][stranger.host()] = "hallpass".into();
    site.write(".docker/config.json", configuration.to_string());
    ask(&site, registry.host()).answer();
    await_expiry();
    ask(&site, registry.host()).answer();
    assert_eq!(tokens(&registry, credential), [1, 2]);
    assert_ne!(ask(&site, stranger.host()).code(), 0);
    let asked = stranger.requests();
    assert!(!asked.is_empty() && asked.iter().all(|request| !request.head.contains("Basic")), "{asked:?}");
    (site, registry)
}

#[test]
#[ignore = "needs docker: tests/run installs it"]
fn docker_asks_registry_with_token_of_zone() {
    let ask = |site: &Site, host: &str| site.run("docker", &["manifest", "inspect", &format!("{host}/x:latest")]);
    let (site, registry) = ask_twice(ask);
    // What a person types is not kept.
    let words = ["login", "-u", "oauth2accesstoken", "--password-stdin", registry.host()];
    let mut login = site.room.program("docker").args(words).stdin(Stdio::piped()).spawn().unwrap();
    login.stdin.take().unwrap().write_all(b"AT-1").unwrap();
    assert!(finish(login).answer().contains("Login Succeeded"));
    ask(&site, registry.host()).answer();
    assert_eq!(tokens(&registry, credential), [1, 2, 1, 2]);
    // After the next word the token is a new one.
    site.run("docker", &["logout", registry.host()]).answer();
    ask(&site, registry.host()).answer();
    assert_eq!(tokens(&registry, credential), [1, 2, 1, 2, 3]);
}

#[test]
#[ignore = "needs skopeo: tests/run installs it"]
fn skopeo_asks_registry_with_token_of_zone() {
    ask_twice(|site, host| {
        let image = format!("docker://{host}/x:latest");
        let words = ["inspect", "--no-tags", "--override-os", "linux", "--override-arch", "amd64"];
        site.run("skopeo", &[&words[..], &["--authfile", ".docker/config.json", &image]].concat())
    });
}
