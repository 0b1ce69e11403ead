//! cargo, pip and npm, which install a package from a registry that wants a token.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fault::{Request, Server, TOKEN, answer, with_fields};
use crate::room::{Outcome, Room, finish};

/// A room with a zone for a registry, which serves files by their path to whoever has the token.
struct Shop {
    room: Room,
    registry: Server,
    _issuer: Server,
}

impl Shop {
    /// `refusal` is the field of a 401; `files` are made from the base URL of the registry.
    fn new(
        credential: &str,
        refusal: &'static str,
        files: impl Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let issuer = Server::kind();
        let credential = credential.to_owned();
        let registry = Server::start(move |request, base| match files(request.target(), base) {
            _ if request.field("Authorization") != Some(&credential) => with_fields(401, refusal, ""),
            Some(bytes) => answer(200, content_type(request), bytes),
            None => answer(404, "text/plain", "no"),
        });
        let room = Room::new().with("SECRET", "s3cret").with("PATH", std::env::var_os("PATH").unwrap());
        let home = room.directory().to_owned();
        let room = room.with("HOME", &home);
        let (base, host) = (issuer.base(), registry.base().replace("http://", ""));
        let zone = [
            "zone",
            "add",
            "a",
            "--issuer",
            &base,
            "--client-id",
            "c",
            "--client-secret-ref",
            "env:SECRET",
            "--host",
            &host,
        ];
        room.run(&zone).answer();
        Self { room, registry, _issuer: issuer }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.room.directory().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    fn run(&self, program: &str, words: &[&str]) -> Outcome {
        finish(self.room.program(program).args(words).spawn().unwrap())
    }
}

fn content_type(request: &Request) -> &'static str {
    if request.target().starts_with("/simple/") { "text/html" } else { "application/json" }
}

fn output(program: &str, directory: &Path, words: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(words).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
#[ignore = "needs a registry's programs: tests/run installs them"]
fn cargo_fetches_from_private_sparse_registry() {
    let package = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(package.path().join("foo-1.0.0/src")).unwrap();
    std::fs::write(package.path().join("foo-1.0.0/Cargo.toml"), "[package]\nname = \"foo\"\nversion = \"1.0.0\"\n")
        .unwrap();
    std::fs::write(package.path().join("foo-1.0.0/src/lib.rs"), "").unwrap();
    let archive = output("tar", package.path(), &["-cz", "foo-1.0.0"]);
    std::fs::write(package.path().join("foo.crate"), &archive).unwrap();
    let sum = String::from_utf8(output("sha256sum", package.path(), &["foo.crate"])).unwrap();
    let sum = sum.split(' ').next().unwrap().to_owned();
    let shop = Shop::new(
        &format!("Bearer {TOKEN}"),
        "WWW-Authenticate: Cargo login_url=\"https://shop.example/me\"\r\n",
        move |path, base| match path {
            "/index/config.json" => Some(format!(r#"{{"dl":"{base}/dl","auth-required":true}}"#).into()),
            "/index/3/f/foo" => {
                let line = format!(
                    r#"{{"name":"foo","vers":"1.0.0","deps":[],"cksum":"{sum}","features":{{}},"yanked":false}}"#
                );
                Some(line.into())
            }
            "/dl/foo/1.0.0/download" => Some(archive.clone()),
            _ => None,
        },
    );
    let home = shop.path("cargo");
    let rustup = std::env::var_os("RUSTUP_HOME")
        .map_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".rustup"), std::path::PathBuf::from);
    let shop = Shop { room: shop.room.with("CARGO_HOME", &home).with("RUSTUP_HOME", rustup), ..shop };
    shop.write(
        "cargo/config.toml",
        &format!("[registries.shop]\nindex = \"sparse+{}/index/\"\n", shop.registry.base()),
    );
    shop.room.run(&["helper", "install", "cargo"]).answer();
    shop.write("p/Cargo.toml", "[package]\nname = \"p\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nfoo = { version = \"1\", registry = \"shop\" }\n");
    shop.write("p/src/lib.rs", "");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    shop.run(&cargo, &["fetch", "-q", "--manifest-path", "p/Cargo.toml"]).answer();
    assert!(shop.registry.requests().iter().any(|request| request.target() == "/dl/foo/1.0.0/download"));
}

#[test]
#[ignore = "needs a registry's programs: tests/run installs them"]
fn pip_installs_from_private_index() {
    let package = tempfile::tempdir().unwrap();
    let make = "import zipfile, base64, hashlib\n\
        z = zipfile.ZipFile('foo-1.0-py3-none-any.whl', 'w')\n\
        z.writestr('foo.py', 'x = 1')\n\
        z.writestr('foo-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: foo\\nVersion: 1.0\\n')\n\
        z.writestr('foo-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n\
        z.writestr('foo-1.0.dist-info/RECORD', 'foo.py,,\\nfoo-1.0.dist-info/METADATA,,\\nfoo-1.0.dist-info/WHEEL,,\\nfoo-1.0.dist-info/RECORD,,\\n')\n\
        z.close()";
    output("python3", package.path(), &["-c", make]);
    let wheel = std::fs::read(package.path().join("foo-1.0-py3-none-any.whl")).unwrap();
    let basic = format!("Basic {}", STANDARD.encode(format!("oauth2accesstoken:{TOKEN}")));
    let shop = Shop::new(&basic, "WWW-Authenticate: Basic realm=\"x\"\r\n", move |path, _| match path {
        "/simple/foo/" => {
            Some(b"<!DOCTYPE html><a href=\"/files/foo-1.0-py3-none-any.whl\">foo-1.0-py3-none-any.whl</a>".to_vec())
        }
        "/files/foo-1.0-py3-none-any.whl" => Some(wheel.clone()),
        _ => None,
    });
    shop.run("python3", &["-m", "venv", "venv"]).answer();
    shop.room.run(&["helper", "install", "keyring", "--bin-dir", "bin"]).answer();
    let path = std::env::join_paths(
        [shop.path("bin")].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let index = format!("http://oauth2accesstoken@{}/simple/", shop.registry.base().replace("http://", ""));
    let shop = Shop { room: shop.room.with("PATH", path.unwrap()), ..shop };
    shop.run(
        "venv/bin/pip",
        &[
            "install",
            "-q",
            "--disable-pip-version-check",
            "--no-input",
            "--keyring-provider",
            "subprocess",
            "--index-url",
            &index,
            "foo",
        ],
    )
    .answer();
    assert_eq!(shop.run("venv/bin/python", &["-c", "import foo; print(foo.x)"]).answer(), "1");
}

#[test]
#[ignore = "needs a registry's programs: tests/run installs them"]
fn npm_installs_through_exec() {
    let package = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(package.path().join("package")).unwrap();
    std::fs::write(package.path().join("package/package.json"), r#"{"name":"foo","version":"1.0.0"}"#).unwrap();
    let archive = output("tar", package.path(), &["-cz", "package"]);
    let shop = Shop::new(&format!("Bearer {TOKEN}"), "", move |path, base| {
        match path {
        "/foo" => Some(
            format!(r#"{{"name":"foo","dist-tags":{{"latest":"1.0.0"}},"versions":{{"1.0.0":{{"name":"foo","version":"1.0.0","dist":{{"tarball":"{base}/foo/-/foo-1.0.0.tgz"}}}}}}}}"#)
                .into(),
        ),
        "/foo/-/foo-1.0.0.tgz" => Some(archive.clone()),
        _ => None,
    }
    });
    shop.write(
        ".npmrc",
        &format!("registry={}/\naudit=false\nfund=false\nupdate-notifier=false\n", shop.registry.base()),
    );
    shop.room.run(&["helper", "install", "npm"]).answer();
    shop.write("p/package.json", r#"{"name":"p","version":"1.0.0"}"#);
    shop.room.run(&["exec", "--", "npm", "install", "--silent", "--prefix", "p", "foo"]).answer();
    assert!(shop.path("p/node_modules/foo/package.json").exists());
    // npm sends the name of a variable that is not set: without hallpass there is no token, and nothing is installed.
    assert_ne!(
        shop.run("npm", &["install", "--silent", "--prefix", "p", "foo@1", "--force", "--prefer-online"]).code(),
        0
    );
}
