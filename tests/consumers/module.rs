//! go, which gets a module from a server that wants a token.

use crate::pinned::pinned;
use crate::shop::{Shop, file};
use crate::site::{await_expiry, bearer, output};

const PATH: &str = "example.org/foo";

/// The files of two versions of a module, by their path at a module server.
fn files() -> Vec<(String, Vec<u8>)> {
    let directory = tempfile::tempdir().unwrap();
    let make = "import sys, zipfile\n\
        z = zipfile.ZipFile('foo.zip', 'w')\n\
        z.writestr(sys.argv[1] + '/go.mod', 'module example.org/foo\\n')\n\
        z.writestr(sys.argv[1] + '/foo.go', 'package foo\\n')\n\
        z.close()";
    let mut files = Vec::new();
    for version in ["v1.0.0", "v1.1.0"] {
        output("python3", directory.path(), &["-c", make, &format!("{PATH}@{version}")]);
        let at = |end: &str| format!("/{PATH}/@v/{version}.{end}");
        files.push((at("info"), format!(r#"{{"Version":"{version}","Time":"2026-01-01T00:00:00Z"}}"#).into()));
        files.push((at("mod"), format!("module {PATH}\n").into()));
        files.push((at("zip"), std::fs::read(directory.path().join("foo.zip")).unwrap()));
    }
    files
}

#[test]
#[ignore = "needs go: tests/run installs it"]
fn go_gets_module_from_private_server() {
    let files = files();
    let shop = Shop::over_tls(bearer, "", move |path, _| {
        files.iter().find(|(at, _)| at == path).and_then(|(_, bytes)| file(bytes))
    });
    let shop = shop.with("GOSUMDB", "off").with("GOTOOLCHAIN", "local").with("GOFLAGS", "-modcacherw");
    shop.site.room.run(&["helper", "install", "go"]).answer();
    shop.site.write("work/go.mod", "module example.org/work\n");
    let get = |base: &str, version: &str| {
        let mut go = shop.site.room.program(pinned("bin/go"));
        go.args(["get", &format!("{PATH}@{version}")]).env("GOPROXY", base).current_dir(shop.site.path("work"));
        crate::room::finish(go.spawn().unwrap())
    };
    get(&shop.registry.base(), "v1.0.0").answer();
    await_expiry();
    get(&shop.registry.base(), "v1.1.0").answer();
    assert!(std::fs::read_to_string(shop.site.path("work/go.mod")).unwrap().contains("foo v1.1.0"));
    shop.assert_token_was_renewed();
    assert_ne!(get(&shop.stranger.base(), "v1.2.0").code(), 0);
    shop.assert_stranger_got_nothing();
}
