//! Every command of the README and of the pages in docs/ is run, in the order in which it is on its page, by one shell in
//! one sandbox a page; what it prints, stdout and stderr, is what the page shows below it.
//!
//! Times, ports, client ids, tokens and other random values are masked on both sides. A word that ends in `…` is cut.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(unix)]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Commands that are not run, by what they begin with, and the reason.
const NOT_RUN: &[(&str, &str)] = &[
    ("tests/run", "it runs all tests, this one among them"),
    ("hallpass login https://sso.example", "there is no such server"),
    ("hallpass login --resource https://api.example", "there is no such API"),
    ("hallpass header -z me", "nobody signed in there"),
    ("export HALLPASS_ISSUER=https://sso.example", "there is no such server"),
    ("hallpass token --format github-env", "it asks that server"),
    ("printf %s \"$CI_SECRET\" | hallpass zone add ci", "there is no such server"),
    ("hallpass discover -z ci", "it asks that server"),
    ("hallpass token -z ci", "it asks that server"),
    ("secret-tool ", "it needs a keyring"),
];

/// Programs that are played, and the reason.
const PLAYED: &[(&str, &str, &str)] = &[
    ("browser", "it is a person's", BROWSER),
    (
        "curl",
        "it may not be installed",
        r#"exec bash -c '
while [ $# -gt 1 ]; do
    case $1 in
        -H) field=$2 ;;
        -K) field=$(sed -n "s/^header = \"\(Authorization.*\)\"\$/\1/p" "$2") ;;
    esac
    shift
done
case $1 in http://127.0.0.1:*) ;; *) exit 0 ;; esac
url=${1#http://} host=${url%%/*}
exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
printf "GET /%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\nConnection: close\r\n%s\r\n\r\n" \
    "${url#*/}" "$host" "$field" >&3
while IFS= read -r line <&3 && [ ${#line} -gt 1 ]; do :; done
cat <&3' curl "$@""#,
    ),
    (
        "cargo",
        "it builds and installs",
        "[ \"$1 $2 $3\" = 'run --release --' ] || exit 0; shift 3; exec hallpass \"$@\"",
    ),
];

/// Whoever signs in has a browser, in which they allow everything.
const BROWSER: &str = r#"
exec bash -c 'while :; do
    url=${1#http://} host=${url%%/*}
    exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
    printf "GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" "${url#*/}" "$host" >&3
    next=
    while IFS= read -r line <&3 && [ ${#line} -gt 1 ]; do
        case $line in [Ll]ocation:*) next=${line#*: } ;; esac
    done
    [ -n "$next" ] || exit 0
    set -- "${next%?}"
done' browser "$1""#;

/// An empty home, and what a page of docs/ takes for granted: the zone of the README.
const SURROUNDINGS: &str = r#"
cd "$0" || exit 99
exec 2>&1 </dev/null
export PATH="${PATH%%:*}:$0/played:${PATH#*:}" HOME="$0" BROWSER=browser
"#;
const ZONE: &str = r#"
printf %s "$HALLPASS_CLIENT_SECRET" | hallpass zone add prod --issuer "$HALLPASS_ISSUER" \
    --client-id "$HALLPASS_CLIENT_ID" --client-secret-from - >/dev/null || exit 98
unset HALLPASS_ISSUER HALLPASS_CLIENT_ID HALLPASS_CLIENT_SECRET
"#;

/// What the installation of the README leaves in an empty home.
const INSTALLED: [&str; 5] = [
    ".local/share/bash-completion/completions/hallpass",
    ".zfunc/_hallpass",
    ".zshrc",
    ".config/fish/completions/hallpass.fish",
    ".local/share/man/man1/hallpass.1",
];

/// A command and what stands below it.
struct Shown {
    line: usize,
    command: String,
    output: Vec<String>,
}

/// The blocks ```` ```console ```` of a page, taken apart.
fn shown(text: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        let line = if inside { line.strip_prefix("   ").unwrap_or(line) } else { line.trim_start() };
        match (inside, line.strip_prefix("$ ")) {
            (_, _) if line.trim_start().starts_with("```") => inside = line == "```console",
            (true, Some(command)) => {
                found.push(Shown { line: number + 1, command: command.to_owned(), output: Vec::new() });
            }
            (true, None) => found.last_mut().expect("output follows a command").output.push(line.to_owned()),
            (false, _) => {}
        }
    }
    found
}

/// A line with every random value called by what it is. Of the URL of a sign-in all parameters are random.
fn masked(line: &str) -> String {
    let line =
        line.split_once("/authorize?").map_or_else(|| line.to_owned(), |(start, _)| format!("{start}/authorize?…"));
    let word = |c: char| c.is_ascii_alphanumeric() || "._:-…".contains(c);
    let mut done = String::new();
    let mut rest = line.as_str();
    while let Some(begin) = rest.find(word) {
        let end = rest[begin..].find(|c| !word(c)).map_or(rest.len(), |length| begin + length);
        done.push_str(&rest[..begin]);
        done.push_str(&name(&rest[begin..end]));
        rest = &rest[end..];
    }
    done + rest
}

/// A word, or what kind of random value it is.
fn name(word: &str) -> String {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if let Some(("v2", seal)) = word.split_once(':') {
        return format!("v2:{}", name(seal));
    }
    let shape: String = word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape == "0000-00-00T00:00:00Z" {
        return "TIME".to_owned();
    }
    if let Some(port) = word.strip_prefix("127.0.0.1:").filter(|port| digits(port)) {
        let _ = port;
        return "127.0.0.1:PORT".to_owned();
    }
    let is_id = |prefix: &&str| word.strip_prefix(*prefix).is_some_and(|id| id.len() >= 8 && hex(id));
    if let Some(prefix) = ["sandbox-", "registered-"].iter().find(|prefix| is_id(prefix)) {
        return format!("{prefix}ID");
    }
    if digits(word) && word.len() == 10 {
        return "EPOCH".to_owned();
    }
    // A thumbprint: a SHA-256 in base64url.
    let thumbprint = word.len() == 43 && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    let random = thumbprint || word.ends_with('…') || word.starts_with("eyJ") || (word.len() >= 12 && hex(word));
    if random { "RANDOM".to_owned() } else { word.to_owned() }
}

fn skipped(command: &str) -> Option<&'static str> {
    NOT_RUN.iter().map(|(begin, _)| *begin).find(|begin| command.starts_with(begin))
}

/// Runs a page in this directory, and says where it does not show what is printed; and which commands it left out.
fn run_page(page: &str, directory: &Path) -> (String, Vec<&'static str>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = shown(&std::fs::read_to_string(root.join(page)).unwrap());
    assert!(!shown.is_empty(), "{page} shows no command");
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::create_dir(directory.join("played")).unwrap();
    for (name, _, script) in PLAYED {
        let program = directory.join("played").join(name);
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let mut script = SURROUNDINGS.to_owned();
    if page != "README.md" {
        script.push_str(ZONE);
    }
    for (number, one) in shown.iter().enumerate().filter(|(_, one)| skipped(&one.command).is_none()) {
        writeln!(script, "printf '\\036%d\\n' {number}\n{}", one.command).unwrap();
    }
    let outcome = Command::new(env!("CARGO_BIN_EXE_hallpass"))
        .args(["sandbox", "--auto-consent", "--", "sh", "-c", &script])
        .arg(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("TMPDIR", directory)
        .output()
        .unwrap();
    let said = String::from_utf8(outcome.stdout).unwrap();
    let mut wrong = String::new();
    let mut run = 0;
    for piece in said.split('\u{1e}').skip(1) {
        let (number, output) = piece.split_once('\n').unwrap();
        let one = &shown[number.parse::<usize>().unwrap()];
        run += 1;
        let (is, was) = (output.lines().map(masked), one.output.iter().map(|line| masked(line)));
        if !is.eq(was) {
            writeln!(wrong, "{page}:{}: $ {}\nprints\n{output}", one.line, one.command).unwrap();
        }
    }
    let left_out: Vec<&str> = shown.iter().filter_map(|one| skipped(&one.command)).collect();
    assert_eq!(run + left_out.len(), shown.len(), "{page}: {said}{}", String::from_utf8_lossy(&outcome.stderr));
    (wrong, left_out)
}

#[test]
fn every_page_shows_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let docs =
        std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let docs: Vec<String> = docs.filter(|name| name.contains(".md")).map(|name| format!("docs/{name}")).collect();
    let mut wrong = String::new();
    let mut left_out = Vec::new();
    for page in std::iter::once("README.md").chain(docs.iter().map(String::as_str)) {
        let home = tempfile::tempdir().unwrap();
        let (faults, skipped) = run_page(page, home.path());
        wrong.push_str(&faults);
        left_out.extend(skipped);
        if page == "README.md" {
            let missing: Vec<&str> = INSTALLED.into_iter().filter(|file| !home.path().join(file).is_file()).collect();
            assert_eq!(missing, [] as [&str; 0], "the installation leaves these out");
        } else {
            assert!(readme.contains(&format!("]({page})")), "the README does not link {page}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    for (begin, _) in NOT_RUN {
        assert!(left_out.contains(begin), "nothing begins with {begin} any more");
    }
}

/// The picture is a recording of `docs/record.py`: small, and each of its commands is typed in it.
#[test]
fn picture_is_small_and_shows_what_is_recorded() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let picture = std::fs::read_to_string(docs.join("session.svg")).unwrap();
    assert!(picture.len() < 100 * 1024 && !picture.contains("<script"), "{} bytes", picture.len());
    let typed: String = picture
        .lines()
        .filter_map(|line| line.strip_suffix("</text>")?.rsplit_once('>').map(|(_, text)| text))
        .collect::<String>()
        .replace("&amp;", "&");
    let recorder = std::fs::read_to_string(docs.join("record.py")).unwrap();
    let commands = recorder.split_once("COMMANDS = [").unwrap().1.split_once("\n]").unwrap().0;
    for command in
        commands.lines().filter_map(|line| line.trim().get(1..)?.strip_suffix([','])?.strip_suffix(['"', '\'']))
    {
        // Blanks are not drawn.
        assert!(typed.contains(&command.replace(' ', "")), "the picture does not show: {command}");
    }
}

/// The README names every subcommand.
#[test]
fn readme_has_every_subcommand() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let root = hallpass::command();
    let named = |name: &&str| readme.contains(&format!("hallpass {name}")) || readme.contains(&format!("`{name}`"));
    let missing: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).filter(|name| !named(name)).collect();
    assert_eq!(missing, [] as [&str; 0]);
}

#[test]
fn only_random_values_are_masked() {
    for (line, mask) in [
        ("issued_at: 2026-11-22T04:38:07Z", "issued_at: TIME"),
        ("http://127.0.0.1:18080/sandbox/token", "http://127.0.0.1:PORT/sandbox/token"),
        ("Authorization: Bearer eyJ0eXAi…", "Authorization: Bearer RANDOM"),
        ("Authorization: Bearer eyJ0eXAi.eyJpc3Mi.c2ln_X-9", "Authorization: Bearer RANDOM"),
        ("the service sandbox-f69d533b, proven", "the service sandbox-ID, proven"),
        ("X-Authz-Ts: 1795322347", "X-Authz-Ts: EPOCH"),
        ("X-Authz-Signature: v2:6d5df7c7f7dfb0b1…", "X-Authz-Signature: v2:RANDOM"),
        ("2\t6d1c1a3a1f3b\tci", "2\tRANDOM\tci"),
        ("exit 1", "exit 1"),
        ("http://127.0.0.1:18080/sandbox/tokens", "http://127.0.0.1:PORT/sandbox/tokens"),
    ] {
        assert_eq!(masked(line), mask);
    }
    let text = "a\n```console\n$ x\none\n\n$ y\n```\n$ z\n   ```console\n   $ w\n   two\n   ```\n";
    let found: Vec<_> = shown(text).into_iter().map(|one| (one.line, one.command, one.output.join("|"))).collect();
    let expected = [(3, "x", "one|"), (6, "y", ""), (10, "w", "two")];
    assert_eq!(found, expected.map(|(line, command, output)| (line, command.to_owned(), output.to_owned())));
}
