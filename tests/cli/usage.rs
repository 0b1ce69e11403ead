//! Wrong calls: exit 2, the way on, and never a value that was typed.

use insta::assert_snapshot;

use super::room::Room;

/// What somebody types in the wrong place.
const CANARY: &str = "hunter2-canary";

#[test]
fn what_is_wrong_and_way_on() {
    let room = Room::new();
    assert_snapshot!(room.run("tokn"), @"
    exit 2
    err: error: unrecognized subcommand 'tokn'
    err: hint: did you mean: token
    err: hint: usage: hallpass [OPTIONS] <COMMAND>
    ");
    assert_snapshot!(room.run("token --scpoe x"), @"
    exit 2
    err: error: unexpected argument '--scpoe'
    err: hint: did you mean: --scope
    err: hint: usage: hallpass token [OPTIONS] or hallpass token <COMMAND>
    ");
    assert_snapshot!(room.run("token --issuer https://as.example"), @"
    exit 2
    err: error: unexpected argument '--issuer'
    err: hint: --issuer is for a zone: hallpass zone add --help; without one: hallpass help environment
    err: hint: usage: hallpass token [OPTIONS] or hallpass token <COMMAND>
    ");
    assert_snapshot!(room.run("zone add"), @"
    exit 2
    err: error: required arguments were not provided: --issuer <URL>, <NAME>
    err: hint: hallpass zone add NAME --issuer URL --client-id ID --client-secret-from SOURCE
    ");
    assert_snapshot!(room.run("check"), @"
    exit 2
    err: error: one of these is required: --tokens-file <FILE>, --tokens-env <NAME>, --secret-from <SOURCE>, --introspect, --jwks, --claims, --kong
    err: hint: usage: hallpass check [OPTIONS] <METHOD>... [SOURCE]
    ");
    assert_snapshot!(room.run("token extra"), @"
    exit 2
    err: error: unrecognized subcommand
    err: hint: usage: hallpass token [OPTIONS] or hallpass token <COMMAND>
    ");
    assert_snapshot!(room.run("token --format"), @"
    exit 2
    err: error: a value is required for --format <FORMAT>
    err: hint: possible values: text, json, env, env-no-export, dotenv, fish, powershell, windows-cmd, nu, curl, github-env, github-output
    ");
    assert_snapshot!(room.run("login https://as.example --port 99999"), @"
    exit 2
    err: error: invalid value for --port <N>: expected 1 to 65535
    ");
    assert_snapshot!(room.run("token --min-ttl soon"), @"
    exit 2
    err: error: invalid value for --min-ttl <SPAN>: expected a span such as 90s, 15m, 24h or 30d
    ");
    assert_snapshot!(room.run("token --json --format text"), @r#"
    exit 2
    err: {"error":{"kind":"usage","oauth_error":null,"message":"--json can't be used with --format <FORMAT>","hint":"usage: hallpass token --json","retriable":false,"exit":2}}
    "#);
    assert_snapshot!(room.run("token -q -v"), @"
    exit 2
    err: error: --quiet can't be used with --verbose
    err: hint: usage: hallpass token --quiet
    ");
    assert_snapshot!(room.run("token --deadline 0s"), @"
    exit 2
    err: error: invalid value for --deadline: it must be longer than zero
    err: hint: --deadline 30s
    ");
    assert_snapshot!(room.run("token --json --nope"), @r#"
    exit 2
    err: {"error":{"kind":"usage","oauth_error":null,"message":"unexpected argument '--nope'","hint":"usage: hallpass token [OPTIONS] or hallpass token <COMMAND>","retriable":false,"exit":2}}
    "#);
}

#[test]
fn flag_with_too_few_or_too_many_values_is_named() {
    let room = Room::new();
    assert_snapshot!(room.run("token --zone"), @"
    exit 2
    err: error: a value is required for --zone <NAME>
    err: hint: --zone <NAME>: Use this zone
    ");
    assert_snapshot!(room.run("zone add n --client-secret-from"), @"
    exit 2
    err: error: a value is required for --client-secret-from <SOURCE>
    err: hint: --client-secret-from <SOURCE>: Copy the client secret from SOURCE into the vault
    ");
    assert_snapshot!(room.run("token --color="), @"
    exit 2
    err: error: a value is required for --color <WHEN>
    err: hint: possible values: auto, always, never
    ");
    assert_snapshot!(room.run("token --json=yes"), @"
    exit 2
    err: error: --json takes no value
    err: hint: usage: hallpass token --json
    ");
    assert_snapshot!(room.run("status --verbose=3"), @"
    exit 2
    err: error: --verbose takes no value
    err: hint: usage: hallpass status --verbose...
    ");
    assert_snapshot!(room.run("token -q=1"), @"
    exit 2
    err: error: a short flag such as -q takes no value
    err: hint: usage: hallpass token [OPTIONS] or hallpass token <COMMAND>
    ");
    assert_snapshot!(room.run("token -z a --zone b"), @"
    exit 2
    err: error: --zone <NAME> is given more than once
    err: hint: usage: hallpass token [OPTIONS] or hallpass token <COMMAND>
    ");
}

#[test]
fn best_guess_is_first_with_word_that_was_typed() {
    let room = Room::new();
    room.run("zone add prod --issuer https://as.example --client-id c").ok();
    room.run("zone add preview --issuer https://as.example --client-id c").ok();
    assert_snapshot!(room.run("logou"), @"
    exit 2
    err: error: unrecognized subcommand 'logou'
    err: hint: did you mean: logout
    err: hint: usage: hallpass [OPTIONS] <COMMAND>
    ");
    assert_snapshot!(room.run("token --format jsn"), @"
    exit 2
    err: error: invalid value for --format <FORMAT>: 'jsn'
    err: hint: did you mean: json
    err: hint: possible values: text, json, env, env-no-export, dotenv, fish, powershell, windows-cmd, nu, curl, github-env, github-output
    ");
    assert_snapshot!(room.run("zone shwo"), @"
    exit 2
    err: error: unrecognized subcommand 'shwo'
    err: hint: did you mean: show
    err: hint: usage: hallpass zone [OPTIONS] <COMMAND>
    ");
    assert_snapshot!(room.run("token -z prd"), @"
    exit 3
    err: error: there is no zone prd
    err: hint: did you mean: prod
    err: hint: known zones: prod, preview
    ");
    assert_snapshot!(room.run("help exit-code"), @"
    exit 2
    err: error: no such topic or subcommand 'exit-code'
    err: hint: did you mean: exit-codes
    err: hint: topics: exit-codes, sources, environment, zones, shared-cache
    err: hint: subcommands: hallpass help
    ");
    assert_snapshot!(room.run("help zone ad"), @"
    exit 2
    err: error: no such topic or subcommand 'ad'
    err: hint: did you mean: add
    err: hint: topics: exit-codes, sources, environment, zones, shared-cache
    err: hint: subcommands: hallpass help
    ");
    assert_snapshot!(room.run("schema tokn"), @"
    exit 2
    err: error: no such output schema 'tokn'
    err: hint: did you mean: token or token list
    err: hint: schemas: hallpass schema
    ");
}

/// A value with capitals or digits is not repeated, but what it is like is named.
#[test]
fn value_of_flag_that_is_like_known_one_names_it() {
    let room = Room::new();
    room.run("zone add prod --issuer https://as.example --client-id c").ok();
    for (line, guess) in [
        ("zone edit prod --unset audienc", "audience"),
        ("zone edit prod --algorithm RS25", "RS256"),
        ("zone edit prod --vault seald", "sealed"),
        ("vault move prod --to keyrng", "keyring"),
        ("discover --require grnt:x", "grant"),
        ("token -z PROD", "prod"),
        ("check --kind usr", "user"),
    ] {
        let outcome = room.run(line);
        assert!(outcome.stderr.contains(&format!("\nhint: did you mean: {guess}\n")), "{line}: {outcome}");
    }
    assert_snapshot!(room.run("zone edit prod --unset audienc"), @"
    exit 2
    err: error: invalid value for --unset <KEY>: 'audienc'
    err: hint: did you mean: audience
    err: hint: possible values: issuer_template, client_id, client_secret, client_secret_ref, private_key, private_key_ref, key_id, algorithm, client_assertion_ref, assertion_audience, cert, cert_key, cert_key_ref, auth, grant, assertion_ref, subject_token_ref, scope, audience, resource, token_endpoint, introspection_endpoint, revocation_endpoint, registration_endpoint, par_endpoint, authorization_endpoint, device_endpoint, jwks_uri, assume_defaults, param, header, cacert, host, dpop, redirect_uri, registration_client_uri
    ");
}

#[test]
fn secret_as_argument_names_flag_that_reads_it() {
    let room = Room::new();
    assert_snapshot!(room.run("zone add a --issuer https://as.example --client-secret hunter2"), @"
    exit 2
    err: error: unexpected argument '--client-secret'
    err: hint: secrets are never arguments: --client-secret-from SOURCE
    err: hint: usage: hallpass zone add [OPTIONS] [NAME]
    ");
    assert_snapshot!(room.run("zone add a --issuer https://as.example --private-key=hunter2"), @"
    exit 2
    err: error: unexpected argument '--private-key'
    err: hint: secrets are never arguments: --private-key-from SOURCE
    err: hint: usage: hallpass zone add [OPTIONS] [NAME]
    ");
    assert_snapshot!(room.run("revoke --refresh-token hunter2"), @"
    exit 2
    err: error: unexpected argument '--refresh-token'
    err: hint: secrets are never arguments, they are read from a SOURCE: hallpass help sources
    err: hint: usage: hallpass revoke [OPTIONS] [SOURCE]
    ");
    for flag in ["password", "token", "secret", "access-token", "passphrase", "api-key", "client-assertion"] {
        let outcome = room.run(&format!("token --{flag} hunter2"));
        outcome.assert_hidden("hunter2");
        assert!(outcome.code == 2 && outcome.stderr.contains("secrets are never arguments"), "{outcome}");
    }
    // A typing error in a flag that takes no secret is one.
    let outcome = room.run("zone add a --issuer https://as.example --token-endpiont https://as.example/token");
    assert!(outcome.stderr.contains("did you mean: --token-endpoint\n"), "{outcome}");
}

#[test]
fn path_is_not_a_source_and_says_what_is() {
    let room = Room::new();
    assert_snapshot!(room.run("inspect ./x.jwt"), @"
    exit 2
    err: error: invalid value for [SOURCE]: not a SOURCE; for a file: file:./x.jwt
    err: hint: a secret or token is never an argument: pipe it in, or give - to be asked for it
    ");
    assert_snapshot!(room.run("inspect hunter2"), @"
    exit 2
    err: error: invalid value for [SOURCE]: not a SOURCE, such as file:PATH, env:NAME, cmd:COMMAND, vault or - (stdin)
    err: hint: a secret or token is never an argument: pipe it in, or give - to be asked for it
    ");
}

#[test]
fn without_words_it_helps_on_stderr() {
    let outcome = Room::new().run("");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome}");
    assert!(outcome.stderr.contains("Usage: hallpass"), "{outcome}");
    let outcome = Room::new().run("zone");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome}");
    assert!(
        outcome.stderr.contains("Usage: hallpass zone") && outcome.stderr.contains("  $ hallpass zone"),
        "{outcome}"
    );
    let outcome = Room::new().run("--json");
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    let error = &error["error"];
    assert_eq!((outcome.code, outcome.stdout.as_str(), &error["kind"]), (2, "", &"usage".into()), "{outcome}");
    assert_eq!(error["message"], "a subcommand is required but one was not provided");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.starts_with("subcommands: token, header, login"), "{outcome}");
    assert!(hint.ends_with("; usage: hallpass [OPTIONS] <COMMAND>"), "{outcome}");
    let helped = Room::new().run("--help");
    assert!(helped.ok().contains("Usage: hallpass"), "{helped}");
    assert_eq!(helped.stderr, "");
    assert_snapshot!(Room::new().run("--version"), @"
    exit 0
    out: hallpass 0.2.0
    ");
}

#[test]
fn bad_variables_are_usage_and_name_themselves() {
    for (name, code) in [("HALLPASS_LOG", 2), ("HALLPASS_FORMAT", 2), ("HALLPASS_DEADLINE", 2), ("HALLPASS_VAULT", 3)] {
        let mut room = Room::new();
        room.set(name, CANARY);
        let outcome = room.run("vault status");
        outcome.assert_hidden(CANARY);
        assert_eq!((outcome.code, outcome.stderr.contains(name)), (code, true), "{outcome}");
    }
}

/// Every flag and every place of every subcommand gets the canary as its value, where it may and where it must not
/// stand, also as `--flag=canary` and as an unknown flag.
#[test]
fn wrong_call_never_shows_what_was_typed() {
    let mut command = hallpass::command();
    command.build();
    let mut calls = Vec::new();
    slots(&command, &mut Vec::new(), &mut calls);
    assert!(calls.len() > 500, "only {} calls", calls.len());
    let room = Room::new();
    room.run("zone add a --issuer https://as.example --client-id c").ok();
    let mut refused = 0;
    for call in calls {
        for json in ["", " --json"] {
            let outcome = room.run(&format!("{call}{json}"));
            if outcome.code == 2 {
                refused += 1;
                assert!(!outcome.stderr.contains(CANARY) && outcome.stdout.is_empty(), "{call}{json}\n{outcome}");
                // What was expected, not the words of a library.
                let library = ["in string", " syntax", "..="].iter().find(|words| outcome.stderr.contains(**words));
                assert_eq!(library, None, "{call}{json}\n{outcome}");
            }
        }
    }
    assert!(refused > 500, "only {refused} calls were refused");
}

#[test]
fn url_never_shows_its_user_or_its_query() {
    let room = Room::new();
    for url in [
        "http://u:hunter2@127.0.0.1:1/x",
        "http://127.0.0.1:1/?hunter2",
        "http://127.0.0.1:1/#hunter2",
        "//u:hunter2@x",
    ] {
        for line in [
            "discover URL",
            "discover --resource URL",
            "discover http://127.0.0.1:1 --proxy URL",
            "zone add a --issuer URL",
            "zone add a --issuer https://as.example --token-endpoint URL",
            "zone add a --issuer https://as.example --host URL",
            "zone show URL",
            "token -z URL",
            "token --cacert URL -z nope",
        ] {
            let outcome = room.run(&line.replace("URL", url));
            outcome.assert_hidden("hunter2");
            room.run("zone remove a --yes");
        }
    }
}

fn slots(command: &clap::Command, path: &mut Vec<String>, calls: &mut Vec<String>) {
    let words = path.join(" ");
    // Those would run, wait or write pages.
    let deeds = ["sandbox", "man"];
    // These make a file of that name, but no directory for it.
    let canary = if words.starts_with("bearer ") { format!("nowhere/{CANARY}") } else { CANARY.to_owned() };
    if !deeds.contains(&words.as_str()) {
        for argument in command.get_arguments() {
            let Some(long) = argument.get_long() else { continue };
            // Global ones are read in one way, wherever they are.
            if argument.is_global_set() && !matches!(words.as_str(), "" | "token") {
                continue;
            }
            calls.push(format!("{words} --{long} {canary} {canary} {canary}"));
            calls.push(format!("{words} --{long}={canary} {canary}"));
        }
        calls.push(format!("{words} {canary} {canary} {canary}"));
        calls.push(format!("{words} --{canary}"));
        calls.push(format!("{words} --nope={canary}"));
        calls.push(format!("{words} -x{canary}"));
        calls.push(format!("{words} -q{canary}"));
        calls.push(format!("{words} -- {canary} {canary} {canary}"));
    }
    for inner in command.get_subcommands() {
        path.push(inner.get_name().to_owned());
        slots(inner, path, calls);
        path.pop();
    }
}

#[test]
fn edit_without_flag_is_refused() {
    let room = Room::new();
    room.run("zone add a --issuer https://as.example --client-id c --client-secret-ref env:S1").ok();
    assert_snapshot!(room.run("zone edit a"), @"
    exit 2
    err: error: nothing to change: no flag was given
    err: hint: name what to change, such as --scope 'read write' or --unset scope: hallpass zone edit --help
    ");
    room.run("zone edit a --header X-A:b").ok();
    room.run("zone edit a --default").ok();
    assert_snapshot!(room.run("header --basic"), @"
    exit 3
    err: error: could not read the client secret of zone a
    err: cause: env:S1 is not set
    ");
    room.run("zone edit a --auth-method client_secret_post --client-assertion-from env:J --unset client_secret").ok();
    room.run("zone edit a --client-assertion-ref env:J").ok();
    let metadata = room.run("client register https://as.example --auth none --dry-run --no-save");
    assert!(metadata.code != 2, "{metadata}");
}

#[test]
fn header_in_format_of_variable() {
    let mut room = Room::new();
    room.set("HALLPASS_TOKEN", "AT-1");
    let flag = room.run("header --format env").ok().to_owned();
    room.set("HALLPASS_FORMAT", "env");
    assert_eq!(room.run("header").ok(), flag);
    assert_eq!(room.run("header --format text").ok(), "Authorization: Bearer AT-1");
    room.set("FIELD", "Bearer AT-2");
    assert_eq!(room.run("header --read env:FIELD").ok(), "AT-2");
}

#[test]
fn words_of_other_program_go_behind_separator() {
    let room = Room::new();
    for (line, way) in [
        ("exec env", "exec -- CMD"),
        ("curl https://a.example/", "curl -- ARGS"),
        ("curl -sS https://a.example/", "curl -- ARGS"),
        ("sandbox env", "sandbox -- CMD"),
    ] {
        let outcome = room.run(line);
        let hint = format!("hint: put -- before {}: hallpass {way}\n", way.rsplit(' ').next().unwrap());
        assert!(outcome.code != 0 && outcome.stderr.contains(&hint), "{line}: {outcome}");
    }
    assert!(!room.run("exec --nope -- env").stderr.contains("put --"));
    assert!(!room.run("token --nope").stderr.contains("put --"));
}

#[test]
fn name_of_zone_where_none_is_taken_is_told_from_other_words() {
    let room = Room::new();
    room.run("zone add prod --issuer https://as.example --client-id c").ok();
    for line in ["token prod", "header prod", "status prod", "logout prod", "login prod", "client show prod"] {
        let outcome = room.run(line);
        assert!(outcome.code == 2 && outcome.stderr.contains("hint: to use zone prod: -z prod\n"), "{line}: {outcome}");
    }
    assert!(!room.run("token hunter").stderr.contains("-z"));
}

#[test]
fn issuer_without_scheme_and_token_without_source_name_the_way_on() {
    let room = Room::new();
    assert_snapshot!(room.run("login sso.example/realms/acme"), @"
    exit 2
    err: error: invalid value for [ISSUER]: issuer must be a URL that begins with https://
    ");
    assert_snapshot!(room.run("inspect eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."), @"
    exit 2
    err: error: invalid value for [SOURCE]: not a SOURCE, such as file:PATH, env:NAME, cmd:COMMAND, vault or - (stdin)
    err: hint: a secret or token is never an argument: pipe it in, or give - to be asked for it
    ");
    assert_snapshot!(room.run("zone add a --issuer https://as.example --client-secret-from hunter2"), @"
    exit 2
    err: error: invalid value for --client-secret-from <SOURCE>: not a SOURCE, such as file:PATH, env:NAME, cmd:COMMAND, vault or - (stdin)
    err: hint: a secret or token is never an argument: pipe it in, or give - to be asked for it
    ");
    assert_snapshot!(room.run("inspect file:~/token"), @"
    exit 3
    err: error: could not read the token
    err: cause: file:~/token can't be read
    err: cause: No such file or directory (os error 2)
    err: hint: ~ is not the home directory here: file:$HOME/PATH
    ");
}

#[test]
fn subcommand_by_name_of_other_programs_is_understood() {
    let room = Room::new();
    let guess = |line: &str| {
        let outcome = room.run(line);
        assert_eq!(outcome.code, 2, "{outcome}");
        outcome.stderr.lines().find_map(|line| line.strip_prefix("hint: did you mean: ")).unwrap_or_default().to_owned()
    };
    for (line, meant) in [
        ("zone delete prod", "remove"),
        ("zone rm prod", "remove"),
        ("zone create prod", "add"),
        ("zone ls", "list"),
        ("bearer delete tokens.txt", "remove"),
        ("list", "token list or zone list"),
        ("register", "client register"),
        ("add", "zone add or bearer add"),
        ("decode", "inspect"),
        ("run", "exec"),
        ("refresh", "token --fresh"),
        ("hunter", ""),
    ] {
        assert_eq!(guess(line), meant, "{line}");
    }
}
