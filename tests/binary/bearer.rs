//! Token files between processes: at once, killed, out of disk, behind other names.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::room::{Outcome, Room, finish};

const TOKEN: &str = "canary-1dea5.token~x";

/// Adds the token of a variable.
fn add(room: &Room, file: &str, token: &str) -> Command {
    let mut command = room.hallpass(&["bearer", "add", file, "--from", "env:GIVEN"]);
    command.env("GIVEN", token);
    command
}

fn run(mut command: Command) -> Outcome {
    finish(command.spawn().unwrap())
}

/// The names in the room's directory, without the home.
fn names(room: &Room) -> Vec<String> {
    let entries = fs::read_dir(room.directory()).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "home");
    names.sort();
    names
}

/// A file of so many tokens.
fn many(lines: usize) -> String {
    (0..lines).fold(String::new(), |mut text, line| {
        writeln!(text, "token-{line:020}").unwrap();
        text
    })
}

#[test]
fn twenty_tokens_added_at_once_all_survive() {
    let room = Room::new();
    let path = room.directory().join("tokens");
    fs::write(&path, "# mine\n").unwrap();
    symlink("tokens", room.directory().join("other-name")).unwrap();
    let children: Vec<_> = (0..20)
        .map(|number| {
            let name = ["tokens", "./tokens", "other-name"][number % 3];
            // Somebody else, with a home of their own.
            let home = room.directory().join("home").join(number.to_string());
            add(&room, name, &format!("token-{number}")).env("HALLPASS_HOME", home).spawn().unwrap()
        })
        .collect();
    for child in children {
        finish(child).answer();
    }
    let text = fs::read_to_string(&path).unwrap();
    let mut tokens: Vec<&str> = text.lines().collect();
    assert_eq!(tokens.remove(0), "# mine");
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 20, "{text}");
    assert_eq!(names(&room), ["other-name", "tokens"], "something was left beside");
}

#[test]
fn killed_writer_leaves_whole_file() {
    let room = Room::new();
    let path = room.directory().join("tokens");
    let mut known = many(4000);
    fs::write(&path, &known).unwrap();
    let whole = run(add(&room, "tokens", "first-token")).took;
    known.push_str("first-token\n");
    let (mut old, mut new, mut beside) = (0, 0, 0);
    for turn in 0..50_u32 {
        let token = format!("killed-{turn}");
        let mut child = add(&room, "tokens", &token).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * turn / 38);
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let longer = format!("{known}{token}\n");
        assert!(text == known || text == longer, "turn {turn}: neither the old file nor the new one");
        if text == known {
            old += 1;
        } else {
            new += 1;
        }
        beside += usize::from(names(&room).len() > 1);
        known = text;
    }
    assert!(old > 0 && new > 0, "no kill came in time: {old} old, {new} new, {beside} left a file beside");
    run(add(&room, "tokens", "last-token")).answer();
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{known}last-token\n"));
    assert_eq!(names(&room), ["tokens"], "what a killed writer left is used up");
}

#[test]
fn full_disk_changes_nothing() {
    let room = Room::new();
    let path = room.directory().join("tokens");
    let text = many(1000);
    fs::write(&path, &text).unwrap();
    for line in ["add tokens --from env:GIVEN", "generate tokens", "disable tokens --fingerprint 5f27df02f1aa"] {
        let mut shell = room.program("sh");
        shell.args(["-c", &format!("ulimit -f 1; exec \"$0\" bearer {line}"), env!("CARGO_BIN_EXE_hallpass")]);
        let outcome = run({
            shell.env("GIVEN", TOKEN);
            shell
        });
        if line.starts_with("disable") {
            assert_eq!((outcome.code(), outcome.stdout.as_str()), (1, ""), "{outcome}");
        } else {
            outcome.assert_hidden(TOKEN).refused(7);
        }
        assert_eq!((fs::read_to_string(&path).unwrap() == text, names(&room)), (true, vec!["tokens".to_owned()]));
    }
    // Nothing can be made in /proc, whoever one is.
    for verb in ["add", "generate"] {
        let outcome = run({
            let mut command = room.hallpass(&["bearer", verb, "/proc/tokens"]);
            command.env("GIVEN", TOKEN);
            if verb == "add" {
                command.args(["--from", "env:GIVEN"]);
            }
            command
        });
        let stderr = outcome.assert_hidden(TOKEN).refused(7);
        assert!(stderr.contains("/proc/tokens") && !stderr.contains("HALLPASS_HOME"), "{outcome}");
    }
}

#[test]
fn unprinted_token_is_in_file() {
    let room = Room::new();
    let path = room.directory().join("tokens");
    for (args, number) in [
        (vec!["bearer", "generate", "tokens", "--label", "ci"], 1),
        (vec!["bearer", "rotate", "tokens", "--label", "ci"], 1),
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let outcome = finish(room.hallpass(&args).stdout(full).spawn().unwrap());
        assert_eq!(outcome.code(), 7, "{outcome}");
        let text = fs::read_to_string(&path).unwrap();
        let tokens: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(tokens.len(), number, "{text}");
        assert!(outcome.stderr.contains("bearer list tokens --show-tokens"), "{outcome}");
        outcome.assert_hidden(tokens[0]);

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let outcome =
            finish(room.hallpass(&["bearer", "rotate", "tokens", "--label", "ci"]).stdout(writer).spawn().unwrap());
        assert_eq!(outcome.code(), 141, "{outcome}");
        assert!(outcome.stderr.contains("bearer list tokens --show-tokens"), "{outcome}");
        assert!(!fs::read_to_string(&path).unwrap().contains(tokens[0]), "it was not replaced");
    }
}

#[test]
fn tokens_are_shown_only_where_asked_for() {
    let room = Room::new();
    let fingerprint = {
        let outcome = finish(add(&room, "tokens", TOKEN).arg("-vv").arg("--json").spawn().unwrap());
        outcome.assert_hidden(TOKEN).json()["fingerprint"].as_str().unwrap().to_owned()
    };
    run(add(&room, "tokens", "another-token")).answer();
    for args in [
        &["list", "tokens", "--json"][..],
        &["check", "tokens", "--from", "env:GIVEN", "--json"],
        &["disable", "tokens", "--fingerprint", &fingerprint],
        &["enable", "tokens", "--fingerprint", &fingerprint],
        &["lint", "tokens"],
        &["prune", "tokens"],
        &["remove", "tokens", "--from", "env:GIVEN", "--json"],
    ] {
        let mut command = room.hallpass(&["bearer"]);
        command.args(args).arg("-vv").env("GIVEN", TOKEN);
        run(command).assert_hidden(TOKEN).answer();
    }
    assert_eq!(fs::read_to_string(room.directory().join("tokens")).unwrap(), "another-token\n");
    assert!(room.files().is_empty(), "a token file needs no home: {:?}", room.files());
}

#[test]
fn what_is_no_file_does_not_block() {
    let room = Room::new();
    assert!(Command::new("mkfifo").arg(room.directory().join("pipe")).status().unwrap().success());
    for file in ["pipe", "/dev/zero", "."] {
        for verb in ["add", "check"] {
            let outcome = run({
                let mut command = room.hallpass(&["bearer", verb, file, "--from", "env:GIVEN"]);
                command.env("GIVEN", TOKEN);
                command
            });
            outcome.refused(7);
            assert!(outcome.took < Duration::from_secs(30), "{outcome}");
        }
    }
    assert_eq!(names(&room), ["pipe"]);
}

#[test]
fn endless_writer_costs_others_their_deadline() {
    let room = Room::new();
    let path = room.directory().join("tokens");
    run(add(&room, "tokens", "first-token")).answer();
    let holder = File::create(room.directory().join(".tokens.hallpass-tmp")).unwrap();
    holder.set_permissions(Permissions::from_mode(0o600)).unwrap();
    holder.lock().unwrap();
    let mut command = add(&room, "tokens", "second-token");
    command.args(["--deadline", "300ms"]);
    let outcome = run(command);
    outcome.refused(6);
    assert!(outcome.took < Duration::from_secs(15), "{outcome}");
    // Readers do not wait.
    let mut check = room.hallpass(&["bearer", "check", "tokens", "--from", "env:GIVEN"]);
    check.env("GIVEN", "first-token");
    run(check).answer();
    drop(holder);
    run(add(&room, "tokens", "second-token")).answer();
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(&room).len()), ("first-token\nsecond-token\n", 1));
}

#[test]
fn modes_and_owner_are_kept_whatever_umask() {
    for umask in ["000", "022", "077"] {
        let room = Room::new();
        let path = room.directory().join("tokens");
        let shell = |token: &str| {
            let mut shell = room.program("sh");
            let line = format!("umask {umask}; exec \"$0\" bearer add tokens --from env:GIVEN");
            shell.args(["-c", &line, env!("CARGO_BIN_EXE_hallpass")]).env("GIVEN", token);
            run(shell).answer().to_owned()
        };
        let look =
            |path: &Path| fs::metadata(path).map(|known| (known.mode() & 0o7777, known.uid(), known.gid())).unwrap();
        shell("first-token");
        assert_eq!(look(&path).0, 0o600, "{umask}");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        if look(&path).1 == 0 {
            std::os::unix::fs::chown(&path, Some(65534), Some(65533)).unwrap();
        }
        let before = look(&path);
        shell("second-token");
        assert_eq!(look(&path), before, "{umask}");
    }
}
