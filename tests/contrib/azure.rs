//! A pod with Azure's workload identity, with the lines of `docs/ci.md`.

use crate::document::block;
use crate::fault::{Server, answer, json, metadata_text, token};
use crate::room::{Room, finish};
use crate::sandbox::{install, play, search_path};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

#[test]
fn azure_pod_authenticates_with_federated_token_of_file() {
    let issuer = Server::start(|request, base| {
        let tenant = format!("{base}/{TENANT}/v2.0");
        match request.target().strip_prefix(&format!("/{TENANT}/v2.0")) {
            Some("/.well-known/openid-configuration") => {
                json(200, metadata_text(&tenant).replace("client_secret_basic", "private_key_jwt"))
            }
            Some("/token") => token("azure.token_1", 3600),
            _ => answer(404, "text/plain", "no"),
        }
    });
    let room = Room::new().with("HALLPASS_NO_CACHE", "1");
    install(&room);
    play(&room, "deploy", "printf %s \"$API_TOKEN\" >token");
    std::fs::write(room.directory().join("federated"), "federated.id.token").unwrap();
    let script = block("Azure", "sh").replace("./deploy", "deploy");
    let mut shell = room.program("/bin/sh");
    shell.args(["-euc", &script]).env("PATH", search_path(&room));
    shell.env("AZURE_AUTHORITY_HOST", format!("{}/", issuer.base())).env("AZURE_TENANT_ID", TENANT);
    shell.env("AZURE_CLIENT_ID", "33333333-azure").env("API", "api://orders");
    shell.env("AZURE_FEDERATED_TOKEN_FILE", room.directory().join("federated"));
    let outcome = finish(shell.spawn().unwrap());
    outcome.answer();
    outcome.assert_hidden("federated.id.token").assert_hidden("azure.token_1");
    assert_eq!(std::fs::read_to_string(room.directory().join("token")).unwrap(), "azure.token_1");
    let sent = issuer.token_requests().pop().unwrap();
    let form: std::collections::BTreeMap<_, _> =
        url::form_urlencoded::parse(sent.body.as_bytes()).into_owned().collect();
    let expected = [
        ("client_assertion", "federated.id.token"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_id", "33333333-azure"),
        ("grant_type", "client_credentials"),
        ("scope", "api://orders/.default"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}
