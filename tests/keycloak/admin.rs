//! The administrator of the test server, by the admin REST API: what a person would do in the console.

use serde_json::{Value, json};

use super::keycloak;
use super::wire::{self, Response};

/// A form, sent by the test itself.
pub fn post_form(path: &str, form: &str) -> Response {
    let kind = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    send("POST", path, vec![kind], form)
}

fn send(method: &str, path: &str, mut fields: Vec<(String, String)>, body: &str) -> Response {
    let base = keycloak();
    let address = base.trim_start_matches("http://");
    fields.push(("Host".to_owned(), address.to_owned()));
    wire::send(address, &format!("{method} {path}"), &fields, body)
}

/// The administrator in one realm.
pub struct Admin {
    realm: &'static str,
    token: String,
}

impl Admin {
    pub fn of(realm: &'static str) -> Self {
        Self { realm, token: Self::sign_in() }
    }

    /// A realm as it is described: the one that the server was started with, or a new one where an earlier run has used that.
    pub fn use_realm(description: &Value) {
        let fields = Self::of("").fields();
        let path = format!("/admin/realms/{}", description["realm"].as_str().unwrap());
        let found = send("GET", &path, fields.clone(), "");
        let mut realm = if found.status == 200 { found.json() } else { Value::Null };
        let (method, path) = if realm["displayName"].is_null() && found.status == 200 {
            ("PUT", path)
        } else {
            assert!([204, 404].contains(&send("DELETE", &path, fields.clone(), "").status), "{path}");
            realm = description.clone();
            ("POST", "/admin/realms".to_owned())
        };
        realm["displayName"] = "used by tests".into();
        let answer = send(method, &path, fields, &realm.to_string());
        assert!([201, 204].contains(&answer.status), "{method} {path}: {}", answer.body);
    }

    fn sign_in() -> String {
        let form = "grant_type=password&client_id=admin-cli&username=admin&password=admin";
        let answer = post_form("/realms/master/protocol/openid-connect/token", form).json();
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    fn fields(&self) -> Vec<(String, String)> {
        vec![
            ("Authorization".to_owned(), format!("Bearer {}", self.token)),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ]
    }

    /// A request below the realm; what it must do, it does.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("/admin/realms/{}{path}", self.realm);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = send(method, &path, self.fields(), &body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// `/clients/…` of this client.
    pub fn client(&self, id: &str) -> String {
        let found = self.send("GET", &format!("/clients?clientId={id}"), &Value::Null);
        format!("/clients/{}", found[0]["id"].as_str().unwrap_or_else(|| panic!("no client {id}")))
    }

    /// Changes members of what is at this path; its attributes are added to.
    pub fn change(&self, path: &str, members: &Value) {
        let mut whole = self.send("GET", path, &Value::Null);
        for (name, value) in members.as_object().unwrap() {
            match value.as_object() {
                Some(inner) => inner.iter().for_each(|(key, value)| whole[name][key] = value.clone()),
                None => whole[name] = value.clone(),
            }
        }
        self.send("PUT", path, &whole);
    }

    pub fn change_client(&self, id: &str, members: &Value) {
        self.change(&self.client(id), members);
    }

    /// `/users/…` of the client's service account.
    pub fn service_account(&self, id: &str) -> String {
        let user = self.send("GET", &(self.client(id) + "/service-account-user"), &Value::Null);
        format!("/users/{}", user["id"].as_str().unwrap())
    }

    /// Adds an Audience mapper to the client.
    pub fn add_audience(&self, id: &str, audience: &str) {
        let mapper = json!({
            "name": format!("audience {audience}"), "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.client.audience": audience, "access.token.claim": "true", "introspection.token.claim": "true"}
        });
        self.send("POST", &(self.client(id) + "/protocol-mappers/models"), &mapper);
    }
}
