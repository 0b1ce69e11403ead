//! Registration as a transaction: what the server gave is never lost, and what may have been done is never done twice.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::process::{Pid, Resource, Rlimit};

use crate::fault::{self, Reply, Request, Server, json, metadata_text};
use crate::room::{Outcome, Room, await_until, finish};

const SECRET: &str = "canary-made-secret";
const TOKEN: &str = "canary-registration-token";

/// Metadata with a registration endpoint.
fn metadata(base: &str) -> Reply {
    let text = metadata_text(base).replacen('{', &format!(r#"{{"registration_endpoint":"{base}/register","#), 1);
    json(200, text)
}

/// A client information response with the n-th registration access token.
fn client(base: &str, number: usize) -> String {
    format!(r#"{{"client_id":"made-1","client_secret":"{SECRET}","client_secret_expires_at":0,"#)
        + &format!(
            r#""grant_types":["client_credentials"],"registration_access_token":"{TOKEN}-{number}","registration_client_uri":"{base}/register/made-1"}}"#
        )
}

/// A server that registers well, mints, and obeys the client configuration endpoint.
fn server(answer: impl Fn(&Request, &str) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request, base| {
        if request.is_metadata() {
            metadata(base)
        } else if request.target() == "/token" {
            fault::token(fault::TOKEN, 3600)
        } else {
            answer(request, base)
        }
    })
}

fn register(room: &Room, server: &Server, more: &[&str]) -> Outcome {
    let base = server.base();
    let mut args = vec!["client", "register", &base, "--grant", "client_credentials", "--save-as", "svc"];
    args.extend(more);
    room.run(&args)
}

/// How often a method was used at the registration endpoint and below.
fn count(server: &Server, method: &str) -> usize {
    server.token_requests().iter().filter(|asked| asked.method() == method && asked.target() != "/token").count()
}

/// The files below the home that hold this text.
fn holders(room: &Room, text: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| fs::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(text));
    room.files().into_iter().filter(holds).collect()
}

fn private(path: &Path) {
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
}

#[test]
fn lost_register_response_is_in_doubt() {
    for way in ["hang up", "silence", "half an answer"] {
        let server = server(move |_, base| match way {
            "hang up" => fault::hang_up(),
            "silence" => fault::stall(),
            _ => {
                let whole = client(base, 1);
                fault::lying_length(&whole[..whole.len() / 2], whole.len())
            }
        });
        let room = Room::sealed();
        let outcome = register(&room, &server, &["--deadline", "2s"]);
        let said = outcome.refused(8).to_owned();
        assert!(said.contains("in doubt") && said.contains("hint: "), "{way}\n{outcome}");
        assert_eq!(count(&server, "POST"), 1, "{way}\n{outcome}");
        outcome.assert_hidden(SECRET).assert_hidden(TOKEN);
        // No zone was made of what nobody knows.
        assert_eq!(room.run(&["zone", "has", "svc"]).code(), 1, "{way}");
    }
}

#[test]
fn registration_that_was_not_sent_may_be_tried_again() {
    let gone = Server::kind();
    let base = gone.base();
    drop(gone);
    let room = Room::sealed();
    let given = format!("{base}/register");
    let args = ["zone", "add", "svc", "--issuer", &base, "--registration-endpoint", &given];
    room.run(&args).answer();
    room.run(&["client", "register", "-z", "svc", "--grant", "client_credentials"]).refused(6);
}

#[test]
fn lost_update_response_is_in_doubt() {
    for (method, deed) in
        [("PUT", vec!["client", "update", "-z", "svc", "--name", "n"]), ("GET", vec!["client", "show", "-z", "svc"])]
    {
        let server = server(move |request, base| match request.method() {
            "POST" => json(201, client(base, 1)),
            asked if asked == method => fault::hang_up(),
            _ => json(200, client(base, 1)),
        });
        let room = Room::sealed();
        register(&room, &server, &[]).answer();
        let outcome = room.run(&deed);
        assert!(outcome.refused(8).contains("in doubt"), "{outcome}");
        assert_eq!(count(&server, method), 1, "{outcome}");
        outcome.assert_hidden(SECRET).assert_hidden(TOKEN);
    }
}

#[test]
fn register_retries_429_only() {
    for (status, tries, code) in [(503, 3, 6), (429, 3, 6), (500, 1, 6), (502, 1, 8), (504, 1, 8)] {
        let server = server(move |_, _| fault::oauth_error(status, "server_error"));
        let outcome = register(&Room::sealed(), &server, &[]);
        assert_eq!((count(&server, "POST"), outcome.stdout.as_str()), (tries, ""), "{status}\n{outcome}");
        assert_eq!(outcome.code(), code, "{status}\n{outcome}");
    }
}

#[test]
fn delete_of_gone_client_succeeds() {
    let asked = AtomicUsize::new(0);
    let server = server(move |request, base| match request.method() {
        "POST" => json(201, client(base, 1)),
        "DELETE" if asked.fetch_add(1, Ordering::SeqCst) == 0 => fault::hang_up(),
        "DELETE" => fault::oauth_error(401, "invalid_token"),
        _ => json(200, client(base, 1)),
    });
    let room = Room::sealed();
    register(&room, &server, &[]).answer();
    room.run(&["client", "delete", "-z", "svc", "--yes"]).answer();
    assert_eq!(count(&server, "DELETE"), 2);
    assert_eq!(room.run(&["zone", "has", "svc"]).code(), 1);
}

#[test]
fn nothing_is_sent_when_it_could_not_be_kept() {
    let server = server(|_, base| json(201, client(base, 1)));
    let room = Room::sealed().without_variable("ROOM_VAULT_KEY");
    register(&room, &server, &[]).refused(3);
    assert_eq!(count(&server, "POST"), 0, "a client was made that nobody could keep");
}

/// Puts a plain file where a directory or file of the state has to be.
fn spoil(path: &Path) {
    let _ = fs::remove_dir_all(path);
    let _ = fs::remove_file(path);
    fs::write(path, "").unwrap();
}

#[test]
fn unsaved_secret_is_rescued_into_private_file() {
    let room = Room::sealed();
    let vault = room.home().join("vault");
    let server = server(move |_, base| {
        // Between the proof that the vault can be written and the answer.
        spoil(&vault);
        json(201, client(base, 1))
    });
    let outcome = register(&room, &server, &[]);
    let said = outcome.refused(7).to_owned();
    outcome.assert_hidden(SECRET).assert_hidden(TOKEN);
    let rescued = holders(&room, TOKEN);
    assert_eq!(rescued.len(), 1, "{rescued:?}\n{outcome}");
    assert!(said.contains(&rescued[0].display().to_string()), "the error names the file\n{outcome}");
    assert_eq!(holders(&room, SECRET), rescued);
    private(&rescued[0]);
    assert_eq!(count(&server, "POST"), 1);
}

#[test]
fn configuration_that_cannot_be_written_loses_nothing() {
    let room = Room::sealed();
    let config = room.home().join("config.toml");
    let server = server(move |_, base| {
        let _ = fs::remove_file(&config);
        fs::create_dir(&config).unwrap();
        json(201, client(base, 1))
    });
    let outcome = register(&room, &server, &[]);
    let said = outcome.refused(7).to_owned();
    outcome.assert_hidden(SECRET).assert_hidden(TOKEN);
    let rescued = holders(&room, TOKEN);
    assert_eq!(rescued.len(), 1, "{rescued:?}\n{outcome}");
    assert!(said.contains(&rescued[0].display().to_string()), "{outcome}");
    private(&rescued[0]);
}

#[test]
fn rotated_token_that_vault_does_not_take_is_rescued() {
    let room = Room::sealed();
    let vault = room.home().join("vault");
    let server = server(move |request, base| match request.method() {
        "POST" => json(201, client(base, 1)),
        "PUT" => {
            spoil(&vault);
            json(200, client(base, 2))
        }
        _ => json(200, client(base, 1)),
    });
    register(&room, &server, &[]).answer();
    let outcome = room.run(&["client", "update", "-z", "svc", "--name", "n"]);
    let said = outcome.refused(7).to_owned();
    outcome.assert_hidden(TOKEN);
    let rescued = holders(&room, &format!("{TOKEN}-2"));
    assert_eq!(rescued.len(), 1, "{rescued:?}\n{outcome}");
    assert!(said.contains(&rescued[0].display().to_string()), "{outcome}");
    private(&rescued[0]);
}

/// From the answer on no file takes a byte: the client that was made is at least named, or taken back.
#[test]
fn disk_that_is_full_from_answer_on_is_told() {
    let child: Arc<Mutex<Option<u32>>> = Arc::default();
    let whose = Arc::clone(&child);
    let server = server(move |request, base| {
        if request.method() == "DELETE" {
            return fault::answer(204, "text/plain", "");
        }
        let id = loop {
            match *whose.lock().unwrap() {
                Some(id) => break id,
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        let full = Rlimit { current: Some(0), maximum: Some(0) };
        let pid = Pid::from_raw(id.try_into().unwrap());
        rustix::process::prlimit(pid, Resource::Fsize, full).unwrap();
        json(201, client(base, 1))
    });
    let room = Room::sealed();
    let base = server.base();
    let args = ["client", "register", &base, "--grant", "client_credentials", "--save-as", "svc"];
    let started = room.hallpass(&args).spawn().unwrap();
    *child.lock().unwrap() = Some(started.id());
    let outcome = finish(started);
    let said = outcome.refused(7).to_owned();
    outcome.assert_hidden(SECRET).assert_hidden(TOKEN);
    assert!(said.contains("made-1") || count(&server, "DELETE") > 0, "nobody knows of the client\n{outcome}");
    assert_eq!(count(&server, "POST"), 1);
    assert_eq!(room.run(&["zone", "has", "svc"]).code(), 1);
}

/// The answer is all that there is of a client that is not saved: when it can't be written, the client is named.
#[test]
fn answer_that_can_not_be_written_names_client() {
    for (more, said) in [
        (&["--no-save"][..], "client made-1 is registered at the server; its secrets are lost"),
        (&["--save-as", "svc"], "client made-1 is saved: hallpass client show -z svc"),
    ] {
        let server = server(|_, base| json(201, client(base, 1)));
        let (room, base) = (Room::sealed(), server.base());
        let args = [&["client", "register", &base, "--grant", "client_credentials"], more].concat();
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let outcome = finish(room.hallpass(&args).stdout(full).spawn().unwrap());
        outcome.assert_hidden(SECRET).assert_hidden(TOKEN);
        assert!(outcome.refused(7).contains(said), "{outcome}");
    }
}

/// Whether a file is the journal of a registration that is not finished.
fn is_journal(path: &Path) -> bool {
    let inside = path.parent().is_some_and(|directory| directory.ends_with("registration"));
    inside && path.extension().is_some_and(|ending| ending == "json")
}

/// What the server gave is put down before it is saved: here another process holds the configuration meanwhile, and the
/// one that registers is killed while it waits.
#[test]
fn answer_is_put_down_before_it_is_saved() {
    let room = Room::sealed();
    let path = room.home().join("lock/config.lock");
    let held: Arc<Mutex<Option<fs::File>>> = Arc::default();
    let theirs = Arc::clone(&held);
    let server = server(move |_, base| {
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.lock().unwrap();
        *theirs.lock().unwrap() = Some(file);
        json(201, client(base, 1))
    });
    let base = server.base();
    let args = ["client", "register", &base, "--grant", "client_credentials", "--save-as", "svc"];
    let mut child = room.hallpass(&args).spawn().unwrap();
    let is_put_down = || holders(&room, TOKEN).iter().any(|path| is_journal(path));
    await_until(is_put_down, || "the answer to be put down".to_owned());
    child.kill().unwrap(); // SIGKILL
    let _ = finish(child);
    drop(held.lock().unwrap().take());
    let again = room.run(&args);
    again.answer();
    again.assert_hidden(SECRET).assert_hidden(TOKEN);
    assert_eq!(count(&server, "POST"), 1);
    room.run(&["token", "-z", "svc"]).answer();
    room.run(&["client", "show", "-z", "svc"]).answer();
    assert!(holders(&room, TOKEN).is_empty(), "what was put down is taken away when it is saved");
}

/// Whoever is killed at any moment after the server answered leaves the client behind: as a zone that works, in a private
/// file, or as a registration that is known to be in doubt. Never nothing.
#[test]
fn kill_at_any_moment_loses_nothing_in_silence() {
    let mut saved = 0;
    for round in 0..24 {
        let server = server(|_, base| json(201, client(base, 1)));
        let room = Room::sealed();
        let base = server.base();
        let args = ["client", "register", &base, "--grant", "client_credentials", "--save-as", "svc"];
        let mut child = room.hallpass(&args).spawn().unwrap();
        server.await_token_requests(1);
        std::thread::sleep(Duration::from_micros(50 * round * round));
        child.kill().unwrap(); // SIGKILL
        let _ = finish(child);
        if room.run(&["zone", "has", "svc"]).code() == 0 {
            room.run(&["token", "-z", "svc"]).answer();
            room.run(&["client", "show", "-z", "svc"]).answer();
            saved += 1;
        } else {
            let left = room.files();
            assert!(left.iter().any(|path| is_journal(path)), "round {round}: nothing is left: {left:?}");
            for path in holders(&room, TOKEN) {
                private(&path);
            }
            let saved_responses = !holders(&room, TOKEN).is_empty();
            let again = room.run(&args);
            if saved_responses {
                again.answer();
                room.run(&["token", "-z", "svc"]).answer();
            } else {
                assert!(again.refused(8).contains("in doubt"), "round {round}\n{again}");
            }
        }
        assert_eq!(count(&server, "POST"), 1, "round {round}: a second client was made");
    }
    println!("{saved} of 24 were saved before the kill");
}

/// A server whose registration access tokens are good once: each answer to an update brings the next one.
fn rotating() -> (Server, Arc<AtomicUsize>) {
    let current = Arc::new(AtomicUsize::new(1));
    let theirs = Arc::clone(&current);
    let server = server(move |request, base| {
        let number = theirs.load(Ordering::SeqCst);
        let right = request.field("authorization") == Some(format!("Bearer {TOKEN}-{number}").as_str());
        match request.method() {
            "POST" => json(201, client(base, number)),
            _ if !right => fault::oauth_error(401, "invalid_token"),
            "PUT" => {
                theirs.store(number + 1, Ordering::SeqCst);
                json(200, client(base, number + 1))
            }
            _ => json(200, client(base, number)),
        }
    });
    (server, current)
}

#[test]
fn updates_at_once_come_one_after_other() {
    let (server, current) = rotating();
    let room = Room::sealed();
    register(&room, &server, &[]).answer();
    let update = ["client", "update", "-z", "svc", "--name", "n"];
    let children: Vec<_> = (0..8).map(|_| room.hallpass(&update).spawn().unwrap()).collect();
    for child in children {
        finish(child).answer();
    }
    assert_eq!(current.load(Ordering::SeqCst), 9);
    room.run(&["client", "show", "-z", "svc"]).answer();
}

/// What was put down of an update that was killed is used next; what was saved is used as well.
#[test]
fn rotated_token_survives_kill() {
    let (mut saved_responses, mut saved) = (0, 0);
    for round in 0..24 {
        let (server, _) = rotating();
        let room = Room::sealed();
        register(&room, &server, &[]).answer();
        let mut child = room.hallpass(&["client", "update", "-z", "svc", "--name", "n"]).spawn().unwrap();
        await_until(|| count(&server, "PUT") > 0, || "the update".to_owned());
        std::thread::sleep(Duration::from_micros(60 * round * round));
        child.kill().unwrap(); // SIGKILL
        let _ = finish(child);
        let kept = !holders(&room, &format!("{TOKEN}-2")).is_empty();
        let next = room.run(&["client", "show", "-z", "svc"]);
        if kept {
            next.answer();
            saved_responses += 1;
        } else if next.code() == 0 {
            saved += 1;
        } else {
            // It was killed before it could read the answer: it says that the token is not good.
            next.refused(5);
        }
    }
    println!("{saved_responses} of 24 were put down and {saved} saved");
    assert!(
        saved_responses + saved > 4,
        "{saved_responses} put down, {saved} saved: the kills came too early to show anything"
    );
}

/// A new key whose public half may have arrived: the private half is on the disk, and the hint is a command that works.
#[test]
fn new_key_is_stored_before_request() {
    let server = server(|request, base| {
        let with_key = |body: &str| {
            let mut answer: serde_json::Value = serde_json::from_str(body).unwrap();
            answer["client_id"] = "made-1".into();
            answer["registration_access_token"] = format!("{TOKEN}-1").into();
            answer["registration_client_uri"] = format!("{base}/register/made-1").into();
            answer.to_string()
        };
        match request.method() {
            "POST" => json(201, with_key(&request.body)),
            "PUT" => fault::hang_up(),
            _ => json(200, with_key(r#"{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[]}}"#)),
        }
    });
    let room = Room::sealed();
    register(&room, &server, &["--auth-method", "private_key_jwt", "--generate-key", "ES256"]).answer();
    let outcome = room.run(&["client", "rotate", "-z", "svc"]);
    let said = outcome.refused(8).to_owned();
    assert_eq!(count(&server, "PUT"), 1);
    let sent = server.token_requests().into_iter().find(|request| request.method() == "PUT").unwrap();
    let sent: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    let kid = sent["jwks"]["keys"][0]["kid"].as_str().unwrap().to_owned();
    let hint = said.lines().find_map(|line| line.split_once("if the server took the new key: hallpass ")).unwrap().1;
    let words: Vec<&str> = hint.split(' ').collect();
    let path = words.iter().find_map(|word| word.strip_prefix("file:")).unwrap();
    private(Path::new(path));
    room.run(&words).answer();
    room.run(&["token", "-z", "svc", "--fresh"]).answer();
    let minted = server.token_requests().pop().unwrap();
    let assertion = minted.body.split('&').find_map(|pair| pair.strip_prefix("client_assertion=")).unwrap();
    let header = URL_SAFE_NO_PAD.decode(assertion.split('.').next().unwrap()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header["kid"], kid.as_str());
}
