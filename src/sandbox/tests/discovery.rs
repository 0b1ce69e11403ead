use serde_json::json;

use super::Room;

const OPENID: &str = "/sandbox/.well-known/openid-configuration";
const INSERTED: &str = "/.well-known/oauth-authorization-server/sandbox";
const APPENDED: &str = "/sandbox/.well-known/oauth-authorization-server";

#[test]
fn three_documents_agree() {
    let room = Room::new();
    let [openid, inserted, appended] = [OPENID, INSERTED, APPENDED].map(|path| room.get(path));
    assert_eq!((openid.status, inserted.status, appended.status), (200, 200, 200));
    assert!(openid.has("content-type: application/json") && openid.has("cache-control: public, max-age=300"));
    assert_eq!(inserted.json, appended.json);
    for (name, value) in openid.json.as_object().unwrap() {
        if let Some(other) = inserted.json.get(name) {
            assert_eq!(value, other, "{name}");
        }
    }
    let issuer = room.sandbox.issuer();
    assert_eq!(openid.json["issuer"], issuer);
    assert_eq!(inserted.json["issuer"], issuer);
    assert_eq!(openid.json["token_endpoint"], format!("{issuer}/token"));
    assert!(openid.json.get("introspection_endpoint").is_none());
    assert_eq!(inserted.json["introspection_endpoint"], format!("{issuer}/introspect"));
    assert_eq!(inserted.json["revocation_endpoint"], format!("{issuer}/revoke"));
}

#[test]
fn key_set_holds_one_public_key() {
    let room = Room::new();
    let keys = room.get("/sandbox/jwks").json;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert_eq!(keys["keys"][0]["use"], "sig");
    assert_eq!(keys["keys"][0]["d"], json!(null));
}

#[test]
fn issuer_says_what_it_is() {
    let room = Room::new();
    assert_eq!(room.get("/sandbox").json["issuer"], room.sandbox.issuer());
}

#[test]
fn unknown_path_is_404_and_wrong_method_405() {
    let room = Room::new();
    for path in
        ["/", "/sandbox/", "/sandbox/token/", "/sandboxes", "/sandbox/%2e%2e", INSERTED.trim_end_matches("/sandbox")]
    {
        assert_eq!(room.get(path).refusal(), (404, "not_found"), "{path}");
    }
    let got = room.get("/sandbox/token");
    assert_eq!(got.refusal(), (405, "invalid_request"));
    assert!(got.has("allow: post"));
    assert!(room.post("/sandbox/jwks", "", "").has("allow: get, head"));
}

#[test]
fn rebound_host_name_is_refused() {
    let room = Room::new();
    let ask = |host: &str| room.send(&format!("GET {OPENID} HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).status;
    assert_eq!(ask("Host: evil.example\r\n"), 421);
    assert_eq!(ask("Host: 127.0.0.1.evil.example:80\r\n"), 421);
    assert_eq!(ask("Host: localhost:1\r\n"), 200);
    assert_eq!(ask("Host: [::1]\r\n"), 200);
    assert_eq!(ask(""), 400);
}
