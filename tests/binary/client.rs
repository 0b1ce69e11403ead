//! A client that registers, as processes see it: many at once, killed ones, and a disk that takes nothing any more.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::fault::{Reply, Request, Server, Step, answer};
use crate::room::{Room, await_until, finish};

const SECRET: &str = "canary-client-secret";
const TOKEN: &str = "canary-registration-token";

fn information(base: &str) -> String {
    json!({
        "client_id": "c-1", "client_secret": SECRET, "client_secret_expires_at": 0,
        "registration_access_token": TOKEN, "registration_client_uri": format!("{base}/register/c-1"),
        "grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_basic",
    })
    .to_string()
}

fn created(base: &str) -> Reply {
    answer(201, "application/json", information(base))
}

/// A room with the zone `z` of this server, without a client.
fn room(server: &Server) -> Room {
    let room = Room::sealed();
    let base = server.base();
    room.run(&[
        "zone",
        "add",
        "z",
        "--issuer",
        &base,
        "--registration-endpoint",
        "/register",
        "--token-endpoint",
        "/token",
    ])
    .answer();
    room
}

fn register() -> [&'static str; 6] {
    ["client", "register", "-z", "z", "--grant", "client_credentials"]
}

/// How many journals contain this text.
fn holders(room: &Room, text: &str) -> usize {
    let holds = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|journal| journal.contains(text));
    room.files().into_iter().filter(|path| path.ends_with("registration/z.json") && holds(path)).count()
}

fn posts(server: &Server) -> usize {
    server.requests().iter().filter(|request| request.method() == "POST").count()
}

#[test]
fn eight_processes_register_one_client() {
    let server = Server::start(|_: &Request, base: &str| {
        let mut reply = vec![Step::Wait(Duration::from_millis(300))];
        reply.extend(created(base));
        reply
    });
    let room = room(&server);
    let children: Vec<_> = (0..8).map(|_| room.hallpass(&register()).spawn().unwrap()).collect();
    let codes: Vec<i32> = children.into_iter().map(|child| finish(child).code()).collect();
    assert_eq!((posts(&server), codes.iter().filter(|code| **code == 0).count()), (1, 1), "{codes:?}");
    assert!(codes.iter().all(|code| [0, 2].contains(code)), "{codes:?}");
}

#[test]
fn register_killed_while_waiting_is_in_doubt() {
    let server = Server::start(|_: &Request, _: &str| vec![Step::Hold]);
    let room = room(&server);
    let mut child = room.hallpass(&register()).spawn().unwrap();
    server.await_token_requests(1);
    child.kill().unwrap();
    child.wait().unwrap();
    let said = room.run(&register());
    assert!(said.refused(8).contains("is in doubt"), "{said}");
    assert_eq!(room.run(&["client", "list", "--json"]).json()[0]["state"], "in_doubt");
    assert_eq!(posts(&server), 1);
}

/// A key is on the disk before its public half is sent: here whoever made it is killed while the server has it.
#[test]
fn register_killed_keeps_new_key() {
    let signed = |base: &str| {
        let text = information(base).replace("client_secret_basic", "private_key_jwt");
        text.replace(&format!(r#""client_secret":"{SECRET}","client_secret_expires_at":0,"#), "")
    };
    for deed in [&["register", "--generate-key", "ES256"][..], &["update", "--generate-key", "ES256"], &["rotate"]] {
        let server = Server::start(move |request: &Request, base: &str| match request.method() {
            "PUT" => vec![Step::Hold],
            "POST" if deed[0] == "register" => vec![Step::Hold],
            "POST" => answer(201, "application/json", signed(base)),
            _ => answer(200, "application/json", signed(base)),
        });
        let room = room(&server);
        if deed[0] != "register" {
            room.run(&[&register()[..], &["--auth-method", "private_key_jwt", "--generate-key", "ES256"]].concat())
                .answer();
        }
        let keys = || holders(&room, "\"d\": ");
        assert_eq!(keys(), 0, "{deed:?}");
        let mut child = room.hallpass(&[&["client"], deed, &["-z", "z"]].concat()).spawn().unwrap();
        let sent =
            |request: &Request| request.method() == "PUT" || (deed[0] == "register" && request.method() == "POST");
        await_until(|| server.requests().iter().any(sent), || "the request".to_owned());
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        assert_eq!(keys(), 1, "{deed:?}");
        if deed[0] == "register" {
            let again = room.run(&register());
            assert!(again.refused(8).contains("--private-key-from file:"), "{again}");
        }
    }
}

/// The configuration is locked from the moment on at which the request came: the answer is there and can't be saved yet.
#[test]
fn register_killed_before_save_loses_nothing() {
    let place = Arc::new(OnceLock::<PathBuf>::new());
    let held = Arc::new(Mutex::new(None));
    let (theirs, holder) = (Arc::clone(&place), Arc::clone(&held));
    let server = Server::start(move |_: &Request, base: &str| {
        let lock = fs::File::options().write(true).open(theirs.get().unwrap()).unwrap();
        lock.lock().unwrap();
        *holder.lock().unwrap() = Some(lock);
        created(base)
    });
    let room = room(&server);
    place.set(room.home().join("lock/config.lock")).unwrap();
    let mut child = room.hallpass(&register()).spawn().unwrap();
    let begun = Instant::now();
    while holders(&room, TOKEN) == 0 {
        if begun.elapsed() > Duration::from_secs(60) {
            let _ = child.kill();
            panic!("nothing was put down: {:?}\n{}", room.files(), finish(child));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(room.run(&["vault", "list"]).answer(), "", "it was killed before it saved");
    drop(held.lock().unwrap().take());
    let said = room.run(&["client", "register", "-z", "z"]);
    assert!(said.answer().contains("c-1"), "{said}");
    assert_eq!(posts(&server), 1, "nothing is sent twice");
    let kept = room.run(&["vault", "list"]);
    assert!(kept.answer().contains("client_secret") && kept.answer().contains("registration_token"), "{kept}");
    assert!(!room.files().iter().any(|path| path.ends_with("z.json")));
}

/// No place takes the answer: the client is taken back, so that none stays that nobody can use.
#[test]
fn where_nothing_can_be_kept_client_is_taken_back() {
    let home = Arc::new(OnceLock::<PathBuf>::new());
    let known = Arc::clone(&home);
    let server = Server::start(move |request: &Request, base: &str| {
        if request.method() != "POST" {
            return answer(204, "text/plain", "");
        }
        let home = known.get().unwrap();
        for name in ["registration", "runtime", "vault"] {
            let _ = fs::rename(home.join(name), home.join(format!("{name}.gone")));
            symlink("/nonexistent", home.join(name)).unwrap();
        }
        created(base)
    });
    let room = room(&server);
    home.set(room.home()).unwrap();
    let said = room.run(&register());
    assert!(said.refused(7).contains("the client was deleted again"), "{said}");
    said.assert_hidden(SECRET).assert_hidden(TOKEN);
    let methods: Vec<String> = server.requests().iter().map(|request| request.method().to_owned()).collect();
    assert_eq!(methods, ["POST", "DELETE"]);
}

#[test]
fn lost_answer_is_one_request() {
    for (name, reply) in [
        ("hang up", vec![]),
        ("cut head", vec![Step::Send(b"HTTP/1.1 201 Created\r\nContent-Le".to_vec())]),
        (
            "cut body",
            vec![Step::Send(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"client_id\":\"c".to_vec())],
        ),
        ("no HTTP", vec![Step::Send(b"hello\r\n\r\n".to_vec())]),
        ("endless", vec![Step::Send(b"HTTP/1.1 201 Created\r\n\r\n".to_vec()), Step::Endless(vec![b' '; 65536])]),
    ] {
        let server = Server::start(move |_: &Request, _: &str| reply.clone());
        let room = room(&server);
        let said = room.run(&register());
        assert!(said.refused(8).contains("--replace"), "{name}: {said}");
        assert_eq!(posts(&server), 1, "{name}");
        room.run(&register()).refused(8);
        assert_eq!(posts(&server), 1, "{name}");
    }
}
