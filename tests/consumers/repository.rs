//! git, which clones from and pushes to a server that wants a token.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::fault::{Reply, Request, Server, raw, with_fields};
use crate::room::{Outcome, Room, finish};
use crate::site::{Site, basic, bearer, token_of};

/// The program behind the server, by the common gateway interface.
fn answer_by_backend(request: &Request, root: &PathBuf) -> Reply {
    let (path, query) = request.target().split_once('?').unwrap_or((request.target(), ""));
    let mut backend = Command::new("git");
    backend.arg("http-backend").env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    backend.env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1").env("REMOTE_USER", "somebody");
    backend.env("REQUEST_METHOD", request.method()).env("PATH_INFO", path).env("QUERY_STRING", query);
    let fields = [
        ("CONTENT_TYPE", "content-type"),
        ("CONTENT_LENGTH", "content-length"),
        ("HTTP_CONTENT_ENCODING", "content-encoding"),
        ("GIT_PROTOCOL", "git-protocol"),
    ];
    for (name, field) in fields {
        backend.envs(request.field(field).map(|value| (name, value)));
    }
    let mut child = backend.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&request.bytes).unwrap();
    let output = child.wait_with_output().unwrap().stdout;
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    let mut bytes = format!("HTTP/1.1 {status}\r\n{head}\r\nConnection: close\r\n\r\n").into_bytes();
    bytes.extend_from_slice(&output[end + 4..]);
    raw(bytes)
}

/// A repository that whoever `good` knows may clone and push to.
pub fn start_repository(site: &Site, good: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Server {
    git(&site.room, "init -q --bare --initial-branch=main served/r.git").answer();
    git(&site.room, "-C served/r.git config http.receivepack true").answer();
    let repository = serve(site.path("served"), good);
    site.room.run(&["zone", "edit", "a", "--unset", "host", "--host", repository.host()]).answer();
    repository
}

/// Clones a repository, and pushes a commit after something else.
pub fn clone_and_push(room: &Room, url: &str, between: impl FnOnce()) {
    git(room, &format!("clone -q {url} work")).answer();
    std::fs::write(room.directory().join("work/file"), "x").unwrap();
    git(room, "-C work add file").answer();
    git(room, "-C work -c user.name=Me -c user.email=me@example.org commit -qm first").answer();
    between();
    git(room, "-C work push -q origin HEAD:main").answer();
    assert_eq!(git(room, "-C served/r.git log --format=%s main").answer(), "first");
}

/// The token of a request: a bearer token, or the password of a git before 2.46.
fn token_of_git(request: &Request) -> Option<u64> {
    token_of(request, bearer).or_else(|| token_of(request, |number| basic("oauth2", number)))
}

fn serve(root: PathBuf, good: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Server {
    Server::start(move |request, _| {
        if good(request) {
            return answer_by_backend(request, &root);
        }
        with_fields(401, "WWW-Authenticate: Basic realm=\"git\"\r\nWWW-Authenticate: Bearer realm=\"git\"\r\n", "")
    })
}

fn git(room: &Room, words: &str) -> Outcome {
    finish(room.program("git").args(words.split(' ')).spawn().unwrap())
}

#[test]
#[ignore = "needs git: tests/run installs it"]
fn git_clones_and_pushes_with_token_of_zone() {
    let site = Site::new("unused.example").with("GIT_TERMINAL_PROMPT", "0").with("GIT_CONFIG_NOSYSTEM", "1");
    let room = &site.room;
    let revoked = std::sync::Arc::new(std::sync::Mutex::new(None));
    let known = revoked.clone();
    let repository = start_repository(&site, move |request| {
        let revoked = *known.lock().unwrap();
        token_of_git(request).is_some_and(|number| revoked != Some(number))
    });
    room.run(&["helper", "install", "git"]).answer();
    let url = format!("{}/r.git", repository.base());
    clone_and_push(room, &url, || ());
    assert_eq!(site.issuer.token_requests().len(), 1, "one token for all of it");

    // A token that the server refuses is taken back by git, and the next command gets a new one.
    *revoked.lock().unwrap() = Some(1);
    assert_ne!(git(room, "-C work pull -q origin main").code(), 0);
    git(room, "-C work pull -q origin main").answer();
    assert_eq!(site.issuer.token_requests().len(), 2);

    // Another server on this machine is another host: it gets nothing.
    let other = serve(site.path("served"), |_| false);
    assert_ne!(git(room, &format!("ls-remote {}/r.git", other.base())).code(), 0);
    assert!(other.requests().iter().all(|request| request.field("Authorization").is_none()));

    room.run(&["helper", "uninstall", "git"]).answer();
    assert_ne!(git(room, &format!("ls-remote {url}")).code(), 0);
}
