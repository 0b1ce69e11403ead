//! Every example of the help is run, by a shell, against one sandbox: `hallpass sandbox --auto-consent -- sh`.
//!
//! Before each example its own home is made with the zone `prod` as default, in a folder of its own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]

mod visitor;

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Examples that may answer no (exit 1), with the reason.
const MAY_SAY_NO: &[(&str, &str)] = &[];

/// Makes the room of one example: `room N`.
const SEED: &str = r#"
set -u
seed() {
    mkdir -p "$1/work" && cd "$1/work" || exit 99
    export HALLPASS_HOME="$1/home" CI_SECRET="$HALLPASS_CLIENT_SECRET" HALLPASS_ZONE=prod
    printf %s "$HALLPASS_CLIENT_SECRET" | hallpass zone add prod --issuer "$HALLPASS_ISSUER" \
        --client-id "$HALLPASS_CLIENT_ID" --client-secret-from - --default >/dev/null || exit 98
}
"#;

/// The lines `  $ …` of a text.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| line.strip_prefix("  $ ")).map(str::to_owned)
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

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[test]
fn every_example_runs() {
    let examples = examples();
    assert!(examples.len() > 35, "only {} examples", examples.len());
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut script = SEED.to_owned();
    for (number, (_, example)) in examples.iter().enumerate() {
        // The room is a subshell's, so that an example changes nothing for the next one.
        writeln!(
            script,
            "(seed \"$0/{number}\"; exec timeout 60 sh -c {} >\"$0/{number}/out\" 2>\"$0/{number}/err\" </dev/null); echo {number} $?",
            quoted(example)
        )
        .unwrap();
    }
    let outcome = Command::new(env!("CARGO_BIN_EXE_hallpass"))
        .args(["sandbox", "--auto-consent", "--", "sh", "-c", &script])
        .arg(folder.path())
        .env_clear()
        .env("BROWSER", visitor::command("it_is_the_browser"))
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    let said = String::from_utf8(outcome.stdout).unwrap();
    let codes: Vec<(usize, i32)> = said
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(number, code)| (number.parse().unwrap(), code.parse().unwrap()))
        .collect();
    assert_eq!(codes.len(), examples.len(), "{}", String::from_utf8_lossy(&outcome.stderr));
    let mut failed = String::new();
    for (number, code) in codes {
        let (words, example) = &examples[number];
        let may = MAY_SAY_NO.iter().any(|(known, _)| known == example);
        if code != 0 && !(code == 1 && may) {
            let read = |name: &str| {
                std::fs::read_to_string(folder.path().join(number.to_string()).join(name)).unwrap_or_default()
            };
            writeln!(failed, "{words}\n  $ {example}\n  exit {code}\n{}{}", read("out"), read("err")).unwrap();
        }
    }
    let stale: Vec<&&str> = MAY_SAY_NO
        .iter()
        .map(|(known, _)| known)
        .filter(|known| !examples.iter().any(|(_, one)| one == **known))
        .collect();
    assert!(
        failed.is_empty() && stale.is_empty(),
        "\n{failed}\n{stale:?}\n{}",
        String::from_utf8_lossy(&outcome.stderr)
    );
}

#[test]
#[ignore = "an example starts it as its browser"]
fn it_is_the_browser() {
    visitor::play();
}
