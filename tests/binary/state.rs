//! Files, locks and processes that run at once.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::fault::{self, Server, Step, TOKEN, json, token};
use crate::room::{Outcome, Room, await_token_lock, await_until, finish};

const SECRET: &str = "canary-beefcafe";

/// A server whose every token is another one, each after this long.
fn counting(latency: Duration) -> Server {
    let minted = AtomicUsize::new(0);
    Server::with_token_answer(move |_, _| {
        let number = minted.fetch_add(1, Ordering::SeqCst);
        let mut reply = vec![Step::Wait(latency)];
        reply.extend(token(&format!("token-{number}"), 3600));
        reply
    })
}

fn add<'a>(name: &'a str, issuer: &'a str) -> [&'a str; 9] {
    ["zone", "add", name, "--issuer", issuer, "--client-id", "app", "--client-secret-from", "env:GIVEN"]
}

fn together(room: &Room, number: usize, args: &[&str]) -> Vec<Outcome> {
    let children: Vec<_> = (0..number).map(|_| room.hallpass(args).spawn().unwrap()).collect();
    children.into_iter().map(finish).collect()
}

#[test]
fn sixty_four_cold_processes_make_one_request() {
    let server = counting(Duration::from_millis(300));
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    for outcome in together(&room, 64, &["token"]) {
        assert_eq!(outcome.answer(), "token-0");
    }
    assert_eq!(server.token_requests().len(), 1);
}

/// Waits in a server until the test lets it answer.
fn wait_for(open: &AtomicBool) {
    await_until(|| open.load(Ordering::SeqCst), || "the test".to_owned());
}

#[test]
fn sixty_four_fresh_ones_share_one_too() {
    let (next, open) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let is_open = Arc::clone(&open);
    let server = Server::with_token_answer(move |_, _| {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number > 0 {
            wait_for(&is_open);
        }
        token(&format!("token-{number}"), 3600)
    });
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    assert_eq!(room.run(&["token"]).answer(), "token-0");
    let children: Vec<_> = (0..64).map(|_| room.hallpass(&["token", "--fresh"]).spawn().unwrap()).collect();
    await_token_lock(&children);
    open.store(true, Ordering::SeqCst);
    for outcome in children.into_iter().map(finish) {
        assert_ne!(outcome.answer(), "token-0", "an old token is not fresh");
    }
    let minted = server.token_requests().len() - 1;
    // Each must have begun before the request that serves it: most began while the first one waited for its answer.
    assert!(minted <= 2, "{minted} requests for 64 processes");
}

#[test]
fn different_scopes_are_different_tokens() {
    let server = counting(Duration::ZERO);
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    let scopes = ["", "a", "a b", "b a", "b"].map(|scope| room.run(&["token", "--scope", scope]).answer().to_owned());
    assert_eq!(scopes[2], scopes[3], "scopes are a set");
    let different: std::collections::BTreeSet<&String> = scopes.iter().collect();
    assert_eq!(different.len(), 4, "{scopes:?}");
    let other = room.run(&["token", "--audience", "x"]).answer().to_owned();
    assert!(!scopes.contains(&other));
}

#[test]
fn others_go_on_when_holder_of_lock_is_killed() {
    let held = Arc::new(AtomicBool::new(false));
    let first = Arc::clone(&held);
    let server = Server::with_token_answer(move |_, _| {
        if first.swap(true, Ordering::SeqCst) { token("second", 3600) } else { fault::stall() }
    });
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    let mut holder = room.hallpass(&["--deadline", "50s", "token"]).spawn().unwrap();
    server.await_token_requests(1);
    let waiting: Vec<_> = (0..16).map(|_| room.hallpass(&["--deadline", "30s", "token"]).spawn().unwrap()).collect();
    await_token_lock(&waiting);
    assert_eq!(server.token_requests().len(), 1, "somebody did not wait for the lock");
    let killed = Instant::now();
    holder.kill().unwrap(); // SIGKILL
    holder.wait().unwrap();
    for child in waiting {
        assert_eq!(finish(child).answer(), "second");
    }
    assert!(killed.elapsed() < Duration::from_secs(20), "the others were held up for {:?}", killed.elapsed());
    assert_eq!(server.token_requests().len(), 2, "at most one more request");
}

#[test]
fn frozen_holder_costs_others_only_their_deadline() {
    let server = Server::with_token_answer(|_, _| fault::stall());
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    let mut holder = room.hallpass(&["--deadline", "50s", "token"]).spawn().unwrap();
    server.await_token_requests(1);
    let outcome = room.run(&["--deadline", "1s", "token"]);
    let (code, took) = (outcome.code(), outcome.took);
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(code, 6, "a busy lock is: try again\n{outcome}");
    assert!(took < Duration::from_secs(15), "{outcome}");
}

#[test]
fn valid_token_is_served_with_warning_when_renewal_fails() {
    let down = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&down);
    let server = Server::with_token_answer(
        move |_, _| if now.load(Ordering::SeqCst) { json(500, "") } else { token(TOKEN, 100) },
    );
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    down.store(true, Ordering::SeqCst);
    let outcome = room.run(&["token", "--min-ttl", "1h"]);
    assert_eq!(outcome.answer(), TOKEN);
    assert!(outcome.stderr.contains("warning"), "{outcome}");
    assert!(server.token_requests().len() > 1, "renewal was not even tried");
    // --fresh is an order.
    room.run(&["token", "--fresh"]).refused(6);
}

#[test]
fn expired_token_is_not_served() {
    let down = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&down);
    let server =
        Server::with_token_answer(move |_, _| if now.load(Ordering::SeqCst) { json(500, "") } else { token(TOKEN, 1) });
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    down.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1200));
    room.run(&["token"]).refused(6);
}

#[test]
fn zones_added_at_once_all_survive() {
    let room = Room::sealed().with("GIVEN", SECRET);
    let names: Vec<String> = (0..8).map(|number| format!("zone-{number}")).collect();
    let children: Vec<_> =
        names.iter().map(|name| room.hallpass(&add(name, "https://auth.example")).spawn().unwrap()).collect();
    for child in children {
        finish(child).answer();
    }
    let list = room.run(&["zone", "list"]).answer().to_owned();
    let vault = room.run(&["vault", "list"]).answer().to_owned();
    for name in &names {
        assert!(list.lines().any(|line| line.split('\t').next() == Some(name)), "{name} is lost:\n{list}");
        assert!(vault.contains(name.as_str()), "the secret of {name} is lost:\n{vault}");
    }
    assert_eq!(list.lines().count(), names.len());
}

#[test]
fn broken_config_is_never_overwritten() {
    let room = Room::sealed().with("GIVEN", SECRET);
    room.run(&add("z", "https://auth.example")).answer();
    let path = room.run(&["zone", "path"]).answer().to_owned();
    let broken = format!("{}\n# mine\nx = = 1\n", fs::read_to_string(&path).unwrap());
    fs::write(&path, &broken).unwrap();
    let line = broken.lines().count();
    let replaced = add("y", "https://auth.example");
    let runs: [&[&str]; 6] = [
        &["zone", "list"],
        &["token"],
        &replaced,
        &["zone", "default", "z"],
        &["zone", "remove", "z", "--yes"],
        &["status"],
    ];
    for args in runs {
        let outcome = room.run(args);
        let stderr = outcome.refused(3);
        assert!(stderr.contains(&path), "{args:?} does not name the file:\n{outcome}");
        let place = stderr.contains(&format!(":{line}:")) || stderr.contains(&format!("line {line}"));
        assert!(place, "{args:?} does not name line {line}:\n{outcome}");
        assert_eq!(fs::read_to_string(&path).unwrap(), broken, "{args:?} changed the file");
    }
}

#[test]
fn comments_in_config_live() {
    let room = Room::sealed().with("GIVEN", SECRET);
    room.run(&add("z", "https://auth.example")).answer();
    let path = room.run(&["zone", "path"]).answer().to_owned();
    let text = format!("# of the whole file\n{}# at the end\n", fs::read_to_string(&path).unwrap());
    fs::write(&path, &text).unwrap();
    room.run(&add("y", "https://auth.example")).answer();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("# of the whole file") && text.contains("# at the end"), "{text}");
}

#[test]
fn unusable_vault_stops_zone_add() {
    let room = Room::new().with("HALLPASS_VAULT", "sealed").with("GIVEN", SECRET);
    room.run(&add("z", "https://auth.example")).assert_hidden(SECRET).refused(7);
    assert!(room.files().iter().all(|file| !file.ends_with("config.toml")), "{:?}", room.files());
    // The same with something that is not a key.
    let room = Room::sealed().with("ROOM_VAULT_KEY", "short").with("GIVEN", SECRET);
    let outcome = room.run(&add("z", "https://auth.example"));
    assert!([3, 7].contains(&outcome.code()), "{outcome}");
    assert!(room.files().iter().all(|file| !file.ends_with("config.toml")), "{:?}", room.files());
    // References need no vault.
    let room = Room::new().with("HALLPASS_VAULT", "sealed").with("GIVEN", SECRET);
    let mut args = add("z", "https://auth.example");
    args[7] = "--client-secret-ref";
    room.run(&args).answer();
}

#[test]
fn wrong_vault_key_is_told_from_wrong_secret() {
    let server = Server::kind();
    let room = Room::sealed().with("GIVEN", SECRET);
    room.run(&add("z", &server.base())).answer();
    let wrong = "ff".repeat(32);
    let room = room.with("ROOM_VAULT_KEY", &wrong);
    let outcome = room.run(&["token"]);
    outcome.assert_hidden(&wrong).refused(7);
    assert_eq!(server.token_requests().len(), 0);
}

#[test]
fn record_is_bound_to_its_issuer() {
    let (mine, evil) = (Server::kind(), Server::kind());
    let room = Room::sealed().with("GIVEN", SECRET);
    room.run(&add("z", &mine.base())).answer();
    let path = room.run(&["zone", "path"]).answer().to_owned();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(&mine.base(), &evil.base())).unwrap();
    let outcome = room.run(&["token"]);
    assert_eq!(outcome.code(), 3, "{outcome}");
    assert_eq!(outcome.assert_hidden(SECRET).stdout, "");
    assert_eq!(evil.token_requests().len(), 0, "the secret was sent to another issuer");
    fs::write(&path, text).unwrap();
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
}

#[test]
fn files_are_born_private_whatever_umask() {
    let server = Server::kind();
    for umask in ["000", "022", "077"] {
        let room = Room::sealed().with("GIVEN", SECRET);
        let run = |args: &[&str]| {
            let line = format!("umask {umask}; exec \"$0\" \"$@\"");
            let mut command = room.program("/bin/sh");
            command.args(["-c", &line, env!("CARGO_BIN_EXE_hallpass")]).args(args);
            finish(command.spawn().unwrap())
        };
        run(&add("z", &server.base())).answer();
        assert_eq!(run(&["token"]).answer(), TOKEN);
        assert!(!room.files().is_empty());
        for file in room.files() {
            let mode = fs::symlink_metadata(&file).unwrap().mode() & 0o7777;
            assert_eq!(mode & 0o077, 0, "{} is {mode:o} under umask {umask}", file.display());
        }
        for directory in room.directories() {
            let mode = fs::symlink_metadata(&directory).unwrap().mode() & 0o7777;
            assert_eq!(mode & 0o077, 0, "{} is {mode:o} under umask {umask}", directory.display());
        }
    }
}

/// A room with a zone, a vault and a cached token.
fn furnished(server: &Server) -> Room {
    let room = Room::sealed().with("GIVEN", SECRET);
    room.run(&add("z", &server.base())).answer();
    assert_eq!(room.run(&["token"]).answer(), TOKEN);
    room
}

/// The file or directory of this name in the home.
#[track_caller]
fn named(room: &Room, name: &str) -> PathBuf {
    let all = || room.directories().into_iter().chain(room.files());
    all().find(|path| path.file_name().is_some_and(|known| known == name)).unwrap_or_else(|| {
        panic!("there is no {name} among {:?}", all().collect::<Vec<_>>());
    })
}

/// A cached token does not open the vault, so its state is looked at by `--fresh` only.
const LOOKED_AT: [(&str, &[&str]); 5] = [
    ("home", &["token"]),
    ("config.toml", &["token"]),
    ("tokens", &["token"]),
    ("vault", &["token", "--fresh"]),
    ("sealed.json", &["token", "--fresh"]),
];

/// Spoils each piece of state in a room of its own and reports every one that is not refused with 7, its name and
/// these words, before anything is sent.
fn each_is_refused(pieces: &[(&str, &[&str])], words: &str, spoil: impl Fn(&Room, &Path)) {
    let server = Server::kind();
    let mut wrong = Vec::new();
    for (name, args) in pieces {
        let room = furnished(&server);
        let asked = server.token_requests().len();
        spoil(&room, &named(&room, name));
        let outcome = room.run(args);
        let refused = outcome.code() == 7 && outcome.stdout.is_empty() && server.token_requests().len() == asked;
        if !refused || !outcome.stderr.contains(name) || !outcome.stderr.contains(words) {
            wrong.push(format!("## {name}\n{}", outcome.assert_hidden(SECRET)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), pieces.len(), wrong.join("\n"));
}

#[test]
fn loose_state_is_refused_with_command_that_mends_it() {
    each_is_refused(&LOOKED_AT, "chmod", |_, path| {
        let mode = fs::metadata(path).unwrap().mode() & 0o777;
        fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o066)).unwrap();
    });
}

#[test]
fn state_behind_link_is_refused() {
    // The home and config.toml may be links of the user; the rest is ours.
    each_is_refused(&LOOKED_AT[2..], "link", |room, path| {
        let aside = room.directory().join("aside");
        fs::rename(path, &aside).unwrap();
        symlink(&aside, path).unwrap();
    });
}

#[test]
fn spoiled_cache_files_are_misses() {
    let server = counting(Duration::ZERO);
    let room = Room::ephemeral(&server.base(), "app", SECRET);
    assert_eq!(room.run(&["token"]).answer(), "token-0");
    for (minted, spoil) in (1..).zip(["", "{", "null", "[]", "{\"v\":999}", "\u{0}\u{1}"]) {
        let files: Vec<_> = room
            .files()
            .into_iter()
            .filter(|file| fs::read_to_string(file).is_ok_and(|text| text.contains("token-")))
            .collect();
        assert!(!files.is_empty(), "the token is in no file");
        for file in files {
            fs::write(file, spoil).unwrap();
        }
        assert_eq!(room.run(&["token"]).answer(), format!("token-{minted}"), "{spoil:?}");
    }
}

#[test]
fn two_homes_share_nothing() {
    let server = counting(Duration::ZERO);
    let (one, two) = (Room::ephemeral(&server.base(), "app", SECRET), Room::ephemeral(&server.base(), "app", SECRET));
    assert_eq!(one.run(&["token"]).answer(), "token-0");
    assert_eq!(two.run(&["token"]).answer(), "token-1");
    assert_eq!(one.run(&["token"]).answer(), "token-0");
}

#[test]
fn read_only_home_is_storage_error() {
    // Root may write into any read-only directory, but not into /proc.
    let room = Room::sealed().with("GIVEN", SECRET).with("HALLPASS_HOME", "/proc/hallpass-home");
    room.run(&add("z", "https://auth.example")).assert_hidden(SECRET).refused(7);
    // The token is handed out anyway: only the cache is lost.
    let server = Server::kind();
    let outcome =
        Room::ephemeral(&server.base(), "app", SECRET).with("HALLPASS_HOME", "/proc/hallpass-home").run(&["token"]);
    assert!([0, 7].contains(&outcome.code()), "{outcome}");
    assert_eq!(outcome.stdout, if outcome.code() == 0 { format!("{TOKEN}\n") } else { String::new() });
}

#[test]
fn eight_processes_share_one_refusal() {
    let subject = ["exchange", "--subject-token-from", "env:SUBJECT", "--cache"];
    for args in [&["token"][..], &subject] {
        let open = Arc::new(AtomicBool::new(false));
        let is_open = Arc::clone(&open);
        let server = Server::with_token_answer(move |_, _| {
            wait_for(&is_open);
            fault::oauth_error(400, "invalid_scope")
        });
        let room = Room::ephemeral(&server.base(), "app", SECRET).with("SUBJECT", "eyJ.subject.token");
        let children: Vec<_> = (0..8).map(|_| room.hallpass(args).spawn().unwrap()).collect();
        await_token_lock(&children);
        open.store(true, Ordering::SeqCst);
        for outcome in children.into_iter().map(finish) {
            assert!(outcome.refused(5).contains("invalid_scope"), "{args:?}");
        }
        assert_eq!(server.token_requests().len(), 1, "{args:?}");
    }
}

#[test]
fn refusal_of_another_secret_is_not_shared() {
    for (status, code) in [(401, "invalid_client"), (400, "invalid_scope")] {
        let open = Arc::new(AtomicBool::new(false));
        let is_open = Arc::clone(&open);
        let server = Server::with_token_answer(move |request, _| {
            if request.body.contains("old-secret") {
                wait_for(&is_open);
                return fault::oauth_error(status, code);
            }
            token(TOKEN, 3600)
        });
        let room = Room::ephemeral(&server.base(), "app", "old-secret").with("HALLPASS_AUTH", "client_secret_post");
        let old = room.hallpass(&["token"]).spawn().unwrap();
        server.await_token_requests(1);
        let new = room.hallpass(&["token"]).env("HALLPASS_CLIENT_SECRET", "new-secret").spawn().unwrap();
        let both = [new, old];
        await_token_lock(&both);
        open.store(true, Ordering::SeqCst);
        let [new, old] = both.map(finish);
        assert_eq!(new.answer(), TOKEN, "{code}");
        old.refused(5);
    }
}

#[test]
fn shared_failure_has_no_bare_hash_of_the_secret() {
    let server = Server::with_token_answer(|_, _| fault::oauth_error(400, "invalid_scope"));
    let keys: Vec<Vec<u8>> = (0..2)
        .map(|_| {
            let room = Room::ephemeral(&server.base(), "app", "weak-secret");
            room.run(&["token"]).refused(5);
            let files = room.files();
            let read = |end: &str| {
                fs::read(files.iter().find(|file| file.to_string_lossy().ends_with(end)).expect(end)).unwrap()
            };
            // The beginning of the SHA-256 of the secret.
            assert!(!String::from_utf8(read(".failure")).unwrap().contains("4eaa569ea83c268b"));
            let key = read("failure.key");
            room.run(&["token", "--scope", "other"]).refused(5);
            assert_eq!((key.len(), &read("failure.key")), (64, &key), "the key is made once");
            key
        })
        .collect();
    assert_ne!(keys[0], keys[1], "each home has its own");
}
