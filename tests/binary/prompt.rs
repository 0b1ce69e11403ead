//! Prompts on a real terminal: what is shown, what is hidden, and how the terminal is left.

#![cfg(target_os = "linux")]

use crate::login::Sandbox;
use crate::room::Room;
use crate::screen::{Terminal, room};
use crate::visitor;

const WIDTHS: [u16; 3] = [60, 80, 120];
/// Shows whether the terminal still shows what is typed, and takes lines.
const MODES: &str = "stty -a | grep -oE ' -?(echo|icanon)( |$)' | tr -d ' \\n'";

/// Runs a command on a terminal of this width, then shows its code and whether the terminal still shows what is typed.
fn start(room: &Room, columns: u16, command: &str) -> Terminal {
    start_often(room, columns, &[command])
}

/// As [`start`], with one command after the other.
fn start_often(room: &Room, columns: u16, commands: &[&str]) -> Terminal {
    let run = |command: &&str| format!("; \"$HALLPASS\" {command}; echo \"code=$?\"; {MODES}; echo");
    let all: String = commands.iter().map(run).collect();
    Terminal::start(room, &format!("stty cols {columns} rows 24; trap : INT{all}"))
}

/// Asserts that a command has ended with this code, and left the terminal as it was.
#[track_caller]
fn ends(terminal: &mut Terminal, code: u8) -> String {
    let shown = terminal.awaits(&format!("code={code}\r\n"));
    let after = terminal.awaits("\r\n");
    let modes = after[shown.len()..].trim();
    assert!(modes == "icanonecho" || modes == "echoicanon", "{modes:?} in {shown}");
    shown
}

/// Asserts that nothing but locks is left in this room.
#[track_caller]
fn nothing_is_left(room: &Room) {
    let left = room.files();
    assert!(left.iter().all(|path| path.components().any(|part| part.as_os_str() == "lock")), "{left:?}");
}

/// As [`ends`], for the last command.
#[track_caller]
fn finish(mut terminal: Terminal, code: u8) -> String {
    let shown = ends(&mut terminal, code);
    terminal.finish();
    shown
}

#[test]
fn secret_typed_at_terminal_is_hidden() {
    for columns in WIDTHS {
        let room = room();
        let mut terminal = start(&room, columns, "header --from - --prefix Token=");
        terminal.types_after("secret: ", "s3cret-ponz\u{7f}y\n");
        let shown = finish(terminal, 0);
        assert_eq!(shown.lines().next().unwrap().trim_end(), "secret:", "{shown}");
        assert!(shown.contains("Authorization: Token=s3cret-pony\r\n"), "{shown}");
        assert!(!shown.contains("ponz"), "{shown}");
    }
}

#[test]
fn pasted_key_and_long_token_are_taken_whole() {
    let room = room();
    let token = "a".repeat(9000);
    let mut terminal = start(&room, 80, "header --from - >line");
    terminal.types_after("token: ", &format!("{token}\n"));
    finish(terminal, 0);
    let line = std::fs::read_to_string(room.directory().join("line")).unwrap();
    assert_eq!(line, format!("Authorization: Bearer {token}\n"));

    let key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
    let room = room.with("HALLPASS_VAULT_KEY_FROM", format!("cmd:echo {}", "0".repeat(64)));
    let mut terminal = start(&room, 80, "zone add a --issuer https://as.example --private-key-from - --vault sealed");
    terminal.types_after("private key of zone a: ", key);
    let shown = finish(terminal, 3);
    assert!(!shown.contains("AAAA") && !shown.contains("-----END"), "{shown}");
}

#[test]
fn interrupt_and_end_of_input_leave_nothing() {
    let add = "zone add a --issuer https://as.example --client-id c --client-secret-from - --vault sealed";
    for (columns, key, code) in [(60, "\u{3}", 130), (80, "half\u{3}", 130), (120, "\u{4}", 2), (80, "\n", 2)] {
        let room = room().with("HALLPASS_VAULT_KEY_FROM", format!("cmd:echo {}", "0".repeat(64)));
        let mut terminal = start(&room, columns, add);
        terminal.types_after("client secret of zone a: ", key);
        let shown = finish(terminal, code);
        assert!(!shown.contains("half"), "{shown}");
        nothing_is_left(&room);
    }
}

#[test]
fn confirmation_is_a_line_and_end_of_input_is_no() {
    let room = room();
    room.run(&["zone", "add", "a", "--issuer", "https://as.example"]).answer();
    let answers = [("\u{4}", 1), ("\u{3}", 130), ("\n", 1), ("n\n", 1), ("nope\n", 1), ("Yes\n", 0)];
    let mut terminal = start_often(&room, 60, &["zone remove a"; 6]);
    let mut seen = 0;
    for (typed, code) in answers {
        terminal.types_after("Remove zone a with its secrets? [y/N] ", typed);
        let all = ends(&mut terminal, code);
        let shown = &all[seen..];
        seen = all.len();
        let cancelled =
            shown.lines().any(|line| line.ends_with("cancelled: nothing was changed") && !line.contains('?'));
        assert_eq!(cancelled, code == 1, "{shown}");
        assert!(!shown.contains("\u{1b}[?25l"), "the cursor stays: {shown}");
    }
    terminal.finish();
    assert_eq!(room.run(&["zone", "has", "a"]).code(), 1);
}

/// What a walk-through asks, in this order, with what a person types.
const QUESTIONS: [(&str, &str); 7] = [
    ("): ", "https://sso.example/realms/acme\n"),
    (") [acme]: ", "\n"),
    ("Client ID, empty for none (--client-id): ", "app\n"),
    ("Authenticate by secret, key or none (--auth) [", "secret\n"),
    ("new passphrase of the sealed vault: ", "horse-1\n"),
    ("the same passphrase again: ", "horse-1\n"),
    ("client secret of zone acme (--client-secret-from): ", "hunter2-pony\n"),
];

#[test]
fn walk_through_interrupted_or_ended_anywhere_leaves_nothing() {
    for (columns, command, key, code) in [
        (60, "zone add", "\u{3}", 130),
        (80, "zone add", "\u{4}", 2),
        (120, "login", "\u{3}", 130),
        (80, "login", "\u{4}", 2),
    ] {
        let room = room().with("HALLPASS_VAULT", "sealed");
        let mut terminal = start_often(&room, columns, &[command; QUESTIONS.len()]);
        for last in 0..QUESTIONS.len() {
            for (question, answer) in &QUESTIONS[..last] {
                terminal.types_after(question, answer);
            }
            terminal.types_after(QUESTIONS[last].0, key);
            ends(&mut terminal, code);
        }
        let (_, shown) = terminal.finish();
        assert!(!shown.contains("horse-1") && !shown.contains("hunter2"), "{shown}");
        nothing_is_left(&room);
    }
}

#[test]
fn walk_through_of_zone_add_fits_every_width() {
    for columns in WIDTHS {
        let room = room().with("HALLPASS_VAULT_KEY_FROM", format!("cmd:echo {}", "0".repeat(64)));
        let mut terminal = start(&room, columns, "zone add --vault sealed");
        for (question, answer) in QUESTIONS.iter().filter(|(question, _)| !question.contains("passphrase")) {
            terminal.types_after(question, answer);
        }
        let shown = finish(terminal, 0);
        let questions: Vec<&str> = shown.lines().take_while(|line| !line.starts_with("zone acme")).collect();
        assert_eq!(questions.len(), 5, "{shown}");
        assert!(questions.iter().all(|line| line.rfind(": ").is_some_and(|end| end < 60)), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let zone = &room.run(&["zone", "list", "--json"]).json()[0];
        assert_eq!((&zone["name"], &zone["client_id"]), (&"acme".into(), &"app".into()), "{zone}");
    }
}

#[test]
fn walk_through_of_login_signs_in_at_every_width() {
    let sandbox = Sandbox::start(&["--auto-consent"]);
    for columns in WIDTHS {
        let room = room().with("HALLPASS_VAULT", "sealed");
        let room = room.with("HALLPASS_VAULT_KEY_FROM", format!("cmd:echo {}", "0".repeat(64)));
        let mut terminal = start(&room, columns, "login --no-browser");
        terminal.types_after("Issuer URL (ISSUER): ", &format!("{}\n", sandbox.issuer));
        terminal.types_after("Zone name (-z) [sandbox]: ", "me\n");
        terminal.types_after("(--client-id): ", &format!("{}\n", sandbox.client_id));
        terminal.types_after("(--auth) [none]: ", "secret\n");
        terminal
            .types_after("client secret of zone me (--client-secret-from): ", &format!("{}\n", sandbox.client_secret));
        let shown = terminal.awaits("Waiting for the sign-in");
        let url = shown.lines().find(|line| line.contains("code_challenge=") || line.contains("request_uri=")).unwrap();
        visitor::visit(url.trim_end());
        let shown = finish(terminal, 0);
        assert!(shown.contains("signed in to zone me as ada"), "{shown}");
        assert!(!shown.contains(&sandbox.client_secret), "{shown}");
        room.run(&["token", "-z", "me", "--fresh"]).answer();
    }
}

#[test]
fn passphrase_is_typed_twice_and_tried_three_times() {
    let room = room().with("HALLPASS_VAULT", "sealed");
    let add = "zone add a --issuer https://as.example --client-id c --client-secret-from -";
    let read = "header --basic -z a";
    let mut terminal = start_often(&room, 60, &[add, read, read]);
    let (first, again, old) =
        ("new passphrase of the sealed vault: ", "the same passphrase again: ", "passphrase of the sealed vault: ");
    for (question, answer) in [(first, "horse-1\n"), (again, "horse-2\n"), ("differ\r\n", ""), (first, "horse-3\n")] {
        terminal.types_after(question, answer);
    }
    terminal.types_after(again, "horse-3\n");
    terminal.types_after("client secret of zone a: ", "hunter2-pony\n");
    ends(&mut terminal, 0);
    for (question, answer) in [(old, "horse-1\n"), ("wrong passphrase\r\n", ""), (old, "horse-3\n")] {
        terminal.types_after(question, answer);
    }
    assert!(ends(&mut terminal, 0).contains("Authorization: Basic "));
    for wrong in ["horse-1\n", "horse-2\n", "horse-4\n"] {
        terminal.types_after(old, wrong);
    }
    let shown = finish(terminal, 7);
    assert!(!shown.contains("horse") && !shown.contains("hunter2"), "{shown}");
}
