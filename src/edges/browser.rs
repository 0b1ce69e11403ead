//! What opens a page for a person.

use std::ffi::{OsStr, OsString};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Environment;

/// Opens the authorization page.
pub trait Browser: Send + Sync {
    /// Opens one URL in the person's browser. `environment` is all that a program may know that is started for this.
    ///
    /// # Errors
    /// A sentence when there is none; the URL has been printed, so a person can still open it elsewhere.
    fn open(&self, url: &str, environment: &Environment) -> Result<(), String>;
}

/// No browser: the person opens the printed URL.
#[derive(Debug, Clone, Copy)]
pub struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _url: &str, _environment: &Environment) -> Result<(), String> {
        Err("no browser is opened here".to_owned())
    }
}

/// The browser of the machine: those of `BROWSER`, else what the desktop opens pages with.
#[derive(Debug, Clone, Copy)]
pub struct SystemBrowser;

/// A program that failed to open a page says so within this time; one that opened it may stay for hours.
const FAILS_WITHIN: Duration = Duration::from_millis(1500);

impl Browser for SystemBrowser {
    fn open(&self, url: &str, environment: &Environment) -> Result<(), String> {
        // No shell looks at it, but some browsers' scripts do: it must be one plain word.
        if !url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`\\<>$".contains(&b)) {
            return Err("the URL contains characters that are not passed to programs".to_owned());
        }
        let commands = browser_commands(url, environment);
        let Some(last) = commands.last().and_then(|command| command.first()).cloned() else {
            return Err("there is no display".to_owned());
        };
        if commands.iter().any(|command| start_program(command, environment)) {
            return Ok(());
        }
        Err(format!("could not open a browser (tried {})", last.to_string_lossy()))
    }
}

/// The commands to try, in this order.
fn browser_commands(url: &str, environment: &Environment) -> Vec<Vec<OsString>> {
    if let Some(list) = environment.text("BROWSER") {
        return list.split(':').filter_map(|entry| parse_entry(entry, url)).collect();
    }
    let programs: &[&[&str]] = if cfg!(target_os = "macos") {
        &[&["open"]]
    } else if environment.text("WSL_DISTRO_NAME").is_some() {
        &[&["wslview"], &["xdg-open"]]
    } else if environment.text("DISPLAY").or(environment.text("WAYLAND_DISPLAY")).is_some() {
        &[&["xdg-open"], &["gio", "open"], &["x-www-browser"]]
    } else {
        &[]
    };
    let whole = |words: &&[&str]| words.iter().copied().chain([url]).map(OsString::from).collect();
    programs.iter().map(whole).collect()
}

/// An entry of `BROWSER`: words separated by spaces, `%s` for the URL, which else comes last; `%%` is a percent sign.
fn parse_entry(entry: &str, url: &str) -> Option<Vec<OsString>> {
    let mut placed = false;
    let mut words: Vec<OsString> = Vec::new();
    for word in entry.split_whitespace() {
        let pieces: Vec<String> = word.split("%%").map(|piece| piece.replace("%s", url)).collect();
        placed |= word.split("%%").any(|piece| piece.contains("%s"));
        words.push(pieces.join("%").into());
    }
    if words.is_empty() {
        return None;
    }
    if !placed {
        words.push(url.into());
    }
    Some(words)
}

/// Starts a command in a process group of its own, so that ^C here does not end it, and says whether it did not fail at
/// once. Nothing that it says is shown.
fn start_program(command: &[OsString], environment: &Environment) -> bool {
    let Some((program, arguments)) = command.split_first() else { return false };
    let mut made = Command::new(find_program(program, environment));
    made.args(arguments).env_clear().envs(environment.all());
    made.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut made, 0);
    let Ok(mut child) = made.spawn() else { return false };
    let begun = Instant::now();
    while begun.elapsed() < FAILS_WITHIN {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::park_timeout(Duration::from_millis(10)),
            Err(_) => return true,
        }
    }
    true
}

/// A bare name is looked up on the PATH that was handed in.
fn find_program(program: &OsStr, environment: &Environment) -> OsString {
    let bare = std::path::Path::new(program).components().count() == 1;
    let hit = environment.os("PATH").filter(|_| bare).and_then(|path| {
        std::env::split_paths(path)
            .map(|directory| directory.join(program))
            .find(|hit| hit.is_absolute() && hit.is_file())
    });
    hit.map_or_else(|| program.to_owned(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::{Browser as _, SystemBrowser, browser_commands, parse_entry};
    use crate::edges::Environment;

    const URL: &str = "https://as.example/authorize?client_id=a&state=b%20c";

    fn words(entry: &str) -> Vec<String> {
        parse_entry(entry, URL).into_iter().flatten().map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn url_is_one_word_wherever_it_stands() {
        assert_eq!(words("firefox"), ["firefox", URL]);
        assert_eq!(words("firefox --new-window %s -x"), ["firefox", "--new-window", URL, "-x"]);
        assert_eq!(words("b --open=%s"), ["b", &format!("--open={URL}")]);
        assert_eq!(words("b %%s 100%%"), ["b", "%s", "100%", URL]);
        assert_eq!(parse_entry("  ", URL), None);
    }

    #[test]
    fn browser_beats_desktop_and_without_either_there_is_none() {
        let programs = |variables: &[(&str, &str)]| -> Vec<String> {
            let commands = browser_commands(URL, &Environment::of(variables.iter().copied()));
            commands.iter().map(|command| command[0].to_string_lossy().into_owned()).collect()
        };
        assert_eq!(programs(&[("BROWSER", "one:two %s::three"), ("DISPLAY", ":0")]), ["one", "two", "three"]);
        if cfg!(target_os = "linux") {
            assert_eq!(programs(&[("WAYLAND_DISPLAY", "w")])[0], "xdg-open");
            assert_eq!(programs(&[]), [] as [&str; 0]);
            assert_eq!(SystemBrowser.open(URL, &Environment::default()).unwrap_err(), "there is no display");
        }
    }

    #[test]
    fn failing_browser_is_followed_by_next() {
        let directory = tempfile::tempdir().unwrap();
        let (script, note) = (directory.path().join("browser"), directory.path().join("note"));
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$#\" \"$1\" > {0}.new; env >> {0}.new; mv {0}.new {0}\n",
            note.display()
        );
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&script).unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        drop(file);
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let path = format!("{}:/usr/bin:/bin", directory.path().display());
        let environment = Environment::of([("BROWSER", "no-such-program:false:browser"), ("PATH", &path)]);
        SystemBrowser.open(URL, &environment).unwrap();
        let noted = std::fs::read_to_string(&note).unwrap();
        let mut lines = noted.lines();
        assert_eq!((lines.next(), lines.next()), (Some("1"), Some(URL)));
        let names: Vec<&str> = lines.filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
        assert!(
            names.iter().all(|name| ["BROWSER", "PATH", "PWD", "OLDPWD", "SHLVL", "_"].contains(name)),
            "{names:?}"
        );
        let failing = Environment::of([("BROWSER", "false"), ("PATH", &path)]);
        assert!(SystemBrowser.open(URL, &failing).is_err());
    }

    #[test]
    fn unsafe_url_is_not_given_to_browser() {
        let environment = Environment::of([("BROWSER", "true"), ("PATH", "/usr/bin:/bin")]);
        for url in [
            "https://a.example/ b",
            "https://a.example/$(id)",
            "https://a.example/`id`",
            "https://a.example/'",
            "https://a.example/\"",
            "https://a.example/\n",
            "https://a.example/é",
        ] {
            assert!(SystemBrowser.open(url, &environment).is_err(), "{url:?}");
        }
    }
}
