//! The shells that evaluate a token or a header value, and the readers whose rules are known, on hostile values.

use std::ffi::OsStr;

use crate::fault::{Server, answer, json};
use crate::pinned::pinned;
use crate::room::{Outcome, Room, finish};

/// What a header value of the user's may hold.
const HOSTILE: &str =
    "it's \"50%\" $HOME `id` $(id) \\ !x ~ * ? [a] {b,c} #d ^e &f |g <h >i ; =j %PATH% é \u{2019} \\'\\";

/// All characters that the token of a server may have.
fn token_of_server() -> String {
    (0x21..=0x7e_u8).map(char::from).filter(|c| !"\",;\\".contains(*c)).collect()
}

fn room() -> (Room, Server) {
    let token = token_of_server();
    let server = Server::with_token_answer(move |_, _| {
        json(200, serde_json::json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600}).to_string())
    });
    let room = Room::ephemeral(&server.base(), "c", "s3cret-of-c")
        .with("PATH", std::env::var_os("PATH").unwrap())
        .with("HALLPASS", env!("CARGO_BIN_EXE_hallpass"))
        .with("LC_ALL", "C.UTF-8")
        .with("HOSTILE", HOSTILE);
    let home = room.directory().to_owned();
    (room.with("HOME", home), server)
}

fn run(room: &Room, program: impl AsRef<OsStr>, args: &[&str]) -> Outcome {
    finish(room.program(program).args(args).spawn().unwrap())
}

const TOKEN: &str = "token --name T";
const HEADER: &str = "header --from env:HOSTILE --prefix '' --any-characters --value --name T";

/// The commands, each with the value that a shell must have afterwards.
fn commands() -> [(&'static str, String); 2] {
    [(TOKEN, token_of_server()), (HEADER, HOSTILE.to_owned())]
}

#[test]
#[ignore = "needs shells: tests/run installs them"]
fn posix_shells_read_value_as_it_is() {
    for shell in ["bash", "dash", "zsh"] {
        for (command, value) in commands() {
            let (room, _server) = room();
            let line = format!("eval \"$(\"$HALLPASS\" {command} --format env)\"; sh -c 'printf %s \"$T\"'");
            assert_eq!(run(&room, shell, &["-c", &line]).stdout, value, "{shell} {command}");
            let line = format!(
                "eval \"$(\"$HALLPASS\" {command} --format env-no-export)\"; printf %s \"$T\"; sh -c 'printf %s \"$T\"'"
            );
            assert_eq!(run(&room, shell, &["-c", &line]).stdout, value, "{shell} {command}: not exported");
        }
    }
}

#[test]
#[ignore = "needs shells: tests/run installs them"]
fn fish_and_nushell_read_value_as_it_is() {
    let nu = pinned("node_modules/@nushell/linux-x64/bin/nu");
    for (command, value) in commands() {
        let (room, _server) = room();
        let line = format!("\"$HALLPASS\" {command} --format fish | source; sh -c 'printf %s \"$T\"'");
        assert_eq!(run(&room, "fish", &["--no-config", "-c", &line]).stdout, value, "fish {command}");
        let line = format!("\"$HALLPASS\" {command} --format nu >t.nu");
        run(&room, "sh", &["-c", &line]).answer();
        let line = "source t.nu; ^sh -c 'printf %s \"$T\"'";
        let outcome = run(&room, &nu, &["--no-config-file", "-c", line]);
        assert_eq!(outcome.stdout, value, "nu {command}: {outcome}");
    }
}

#[test]
#[ignore = "needs shells: tests/run installs them"]
fn curl_sends_value_as_it_is() {
    let api = Server::start(|_, _| answer(200, "text/plain", "fine"));
    for (command, value) in commands() {
        let (room, _server) = room();
        let line =
            format!("\"$HALLPASS\" {} --format curl | curl -sSf -K - {}", command.replace(" --name T", ""), api.base());
        assert_eq!(run(&room, "sh", &["-c", &line]).answer(), "fine", "{command}");
        let sent = api.credentials().pop().unwrap().unwrap();
        assert_eq!(sent, if command == TOKEN { format!("Bearer {value}") } else { value });
    }
}

/// `hallpass token --name T` in this format, for a token of these characters.
fn formatted(format: &str, token: &str) -> Outcome {
    let (room, _server) = room();
    let room = room.with("HOSTILE", token);
    let line = format!("\"$HALLPASS\" {HEADER} --format {format}");
    run(&room, "sh", &["-c", &line])
}

#[test]
#[ignore = "needs shells: tests/run installs them"]
fn shells_of_windows_get_their_quotes_or_nothing() {
    let plain: String = token_of_server().chars().filter(|c| !"%!".contains(*c)).collect();
    assert_eq!(formatted("windows-cmd", &plain).answer(), format!("set \"T={plain}\""));
    for refused in ["a%PATH%", "a!x!", "a\"b"] {
        formatted("windows-cmd", refused).refused(8);
    }
    assert_eq!(formatted("powershell", "a'b $x `n \u{2019}").answer(), "$env:T = 'a''b $x `n \u{2019}\u{2019}'");
}

/// A variable as docker reads a line of its `--env-file` (docker/cli, `pkg/kvfile`).
fn read_by_docker(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches([' ', '\t']);
    let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
    (!name.contains([' ', '\t'])).then_some((name, value))
}

#[test]
#[ignore = "needs shells: tests/run installs them"]
fn dotenv_is_read_by_docker_as_it_is() {
    let plain: String = token_of_server().chars().filter(|c| !"'`$#".contains(*c)).collect();
    for value in [&*plain, "a b = c"] {
        assert_eq!(read_by_docker(formatted("dotenv", value).answer()), Some(("T", value)));
    }
    for refused in ["a'b", "a\"b", "a`b", "a$b", "a#b", "a\\b"] {
        formatted("dotenv", refused).refused(8);
    }
}

/// A variable as the runner of GitHub Actions reads a line of its file (actions/runner, `FileCommandManager`).
fn read_by_runner(text: &str) -> (&str, &str) {
    let line = text.strip_suffix('\n').unwrap();
    let (name, value) = line.split_once('=').unwrap();
    assert!(!name.contains("<<") && !line.contains(['\n', '\r']), "{text}");
    (name, value)
}

/// What the runner takes from a workflow command (actions/runner, `ActionCommand`).
fn read_command(line: &str) -> String {
    let data = line.strip_prefix("::add-mask::").unwrap();
    data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

#[test]
#[ignore = "needs shells: tests/run installs them"]
fn runner_masks_value_and_reads_it_as_it_is() {
    for (format, variable) in [("github-env", "GITHUB_ENV"), ("github-output", "GITHUB_OUTPUT")] {
        for (command, value) in commands() {
            let (room, _server) = room();
            let file = room.directory().join("file");
            let room = room.with(variable, &file);
            let line = format!("\"$HALLPASS\" {command} --format {format}");
            assert_eq!(read_command(run(&room, "sh", &["-c", &line]).answer()), value, "{format} {command}");
            assert_eq!(read_by_runner(&std::fs::read_to_string(&file).unwrap()), ("T", &*value), "{format} {command}");
        }
    }
}
