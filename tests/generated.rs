//! `man/` and `completions/` are what this program makes. `HALLPASS_BLESS=1` rewrites them.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPTS: [(&str, &str); 6] = [
    ("bash", "hallpass.bash"),
    ("zsh", "_hallpass"),
    ("fish", "hallpass.fish"),
    ("elvish", "hallpass.elv"),
    ("powershell", "_hallpass.ps1"),
    ("nushell", "hallpass.nu"),
];

/// The program in an environment of only these variables.
fn hallpass(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
    let answer = command.env_clear().envs(variables.iter().copied()).args(arguments).output().unwrap();
    assert!(answer.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&answer.stderr));
    String::from_utf8(answer.stdout).unwrap()
}

fn files(directory: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

fn pages(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    let directory = tempfile::tempdir().unwrap();
    hallpass(&["man", directory.path().to_str().unwrap()], variables);
    files(directory.path())
}

fn scripts(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    SCRIPTS.iter().map(|(shell, name)| ((*name).to_owned(), hallpass(&["completions", shell], variables))).collect()
}

/// Compares a directory of the tree with what was made, or rewrites it.
fn current(name: &str, made: &BTreeMap<String, String>) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("HALLPASS_BLESS").is_some() {
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).unwrap();
        for (file, text) in made {
            std::fs::write(directory.join(file), text).unwrap();
        }
    }
    let kept = files(&directory);
    let stale: Vec<&String> =
        made.iter().filter(|(file, text)| kept.get(*file) != Some(text)).map(|(file, _)| file).collect();
    let stray: Vec<&String> = kept.keys().filter(|file| !made.contains_key(*file)).collect();
    assert!(
        stale.is_empty() && stray.is_empty(),
        "{name}: stale {stale:?}, stray {stray:?}; HALLPASS_BLESS=1 cargo test --test generated"
    );
}

#[test]
fn manual_is_current() {
    let made = pages(&[]);
    assert!(made.len() > 25 && made.contains_key("hallpass.1") && made.contains_key("hallpass-zone-add.1"));
    current("man", &made);
}

#[test]
fn completions_are_current() {
    current("completions", &scripts(&[]));
}

#[test]
fn they_are_same_everywhere() {
    let elsewhere = [
        ("COLUMNS", "40"),
        ("TERM", "dumb"),
        ("LANG", "de_DE.UTF-8"),
        ("TZ", "Asia/Tokyo"),
        ("CLICOLOR_FORCE", "1"),
        ("SOURCE_DATE_EPOCH", "0"),
        ("HALLPASS_HOME", "/nonexistent"),
        ("HALLPASS_ZONE", "nope"),
    ];
    assert!(pages(&[]) == pages(&elsewhere), "the manual depends on its surroundings");
    assert!(scripts(&[]) == scripts(&elsewhere), "the scripts depend on their surroundings");
}

#[test]
fn page_says_how_command_is_called() {
    let pages = pages(&[]);
    for (name, page) in &pages {
        let words = name.trim_end_matches(".1").replace('-', " ");
        let synopsis = page.split_once(".SH SYNOPSIS\n.nf\n").unwrap().1.lines().next().unwrap();
        assert!(synopsis.trim_start().replace("\\-", " ").starts_with(&words), "{name}: {synopsis}");
        for section in ["EXAMPLES", "EXIT STATUS"] {
            assert!(page.contains(&format!(".SH {section}\n.nf\n  ")), "{name}: {section}");
        }
        for (offset, _) in page.match_indices("(1)\n") {
            let referred =
                page[..offset].rsplit('\n').next().unwrap().replace('\\', "").replace("fB", "").replace("fR", "");
            assert!(pages.contains_key(&format!("{referred}.1")), "{name} refers to {referred}");
        }
    }
}

#[test]
fn main_page_has_usual_sections() {
    let page = &pages(&[])["hallpass.1"];
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    assert!(
        sections.ends_with(&["EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SOURCES", "ZONES"]),
        "{sections:?}"
    );
    assert!(!pages(&[])["hallpass-pkce.1"].contains("the server refused"), "pkce asks no server");
}

/// What a shell's script asks, as clap's protocol has it.
fn candidates(home: &Path, words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let variables = [
        ("HALLPASS_HOME", home.to_str().unwrap()),
        ("HALLPASS_COMPLETE", "bash"),
        ("_CLAP_IFS", "\n"),
        ("_CLAP_COMPLETE_INDEX", &index),
        ("_CLAP_COMPLETE_COMP_TYPE", "9"),
        ("_CLAP_COMPLETE_SPACE", "true"),
    ];
    let mut arguments = vec!["--"];
    arguments.extend(words);
    hallpass(&arguments, &variables).lines().map(|line| line.trim_end().to_owned()).collect()
}

fn home_with_zones() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("home");
    for name in ["prod", "preview", "dev"] {
        let line = ["zone", "add", name, "--issuer", "https://as.example", "--client-id", "c"];
        hallpass(&line, &[("HALLPASS_HOME", home.to_str().unwrap())]);
    }
    (directory, home)
}

#[test]
fn zone_names_are_completed_live() {
    let (_directory, home) = home_with_zones();
    assert_eq!(candidates(&home, &["hallpass", "token", "-z", "p"]), ["prod", "preview"]);
    assert_eq!(candidates(&home, &["hallpass", "--zone", ""]), ["prod", "preview", "dev"]);
    for deed in ["show", "edit", "remove", "rename", "export", "default"] {
        assert_eq!(candidates(&home, &["hallpass", "zone", deed, "d"]), ["dev"], "zone {deed}");
    }
    assert_eq!(candidates(&home, &["hallpass", "vault", "move", "pre"]), ["preview"]);
}

#[test]
fn subcommands_and_flags_are_completed_without_home() {
    let nowhere = Path::new("/nonexistent");
    assert_eq!(candidates(nowhere, &["hallpass", "dis"]), ["discover"]);
    assert_eq!(candidates(nowhere, &["hallpass", "token", "--min"]), ["--min-ttl"]);
    assert_eq!(candidates(nowhere, &["hallpass", "token", "-z", "p"]), [] as [&str; 0]);
}

#[test]
fn global_flags_come_after_a_dash_and_files_where_a_file_is_wanted() {
    let nowhere = Path::new("/nonexistent");
    let shown = |words: &[&str]| candidates(nowhere, words);
    assert_eq!(shown(&["hallpass", "token", ""]), ["list", "forget"]);
    assert!(shown(&["hallpass", "token", "--"]).contains(&"--zone".to_owned()));
    assert!(shown(&["hallpass", "status", ""]).contains(&"--all".to_owned()));
    assert!(!shown(&["hallpass", "status", ""]).contains(&"--zone".to_owned()));
    assert_eq!(shown(&["hallpass", "bearer", "list", "Cargo.t"]), ["Cargo.toml"]);
    assert_eq!(shown(&["hallpass", "inspect", "file:Cargo.t"]), ["file:Cargo.toml"]);
    assert_eq!(shown(&["hallpass", "inspect", "vault:reg"]), ["vault:registration_token"]);
    assert!(shown(&["hallpass", "inspect", ""]).starts_with(&["-".to_owned(), "file:".to_owned()]));
    assert_eq!(shown(&["hallpass", "schema", "token", "f"]), ["forget"]);
    assert_eq!(shown(&["hallpass", "help", "sour"]), ["sources"]);
}

/// A broken configuration must not print errors into the line that somebody types.
#[test]
fn broken_configuration_completes_nothing_and_says_nothing() {
    let (_directory, home) = home_with_zones();
    std::fs::write(home.join("config.toml"), "[zones").unwrap();
    assert_eq!(candidates(&home, &["hallpass", "token", "-z", "p"]), [] as [&str; 0]);
}

/// The script itself, in a real bash.
#[test]
fn bash_completes_by_script() {
    let (directory, home) = home_with_zones();
    let bin = directory.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_hallpass"), bin.join("hallpass")).unwrap();
    let ask = "eval \"$(hallpass completions bash)\"; COMP_WORDS=(hallpass token -z pre); COMP_CWORD=3; COMP_TYPE=9; \
               _hallpass hallpass pre -z; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-c", ask]).env_clear().env("PATH", path).env("HALLPASS_HOME", &home);
    let answer = bash.output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&answer.stdout).trim(),
        "preview",
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
}
