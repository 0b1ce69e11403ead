//! What `--format` prints is evaluated by the shells that are on this machine.

use crate::fault::Server;
use crate::room::{Room, finish};

/// Every sign of a b64token.
const TOKEN: &str = "aZ09-._~+/==";
/// A secret that every shell would like to take apart.
const NASTY: &str = "it's \"50\" $HOME `id` \\ !x ; & | \u{2019}";

/// A shell, the form that it reads, and how it evaluates the output of `"$0"` and prints the variable `API`.
const SHELLS: &[(&str, &str, &str)] = &[
    ("sh", "env", "eval \"$(COMMAND)\" && sh -c 'printf %s \"$API\"'"),
    ("sh", "env-no-export", "eval \"$(COMMAND)\" && printf %s \"$API\""),
    ("bash", "env", "eval \"$(COMMAND)\" && bash -c 'printf %s \"$API\"'"),
    ("bash", "env-no-export", "eval \"$(COMMAND)\" && printf %s \"$API\""),
    ("dash", "env", "eval \"$(COMMAND)\" && printf %s \"$API\""),
    ("zsh", "env", "eval \"$(COMMAND)\" && printf %s \"$API\""),
    ("fish", "fish", "COMMAND | source; printf %s \"$API\""),
    ("pwsh", "powershell", "COMMAND | Out-String | Invoke-Expression; [Console]::Write($env:API)"),
    ("nu", "nu", "COMMAND | save -f line.nu; nu -c 'source line.nu; print -n $env.API'"),
];

#[test]
fn shells_of_this_machine_read_their_forms() {
    let server = Server::with_token_answer(|_, _| crate::fault::token(TOKEN, 300));
    let path = std::env::var("PATH").unwrap();
    let hallpass = env!("CARGO_BIN_EXE_hallpass");
    let room = Room::ephemeral(&server.base(), "app", "secret").with("PATH", &path).with("NASTY", NASTY);
    // Without it fish changes what is not ASCII in a variable that it passes on.
    let room = room.with("LC_ALL", "C.UTF-8");
    let mut met = Vec::new();
    for (shell, form, script) in SHELLS {
        if !std::env::split_paths(&path).any(|directory| directory.join(shell).is_file()) {
            continue;
        }
        let read = |command: String| {
            let script = script.replace("COMMAND", &format!("{hallpass} {command} --format {form}"));
            finish(room.program(shell).args(["-c", &script]).spawn().unwrap())
        };
        let outcome = read("token --name API".to_owned());
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (0, TOKEN), "{shell} {form}\n{outcome}");
        let outcome = read("header --from env:NASTY --prefix 'K ' --value --name API".to_owned());
        assert_eq!((outcome.code(), outcome.stdout), (0, format!("K {NASTY}")), "{shell} {form}");
        met.push(*shell);
    }
    assert!(met.contains(&"sh") && met.contains(&"bash"), "only {met:?}");
}

#[test]
fn what_cannot_be_masked_is_not_written() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", "secret");
    for (variable, form) in [("GITHUB_ENV", "github-env"), ("GITHUB_OUTPUT", "github-output")] {
        let file = room.directory().join(form);
        std::fs::write(&file, "A=1\n").unwrap();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = room.hallpass(&["token", "--format", form]);
        let outcome = finish(command.env(variable, &file).stdout(full).spawn().unwrap());
        assert_eq!(outcome.code(), 7, "{outcome}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "A=1\n");
        outcome.assert_hidden(crate::fault::TOKEN);
    }
}

#[test]
fn curl_reads_its_form() {
    let server = Server::kind();
    let room = Room::ephemeral(&server.base(), "app", "secret").with("NASTY", "a\"b\\c d");
    let line = room.run(&["header", "--from", "env:NASTY", "--prefix", "K ", "--name", "X-K", "--format", "curl"]);
    let config = format!("{}\nurl = \"{}/seen\"\nsilent\n", line.answer(), server.base());
    let path = room.directory().join("curlrc");
    std::fs::write(&path, config).unwrap();
    let Ok(child) = room.program("/usr/bin/curl").arg("-q").arg("-K").arg(&path).spawn() else { return };
    finish(child);
    let requests = server.requests();
    let seen = requests.iter().find(|request| request.target() == "/seen").expect("curl came");
    assert_eq!(seen.field("x-k"), Some("K a\"b\\c d"));
}
