//! Prompts on a real terminal: what is shown, what is hidden, and how the terminal is left.

#![cfg(target_os = "linux")]

use crate::room::Room;
use crate::terminal::{Terminal, room};

const WIDTHS: [u16; 3] = [60, 80, 120];

/// Runs a command on a terminal of this width, then shows its code and whether the terminal still shows what is typed.
fn start(room: &Room, columns: u16, command: &str) -> Terminal {
    let modes = "stty -a | grep -oE ' -?(echo|icanon)( |$)' | tr -d ' \\n'";
    let line = format!("stty cols {columns} rows 24; trap : INT; \"$HALLPASS\" {command}; echo \"code=$?\"; {modes}");
    Terminal::start(room, &line)
}

/// Asserts that the terminal shows what is typed, and gives what was shown.
#[track_caller]
fn finish(terminal: Terminal, code: u8) -> String {
    let (_, shown) = terminal.finish();
    assert!(shown.contains(&format!("code={code}\r\n")), "{shown}");
    let modes = shown.rsplit('\n').next().unwrap_or_default().trim();
    assert!(modes == "icanonecho" || modes == "echoicanon", "{modes:?} in {shown}");
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
        let left = room.files();
        assert!(left.iter().all(|path| path.components().any(|part| part.as_os_str() == "lock")), "{left:?}");
    }
}
