//! pip, uv and twine, which install from and upload to an index that wants a token.

use crate::fault::answer;
use crate::pinned::pinned;
use crate::shop::{Shop, file};
use crate::site::{await_expiry, basic, output};

const USER: &str = "oauth2accesstoken";
const REFUSAL: &str = "WWW-Authenticate: Basic realm=\"x\"\r\n";

fn credential(number: u64) -> String {
    basic(USER, number)
}

/// The wheel of a package foo.
fn wheel(version: &str) -> Vec<u8> {
    let package = tempfile::tempdir().unwrap();
    let make = "import sys, zipfile\n\
        v = sys.argv[1]\n\
        z = zipfile.ZipFile('foo.whl', 'w')\n\
        z.writestr('foo.py', 'x = 1')\n\
        d = f'foo-{v}.dist-info/'\n\
        z.writestr(d + 'METADATA', f'Metadata-Version: 2.1\\nName: foo\\nVersion: {v}\\n')\n\
        z.writestr(d + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n\
        z.writestr(d + 'RECORD', f'foo.py,,\\n{d}METADATA,,\\n{d}WHEEL,,\\n{d}RECORD,,\\n')\n\
        z.close()";
    output("python3", package.path(), &["-c", make, version]);
    std::fs::read(package.path().join("foo.whl")).unwrap()
}

/// An index with two versions of foo, which takes uploads; the helper is the program keyring on PATH.
fn index() -> Shop {
    let wheels = ["1.0", "2.0"].map(|version| (format!("foo-{version}-py3-none-any.whl"), wheel(version)));
    let shop = Shop::new(credential, REFUSAL, move |path, _| match path {
        "/simple/foo/" => {
            let links = wheels.iter().map(|(name, _)| format!("<a href=\"/files/{name}\">{name}</a>"));
            Some(answer(200, "text/html", format!("<!DOCTYPE html>{}", links.collect::<String>())))
        }
        "/legacy/" => file("OK"),
        _ => wheels.iter().find(|(name, _)| path == format!("/files/{name}")).and_then(|(_, wheel)| file(wheel)),
    });
    let path = shop.site.path_with("bin");
    let shop = shop.with("PATH", path);
    shop.site.room.run(&["helper", "install", "keyring", "--bin-dir", "bin"]).answer();
    shop
}

/// The URL of an index with a user, for which the programs ask.
fn with_user(base: &str) -> String {
    format!("{}/simple/", base.replace("http://", &format!("http://{USER}@")))
}

/// Installs from the registry, again when the token has expired, and from the other one.
fn install_twice(shop: &Shop, install: impl Fn(&str, &str, &str) -> crate::room::Outcome) {
    let url = with_user(&shop.registry.base());
    install(&url, "foo==1.0", "first").answer();
    await_expiry();
    install(&url, "foo==2.0", "second").answer();
    for (directory, version) in [("first", "1.0"), ("second", "2.0")] {
        assert!(shop.site.path(&format!("{directory}/foo-{version}.dist-info")).exists());
    }
    shop.assert_token_was_renewed();
    assert_ne!(install(&with_user(&shop.stranger.base()), "foo==1.0", "third").code(), 0);
    shop.assert_stranger_got_nothing();
}

#[test]
#[ignore = "needs pip: tests/run installs it"]
fn pip_installs_from_private_index() {
    let shop = index();
    install_twice(&shop, |url, package, directory| {
        let words = ["install", "-q", "--disable-pip-version-check", "--no-input", "--no-cache-dir"];
        let index = ["--keyring-provider", "subprocess", "--index-url", url, "--target", directory, package];
        shop.site.run(pinned("bin/pip"), &[&words[..], &index].concat())
    });
}

#[test]
#[ignore = "needs uv: tests/run installs it"]
fn uv_installs_from_and_publishes_to_private_index() {
    let shop = index();
    let uv = |words: &[&str]| shop.site.run(pinned("bin/uv"), &[&["-q", "--no-config", "--no-cache"], words].concat());
    install_twice(&shop, |url, package, directory| {
        let index = ["--keyring-provider", "subprocess", "--index-url", url, "--target", directory, package];
        uv(&[&["pip", "install", "--no-python-downloads"], &index[..]].concat())
    });
    shop.site.write("dist/foo-3.0-py3-none-any.whl", wheel("3.0"));
    let publish = |base: &str| {
        let url = format!("{base}/legacy/");
        let words =
            ["publish", "--keyring-provider", "subprocess", "--username", USER, "--trusted-publishing", "never"];
        uv(&[&words[..], &["--publish-url", &url, "dist/foo-3.0-py3-none-any.whl"]].concat())
    };
    publish(&shop.registry.base()).answer();
    assert!(shop.registry.requests().last().unwrap().body.contains("foo-3.0.dist-info/METADATA"));
    assert_ne!(publish(&shop.stranger.base()).code(), 0);
    shop.assert_stranger_got_nothing();
}

/// twine asks no program: it gets the token by the environment.
#[test]
#[ignore = "needs twine: tests/run installs it"]
fn twine_uploads_through_exec() {
    let shop = index();
    shop.site.write("dist/foo-3.0-py3-none-any.whl", wheel("3.0"));
    let url = format!("{}/legacy/", shop.registry.base());
    let twine = pinned("bin/twine");
    let upload = [
        "upload",
        "--non-interactive",
        "--disable-progress-bar",
        "-u",
        USER,
        "--repository-url",
        &url,
        "dist/foo-3.0-py3-none-any.whl",
    ];
    let words = ["exec", "--env", "TWINE_PASSWORD", "--", twine.to_str().unwrap()];
    let run = || shop.site.room.run(&[&words[..], &upload].concat());
    run().answer();
    await_expiry();
    run().answer();
    shop.assert_token_was_renewed();
    assert!(shop.registry.requests().last().unwrap().body.contains("foo-3.0.dist-info/METADATA"));
    assert_ne!(shop.site.run(&twine, &upload).code(), 0);
}
