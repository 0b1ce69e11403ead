//! Every example of the help is run, by a shell, against one sandbox: `hallpass sandbox --auto-consent -- sh`.
//!
//! Before each example its own home is made with the zone `prod` as default, in a directory of its own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]

mod shape;
mod visitor;

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Examples that may answer no (exit 1), with the reason.
const MAY_SAY_NO: &[(&str, &str)] = &[];

/// What the examples call by a name of their own, and what the sandbox has in its place.
const PLAYED: &[(&str, &str)] = &[
    ("https://sso.example/realms/acme", "$HALLPASS_ISSUER"),
    ("login --resource https://api.example/mcp", "login --resource $HALLPASS_SANDBOX_API_URL"),
    ("--client-id deploy", "--client-id $HALLPASS_CLIENT_ID"),
    ("--client-id my-tool", "--client-id sandbox-public"),
    ("--client-id signer", "--client-id sandbox-key"),
    ("--client-id workload", "--client-id sandbox-workload"),
];

/// Makes the room of one example, with what the example names: `seed ROOM EXAMPLE`.
const SEED: &str = r#"
set -u
seed() {
    mkdir -p "$1/work" "$1/bin" && cd "$1/work" || exit 99
    export HALLPASS_HOME="$1/home" HOME="$1" HALLPASS_ZONE=prod PATH="$1/bin:$PATH"
    export CI_SECRET="$HALLPASS_CLIENT_SECRET" CI_ASSERTION="$HALLPASS_SANDBOX_ASSERTION"
    export INITIAL_TOKEN="$HALLPASS_SANDBOX_INITIAL_TOKEN" API_SECRET=not-a-secret KONG_KEY=kong-key-0123456789
    export VERIFIER=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
    case $2 in *"&& curl "*) printf '#!/bin/sh\n' >"$1/bin/curl" && chmod 700 "$1/bin/curl" ;; esac
    case $2 in "hallpass curl "*" -- "* | "hallpass curl -- "*) set -- "$1" "$2" --host api.example ;; *) set -- "$1" "$2" ;; esac
    add_zone() {
        printf %s "$HALLPASS_CLIENT_SECRET" | hallpass zone add "$@" --issuer "$HALLPASS_ISSUER" \
            --client-id "$HALLPASS_CLIENT_ID" --client-secret-from - >/dev/null || exit 98
    }
    add_zone prod --default ${3+"$3"} ${4+"$4"}
    case $2 in *"-z bound"*) add_zone bound --dpop ;; esac
    case $2 in *"-z mine"*)
        hallpass client register "$HALLPASS_ISSUER" --grant client_credentials --save-as mine >/dev/null || exit 97 ;;
    esac
    case $2 in
        *"login \$"*) ;;
        *"-z me"*)
            hallpass login "$HALLPASS_ISSUER" -z me --device --client-id sandbox-public >/dev/null 2>&1 || exit 96 ;;
    esac
    case $2 in *caller.jwt*) hallpass token >caller.jwt || exit 95 ;; esac
    case $2 in *tokens.txt* | *ci.token*)
        hallpass bearer generate tokens.txt --label ci >ci.token || exit 94
        hallpass bearer generate tokens.txt --label nightly >/dev/null || exit 94
        hallpass bearer generate tokens.txt --label old >/dev/null || exit 94
        hallpass bearer disable tokens.txt --label old >/dev/null || exit 94
        export API_TOKENS="$(cat ci.token)" ;;
    esac
    printf 'X-Auth-Source: user\nX-Token-Verified: true\nX-User-ID: u-1\nX-User-Roles: editor\n' >fields.txt
    case $2 in
        *npm*) printf '#!/bin/sh\ntest -n "$NPM_TOKEN"\n' >"$1/bin/npm" && chmod 700 "$1/bin/npm" ;;
        *./worker*) printf '#!/bin/sh\ntest -s "$TOKEN_FILE"\n' >worker && chmod 700 worker ;;
    esac
    case $2 in *headers.txt*)
        { cat fields.txt && hallpass kong sign --hmac v2 --key-from env:KONG_KEY <fields.txt; } >headers.txt || exit 93 ;;
    esac
    case $2 in
        *request.json*) printf '{"uri":"https://cache.example/"}' >request.json ;;
        *request.txt*) printf 'protocol=https\nhost=git.example\n' >request.txt ;;
    esac
    case $2 in *key.pem*) printf %s "$HALLPASS_SANDBOX_PRIVATE_KEY" >key.pem ;; esac
    case $2 in *file:zone.toml*) hallpass zone export prod | sed s/zones.prod/zones.copy/ >zone.toml || exit 92 ;; esac
}
"#;

/// Commands that serve until they are terminated.
const SERVERS: &[&str] = &["hallpass proxy "];

/// The lines `  $ …` of a string, each with those that continue it.
fn lines(text: &str) -> impl Iterator<Item = String> {
    let whole = text.replace("\\\n      ", "");
    whole.lines().filter_map(|line| line.strip_prefix("  $ ")).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// Every example with the place where it stands.
fn examples() -> Vec<(String, String)> {
    let mut root = hallpass::command();
    root.build();
    let mut found = Vec::new();
    let mut open = vec![("hallpass".to_owned(), root)];
    while let Some((words, mut command)) = open.pop() {
        for inner in command.get_subcommands() {
            open.push((format!("{words} {}", inner.get_name()), inner.clone()));
        }
        let help = command.render_long_help().to_string();
        found.extend(lines(&help).map(|line| (words.clone(), line)));
    }
    for topic in ["exit-codes", "sources", "environment", "zones"] {
        let answer = Command::new(env!("CARGO_BIN_EXE_hallpass")).args(["help", topic]).env_clear().output().unwrap();
        assert!(answer.status.success());
        found.extend(lines(&String::from_utf8(answer.stdout).unwrap()).map(|line| (topic.to_owned(), line)));
    }
    found
}

/// Stands in for curl, so that no example leaves the machine: it wants a token.
const CURL: &str =
    "#!/bin/sh\nuntil test \"$1\" = -K; do shift; done; grep -q '^header = \"Authorization: Bearer ' \"$2\"\n";

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    directory
}

/// Runs each line in a room of its own, all in one sandbox, and gives their exit codes and what the sandbox said.
fn ran(directory: &Path, lines: &[&str]) -> (Vec<i32>, String) {
    let mut script = SEED.to_owned();
    for (number, line) in lines.iter().enumerate() {
        let line = PLAYED.iter().fold((*line).to_owned(), |line, (name, place)| line.replace(name, place));
        // A server is terminated when it has had time to start, and must end well.
        let limit = if SERVERS.iter().any(|begin| line.starts_with(begin)) { "--preserve-status 3" } else { "60" };
        let line = if limit == "60" { quoted(&line) } else { quoted(&format!("exec {line}")) };
        // The room is a subshell's, so that an example changes nothing for the next one.
        writeln!(
            script,
            "(seed \"$0/{number}\" {line}; exec timeout {limit} sh -c {line} >\"$0/{number}/out\" 2>\"$0/{number}/err\" </dev/null); echo {number} $?"
        )
        .unwrap();
    }
    let curl = directory.join("curl");
    std::fs::write(&curl, CURL).unwrap();
    std::fs::set_permissions(&curl, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([directory.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let outcome = Command::new(env!("CARGO_BIN_EXE_hallpass"))
        .args(["sandbox", "--auto-consent", "--", "sh", "-c", &script])
        .arg(directory)
        .env_clear()
        .env("BROWSER", visitor::command("browser_opens_page"))
        .env("PATH", path)
        .env("TMPDIR", directory)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
    assert!(outcome.status.success(), "{stderr}");
    let said = String::from_utf8(outcome.stdout).unwrap();
    let codes: Vec<i32> = said
        .lines()
        .enumerate()
        .map(|(number, line)| line.strip_prefix(&format!("{number} ")).unwrap().parse().unwrap())
        .collect();
    assert_eq!(codes.len(), lines.len(), "{stderr}");
    (codes, stderr)
}

/// What a line left in `out` or `err`.
fn said(directory: &Path, number: usize, name: &str) -> String {
    std::fs::read_to_string(directory.join(number.to_string()).join(name)).unwrap_or_default()
}

#[test]
fn every_example_runs() {
    let examples = examples();
    assert!(examples.len() > 35, "only {} examples", examples.len());
    let directory = directory();
    let lines: Vec<&str> = examples.iter().map(|(_, line)| line.as_str()).collect();
    let (codes, stderr) = ran(directory.path(), &lines);
    let mut failed = String::new();
    for (number, code) in codes.into_iter().enumerate() {
        let (words, example) = &examples[number];
        let may = MAY_SAY_NO.iter().any(|(known, _)| known == example);
        if code != 0 && !(code == 1 && may) {
            let read = |name: &str| said(directory.path(), number, name);
            writeln!(failed, "{words}\n  $ {example}\n  exit {code}\n{}{}", read("out"), read("err")).unwrap();
        }
    }
    let stale: Vec<&&str> = MAY_SAY_NO
        .iter()
        .map(|(known, _)| known)
        .filter(|known| !examples.iter().any(|(_, one)| one == **known))
        .collect();
    assert!(failed.is_empty() && stale.is_empty(), "\n{failed}\n{stale:?}\n{stderr}");
}

/// Subcommands that answer no JSON of their own, with the reason.
const NO_ANSWER: &[(&str, &str)] = &[
    ("sandbox", "stdout is its command's, or lines for a shell"),
    ("curl", "stdout is curl's"),
    ("exec", "stdout is its program's"),
];

/// A call for each answer that no example ends in; every other name is answered by an example with `--json` behind it.
const CALLS: &[(&str, &str)] = &[
    ("discover --diff", "hallpass discover --diff \"$HALLPASS_ISSUER\""),
    ("error", "hallpass -z nope token --json 2>&1 >/dev/null; true"),
    (
        "header --dpop",
        "hallpass zone edit prod --dpop && hallpass header --dpop --method GET --url https://api.example/",
    ),
    ("man", "hallpass man"),
    ("revoke", "hallpass token && hallpass revoke --own access"),
    ("schema NAME", "hallpass schema zone add"),
];

/// The answer that an example ends in.
fn answer(names: &[String], example: &str) -> Option<String> {
    let last = example.rsplit(" | ").next()?.rsplit(" && ").next()?;
    let words = words(last);
    let plain = last.starts_with("hallpass ") && !last.contains(['(', '>', ';']);
    let other = words.iter().any(|word| word == "--" || word == "--format" || word == "--dry-run");
    if plain && !other { shape::name(names, &words) } else { None }
}

/// A simple command as the shell would take it apart; a variable is some URL.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    let value = |word: String| if word.starts_with('$') { "https://as.example".to_owned() } else { word };
    words.into_iter().map(value).collect()
}

/// What a helper answers is the protocol of another program.
fn has_no_answer(leaf: &str) -> bool {
    let manages = ["install", "uninstall", "list"].iter().any(|verb| leaf.ends_with(verb));
    NO_ANSWER.iter().any(|(known, _)| *known == leaf) || leaf.starts_with("helper ") && !manages
}

fn schema(words: &[&str]) -> serde_json::Value {
    let answer = Command::new(env!("CARGO_BIN_EXE_hallpass"))
        .args(["schema", "--json"])
        .args(words)
        .env_clear()
        .output()
        .unwrap();
    serde_json::from_slice(&answer.stdout).unwrap()
}

#[test]
fn every_answer_is_what_its_schema_says() {
    let names: Vec<String> = serde_json::from_value(schema(&[])).unwrap();
    let examples = examples();
    let missing: Vec<String> =
        leaf_commands().into_iter().filter(|leaf| !names.contains(leaf) && !has_no_answer(leaf)).collect();
    assert_eq!(missing, [] as [&str; 0], "these have no view in the registry (src/cli.rs)");
    let known = CALLS.iter().map(|(name, line)| ((*name).to_owned(), (*line).to_owned()));
    // Where its answer goes into a file, it is looked at before.
    let bare = |line: String| match line.rsplit_once(" >") {
        Some((bare, file)) if !file.contains(['|', '&']) => bare.to_owned(),
        _ => line,
    };
    // What a shell inside of the line runs is not the line's answer.
    let shown = examples
        .into_iter()
        .filter(|(_, line)| !line.contains("sh -c '"))
        .filter_map(|(_, line)| Some((answer(&names, &bare(line.clone()))?, bare(line))));
    let lines: Vec<(String, String)> = known.chain(shown).collect();
    // What stands before the last command is not the answer.
    let json = |line: &String| {
        let json = if line.contains("--json") { "" } else { " --json" };
        match line.rsplit_once(" && ") {
            Some((before, last)) => format!("{{ {before}; }} >&2 && {last}{json}"),
            None => format!("{line}{json}"),
        }
    };
    let call = |name: &String| lines.iter().find(|(one, _)| one == name).map(|(_, line)| json(line));
    let calls: Vec<Option<String>> = names.iter().map(call).collect();
    let silent: Vec<&String> =
        names.iter().zip(&calls).filter(|(_, call)| call.is_none()).map(|(name, _)| name).collect();
    assert_eq!(silent, [] as [&String; 0], "no example ends in one of these: add a line to CALLS");
    let calls: Vec<String> = calls.into_iter().flatten().collect();
    let directory = directory();
    let (codes, stderr) = ran(directory.path(), &calls.iter().map(String::as_str).collect::<Vec<_>>());
    let mut wrong = String::new();
    for (number, name) in names.iter().enumerate() {
        let (out, err) = (said(directory.path(), number, "out"), said(directory.path(), number, "err"));
        let faults = match serde_json::from_str(&out) {
            Ok(answer) => shape::faults(&schema(&[name]), &answer),
            Err(fault) => vec![fault.to_string()],
        };
        if codes[number] > 1 || !faults.is_empty() {
            writeln!(wrong, "{name}\n  $ {}\n  exit {} {faults:?}\n{out}{err}", calls[number], codes[number]).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}{stderr}");
}

/// The words of every subcommand that has none below it or works without one, as `token`.
fn leaf_commands() -> Vec<String> {
    let mut root = hallpass::command();
    root.build();
    let mut found = Vec::new();
    let mut open = vec![(String::new(), root)];
    while let Some((words, command)) = open.pop() {
        if !words.is_empty() && !command.is_subcommand_required_set() {
            found.push(words.clone());
        }
        for inner in command.get_subcommands() {
            open.push((format!("{words} {}", inner.get_name()).trim_start().to_owned(), inner.clone()));
        }
    }
    found
}

#[test]
#[ignore = "an example starts it as its browser"]
fn browser_opens_page() {
    visitor::play();
}
