//! What is handed to others: the crate, and what `.ci/release` makes, which `tests/run` puts where
//! `HALLPASS_TEST_RELEASE` says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test may")]
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a release by their end.
fn released(end: &str) -> PathBuf {
    let place = PathBuf::from(std::env::var_os("HALLPASS_TEST_RELEASE").expect("tests/run makes a release"));
    let files = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    let fitting: Vec<PathBuf> = files.filter(|path| path.to_str().unwrap().ends_with(end)).collect();
    let [file] = fitting.as_slice() else { panic!("{end}: {fitting:?}") };
    file.clone()
}

#[track_caller]
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every file below a directory, by its path there.
fn files(directory: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else {
                found.insert(entry.path().strip_prefix(directory).unwrap().to_owned());
            }
        }
    }
    found
}

/// The files of a directory of the tree whose names end so.
fn named(directory: &str, end: &str) -> BTreeSet<PathBuf> {
    files(&root().join(directory)).into_iter().filter(|path| path.to_str().unwrap().ends_with(end)).collect()
}

#[test]
fn crate_has_sources_and_pages_and_nothing_of_this_machine() {
    let mut cargo = Command::new(env!("CARGO"));
    let listed = output(cargo.args(["package", "--list", "--allow-dirty", "--locked"]).current_dir(root()));
    let listed: BTreeSet<&Path> = listed.lines().map(Path::new).collect();
    for directory in ["src", "man", "completions", "docs", "contrib", "tests"] {
        let missing: Vec<PathBuf> = files(&root().join(directory))
            .into_iter()
            .map(|file| Path::new(directory).join(file))
            .filter(|file| !listed.contains(file.as_path()))
            .filter(|file| !file.to_str().unwrap().contains(".pending-snap"))
            .collect();
        assert_eq!(missing, [] as [&Path; 0]);
    }
    for file in ["Cargo.lock", "build.rs", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(listed.contains(Path::new(file)), "{file}");
    }
    let own = [".ci", ".github", "target", ".gitignore"];
    assert!(!listed.iter().any(|file| own.iter().any(|own| file.starts_with(own))), "{listed:?}");
}

#[test]
fn version_has_its_section_in_changelog() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    let mut sections = changelog.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(sections.next(), Some("[Unreleased]"));
    let latest = sections.next().unwrap();
    assert!(latest.starts_with(&format!("[{VERSION}] - 20")), "{latest}");
    // Two branches that are put together must not leave an entry in two places.
    let mut entries: Vec<&str> = changelog.split("\n- ").skip(1).map(str::trim_end).collect();
    let all = entries.len();
    entries.sort_unstable();
    entries.dedup();
    assert_eq!(entries.len(), all, "an entry is there twice");
}

/// Who copies a line of these pages gets this version.
#[test]
fn recipes_name_this_version() {
    for (file, mark) in [
        ("contrib/github/action.yml", "/contrib/github@v"),
        ("contrib/gitlab/template.yml", "/hallpass@"),
        ("docs/ci.md", "/contrib/github@v"),
        ("docs/ci.md", "/hallpass@"),
    ] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let named: Vec<&str> = text.split(mark).skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
        assert_eq!(named, [VERSION], "{file}");
    }
}

#[test]
#[ignore = "needs a release: tests/run makes one"]
fn checksums_are_of_all_files() {
    let sums = released("/SHA256SUMS");
    let place = sums.parent().unwrap();
    output(Command::new("sha256sum").args(["--check", "--strict", "--quiet", "SHA256SUMS"]).current_dir(place));
    let named: BTreeSet<PathBuf> = std::fs::read_to_string(&sums)
        .unwrap()
        .lines()
        .map(|line| line.split_once("  ").unwrap().1.into())
        .chain([PathBuf::from("SHA256SUMS")])
        .collect();
    assert_eq!(named, files(place));
}

#[test]
#[ignore = "needs a release: tests/run makes one"]
fn archive_is_where_cargo_binstall_looks_for_it() {
    let manifest: toml_edit::DocumentMut = std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let archive = released(".tgz");
    let name = archive.file_stem().unwrap().to_str().unwrap();
    let target = name.strip_prefix("hallpass-").unwrap().strip_suffix(&format!("-v{VERSION}")).unwrap();
    let rendered = |key: &str| {
        let text = manifest["package"]["metadata"]["binstall"][key].as_str().unwrap();
        let values = [
            ("repo", "https://forge.example/hallpass"),
            ("name", "hallpass"),
            ("bin", "hallpass"),
            ("binary-ext", ""),
            ("target", target),
            ("version", VERSION),
            ("archive-suffix", ".tgz"),
        ];
        values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{ {name} }}"), value))
    };
    let url = rendered("pkg-url");
    assert_eq!(url.rsplit_once('/').unwrap().1, archive.file_name().unwrap().to_str().unwrap(), "{url}");
    assert_eq!(manifest["package"]["metadata"]["binstall"]["pkg-fmt"].as_str(), Some("tgz"));
    let place = tempfile::tempdir().unwrap();
    output(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(place.path()));
    let program = place.path().join(rendered("bin-dir"));
    assert_eq!(output(Command::new(program).arg("--version")).trim_end(), format!("hallpass {VERSION}"));
    let inside = files(&place.path().join(name));
    for file in
        ["README.md", "LICENSE-MIT", "man/hallpass-token.1", "completions/_hallpass", "contrib/github/action.yml"]
    {
        assert!(inside.contains(Path::new(file)), "{file}");
    }
    let listed = output(Command::new("tar").arg("-tvzf").arg(&archive));
    let modes: BTreeSet<&str> = listed.lines().map(|line| &line[..10]).collect();
    assert_eq!(modes, BTreeSet::from(["-rw-r--r--", "-rwxr-xr-x", "drwxr-xr-x"]));
    assert!(listed.lines().all(|line| line.split_whitespace().nth(1) == Some("0/0")), "of root, not of who made it");
}

/// A root directory of its own, in which dpkg installs and removes.
struct Installed {
    root: tempfile::TempDir,
}

impl Installed {
    fn new(package: &Path) -> Self {
        let root = tempfile::tempdir().unwrap();
        for directory in ["updates", "info"] {
            std::fs::create_dir_all(root.path().join("var/lib/dpkg").join(directory)).unwrap();
        }
        for file in ["status", "available"] {
            std::fs::write(root.path().join("var/lib/dpkg").join(file), "").unwrap();
        }
        let installed = Self { root };
        installed.dpkg(&["--install", package.to_str().unwrap()]);
        installed
    }

    /// dpkg in this root. The C library and the rest of the machine are not in it.
    fn dpkg(&self, words: &[&str]) -> String {
        let mut dpkg = Command::new("fakeroot");
        dpkg.arg("dpkg").arg(format!("--root={}", self.root.path().display()));
        dpkg.args(["--force-not-root", "--force-depends", "--force-bad-path"]).args(words);
        output(&mut dpkg)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}

#[test]
#[ignore = "needs a release: tests/run makes one"]
fn deb_installs_program_pages_and_completions_and_removes_all() {
    let installed = Installed::new(&released(".deb"));
    let program = installed.path("usr/bin/hallpass");
    let run = |words: &[&str]| output(Command::new(&program).args(words).env_clear());
    assert_eq!(run(&["--version"]).trim_end(), format!("hallpass {VERSION}"));
    assert_eq!(installed.dpkg(&["--verify", "hallpass"]), "");

    // The manual: every page, and man finds them.
    let pages: BTreeSet<PathBuf> = files(&installed.path("usr/share/man/man1"));
    let expected: BTreeSet<PathBuf> =
        named("man", ".1").iter().map(|page| format!("{}.gz", page.display()).into()).collect();
    assert_eq!(pages, expected);
    let mut man = Command::new("man");
    man.args(["--pager=cat", "hallpass-token"]).env("MANPATH", installed.path("usr/share/man")).env("MANWIDTH", "200");
    let page = output(&mut man);
    assert!(
        page.contains("Print an access token of the zone") && page.contains(&format!("hallpass {VERSION}")),
        "{page}"
    );

    // Completions, where the shells look for them.
    for (shell, file) in [
        ("bash", "usr/share/bash-completion/completions/hallpass"),
        ("zsh", "usr/share/zsh/vendor-completions/_hallpass"),
        ("fish", "usr/share/fish/vendor_completions.d/hallpass.fish"),
    ] {
        assert_eq!(std::fs::read_to_string(installed.path(file)).unwrap(), run(&["completions", shell]), "{shell}");
    }

    let documents = files(&installed.path("usr/share/doc/hallpass"));
    for file in ["copyright", "changelog.gz", "README.md", "docs/ci.md", "examples/systemd/hallpass-proxy.service"] {
        assert!(documents.contains(Path::new(file)), "{file}: {documents:?}");
    }
    let examples: BTreeSet<PathBuf> =
        documents.iter().filter_map(|file| file.strip_prefix("examples").ok()).map(Path::to_owned).collect();
    assert_eq!(examples, files(&root().join("contrib")));

    let before = files(installed.root.path()).len();
    installed.dpkg(&["--purge", "hallpass"]);
    let left = files(installed.root.path());
    assert!(before > left.len() && left.iter().all(|file| file.starts_with("var")), "{left:?}");
    assert!(!installed.path("usr").exists(), "no directory either");
}

#[test]
#[ignore = "needs a release: tests/run makes one"]
fn deb_is_of_root_and_needs_c_library_alone() {
    let package = released(".deb");
    let contents = output(Command::new("dpkg-deb").arg("--contents").arg(&package));
    let usual = |line: &str| match &line[..10] {
        "-rwxr-xr-x" => line.ends_with(" ./usr/bin/hallpass"),
        mode => ["drwxr-xr-x", "-rw-r--r--"].contains(&mode),
    };
    assert_eq!(contents.lines().find(|line| !usual(line)), None);
    let field =
        |name: &str| output(Command::new("dpkg-deb").arg("--field").arg(&package).arg(name)).trim_end().to_owned();
    assert_eq!((field("Package"), field("Version")), ("hallpass".to_owned(), format!("{VERSION}-1")));
    assert_eq!(field("Depends").split(' ').next(), Some("libc6"));
    assert!(!field("Depends").contains(','), "{}", field("Depends"));
}

#[test]
#[ignore = "needs a release: tests/run makes one"]
fn bill_of_materials_is_valid_and_names_what_is_linked() {
    let file = released(".cdx.json");
    let python = PathBuf::from(std::env::var_os("HALLPASS_TEST_CYCLONEDX").expect("tests/run installs it"));
    let validate = "import sys\n\
        from cyclonedx.schema import SchemaVersion\n\
        from cyclonedx.validation.json import JsonStrictValidator\n\
        fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())\n\
        sys.exit(fault and str(fault))";
    output(Command::new(python.join("bin/python")).args(["-c", validate]).arg(&file));
    let bill: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let parts: BTreeMap<&str, &Value> =
        bill["components"].as_array().unwrap().iter().map(|part| (part["name"].as_str().unwrap(), part)).collect();
    for (name, scope) in [("rustls", "required"), ("aws-lc-sys", "required"), ("zbus", "required"), ("cc", "excluded")]
    {
        assert_eq!(parts[name]["scope"], scope, "{name}");
    }
    for name in ["insta", "proptest", "yaml-rust2", "windows-sys"] {
        assert!(!parts.contains_key(name), "{name} is not in this program");
    }
    assert!(parts.values().all(|part| part["hashes"][0]["alg"] == "SHA-256" && part["licenses"].is_array()));
    assert_eq!((&bill["metadata"]["component"]["version"], parts.len() > 100), (&Value::from(VERSION), true));
    // Every edge leads to a part.
    let components = bill["components"].as_array().unwrap();
    let known: BTreeSet<&str> = components.iter().map(|part| part["bom-ref"].as_str().unwrap()).collect();
    let edges = bill["dependencies"].as_array().unwrap().iter().flat_map(|one| one["dependsOn"].as_array().unwrap());
    assert_eq!(edges.map(|to| to.as_str().unwrap()).find(|to| !known.contains(to)), None);
}
