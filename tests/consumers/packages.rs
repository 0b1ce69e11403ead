//! cargo, npm and pnpm, which install a package from a registry that wants a token.

use std::path::{Path, PathBuf};

use crate::pinned::pinned;
use crate::shop::{Shop, file};
use crate::site::{await_expiry, bearer, output};

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
    let refusal = "WWW-Authenticate: Cargo login_url=\"https://shop.example/me\"\r\n";
    let shop = Shop::new(bearer, refusal, move |path, base| match path {
        "/index/config.json" => file(format!(r#"{{"dl":"{base}/dl","auth-required":true}}"#)),
        "/index/3/f/foo" => {
            file(format!(r#"{{"name":"foo","vers":"1.0.0","deps":[],"cksum":"{sum}","features":{{}},"yanked":false}}"#))
        }
        "/dl/foo/1.0.0/download" => file(&archive),
        _ => None,
    });
    let rustup = std::env::var_os("RUSTUP_HOME")
        .map_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".rustup"), PathBuf::from);
    let home = shop.site.path("cargo");
    let shop = shop.with("CARGO_HOME", home).with("RUSTUP_HOME", rustup);
    shop.site.write(
        "cargo/config.toml",
        format!(
            "[registries.shop]\nindex = \"sparse+{}/index/\"\n[registries.stranger]\nindex = \"sparse+{}/index/\"\n",
            shop.registry.base(),
            shop.stranger.base()
        ),
    );
    shop.site.room.run(&["helper", "install", "cargo", "-z", "a", "--bin-dir", "bin"]).answer();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let fetch = |registry: &str, package: &str| {
        let manifest = format!(
            "[package]\nname = \"p\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
             [dependencies]\nfoo = {{ version = \"1\", registry = \"{registry}\" }}\n"
        );
        shop.site.write(&format!("{package}/Cargo.toml"), manifest);
        shop.site.write(&format!("{package}/src/lib.rs"), "");
        shop.site.run(&cargo, &["fetch", "-q", "--manifest-path", &format!("{package}/Cargo.toml")])
    };
    fetch("shop", "first").answer();
    assert!(shop.registry.requests().iter().any(|request| request.target() == "/dl/foo/1.0.0/download"));
    await_expiry();
    // Without what cargo has kept of the registry.
    std::fs::remove_dir_all(shop.site.path("cargo/registry")).unwrap();
    fetch("shop", "second").answer();
    shop.assert_token_was_renewed();
    assert_ne!(fetch("stranger", "third").code(), 0);
    shop.assert_stranger_got_nothing();
}

/// A registry of npm's kind with one package foo.
fn npm_registry() -> Shop {
    let package = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(package.path().join("package")).unwrap();
    std::fs::write(package.path().join("package/package.json"), r#"{"name":"foo","version":"1.0.0"}"#).unwrap();
    let archive = output("tar", package.path(), &["-cz", "package"]);
    Shop::new(bearer, "", move |path, base| match path {
        "/foo" => {
            let tarball = format!("{base}/foo/-/foo-1.0.0.tgz");
            let version = serde_json::json!({"name": "foo", "version": "1.0.0", "dist": {"tarball": tarball}});
            let whole =
                serde_json::json!({"name": "foo", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}});
            file(whole.to_string())
        }
        "/foo/-/foo-1.0.0.tgz" => file(&archive),
        _ => None,
    })
}

/// Makes a project whose packages come from there.
fn project(shop: &Shop, name: &str, registry: &str) {
    shop.site.write(
        &format!("{name}/.npmrc"),
        format!("registry={registry}/\naudit=false\nfund=false\nupdate-notifier=false\n"),
    );
    shop.site.write(&format!("{name}/package.json"), format!(r#"{{"name":"{name}","version":"1.0.0"}}"#));
}

#[test]
#[ignore = "needs a registry's programs: tests/run installs them"]
fn npm_installs_through_exec() {
    let shop = npm_registry();
    shop.site.room.run(&["helper", "install", "npm"]).answer();
    let install = |name: &str, registry: &str| {
        project(&shop, name, registry);
        let words = ["npm", "install", "--silent", "--prefer-online", "foo"];
        shop.site.room.hallpass(&[&["exec", "--"], &words[..]].concat()).current_dir(shop.site.path(name)).spawn()
    };
    let install = |name: &str, registry: &str| crate::room::finish(install(name, registry).unwrap());
    install("first", &shop.registry.base()).answer();
    assert!(shop.site.path("first/node_modules/foo/package.json").exists());
    await_expiry();
    install("second", &shop.registry.base()).answer();
    shop.assert_token_was_renewed();
    assert_ne!(install("third", &shop.stranger.base()).code(), 0);
    shop.assert_stranger_got_nothing();
    // npm sends the name of a variable that is not set: without hallpass there is no token, and nothing is installed.
    project(&shop, "fourth", &shop.registry.base());
    let words = ["install", "--silent", "--prefix", "fourth", "foo", "--force", "--prefer-online"];
    assert_ne!(shop.site.run("npm", &words).code(), 0);
}

#[test]
#[ignore = "needs pnpm: tests/run installs it"]
fn pnpm_installs_by_token_helper() {
    let shop = npm_registry().with("HALLPASS_ZONE", "a");
    shop.site.room.run(&["helper", "install", "pnpm", "--bin-dir", "bin"]).answer();
    let pnpm = pinned("node_modules/.bin/pnpm");
    let install = |name: &str, registry: &str| {
        project(&shop, name, registry);
        shop.site.run(&pnpm, &["-C", name, "add", "--silent", "--store-dir", &format!("../store-{name}"), "foo"])
    };
    install("first", &shop.registry.base()).answer();
    assert!(shop.site.path("first/node_modules/foo/package.json").exists());
    await_expiry();
    install("second", &shop.registry.base()).answer();
    shop.assert_token_was_renewed();
    assert_ne!(install("third", &shop.stranger.base()).code(), 0);
    shop.assert_stranger_got_nothing();
}
