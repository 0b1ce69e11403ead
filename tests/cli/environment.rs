//! Each variable does what `hallpass help environment` says.

use insta::assert_snapshot;

use super::room::{Outcome, Room};
use super::server::{Answer, Server};

const RED: &str = "\u{1b}[1;31merror: \u{1b}[0m";

/// A room where `token` requests a new token each time.
fn minting(server: &Server) -> Room {
    let room = Room::with_zone(server);
    for _ in 0..3 {
        server.mints(Answer::token("AT-1"));
    }
    room
}

#[test]
fn issuer_that_is_url_of_metadata_is_named() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    let url = format!("{}/.well-known/openid-configuration", server.issuer());
    room.set("HALLPASS_ISSUER", url);
    for path in [
        "/.well-known/openid-configuration/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/.well-known/openid-configuration",
        "/.well-known/openid-configuration/.well-known/oauth-authorization-server",
    ] {
        server.expect(&format!("GET {path}"), Answer::status(404));
    }
    let outcome = room.run("token");
    assert_eq!(outcome.code, 3, "{outcome}");
    assert!(
        outcome.stderr.contains(
            "hint: this is the URL of metadata or an endpoint; use its issuer: set HALLPASS_ISSUER=http://AS\n"
        ),
        "{outcome}"
    );
}

#[test]
fn variables_of_client_without_issuer_are_named() {
    let mut room = Room::new();
    room.set("HALLPASS_CLIENT_SECRET", "hunter2-canary");
    assert_snapshot!(room.run("token"), @"
    exit 3
    err: error: no zone is named
    err: cause: there are no zones yet
    err: cause: HALLPASS_ISSUER is not set, but HALLPASS_CLIENT_SECRET is
    err: hint: for a service: hallpass zone add NAME --issuer URL --client-id ID --client-secret-from -
    err: hint: for a user: hallpass login ISSUER --client-id ID
    err: hint: to try it out: hallpass sandbox -- hallpass token
    ");
    room.set("HALLPASS_CLIENT_ID", "ci");
    let outcome = room.run("header");
    assert!(outcome.stderr.contains("cause: HALLPASS_ISSUER is not set, but HALLPASS_CLIENT_ID is\n"), "{outcome}");
    assert!(!room.run("token -z nope").stderr.contains("HALLPASS_ISSUER"));
}

#[test]
fn client_without_its_secret_is_told_that_none_was_sent() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.unset("HALLPASS_CLIENT_SECRET");
    server.serves(&server.metadata()).mints(Answer::error(401, "invalid_client", ""));
    assert_snapshot!(room.run("token"), @"
    exit 5
    err: error: the server refused: invalid_client (HTTP 401 from http://AS/token)
    err: cause: authenticated with none; the server lists client_secret_basic, client_secret_post
    err: hint: no secret was sent: set HALLPASS_CLIENT_SECRET
    err: hint: or check the client_id: set HALLPASS_CLIENT_ID
    err: hint: to find out why: hallpass doctor
    ");
}

#[test]
fn client_id_with_control_characters_is_refused() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    for id in ["ci\n", "c\u{1b}[2Ji", "ci\r"] {
        room.set("HALLPASS_CLIENT_ID", id);
        let outcome = room.run("token");
        assert!(outcome.code == 3 && outcome.stderr.contains("HALLPASS_CLIENT_ID"), "{outcome}");
    }
}

#[test]
fn unseen_characters_in_secret_are_warned_of() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.set("HALLPASS_CLIENT_SECRET", "s3cr3t-value\n\n");
    server.serves(&server.metadata()).mints(Answer::token("t"));
    assert_snapshot!(room.run("token"), @"
    exit 0
    out: t
    err: warning: env:HALLPASS_CLIENT_SECRET ends with another line break, which counts as part of it
    ");
}

#[test]
fn log_is_voice_unless_flag_says_otherwise() {
    let server = Server::start();
    let mut room = minting(&server);
    let mut heard = |voice: &str, flag: &str| {
        room.set("HALLPASS_LOG", voice);
        server.mints(Answer::token("AT-1"));
        let outcome = room.run(&format!("token --no-cache {flag}"));
        assert_eq!(outcome.ok(), "AT-1");
        outcome.stderr
    };
    let (nothing, steps, wire) = (heard("", ""), heard("", "-v"), heard("", "-vv"));
    assert!(nothing.is_empty() && !steps.is_empty() && !steps.contains("HTTP/1.1") && wire.lines().count() > 3);
    let shape = |text: String| text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>();
    let (steps, wire) = (shape(steps), shape(wire));
    assert_ne!(steps, wire);
    assert_eq!(shape(heard("steps", "")), steps);
    assert_eq!(shape(heard("wire", "")), wire);
    assert_eq!(shape(heard("quiet", "-v")), steps);
    assert_eq!(heard("wire", "-q"), "");
    for _ in 0..3 {
        room.run("token --no-cache").ok();
    }
}

#[test]
fn log_quiet_says_errors_only() {
    let room = |voice: &str| {
        let mut room = Room::new();
        room.set("HALLPASS_LOG", voice);
        room.run("zone add a --issuer https://as.example --client-id c").ok();
        room.run("zone add b --issuer https://as.example --client-id c").ok();
        room
    };
    // What was done is shown, unless it is quiet.
    assert_eq!(room("quiet").run("token forget --all").stderr, "");
    assert_ne!(room("").run("token forget --all").stderr, "");
    assert!(room("quiet").run("token -z nope").stderr.starts_with("error: "));
}

#[test]
fn log_with_another_value_is_error() {
    for voice in ["wier", "WIRE", "1", "-v"] {
        let mut room = Room::new();
        room.set("HALLPASS_LOG", voice);
        let picture =
            "exit 2\nerr: error: invalid value for HALLPASS_LOG\nerr: hint: possible values: quiet, steps, wire";
        assert_eq!(room.run("zone list").to_string(), picture, "{voice}");
    }
}

#[test]
fn no_input_asks_nobody() {
    for (value, code) in [("1", 2), ("true", 2), ("", 0), ("0", 0), ("false", 0)] {
        let mut room = Room::new();
        room.run("zone add a --issuer https://as.example").ok();
        room.set("HALLPASS_NO_INPUT", value);
        let outcome = room.call("zone remove a").person(true).run();
        assert_eq!(outcome.code, code, "{value:?}: {outcome}");
        assert_eq!(room.run("zone has a").code, u8::from(code == 0), "{value:?}");
    }
}

#[test]
fn cacert_is_trusted_as_by_flag() {
    let mut room = Room::new();
    room.run("zone add a --issuer https://as.example --client-id c --client-secret-ref env:S --token-endpoint /t").ok();
    room.set("S", "s");
    room.set("HALLPASS_CACERT", "/etc/of-the-variable.pem");
    let shown = room.run("token --dry-run");
    assert!(shown.ok().contains("--cacert /etc/of-the-variable.pem "), "{shown}");
    let shown = room.run("token --dry-run --cacert /etc/of-the-flag.pem");
    assert!(shown.ok().contains("--cacert /etc/of-the-flag.pem ") && !shown.ok().contains("variable"), "{shown}");
    let shown = room.run("zone show --json").json();
    assert_eq!(shown["cacert"]["value"], "/etc/of-the-variable.pem");
    assert!(shown["cacert"]["origin"].as_str().unwrap().contains("HALLPASS_CACERT"), "{shown}");
    let refused = room.run("token");
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""), "{refused}");
    assert!(refused.stderr.contains("/etc/of-the-variable.pem"), "{refused}");
}

/// An error with these variables, on a terminal or not.
fn refused(variables: &[(&str, &str)], flag: &str, terminal: bool) -> Outcome {
    let mut room = Room::new();
    for (name, value) in variables {
        room.set(name, *value);
    }
    let line = format!("token -z nope {flag}");
    if terminal { room.call(&line).person(true).run() } else { room.run(&line) }
}

#[test]
fn colour_is_one_decision() {
    for (variables, flag, terminal, colored) in [
        (&[][..], "", true, true),
        (&[], "", false, false),
        (&[("NO_COLOR", "1")], "", true, false),
        (&[("NO_COLOR", "")], "", true, true),
        (&[("NO_COLOR", "0")], "", true, false),
        (&[("CLICOLOR", "0")], "", true, false),
        (&[("CLICOLOR", "1")], "", true, true),
        (&[("CLICOLOR", "1")], "", false, false),
        (&[("TERM", "dumb")], "", true, false),
        (&[("TERM", "xterm")], "", true, true),
        (&[("CLICOLOR_FORCE", "1")], "", false, true),
        (&[("CLICOLOR_FORCE", "0")], "", false, false),
        (&[("FORCE_COLOR", "1")], "", false, true),
        (&[("FORCE_COLOR", "0")], "", false, false),
        (&[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], "", false, true),
        (&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], "", true, false),
        (&[], "--color always", false, true),
        (&[], "--color never", true, false),
        (&[], "--color auto", true, true),
        (&[("NO_COLOR", "1")], "--color always", false, true),
        (&[("FORCE_COLOR", "1")], "--color never", true, false),
        (&[("NO_COLOR", "1")], "--color auto", true, false),
    ] {
        let outcome = refused(variables, flag, terminal);
        assert_eq!(outcome.stderr.starts_with(RED), colored, "{variables:?} {flag} {terminal}: {outcome}");
        assert_eq!(outcome.stderr.contains('\u{1b}'), colored, "{variables:?} {flag} {terminal}: {outcome}");
    }
    // An answer is coloured on a terminal alone: what a pipe gets is for programs, and JSON never is.
    let room = Room::new();
    room.run("zone add a --issuer https://as.example").ok();
    let colored = |line: &str, terminal: bool| {
        let call = room.call(line);
        if terminal { call.person(true).run() } else { call.run() }.ok().contains('\u{1b}')
    };
    for (line, terminal, expected) in [
        ("zone list", true, true),
        ("zone list --color never", true, false),
        ("zone list --color always", true, true),
        ("zone list --color always", false, false),
        ("zone list --color always --json", true, false),
    ] {
        assert_eq!(colored(line, terminal), expected, "{line} {terminal}");
    }
    assert_eq!(refused(&[], "--color blue", true).code, 2);
}

#[test]
fn columns_are_width_of_table() {
    let mut room = Room::new();
    room.set("NO_COLOR", "1");
    let issuer = format!("https://as.example/{}", "r".repeat(100));
    room.run(&format!("zone add a --issuer {issuer} --client-id c")).ok();
    let widest = |room: &Room| {
        let outcome = room.call("zone list").person(true).run();
        outcome.ok().lines().map(|line| line.chars().count()).max().unwrap()
    };
    assert!(widest(&room) > 120);
    for (columns, most) in [("70", 70), ("90", 90)] {
        room.set("COLUMNS", columns);
        assert!(widest(&room) <= most, "{columns}: {}", widest(&room));
    }
    for nonsense in ["", "wide", "-1", "99999999"] {
        room.set("COLUMNS", nonsense);
        assert!(widest(&room) > 120, "{nonsense}");
    }
    room.set("COLUMNS", "40");
    let drawn = room.call("zone list").person(true).run();
    let head: Vec<&str> = drawn.ok().lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["NAME", "CLIENT_ID", "ISSUER"], "no name is broken: {drawn}");
    // A pipe gets whole lines.
    assert_eq!(room.run("zone list").ok().lines().count(), 1);
}

#[test]
fn audience_and_resource_reach_wire() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.set("HALLPASS_SCOPE", "read write");
    room.set("HALLPASS_AUDIENCE", "api other");
    room.set("HALLPASS_RESOURCE", "https://a.example https://b.example");
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    let mint = server.received().pop().unwrap();
    assert_snapshot!(mint.body.replace('&', "\n"), @"
    grant_type=client_credentials
    scope=read+write
    audience=api
    audience=other
    resource=https%3A%2F%2Fa.example
    resource=https%3A%2F%2Fb.example
    ");
    // A flag outranks its variable.
    server.mints(Answer::token("AT-2"));
    assert_eq!(room.run("token --audience mine").ok(), "AT-2");
    let mint = server.received().pop().unwrap();
    assert!(mint.body.contains("audience=mine") && !mint.body.contains("audience=api"), "{}", mint.body);
    assert!(mint.body.contains("resource=https%3A%2F%2Fa.example"), "{}", mint.body);
}

#[test]
fn secret_in_file_mints() {
    let server = Server::start();
    let mut room = Room::ephemeral(&server);
    room.unset("HALLPASS_CLIENT_SECRET");
    room.set("HALLPASS_CLIENT_SECRET_FILE", room.write("secret", "from-a-file\n"));
    server.serves(&server.metadata()).mints(Answer::token("AT-1"));
    assert_eq!(room.run("token").ok(), "AT-1");
    // `ci:from-a-file`
    assert_eq!(server.received().pop().unwrap().header("authorization"), Some("Basic Y2k6ZnJvbS1hLWZpbGU="));
}

#[test]
fn settings_of_all_zones_hold_unless_something_else_says() {
    let mut room = Room::new();
    room.write(
        "home/config.toml",
        "default = \"a\"\n\n[settings]\ndeadline = \"7s\"\ncacert = \"/etc/of-settings.pem\"\n\
         proxy = \"http://proxy.example:3128\"\nvault = \"sealed\"\n\n\
         [zones.a]\nissuer = \"https://as.example\"\nclient_id = \"c\"\nclient_secret_ref = \"env:S\"\n\
         token_endpoint = \"/t\"\n",
    );
    room.set("S", "s");
    let shown = room.run("token --dry-run");
    assert!(shown.ok().contains("--cacert /etc/of-settings.pem "), "{shown}");
    assert!(shown.ok().contains("--proxy http://proxy.example:3128"), "{shown}");
    let shown = room.run("zone show --json").json();
    assert_eq!((&shown["deadline"]["value"], &shown["deadline"]["origin"]), (&"7s".into(), &"user".into()));
    let vault = room.run("vault status --json");
    assert!(vault.stdout.contains("sealed"), "{vault}");
    room.set("HALLPASS_CACERT", "/etc/of-the-variable.pem");
    let shown = room.run("token --dry-run --proxy http://other.example:1");
    assert!(shown.ok().contains("of-the-variable") && shown.ok().contains("other.example"), "{shown}");
}

#[test]
fn command_source_sees_no_secret_of_this_command() {
    let mut room = Room::new();
    room.set("HALLPASS_VAULT_KEY_FROM", "env:VAULT_SECRET");
    for name in ["VAULT_SECRET", "ZONE_SECRET", "OTHER_SECRET", "FLAG_SECRET", "LIST_SECRET", "KEPT"] {
        room.set(name, "hunter2");
    }
    room.run("zone add other --issuer https://o.example --client-id o --client-secret-ref env:OTHER_SECRET").ok();
    room.run("zone add mine --issuer https://m.example --client-id m --client-secret-ref env:ZONE_SECRET --default")
        .ok();
    room.set("HALLPASS_TOKEN", "hunter2");
    let seen = room.directory().join("seen");
    let seen_by = |arguments: &str| {
        room.run(&format!("{arguments} 'cmd:/usr/bin/env >{}; echo x'", seen.display()));
        let variables = std::fs::read_to_string(&seen).unwrap();
        let mut names: Vec<_> = variables.lines().filter_map(|line| line.strip_suffix("=hunter2")).collect();
        names.sort_unstable();
        names.join(" ")
    };
    assert_eq!(seen_by("header --from"), "FLAG_SECRET KEPT LIST_SECRET OTHER_SECRET");
    assert_eq!(seen_by("header -z other --from"), "FLAG_SECRET KEPT LIST_SECRET ZONE_SECRET");
    assert_eq!(seen_by("check --tokens-env LIST_SECRET"), "FLAG_SECRET KEPT OTHER_SECRET");
    assert_eq!(seen_by("check --secret-from env:FLAG_SECRET"), "KEPT LIST_SECRET OTHER_SECRET");
    assert_eq!(
        seen_by("zone edit other --cert /c --cert-key-ref env:FLAG_SECRET --private-key-from"),
        "KEPT LIST_SECRET OTHER_SECRET"
    );
}
