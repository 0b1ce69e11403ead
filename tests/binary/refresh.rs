//! Renewal by a refresh token that rotates, seen from a server that counts: nothing is sent twice, nothing is lost.

use std::collections::HashSet;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::fault::{self, Reply, Request, Server, Step};
use super::room::{Room, await_until, finish, free_port};

/// What happens to the answer of a refresh.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// It arrives.
    Arrives,
    /// The server hangs up instead.
    Lost,
    /// Half of it arrives, and then nothing.
    Half,
    /// A gateway answers instead.
    Gateway(u16),
}

/// An authorization server whose refresh tokens are good for one use.
struct Rotating {
    server: Server,
    state: Arc<State>,
}

struct State {
    refreshes: AtomicUsize,
    /// Refresh tokens that came after they were spent.
    replays: AtomicUsize,
    live: Mutex<String>,
    spent: Mutex<HashSet<String>>,
    fate: Mutex<Fate>,
    /// Whether it says of a refresh token whether it is still good.
    tells: AtomicBool,
    next: AtomicUsize,
}

impl Rotating {
    fn start() -> Self {
        let state = Arc::new(State {
            refreshes: AtomicUsize::new(0),
            replays: AtomicUsize::new(0),
            live: Mutex::default(),
            spent: Mutex::default(),
            fate: Mutex::new(Fate::Arrives),
            tells: AtomicBool::new(true),
            next: AtomicUsize::new(1),
        });
        let theirs = Arc::clone(&state);
        Self { server: Server::start(move |request, base| theirs.answer(request, base)), state }
    }

    /// A room with a sealed vault, to which somebody is signed in.
    fn signed_in(&self) -> Room {
        let room = Room::sealed();
        room.run(&["login", &self.server.base(), "-z", "prod", "--device", "--client-id", "tv"]).answer();
        room
    }

    fn refreshes(&self) -> usize {
        self.state.refreshes.load(Ordering::SeqCst)
    }

    fn replays(&self) -> usize {
        self.state.replays.load(Ordering::SeqCst)
    }

    fn fate(&self, fate: Fate) {
        *self.state.fate.lock().unwrap() = fate;
    }
}

impl State {
    fn answer(&self, request: &Request, base: &str) -> Reply {
        let field = |name: &str| {
            let mut pairs = request.body.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        match request.target() {
            "/device" => fault::json(
                200,
                format!(
                    r#"{{"device_code":"dc","user_code":"ABCD","verification_uri":"{base}/page","expires_in":60,"interval":0}}"#
                ),
            ),
            "/introspect" if self.tells.load(Ordering::SeqCst) => {
                let active = *self.live.lock().unwrap() == field("token");
                fault::json(200, format!(r#"{{"active":{active}}}"#))
            }
            "/introspect" => fault::oauth_error(403, "invalid_request"),
            "/token" if field("grant_type") == "refresh_token" => self.refresh(&field("refresh_token")),
            // A token that is due at once.
            "/token" => fault::json(200, self.tokens(1)),
            _ => fault::json(
                200,
                format!(
                    r#"{{"issuer":"{base}","token_endpoint":"{base}/token","introspection_endpoint":"{base}/introspect","device_authorization_endpoint":"{base}/device"}}"#
                ),
            ),
        }
    }

    fn refresh(&self, token: &str) -> Reply {
        self.refreshes.fetch_add(1, Ordering::SeqCst);
        if *self.live.lock().unwrap() != token {
            if self.spent.lock().unwrap().contains(token) {
                self.replays.fetch_add(1, Ordering::SeqCst);
            }
            return fault::oauth_error(400, "invalid_grant");
        }
        let tokens = self.tokens(300);
        match *self.fate.lock().unwrap() {
            Fate::Arrives => fault::json(200, tokens),
            Fate::Lost => fault::hang_up(),
            Fate::Gateway(status) => fault::answer(status, "text/html", "<h1>Bad Gateway</h1>"),
            Fate::Half => {
                let head = format!(
                    "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                    tokens.len(),
                    &tokens[..tokens.len() / 2]
                );
                vec![Step::Send(head.into_bytes()), Step::Hold]
            }
        }
    }

    /// An access token and the next refresh token, which spends the one before.
    fn tokens(&self, expires_in: u64) -> String {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let before = std::mem::replace(&mut *self.live.lock().unwrap(), format!("RT-{number}"));
        self.spent.lock().unwrap().insert(before);
        format!(
            r#"{{"access_token":"AT-{number}","token_type":"Bearer","expires_in":{expires_in},"refresh_token":"RT-{number}"}}"#
        )
    }
}

fn a_second_later() {
    std::thread::sleep(Duration::from_millis(1050));
}

#[test]
fn eight_processes_at_once_make_one_refresh() {
    let server = Rotating::start();
    let room = server.signed_in();
    a_second_later();
    let children: Vec<_> = (0..8).map(|_| room.hallpass(&["token"]).spawn().unwrap()).collect();
    for child in children {
        assert_eq!(finish(child).answer(), "AT-2");
    }
    assert_eq!((server.refreshes(), server.replays()), (1, 0));
    // Other scopes are other tokens of the same refresh token: one after the other.
    let children: Vec<_> =
        (0..4).map(|n| room.hallpass(&["token", "--scope", &format!("s{n}")]).spawn().unwrap()).collect();
    for child in children {
        assert!(finish(child).answer().starts_with("AT-"));
    }
    assert_eq!((server.refreshes(), server.replays()), (5, 0));
}

#[test]
fn lost_answer_is_one_request_and_then_question() {
    for fate in [Fate::Lost, Fate::Gateway(502), Fate::Gateway(504)] {
        let server = Rotating::start();
        let room = server.signed_in();
        a_second_later();
        server.fate(fate);
        assert!(room.run(&["token"]).refused(8).contains("in doubt"));
        assert_eq!(server.refreshes(), 1, "counted at the server");
        server.fate(Fate::Arrives);
        // The server says that it was spent: never again, however often somebody asks.
        for _ in 0..3 {
            assert!(room.run(&["token"]).refused(4).contains("hallpass login -z prod"));
        }
        assert_eq!((server.refreshes(), server.replays()), (1, 0));
        room.run(&["login", "-z", "prod", "--device"]).answer();
        a_second_later();
        room.run(&["token"]).answer();
        assert_eq!((server.refreshes(), server.replays()), (2, 0));
    }
}

#[test]
fn refresh_killed_before_storing_leaves_mark() {
    let server = Rotating::start();
    let room = server.signed_in();
    a_second_later();
    server.fate(Fate::Half);
    let mut child = room.hallpass(&["token"]).spawn().unwrap();
    await_until(|| server.refreshes() > 0, || "the refresh".to_owned());
    child.kill().unwrap();
    child.wait().unwrap();
    server.fate(Fate::Arrives);
    room.run(&["token"]).refused(4);
    assert_eq!((server.refreshes(), server.replays()), (1, 0), "a spent token was sent again");
}

#[test]
fn process_that_is_killed_while_connecting_leaves_no_doubt() {
    let server = Rotating::start();
    server.state.tells.store(false, Ordering::SeqCst);
    let base = server.server.base();
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let (relay, room) = (Relay::start(address, &base), Room::sealed());
    let line = ["zone", "add", "prod", "--client-id", "tv", "--grant", "device_code", "--issuer"];
    let endpoint = format!("http://{address}/token");
    room.run(&[&line[..], &[&base, "--token-endpoint", &endpoint]].concat()).answer();
    room.run(&["login", "-z", "prod", "--device"]).answer();
    a_second_later();
    relay.stop();
    // A listener that never accepts, with its queue full: the connection hangs and nothing is sent.
    let deaf = deaf(address);
    let mut child = room.hallpass(&["token"]).spawn().unwrap();
    await_until(|| is_connecting(address), || "an attempt to connect".to_owned());
    child.kill().unwrap();
    child.wait().unwrap();
    drop(deaf);
    let _relay = Relay::start(address, &base);
    assert_eq!(room.run(&["token"]).answer(), "AT-2");
    assert_eq!((server.refreshes(), server.replays()), (1, 0));
}

/// Hands connections on to a server, from an address that something else can take over.
struct Relay {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Relay {
    fn start(address: SocketAddr, base: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let to = base.trim_start_matches("http://").to_owned();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (client, server) = (client.unwrap(), TcpStream::connect(&to).unwrap());
                hand_on(client.try_clone().unwrap(), server.try_clone().unwrap());
                hand_on(server, client);
            }
        });
        Self { address, stopped, thread }
    }

    fn stop(self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.join().unwrap();
    }
}

fn hand_on(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// Whether anybody waits for a connection to this address; a system that does not tell is given some time.
fn is_connecting(address: SocketAddr) -> bool {
    let Ok(sockets) = std::fs::read_to_string("/proc/net/tcp") else {
        std::thread::sleep(Duration::from_millis(700));
        return true;
    };
    // The address of the other side, and the state SYN_SENT.
    let waits = format!(":{:04X} 02 ", address.port());
    sockets.lines().any(|line| line.contains(&waits))
}

/// A listener whose queue of connections is full.
fn deaf(address: SocketAddr) -> (TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind(address).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let full = std::iter::from_fn(|| TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok());
    let full = full.take(8).collect();
    (listener, full)
}

#[test]
fn killed_at_any_moment_no_spent_token_is_sent() {
    let server = Rotating::start();
    let room = server.signed_in();
    a_second_later();
    let (mut killed, mut done, mut ended) = (0, 0, 0);
    for round in 0..24 {
        let before = server.refreshes();
        let mut child = room.hallpass(&["token", "--fresh"]).spawn().unwrap();
        await_until(|| server.refreshes() > before, || "the refresh".to_owned());
        // From the arrival of the request over the vault's write to the end of the process.
        std::thread::sleep(Duration::from_micros(round * 700));
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let next = room.run(&["token", "--fresh"]);
        match next.code() {
            0 => done += 1,
            4 => {
                ended += 1;
                room.run(&["login", "-z", "prod", "--device"]).answer();
            }
            code => panic!("round {round} ended with {code}: {next}"),
        }
        assert_eq!(server.replays(), 0, "round {round}: a spent token was sent again");
    }
    assert!(killed > 3 && done > 3 && done + ended == 24, "{killed} killed, {done} done, {ended} ended");
}

#[test]
fn whole_session_in_sandbox() {
    let room = Room::new().with("PATH", std::env::var_os("PATH").unwrap());
    let script = "set -e
        hallpass login \"$HALLPASS_ISSUER\" -z me --device --client-id sandbox-public --scope 'openid profile read'
        hallpass token -z me --json
        hallpass token -z me --fresh --json
        hallpass token -z me --fresh --scope read --json
        hallpass status --all --json
        hallpass logout -z me
        hallpass token -z me || echo $?";
    let outcome = room.run(&["sandbox", "--auto-consent", "--", "sh", "-c", script]);
    let lines: Vec<&str> = outcome.answer().lines().collect();
    assert!(
        lines[0].starts_with("signed in to zone me as ada; the refresh token is stored in the sealed vault"),
        "{outcome}"
    );
    let json = |line: usize| serde_json::from_str::<serde_json::Value>(lines[line]).unwrap();
    assert_eq!((&json(1)["source"], &json(2)["source"]), (&"cache".into(), &"refresh".into()));
    assert_eq!((&json(3)["source"], &json(3)["scope"]), (&"refresh".into(), &"read".into()));
    assert!(outcome.stdout.contains(r#""who":"ada""#), "{outcome}");
    assert_eq!(lines[lines.len() - 2], "signed out of zone me; the session at the server has ended");
    assert_eq!(lines[lines.len() - 1], "4");
}
