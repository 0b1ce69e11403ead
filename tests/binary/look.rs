//! Looking at tokens and exchanging them: hostile key sets, and how many requests a command makes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::fault::{self, Reply, Server, answer, hang_up, json, raw, redirect, stall};
use crate::room::Room;

const SECRET: &str = "canary-5d20c1e7";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwOi8vaXNzdWVyIn0.Y2FuYXJ5";

const EXCHANGE: &[&str] = &["exchange", "--subject-token-from", "-"];
const INTROSPECT: &[&str] = &["introspect"];
const REVOKE: &[&str] = &["revoke"];

/// A server that serves metadata, and this to everything else.
fn server(reply: Reply) -> Server {
    Server::start(move |request, base| {
        if !request.is_metadata() {
            return reply.clone();
        }
        let endpoint = |name: &str, path: &str| format!("\"{name}\":\"{base}/{path}\"");
        json(
            200,
            format!(
                "{{\"issuer\":\"{base}\",{},{},{},{}}}",
                endpoint("token_endpoint", "token"),
                endpoint("introspection_endpoint", "introspect"),
                endpoint("revocation_endpoint", "revoke"),
                endpoint("jwks_uri", "jwks")
            ),
        )
    })
}

/// What no key set may be, and the exit codes that are right.
fn key_sets() -> Vec<(&'static str, Reply, &'static [i32])> {
    vec![
        ("a redirect to another origin", redirect(307, "http://127.0.0.1:1/"), &[8]),
        ("an outage", json(503, "{}"), &[6]),
        ("a page with 500", answer(500, "text/html", "<h1>oops</h1>"), &[6]),
        ("a refusal", fault::oauth_error(400, "invalid_request"), &[5]),
        ("nothing there", answer(404, "text/html", "<p>no</p>"), &[5]),
        ("no answer", hang_up(), &[6]),
        ("silence", stall(), &[6]),
        ("noise", raw("\0\0\0\r\n\r\n"), &[6, 8]),
        ("an endless head", fault::endless_head(), &[8]),
        ("an endless body", fault::endless_body(), &[8]),
        ("a body over the limit", fault::padded("{\"keys\":[\"", "\"]}", 300 << 10), &[8]),
        ("a cut body", fault::lying_length("{\"keys\":[]}", 99), &[6, 8]),
        ("a page", answer(200, "text/html", "<h1>login</h1>"), &[8]),
        ("nothing", json(200, ""), &[8]),
        ("an array", json(200, "[]"), &[8]),
        ("an empty object", json(200, "{}"), &[8]),
        ("keys as an object", json(200, "{\"keys\":{}}"), &[8]),
        ("keys twice", json(200, "{\"keys\":[],\"keys\":[]}"), &[8]),
        ("a mark before it", json(200, "\u{feff}{\"keys\":[]}"), &[8]),
        ("no UTF-8", json(200, b"{\"keys\":[\"\xff\"]}"), &[8]),
        ("too deep", json(200, format!("{{\"keys\":[{}]}}", fault::deep(40))), &[8]),
        // A sound set without a key that fits is an answer: no.
        ("no keys", json(200, "{\"keys\":[]}"), &[1]),
        ("odd keys", json(200, r#"{"keys":[1,null,[],{"kty":"RSA"},{"kty":"RSA","n":"AA","e":"!"}]}"#), &[1]),
        ("a shared secret", json(200, r#"{"keys":[{"kty":"oct","kid":"a","alg":"RS256","k":"AAAA"}]}"#), &[1]),
        (
            "a key for encryption",
            json(200, r#"{"keys":[{"kty":"RSA","kid":"a","use":"enc","n":"AQAB","e":"AQAB"}]}"#),
            &[1],
        ),
    ]
}

#[test]
fn no_hostile_key_set_is_believed() {
    for (name, reply, codes) in key_sets() {
        let server = server(reply);
        let claims = URL_SAFE_NO_PAD.encode(format!("{{\"iss\":\"{}\",\"exp\":99999999999}}", server.base()));
        let token = format!("{}.{claims}.Y2FuYXJ5", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"a"}"#));
        let room = Room::ephemeral(&server.base(), "app", SECRET);
        let outcome = room.run_with_stdin(&["inspect", "--verify", "--json", "--deadline", "2s"], &token);
        outcome.assert_hidden(SECRET).assert_hidden(&token);
        assert!(codes.contains(&outcome.code()), "{name}, expected {codes:?}:\n{outcome}");
        if outcome.code() == 1 {
            assert!(outcome.stdout.contains("\"verified\":false"), "{name}:\n{outcome}");
        } else {
            assert_eq!(outcome.stdout, "", "{name}");
        }
        let asked = server.requests().iter().find(|request| request.target() == "/jwks").cloned();
        assert_eq!(asked.unwrap().field("authorization"), None, "{name}");
    }
}

#[test]
fn lost_response_is_retried_only_when_safe() {
    for (verb, path, count) in [(EXCHANGE, "/token", 1), (INTROSPECT, "/introspect", 3), (REVOKE, "/revoke", 3)] {
        let server = server(hang_up());
        Room::ephemeral(&server.base(), "app", SECRET).run_with_stdin(verb, TOKEN).refused(6);
        let asked = server.requests().into_iter().filter(|request| request.target() == path).count();
        assert_eq!(asked, count, "{path}");
    }
}

#[test]
fn with_known_metadata_each_is_one_request() {
    for (verb, reply) in [
        (EXCHANGE, json(200, r#"{"access_token":"a","token_type":"Bearer","issued_token_type":"urn:x:y"}"#)),
        (INTROSPECT, json(200, r#"{"active":true}"#)),
        (REVOKE, json(200, "")),
    ] {
        let server = server(reply);
        let room = Room::ephemeral(&server.base(), "app", SECRET);
        room.run_with_stdin(verb, TOKEN).answer();
        let first = server.requests().len();
        room.run_with_stdin(verb, TOKEN).answer();
        assert_eq!(server.requests().len(), first + 1, "{}", verb[0]);
    }
}
