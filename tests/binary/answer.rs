//! Hostile answers: each has an exit code of its class, an empty stdout, and shows no secret.

use std::sync::Mutex;

use crate::fault::{self, Reply, Request, Server, TOKEN, answer, json, raw, redirect, token_text, with_fields};
use crate::room::Room;

const SECRET: &str = "canary-4f1d97c0";
/// base64 of `app:` and the secret, as in a Basic header.
const BASIC: &str = "YXBwOmNhbmFyeS00ZjFkOTdjMA==";

type Script = Box<dyn Fn(&Request, &str) -> Reply + Send + Sync>;

/// A case: what it is, the exit codes that are right, the answer.
struct Case(&'static str, &'static [i32], Script);

fn case(name: &'static str, codes: &'static [i32], reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Case {
    Case(name, codes, Box::new(move |_, base| reply(base)))
}

/// Refused by the server.
const REFUSED: &[i32] = &[5];
/// An outage: try again.
const AGAIN: &[i32] = &[6];
/// Malformed or unsafe.
const BROKEN: &[i32] = &[8];
/// A cut or garbled transfer is an outage or malformed, as the layer that notices it sees it.
const CUT: &[i32] = &[6, 8];
/// No usable metadata.
const NONE: &[i32] = &[3];

/// The most bytes of an answer that may leave the server. The program reads 1 MiB; the rest is what the kernel's buffers
/// hold that nobody reads (the largest of `tcp_rmem` and `tcp_wmem`: 32 and 4 MiB on a large machine). Without a cap it
/// would be hundreds.
const TAKEN: usize = 64 << 20;

/// Runs all cases, eight at a time, and reports all that went wrong.
fn all_are_refused(cases: Vec<Case>, serve: fn(Script) -> Server, also: fn(&Server) -> Result<(), String>) {
    let number = cases.len();
    let queue = Mutex::new(cases);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some(Case(name, codes, script)) = queue.lock().unwrap().pop() else { break };
                    let server = serve(script);
                    let room = Room::ephemeral(&server.base(), "app", SECRET);
                    let outcome = room.run(&["-vv", "--deadline", "3s", "header"]);
                    let mut faults = Vec::new();
                    if !codes.contains(&outcome.code()) {
                        faults.push(format!("the exit code should be in {codes:?}"));
                    }
                    if !outcome.stdout.is_empty() {
                        faults.push("stdout should be empty".to_owned());
                    }
                    if !outcome.stderr.contains("error") {
                        faults.push("stderr should say what is wrong".to_owned());
                    }
                    if outcome.stderr.contains(SECRET) || outcome.stderr.contains(BASIC) {
                        faults.push("the secret is shown".to_owned());
                    }
                    if outcome.stderr.contains('\u{1b}') || outcome.stderr.lines().any(|line| line.starts_with("::")) {
                        faults.push("foreign text is not sanitized".to_owned());
                    }
                    if outcome.took.as_secs_f32() > 5.0 {
                        faults.push("the deadline is not kept".to_owned());
                    }
                    // An interim answer ends nothing and the HTTP library shows none of them: time is the bound there.
                    if server.sent() > TAKEN && !name.contains("interim") {
                        faults.push(format!("{} bytes of the answer were taken", server.sent()));
                    }
                    faults.extend(also(&server).err());
                    if !faults.is_empty() {
                        wrong.lock().unwrap().push(format!("## {name}: {}\n{outcome}", faults.join("; ")));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {number} cases went wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn hostile_token_answers() {
    let cases: Vec<Case> = outages().into_iter().chain(refusals()).chain(malformed()).chain(garbled()).collect();
    assert!(cases.len() >= 90, "only {} cases", cases.len());
    all_are_refused(
        cases,
        |script| Server::with_token_answer(move |request, base| script(request, base)),
        |server| (server.token_requests().len() <= 3).then_some(()).ok_or_else(|| "more than three tries".to_owned()),
    );
}

fn outages() -> Vec<Case> {
    vec![
        case("500 JSON", AGAIN, |_| json(500, r#"{"error":"server_error"}"#)),
        case("500 HTML", AGAIN, |_| answer(500, "text/html", "<h1>oops</h1>")),
        case("500 with a token", AGAIN, |_| json(500, token_text(TOKEN, 60))),
        case("500 empty", AGAIN, |_| json(500, "")),
        case("502", AGAIN, |_| answer(502, "text/html", "<h1>bad gateway</h1>")),
        case("503", AGAIN, |_| json(503, "{}")),
        case("503, come back in an hour", AGAIN, |_| with_fields(503, "Retry-After: 3600\r\n", "")),
        case("503 naming a refusal", AGAIN, |_| fault::oauth_error(503, "invalid_client")),
        case("504", AGAIN, |_| json(504, "")),
        case("429", AGAIN, |_| json(429, "")),
        case("429 naming a refusal", AGAIN, |_| fault::oauth_error(429, "invalid_request")),
        case("429, come back in ages", AGAIN, |_| with_fields(429, "Retry-After: 99999999999999999999\r\n", "")),
        case("429, come back on a day", AGAIN, |_| {
            with_fields(429, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", "")
        }),
        case("hang-up", AGAIN, |_| fault::hang_up()),
        case("silence", AGAIN, |_| fault::stall()),
        case("a dripping body", AGAIN, |_| fault::drip(&token_text(TOKEN, 60))),
        case("a dripping head", AGAIN, |_| fault::drip_head()),
        case("half a status line", CUT, |_| raw("HTTP/1.1 2")),
        case("half a head", CUT, |_| raw("HTTP/1.1 200 X\r\nContent-Ty")),
    ]
}

fn refusals() -> Vec<Case> {
    vec![
        case("invalid_request", REFUSED, |_| fault::oauth_error(400, "invalid_request")),
        case("invalid_client 400", REFUSED, |_| fault::oauth_error(400, "invalid_client")),
        case("invalid_client 401", REFUSED, |_| fault::oauth_error(401, "invalid_client")),
        case("invalid_grant", REFUSED, |_| fault::oauth_error(400, "invalid_grant")),
        case("unauthorized_client", REFUSED, |_| fault::oauth_error(401, "unauthorized_client")),
        case("unsupported_grant_type", REFUSED, |_| fault::oauth_error(400, "unsupported_grant_type")),
        case("invalid_scope", REFUSED, |_| fault::oauth_error(400, "invalid_scope")),
        case("access_denied", REFUSED, |_| fault::oauth_error(403, "access_denied")),
        case("an error nobody knows", REFUSED, |_| fault::oauth_error(400, "not_allowed")),
        case("400 HTML", REFUSED, |_| answer(400, "text/html", "<h1>bad</h1>")),
        case("400 empty", REFUSED, |_| json(400, "")),
        case("400 problem object", REFUSED, |_| json(400, r#"{"type":"about:blank","title":"no","detail":"no"}"#)),
        case("400 with a token", REFUSED, |_| json(400, token_text(TOKEN, 60))),
        case("400 with another type of error", REFUSED, |_| json(400, r#"{"error":{"code":7}}"#)),
        case("401 empty", REFUSED, |_| with_fields(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "")),
        case("403 HTML", REFUSED, |_| answer(403, "text/html", "<h1>no</h1>")),
        case("404", REFUSED, |_| answer(404, "text/html", "<h1>none</h1>")),
        case("405", REFUSED, |_| json(405, r#"{"error":"HTTP 405 Method Not Allowed"}"#)),
        case("410", REFUSED, |_| json(410, "")),
        case("422", REFUSED, |_| json(422, "[]")),
        case("a description that paints", REFUSED, |_| {
            json(400, "{\"error\":\"invalid_request\",\"error_description\":\"\\u001b[2J\\n::add-mask::x\\u202e\"}")
        }),
        case("an error code that paints", REFUSED, |_| {
            json(400, "{\"error\":\"\\u001b]0;x\\u0007\\n::stop-commands::x\"}")
        }),
        case("a long description", REFUSED, |_| {
            json(400, format!(r#"{{"error":"invalid_request","error_description":"{}"}}"#, "x".repeat(500_000)))
        }),
        case("an error in a 200", &[5, 8], |_| fault::oauth_error(200, "invalid_client")),
    ]
}

fn malformed() -> Vec<Case> {
    let token_is = |value: &'static str| {
        move |_: &str| json(200, format!(r#"{{"access_token":{value},"token_type":"Bearer","expires_in":60}}"#))
    };
    let type_is = |value: &'static str| {
        move |_: &str| json(200, format!(r#"{{"access_token":"abc","token_type":{value},"expires_in":60}}"#))
    };
    let body = |text: &'static str| move |_: &str| json(200, text);
    vec![
        case("200 empty", BROKEN, body("")),
        case("204", BROKEN, |_| raw("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")),
        case("304", BROKEN, |_| raw("HTTP/1.1 304 X\r\nConnection: close\r\n\r\n")),
        case("200 HTML", BROKEN, |_| answer(200, "text/html", "<h1>hello</h1>")),
        case("form answer", BROKEN, |_| answer(200, "application/x-www-form-urlencoded", "access_token=abc")),
        case("an array", BROKEN, body(r#"["abc","Bearer",60]"#)),
        case("a string", BROKEN, body(r#""abc""#)),
        case("null", BROKEN, body("null")),
        case("a number", BROKEN, body("7")),
        case("an empty object", BROKEN, body("{}")),
        case("no token", BROKEN, body(r#"{"token_type":"Bearer","expires_in":60}"#)),
        case("token null", BROKEN, token_is("null")),
        case("token number", BROKEN, token_is("7")),
        case("token object", BROKEN, token_is("{}")),
        case("token empty", BROKEN, token_is(r#""""#)),
        case("token with a blank", BROKEN, token_is(r#""a b""#)),
        case("token with a line end", BROKEN, token_is(r#""a\nb""#)),
        case("token with CRLF and a field", BROKEN, token_is(r#""a\r\nX-Evil: 1""#)),
        case("token with NUL", BROKEN, token_is(r#""a\u0000b""#)),
        case("token with a tab", BROKEN, token_is(r#""a\tb""#)),
        case("token with a quote", BROKEN, token_is(r#""a\"b""#)),
        case("token with a comma", BROKEN, token_is(r#""a,b""#)),
        case("token not ASCII", BROKEN, token_is("\"aüb\"")),
        case("token with a semicolon", BROKEN, token_is(r#""a;b""#)),
        case("token with a backslash", BROKEN, token_is(r#""a\\b""#)),
        case("token too long", BROKEN, |_| json(200, token_text(&"a".repeat(16 * 1024 + 1), 60))),
        case("no type", BROKEN, body(r#"{"access_token":"abc","expires_in":60}"#)),
        case("type null", BROKEN, type_is("null")),
        case("type number", BROKEN, type_is("1")),
        case("type mac", BROKEN, type_is(r#""mac""#)),
        case("type N_A", BROKEN, type_is(r#""N_A""#)),
        case("type DPoP without a key", BROKEN, type_is(r#""DPoP""#)),
        case("type with CRLF", BROKEN, type_is(r#""Bearer\r\nX-Evil: 1""#)),
        case("the token twice", BROKEN, body(r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#)),
        case(
            "the token twice, escaped",
            BROKEN,
            body(r#"{"access_token":"a","access\u005ftoken":"b","token_type":"Bearer"}"#),
        ),
        case("a stranger twice", BROKEN, body(r#"{"access_token":"a","token_type":"Bearer","x":1,"x":2}"#)),
        case("twice, further in", BROKEN, body(r#"{"access_token":"a","token_type":"Bearer","x":[{"y":1,"y":2}]}"#)),
        case("too deep", BROKEN, |_| {
            json(200, format!(r#"{{"access_token":"a","token_type":"Bearer","x":{}}}"#, fault::deep(40)))
        }),
        case("far too deep", BROKEN, |_| json(200, "[".repeat(200_000))),
        case("a byte order mark", BROKEN, |_| json(200, format!("\u{feff}{}", token_text(TOKEN, 60)))),
        case("something behind it", BROKEN, |_| json(200, token_text(TOKEN, 60) + "x")),
        case("two documents", BROKEN, |_| json(200, token_text(TOKEN, 60).repeat(2))),
        case("cut JSON of the right length", BROKEN, body(r#"{"access_token":"abc","token_type":"Bea"#)),
        case("not UTF-8", BROKEN, |_| {
            json(200, b"{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"x\":\"\xff\xfe\"}")
        }),
        case("half a surrogate", BROKEN, body(r#"{"access_token":"a","token_type":"Bearer","x":"\ud800"}"#)),
        case("single quotes", BROKEN, body("{'access_token':'a','token_type':'Bearer'}")),
        case("a comment", BROKEN, body(r#"{"access_token":"a","token_type":"Bearer"/**/}"#)),
        case("a comma too many", BROKEN, body(r#"{"access_token":"a","token_type":"Bearer",}"#)),
        case("NaN", BROKEN, body(r#"{"access_token":"a","token_type":"Bearer","expires_in":NaN}"#)),
        case("UTF-16", BROKEN, |_| {
            json(200, token_text(TOKEN, 60).encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
        }),
    ]
}

fn garbled() -> Vec<Case> {
    let sound = || token_text(TOKEN, 60);
    vec![
        case("just too large", BROKEN, |_| fault::padded("{", &token_text(TOKEN, 60)[1..], (1 << 20) + 1)),
        case("ten times too large", BROKEN, |_| fault::padded("{", &token_text(TOKEN, 60)[1..], 10 << 20)),
        case("a length too large, announced", BROKEN, |_| fault::lying_length("{", 1 << 40)),
        case("an endless body", BROKEN, |_| fault::endless_body()),
        case("an endless head", CUT, |_| fault::endless_head()),
        case("endless interim answers", CUT, |_| fault::endless_interim()),
        case("a head of 80 KiB", CUT, |_| {
            with_fields(200, &format!("X-Flood: {}\r\n", "a".repeat(1000)).repeat(80), token_text(TOKEN, 60))
        }),
        case("gzip", BROKEN, |_| {
            with_fields(
                200,
                "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
                b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0C\xbf\xa6\xa3\x02\0\0\0",
            )
        }),
        case("encoded with what nobody knows", BROKEN, move |_| {
            with_fields(200, "Content-Type: application/json\r\nContent-Encoding: x-fancy\r\n", b"\x01\x02\x03")
        }),
        case("a whole document, but cut", CUT, move |_| fault::lying_length(&sound(), 4000)),
        case("half a document", CUT, |_| {
            fault::lying_length(&token_text(TOKEN, 60)[..20], token_text(TOKEN, 60).len())
        }),
        case("chunks cut off", CUT, |_| fault::chunked("5\r\n{\"acc")),
        case("chunks without the last", CUT, move |_| {
            fault::chunked(&format!("{:x}\r\n{}\r\n", token_text(TOKEN, 60).len(), token_text(TOKEN, 60)))
        }),
        case("a chunk size in words", CUT, |_| fault::chunked("five\r\n{}")),
        case("an endless chunk size", CUT, |_| fault::chunked(&"0".repeat(100_000))),
        case("two lengths", CUT, |_| raw("HTTP/1.1 200 X\r\nContent-Length: 2\r\nContent-Length: 200\r\n\r\n{}")),
        case("a negative length", CUT, |_| raw("HTTP/1.1 200 X\r\nContent-Length: -2\r\n\r\n{}")),
        case("no HTTP at all", CUT, |_| raw("SSH-2.0-OpenSSH_9.2\r\n")),
        case("binary", CUT, |_| raw(vec![0, 1, 2, 255, 254, 253, 13, 10, 13, 10])),
        case("a TLS alert", CUT, |_| raw(vec![0x15, 3, 1, 0, 2, 2, 0x46])),
        case("status 999", &[5, 6, 8], |_| json(999, "{}")),
        case("status 99", CUT, |_| raw("HTTP/1.1 099 X\r\n\r\n")),
        case("a field with a line feed", CUT, |_| raw("HTTP/1.1 200 X\r\nA\nB: c\r\n\r\n{}")),
    ]
}

#[test]
fn hostile_metadata() {
    let cases = metadata_cases();
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    let serve = |script: Script| {
        Server::start(
            move |request, base| {
                if request.is_metadata() { script(request, base) } else { fault::token(TOKEN, 60) }
            },
        )
    };
    all_are_refused(cases, serve, |server| {
        let asked = server.requests().iter().any(|request| {
            !request.is_metadata() || request.field("authorization").is_some() || request.method() != "GET"
        });
        (!asked).then_some(()).ok_or_else(|| "credentials were sent".to_owned())
    });
}

/// Sound metadata with one member replaced.
fn with_endpoint(base: &str, endpoint: &str) -> Reply {
    json(200, fault::metadata_text(base).replace(&format!(r#""{base}/token""#), endpoint))
}

fn with_issuer(base: &str, issuer: &str) -> Reply {
    json(200, fault::metadata_text(base).replacen(&format!(r#""{base}""#), issuer, 1))
}

fn metadata_cases() -> Vec<Case> {
    let endpoint = |name: &'static str, codes: &'static [i32], value: &'static str| {
        case(name, codes, move |base: &str| with_endpoint(base, value))
    };
    vec![
        case("404 JSON", NONE, |_| json(404, r#"{"error":"Realm does not exist"}"#)),
        case("404 HTML", NONE, |_| answer(404, "text/html", "<h1>none</h1>")),
        case("404 empty", NONE, |_| json(404, "")),
        case("410", NONE, |_| json(410, "")),
        case("401", &[3, 5], |_| json(401, "")),
        case("403", &[3, 5], |_| json(403, "")),
        case("204", &[3, 8], |_| raw("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")),
        case("500", AGAIN, |_| json(500, "")),
        case("502", AGAIN, |_| answer(502, "text/html", "<h1>bad gateway</h1>")),
        case("503", AGAIN, |_| json(503, "")),
        case("429", AGAIN, |_| json(429, "")),
        case("hang-up", AGAIN, |_| fault::hang_up()),
        case("silence", AGAIN, |_| fault::stall()),
        case("a dripping body", AGAIN, |base| fault::drip(&fault::metadata_text(base))),
        case("a dripping head", AGAIN, |_| fault::drip_head()),
        case("200 HTML", &[3, 8], |_| answer(200, "text/html", "<h1>welcome</h1>")),
        case("200 empty", BROKEN, |_| json(200, "")),
        case("an array", BROKEN, |_| json(200, "[]")),
        case("null", BROKEN, |_| json(200, "null")),
        case("no issuer", BROKEN, |base| json(200, format!(r#"{{"token_endpoint":"{base}/token"}}"#))),
        case("issuer null", BROKEN, |base| with_issuer(base, "null")),
        case("issuer number", BROKEN, |base| with_issuer(base, "7")),
        case("issuer array", BROKEN, |base| with_issuer(base, &format!(r#"["{base}"]"#))),
        case("issuer of somebody else", BROKEN, |base| with_issuer(base, r#""https://evil.example""#)),
        case("issuer with a slash", BROKEN, |base| with_issuer(base, &format!(r#""{base}/""#))),
        case("issuer with a path", BROKEN, |base| with_issuer(base, &format!(r#""{base}/realms/x""#))),
        case("issuer with a query", BROKEN, |base| with_issuer(base, &format!(r#""{base}?""#))),
        case("issuer with a fragment", BROKEN, |base| with_issuer(base, &format!(r#""{base}#""#))),
        case("issuer in capitals", BROKEN, |base| with_issuer(base, &format!(r#""{}""#, base.to_uppercase()))),
        case("issuer by name", BROKEN, |base| {
            with_issuer(base, &format!(r#""{}""#, base.replace("127.0.0.1", "localhost")))
        }),
        case("issuer by https", BROKEN, |base| with_issuer(base, &format!(r#""{}""#, base.replace("http:", "https:")))),
        case("issuer with a blank", BROKEN, |base| with_issuer(base, &format!(r#"" {base}""#))),
        case("issuer with a user", BROKEN, |base| with_issuer(base, &format!(r#""{}""#, base.replace("//", "//u@")))),
        case("issuer twice", BROKEN, |base| {
            json(200, fault::metadata_text(base).replacen('{', r#"{"issuer":"https://evil.example","#, 1))
        }),
        case("no token endpoint", &[3, 8], |base| json(200, format!(r#"{{"issuer":"{base}"}}"#))),
        endpoint("endpoint null", &[3, 8], "null"),
        endpoint("endpoint number", BROKEN, "7"),
        endpoint("endpoint array", BROKEN, r#"["http://127.0.0.1/token"]"#),
        endpoint("endpoint empty", BROKEN, r#""""#),
        endpoint("endpoint relative", BROKEN, r#""/token""#),
        endpoint("endpoint without a host", BROKEN, r#""http:///token""#),
        endpoint("endpoint over http", BROKEN, r#""http://192.0.2.1/token""#),
        endpoint("endpoint over http, by name", BROKEN, r#""http://auth.example/token""#),
        endpoint("endpoint that looks local", BROKEN, r#""http://localhost.evil.example/token""#),
        endpoint("endpoint that looks like loopback", BROKEN, r#""http://127.0.0.1.evil.example/token""#),
        endpoint("endpoint behind a user", BROKEN, r#""http://127.0.0.1@192.0.2.1/token""#),
        endpoint("endpoint on the link", BROKEN, r#""http://169.254.169.254/token""#),
        endpoint("endpoint on any address", BROKEN, r#""http://0.0.0.0/token""#),
        endpoint("endpoint file", BROKEN, r#""file:///etc/passwd""#),
        endpoint("endpoint ftp", BROKEN, r#""ftp://127.0.0.1/token""#),
        endpoint("endpoint script", BROKEN, r#""javascript:alert(1)""#),
        endpoint("endpoint data", BROKEN, r#""data:text/plain,x""#),
        endpoint("endpoint with a line end", BROKEN, r#""http://192.0.2.1/\r\nX: y""#),
        case("too deep", BROKEN, |base| json(200, format!(r#"{{"issuer":"{base}","x":{}}}"#, fault::deep(40)))),
        case("far too deep", BROKEN, |_| json(200, "[".repeat(200_000))),
        case("a member twice", BROKEN, |base| {
            json(200, fault::metadata_text(base).replacen('{', r#"{"x":1,"x":2,"#, 1))
        }),
        case("just too large", BROKEN, |base| fault::padded("{", &fault::metadata_text(base)[1..], (256 << 10) + 1)),
        case("ten times too large", BROKEN, |base| fault::padded("{", &fault::metadata_text(base)[1..], 3 << 20)),
        case("an endless body", BROKEN, |_| fault::endless_body()),
        case("an endless head", CUT, |_| fault::endless_head()),
        case("endless interim answers", CUT, |_| fault::endless_interim()),
        case("a byte order mark", BROKEN, |base| json(200, format!("\u{feff}{}", fault::metadata_text(base)))),
        case("something behind it", BROKEN, |base| json(200, fault::metadata_text(base) + "x")),
        case("not UTF-8", BROKEN, |_| json(200, b"{\"issuer\":\"\xff\"}")),
        case("a whole document, but cut", CUT, |base| fault::lying_length(&fault::metadata_text(base), 4000)),
        case("chunks cut off", CUT, |_| fault::chunked("5\r\n{\"iss")),
        case("no HTTP at all", CUT, |_| raw("220 smtp ready\r\n")),
        case("redirect in a circle", BROKEN, |base| redirect(302, &format!("{base}/.well-known/again"))),
        case("redirect to nowhere", &[3, 8], |_| raw("HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n")),
        case("redirect to another address", BROKEN, |_| redirect(302, "http://192.0.2.1/")),
        case("redirect to a file", BROKEN, |_| redirect(302, "file:///etc/passwd")),
    ]
}

#[test]
fn redirects_with_credential_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let target = Server::kind();
        let elsewhere = target.base();
        let at_token = {
            let elsewhere = elsewhere.clone();
            Server::with_token_answer(move |_, _| redirect(status, &format!("{elsewhere}/token?x=canary-query")))
        };
        let at_home = Server::with_token_answer(move |request, base| {
            if request.target() == "/token" {
                redirect(status, &format!("{base}/other"))
            } else {
                fault::token(TOKEN, 60)
            }
        });
        let at_metadata =
            Server::start(move |request, _| redirect(status, &format!("{elsewhere}{}", request.target())));
        for server in [&at_token, &at_home, &at_metadata] {
            for auth in ["client_secret_basic", "client_secret_post"] {
                let room = Room::ephemeral(&server.base(), "app", SECRET).with("HALLPASS_AUTH", auth);
                let outcome = room.run(&["--deadline", "3s", "token"]);
                let stderr = outcome.assert_hidden(SECRET).assert_hidden("canary-query").refused(8);
                assert!(stderr.contains("redirect"), "it does not say why:\n{outcome}");
            }
        }
        assert_eq!(target.connections(), 0, "a redirect {status} was followed");
        assert_eq!(at_home.token_requests().iter().filter(|request| request.target() == "/other").count(), 0);
        assert_eq!(at_token.token_requests().len(), 2, "a redirect is no outage: one try each");
    }
}

#[test]
fn sound_answers_of_every_shape_are_taken() {
    let long = "a".repeat(16 * 1024);
    let with_expiry = |value: &str| {
        let text = format!(r#"{{"access_token":"abc","token_type":"Bearer","expires_in":{value}}}"#);
        move |_: &str| json(200, &text)
    };
    let body = |text: &'static str| move |_: &str| json(200, text);
    let deep = format!(r#"{{"access_token":"abc","token_type":"Bearer","x":{}}}"#, fault::deep(30));
    let sound = r#"{"access_token":"abc","token_type":"Bearer","expires_in":60}"#;
    let cases: Vec<(&str, String, Script)> = [
        case("the usual", &[], body(sound)),
        case("type in small letters", &[], body(r#"{"access_token":"abc","token_type":"bearer","expires_in":60}"#)),
        case("type in capitals", &[], body(r#"{"access_token":"abc","token_type":"BEARER","expires_in":60}"#)),
        case("no expiry", &[], body(r#"{"access_token":"abc","token_type":"Bearer"}"#)),
        case("expiry as text", &[], with_expiry(r#""3600""#)),
        case("expiry as 3600.0", &[], with_expiry("3600.0")),
        case("expiry huge", &[], with_expiry("18446744073709551615")),
        case(
            "strangers",
            &[],
            body(r#"{"a":[1,{"b":null}],"access_token":"abc","token_type":"Bearer","not-before-policy":0}"#),
        ),
        case("blanks around", &[], body("\r\n\t {\"access_token\":\"abc\",\"token_type\":\"Bearer\"} \n")),
        case("as deep as allowed", &[], move |_| json(200, &deep)),
        case("escaped letters", &[], body(r#"{"access\u005ftoken":"\u0061bc","token_type":"Bearer"}"#)),
        case("charset", &[], move |_| answer(200, "application/json;charset=UTF-8", sound)),
        case("in chunks", &[], |_| {
            fault::chunked("10\r\n{\"access_token\":\r\n1c\r\n\"abc\",\"token_type\":\"Bearer\"}\r\n0\r\n\r\n")
        }),
        case("until the end", &[], move |_| {
            raw(format!("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{sound}"))
        }),
        case("after a hint", &[], move |_| {
            raw(format!("HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 X\r\nContent-Length: {}\r\n\r\n{sound}", sound.len()))
        }),
        case("as large as allowed", &[], |_| {
            fault::padded("{", r#""access_token":"abc","token_type":"Bearer"}"#, 1 << 20)
        }),
    ]
    .into_iter()
    .map(|Case(name, _, script)| (name, "abc".to_owned(), script))
    .chain([
        (
            "every letter",
            "aZ09-._~+/==".to_owned(),
            Box::new(|_: &Request, _: &str| fault::token("aZ09-._~+/==", 60)) as Script,
        ),
        ("as long as allowed", long.clone(), Box::new(move |_: &Request, _: &str| fault::token(&long, 60)) as Script),
    ])
    .collect();
    for (name, token, script) in cases {
        let server = Server::with_token_answer(move |request, base| script(request, base));
        let outcome = Room::ephemeral(&server.base(), "app", SECRET).run(&["header"]);
        assert_eq!(
            (outcome.code(), outcome.stdout.as_str()),
            (0, format!("Authorization: Bearer {token}\n").as_str()),
            "{name}\n{outcome}"
        );
    }
}
