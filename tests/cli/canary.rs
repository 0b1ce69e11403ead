//! Every subcommand at `-vv`, with a canary in every place where a secret can be given, against a server that repeats
//! all that it receives: no canary comes out but as the answer that was asked for.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::leak::{KnownSecrets, is_secret_answer};
use super::room::Room;
use super::server::read;

const CANARY: &str = "CANARY";
const JWT: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhIn0.CANARY-signature";
const KEY: &str = include_str!("../keys/p256.pkcs8.pem");

/// How the server answers what is not metadata.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reaction {
    Grants,
    Refuses,
    Fails,
    AnswersOddly,
}

const REACTIONS: [Reaction; 4] = [Reaction::Grants, Reaction::Refuses, Reaction::Fails, Reaction::AnswersOddly];

/// A server that repeats what it receives in every answer.
struct Parrot {
    address: SocketAddr,
    reaction: Arc<Mutex<Reaction>>,
    requests: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Parrot {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (reaction, requests, ended) =
            (Arc::new(Mutex::new(Reaction::Grants)), Arc::<AtomicUsize>::default(), Arc::new(AtomicBool::new(false)));
        let (shared_reaction, counter, is_ended) = (Arc::clone(&reaction), Arc::clone(&requests), Arc::clone(&ended));
        let secrets = KnownSecrets::of_this_test();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if is_ended.load(Ordering::SeqCst) {
                    return;
                }
                let reaction = *shared_reaction.lock().unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                repeat(&mut stream.unwrap(), address, reaction, &secrets);
            }
        });
        Self { address, reaction, requests, ended, thread: Some(thread) }
    }
}

impl Drop for Parrot {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

fn repeat(stream: &mut TcpStream, address: SocketAddr, reaction: Reaction, secrets: &KnownSecrets) {
    let Some(received) = read(stream) else { return };
    secrets.add_request(&received.line, &received.headers, &received.body);
    let form = url::form_urlencoded::parse(received.body.as_bytes()).map(|(name, value)| format!("{name}: {value}"));
    let headers = received.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let heard: Vec<String> = headers.chain(form).chain([received.line.clone(), received.body.clone()]).collect();
    let heard = heard.join(" / ").replace(['"', '\\'], "'");
    let (status, kind, body) = answer(&received.line, address, reaction, &heard);
    secrets.add_answer(status, &body);
    let fields = format!(
        "HTTP/1.1 {status} Answer\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
         x-echo: {heard}\r\nwww-authenticate: Bearer error_description=\"{heard}\"\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{fields}{body}").as_bytes());
}

fn answer(line: &str, address: SocketAddr, reaction: Reaction, heard: &str) -> (u16, &'static str, String) {
    let base = format!("http://{address}");
    if line.starts_with("GET /.well-known/") {
        return (200, "application/json", metadata(&base).to_string());
    }
    let refusal = json!({"error": "invalid_request", "error_description": heard, "error_uri": heard, "token": heard});
    let body = match reaction {
        Reaction::Refuses => return (400, "application/json", refusal.to_string()),
        Reaction::Fails => return (500, "text/html", format!("<h1>Failed</h1><p>{heard}</p>")),
        Reaction::AnswersOddly => json!({"note": heard, "expires_in": heard, "active": heard, "message": heard}),
        Reaction::Grants if line.contains("/device") => json!({
            "device_code": "CANARY-device-code", "user_code": "AB-CD", "verification_uri": format!("{base}/go"),
            "expires_in": 600, "interval": 1, "note": heard,
        }),
        Reaction::Grants if line.contains("/introspect") => json!({"active": true, "sub": "a", "scope": "read"}),
        Reaction::Grants if line.contains("/register") => json!({
            "client_id": "c-1", "client_secret": "CANARY-registered-secret", "client_secret_expires_at": 0,
            "registration_access_token": "CANARY-registration-token", "grant_types": ["client_credentials"],
            "registration_client_uri": format!("{base}/register/c-1"), "token_endpoint_auth_method": "client_secret_basic",
            "software_statement": "CANARY-statement",
        }),
        Reaction::Grants if line.contains("/id-token") => json!({"count": 1, "value": "CANARY-identity-token"}),
        Reaction::Grants => json!({
            "access_token": "CANARY-access-token", "token_type": "Bearer", "expires_in": 300, "note": heard,
            "refresh_token": "CANARY-refresh-token", "request_uri": "urn:x:CANARY", "scope": "read",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "keys": [], "nested": {"note": heard},
        }),
    };
    (200, "application/json", body.to_string())
}

fn metadata(base: &str) -> Value {
    let mut all = json!({
        "issuer": base, "jwks_uri": format!("{base}/jwks"), "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"], "dpop_signing_alg_values_supported": ["ES256"],
    });
    for (name, path) in [
        ("authorization", "authorize"),
        ("token", "token"),
        ("introspection", "introspect"),
        ("revocation", "revoke"),
        ("registration", "register"),
        ("pushed_authorization_request", "par"),
        ("device_authorization", "device"),
        ("end_session", "logout"),
    ] {
        all[format!("{name}_endpoint")] = json!(format!("{base}/{path}"));
    }
    all
}

/// The zones, made while the server grants everything.
const ZONES: &[&str] = &[
    "zone add prod --issuer AS --client-id ci --client-secret-from - --header X-Api-Key:CANARY-zone-header --default",
    "zone add post --issuer AS --client-id ci --client-secret-ref env:SECRET --auth client_secret_post",
    "zone add hmac --issuer AS --client-id ci --client-secret-ref file:DIR/secret --auth client_secret_jwt",
    "zone add key --issuer AS --client-id ci --private-key-from file:DIR/key.pem",
    "zone add keyref --issuer AS --client-id ci --private-key-ref file:DIR/key.pem --dpop",
    "zone add proof --issuer AS --client-id ci --client-assertion-ref env:JWT",
    "zone add bearer --issuer AS --client-id ci --client-secret-ref env:SECRET --grant jwt_bearer --assertion-ref env:JWT",
    "zone add sts --issuer AS --client-id ci --client-secret-ref env:SECRET --grant token_exchange --subject-token-ref env:TOKEN",
    "zone add tls --issuer AS --client-id ci --cert DIR/cert.pem --cert-key-from file:DIR/key.pem",
    "zone add tlsref --issuer AS --client-id ci --cert DIR/cert.pem --cert-key-ref file:DIR/key.pem",
    "zone add web --issuer AS --client-id app",
    "login -z web --device",
    "client register AS --save-as reg --grant client_credentials --initial-token-from env:TOKEN",
];

/// What is run in every reaction. Stdin is always a canary, and so are the variables of [`prepare`].
const LINES: &[&str] = &[
    "token",
    "token --fresh --json --header X-Own:CANARY-own-header",
    "token -z post --fresh",
    "token -z hmac --fresh",
    "token -z key --fresh",
    "token -z keyref --fresh",
    "token -z proof --fresh",
    "token -z bearer --fresh --assertion-from 'cmd:echo CANARY-command'",
    "token -z sts --fresh --subject-token-from file:DIR/secret",
    "token -z sts --fresh --explain --dry-run",
    "token -z tls --fresh",
    "token -z web --fresh",
    "token --format fish -o DIR/out",
    "header",
    "header --basic",
    "header --from env:TOKEN",
    "header --from github:a",
    "header --user me --secret-from env:SECRET --basic",
    "header --read env:FIELD",
    "header --tokens-file DIR/tokens",
    "header --fresh -z bearer --assertion-from env:JWT",
    "header --fresh -z sts --subject-token-from env:TOKEN --dry-run",
    "header -z keyref --dpop --method GET --url https://api.example/x --nonce n",
    "curl --allow-host h --assertion-from env:JWT --dry-run --fresh -z bearer -- https://h/",
    "curl --allow-host h --subject-token-from env:TOKEN --dry-run --fresh -z sts -- https://h/",
    "exec --assertion-from env:JWT --dry-run --fresh -z bearer -- true",
    "exec --subject-token-from env:TOKEN --dry-run --fresh -z sts -- true",
    "helper git --allow-host h get",
    "helper docker store",
    "helper kubectl -z post",
    "helper cargo",
    "helper bazel get",
    "helper go --allow-host h https://h/",
    "helper terraform --allow-host h get h",
    "helper terraform store h",
    "helper keyring --allow-host h get h u",
    "helper npm https://h/",
    "helper pnpm",
    "helper vault store",
    "helper gcp",
    "helper mcp --allow-host h https://h/",
    "helper install git --dry-run",
    "helper uninstall git --dry-run",
    "helper list",
    "exchange --subject-token-from env:TOKEN --actor-token-from env:JWT --actor-type jwt --cache",
    "exchange --subject-token-from - --dry-run",
    "login -z web --device",
    "login AS -z other --device --client-id x --param login=1",
    "login AS -z copied --device --client-id x --client-secret-from -",
    "login AS -z named --device --client-id x --client-secret-ref env:SECRET",
    "login AS -z signing --device --client-id x --private-key-from file:DIR/key.pem",
    "login AS -z signingref --device --client-id x --private-key-ref file:DIR/key.pem",
    "login --resource AS/api -z api --device --client-id x --client-secret-from - --challenge-from env:CHALLENGE",
    "logout -z web",
    "logout -z web --revoke",
    "status --all --json",
    "discover AS",
    "discover --resource AS/api --header X-Own:CANARY-own-header",
    "doctor --token-from env:JWT --introspect --register --initial-token-from env:TOKEN --device",
    "doctor -z web --subject-token-from env:TOKEN --exchange-audience a --refresh-token-from file:DIR/secret --json",
    "doctor AS --probe-proxy --register",
    "introspect -",
    "introspect env:JWT --jwt --hint access_token",
    "introspect env:TOKEN --json --dry-run",
    "revoke -",
    "revoke env:TOKEN --json",
    "revoke --own all",
    "inspect env:JWT",
    "inspect env:JWT --verify",
    "inspect env:JWT --introspect",
    "check --secret-from env:SECRET --alternate-from file:DIR/secret -",
    "check --introspect env:TOKEN --scope admin --json",
    "check --jwks env:JWT",
    "check --tokens-file DIR/tokens env:TOKEN",
    "check --tokens-env TOKEN --field env:FIELD",
    "check --kong --hmac v1 --hmac-key-from env:SECRET --hmac-alternate-from env:TOKEN --method GET --path /a env:FIELD",
    "gate --secret-from env:SECRET --alternate-from file:DIR/secret --headers auth-gate --sign-key-from env:SECRET --test",
    "gate --kong --hmac-key-from env:SECRET --hmac-alternate-from env:TOKEN --test --json",
    "gate --introspect --jwks --test",
    "kong sign --key-from env:SECRET --user u --method GET --path /a",
    "par -z web",
    "authorize-url -z web --par always",
    "pkce --verifier-from env:VERIFIER",
    "client register AS --save-as other --replace --grant client_credentials --software-statement-from env:JWT --initial-token-from -",
    "client register AS --no-save --metadata-from env:METADATA --jwks-from env:JWKS",
    "client register AS --save-as dry --initial-token-from env:TOKEN --software-statement-from env:JWT --dry-run",
    "client show -z reg",
    "client show -z reg --token-from env:TOKEN",
    "client update -z reg --name n --software-statement-from env:JWT --json",
    "client update -z reg --metadata-from env:METADATA --jwks-from env:JWKS",
    "client rotate -z reg",
    "client list",
    "client metadata --url https://c.example/c",
    "client delete -z reg --yes",
    "bearer add DIR/tokens --from env:TOKEN",
    "bearer add DIR/tokens --from - --label l",
    "bearer check DIR/tokens --from env:TOKEN",
    "bearer list DIR/tokens --json",
    "bearer lint DIR/tokens",
    "bearer disable DIR/tokens --label l",
    "bearer enable DIR/tokens --label l",
    "bearer prune DIR/tokens",
    "bearer remove DIR/tokens --from env:TOKEN",
    "bearer generate DIR/tokens --label g",
    "bearer rotate DIR/tokens --label g",
    "zone show prod",
    "zone show key --json",
    "zone list",
    "zone export prod",
    "zone edit prod --client-secret-from env:SECRET --header X-Api-Key:CANARY-zone-header",
    "zone edit post --client-secret-ref env:SECRET",
    "zone edit key --private-key-from file:DIR/key.pem",
    "zone edit keyref --private-key-ref file:DIR/key.pem",
    "zone edit proof --client-assertion-ref env:JWT",
    "zone edit tls --cert-key-from file:DIR/key.pem",
    "zone edit tlsref --cert-key-ref file:DIR/key.pem",
    "zone edit bearer --assertion-ref env:JWT",
    "zone edit sts --subject-token-ref env:TOKEN",
    "zone import env:IMPORT --yes --replace",
    "zone import --from-env keycloak --yes --replace",
    "zone rename hmac mac",
    "zone default prod",
    "zone has prod",
    "zone path",
    "token list --json",
    "vault list",
    "vault status",
    "vault move prod --to sealed",
    "token forget --all",
    "zone remove prod --yes --revoke",
    "token --no-cache -z env",
];

/// What is run with one more variable.
const VARIABLES: &[(&str, &str, &str)] = &[
    ("HALLPASS_TOKEN", "CANARY-token-variable", "header"),
    ("HALLPASS_TOKEN", "CANARY-token-variable", "status --json"),
    ("HALLPASS_TOKEN", "CANARY-token-variable", "introspect"),
    ("HALLPASS_CLIENT_SECRET_FILE", "DIR/secret", "token -z env --fresh"),
    ("HALLPASS_CLIENT_ASSERTION_FROM", "env:JWT", "token -z env --fresh"),
    (
        "HALLPASS_VAULT_PASSPHRASE_FROM",
        "env:TOKEN",
        "zone add vaulted --issuer AS --client-id c --client-secret-from - --vault sealed",
    ),
    ("HTTPS_PROXY", "http://me:CANARY-proxy@SERVER", "discover https://as.example"),
    ("HTTPS_PROXY", "http://me:CANARY-proxy@127.0.0.1:1", "discover https://as.example"),
    ("HTTPS_PROXY", "http://me:CANARY-proxy@a b", "discover https://as.example"),
];

/// Subcommands to which nobody gives a secret.
const WITHOUT_SECRET: [&str; 6] = ["completions", "help", "man", "proxy", "sandbox", "schema"];

fn prepare(server: &Parrot) -> Room {
    let mut room = Room::new();
    for (name, value) in [
        ("SECRET", "CANARY-secret-value"),
        ("TOKEN", "CANARY-token-value"),
        ("CHALLENGE", "Bearer scope=\"a\""),
        ("FIELD", "Bearer CANARY-field-value"),
        ("VERIFIER", "CANARY-verifier-0123456789-0123456789-0123456789"),
        ("JWT", JWT),
        ("JWKS", r#"{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y"}]}"#),
        ("METADATA", r#"{"grant_types":["client_credentials"],"software_statement":"CANARY-statement"}"#),
        ("KEYCLOAK_CLIENT_SECRET", "CANARY-keycloak-secret"),
        ("KEYCLOAK_CLIENT_ID", "kc"),
        ("HALLPASS_CLIENT_ID", "ci"),
        ("HALLPASS_CLIENT_SECRET", "CANARY-environment-secret"),
        ("HALLPASS_VAULT_KEY_FROM", "env:VAULT_KEY"),
        ("VAULT_KEY", "Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZQ0E="),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CANARY-request-token"),
    ] {
        room.set(name, value);
    }
    let base = format!("http://{}", server.address);
    room.set("KEYCLOAK_REALM_URL", &*base);
    room.set("HALLPASS_ISSUER", &*base);
    room.set("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{base}/id-token?v=1"));
    let header = "headers = [\"X-A: CANARY-import-header\"]";
    room.set("IMPORT", format!("[zones.imported]\nissuer = \"{base}\"\nclient_id = \"i\"\n{header}\n"));
    room.write("secret", "CANARY-file-secret\n");
    room.write("key.pem", KEY);
    room.write("tokens", "CANARY-file-token\n");
    let key = rcgen::KeyPair::from_pem(KEY).unwrap();
    let params = rcgen::CertificateParams::new(vec!["client".to_owned()]).unwrap();
    room.write("cert.pem", &params.self_signed(&key).unwrap().pem());
    room
}

/// Puts the real places into a line.
fn fill(room: &Room, server: &Parrot, line: &str) -> String {
    let directory = room.directory().display().to_string();
    let line = line.replace("SERVER", &server.address.to_string()).replace("DIR", &directory);
    line.replace("AS", &format!("http://{}", server.address))
}

/// The canaries that a command answers: a helper and `token` the access token and nothing else.
fn answers(words: &[String]) -> &'static [&'static str] {
    match words[0].as_str() {
        "helper" | "token" => &["CANARY-access-token"],
        _ if is_secret_answer(words) => &[CANARY],
        _ => &[],
    }
}

fn run(room: &Room, server: &Parrot, line: &str, reaction: Reaction) -> u8 {
    *server.reaction.lock().unwrap() = reaction;
    let line = fill(room, server, line);
    let outcome = room.call(&format!("{line} -vv --no-breaker")).stdin("CANARY-stdin-value\n").run();
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let answered = answers(&words).iter().fold(outcome.stdout.clone(), |stdout, secret| stdout.replace(secret, ""));
    let is_shown = outcome.stderr.contains(CANARY) || answered.contains(CANARY);
    assert!(!is_shown, "{line}, the server {reaction:?}:\n{outcome}");
    assert!(![2, 70].contains(&outcome.code), "{line}, the server {reaction:?}:\n{outcome}");
    outcome.code
}

#[test]
fn no_canary_is_shown_whatever_server_repeats() {
    let (mut done, mut all) = (0, 0);
    for reaction in REACTIONS {
        let server = Parrot::start();
        let mut room = prepare(&server);
        for line in ZONES {
            assert_eq!(run(&room, &server, line, Reaction::Grants), 0, "{line}");
        }
        for line in LINES {
            let code = run(&room, &server, line, reaction);
            if reaction == Reaction::Grants {
                (done, all) = (done + usize::from(code == 0), all + 1);
            }
        }
        for (name, value, line) in VARIABLES {
            room.unset("HALLPASS_CLIENT_SECRET");
            room.set(name, fill(&room, &server, value));
            run(&room, &server, line, reaction);
            room.unset(name);
        }
        let requests = server.requests.load(Ordering::SeqCst);
        assert!(requests > 50, "{reaction:?}: {requests} requests");
    }
    assert!(done * 4 > all * 3, "only {done} of {all} succeed when everything is granted");
}

#[test]
fn every_subcommand_and_every_source_has_a_canary() {
    let lines: Vec<Vec<&str>> = ZONES.iter().chain(LINES).map(|line| line.split_whitespace().collect()).collect();
    let mut missing = BTreeSet::new();
    let root = hallpass::command();
    let mut open: Vec<(Vec<String>, &clap::Command)> = vec![(Vec::new(), &root)];
    while let Some((path, command)) = open.pop() {
        let children: Vec<_> = command.get_subcommands().collect();
        for child in &children {
            open.push(([path.as_slice(), &[child.get_name().to_owned()]].concat(), child));
        }
        if path.is_empty() || WITHOUT_SECRET.contains(&path[0].as_str()) || !children.is_empty() && path[0] != "token" {
            continue;
        }
        let own: Vec<_> = lines
            .iter()
            .filter(|line| line.starts_with(&path.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        if own.is_empty() {
            missing.insert(path.join(" "));
        }
        for flag in command.get_arguments().filter_map(|argument| argument.get_long()) {
            let is_source = flag == "from" || flag.ends_with("-from") || flag.ends_with("-ref");
            let flag = format!("--{flag}");
            if is_source && !own.iter().any(|line| line.contains(&flag.as_str())) {
                missing.insert(format!("{} {flag}", path.join(" ")));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}
