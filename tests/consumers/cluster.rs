//! kubectl, which asks an API server over TLS, and an API server, which asks a gate who a token is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fault::{Server, answer};
use crate::gate::{start_gate, write};
use crate::pinned::pinned;
use crate::room::{Outcome, Room, finish, free_port};
use crate::site::{Site, await_expiry, bearer, tokens};

#[test]
#[ignore = "needs kubectl: tests/run installs it"]
fn kubectl_asks_its_server_with_token_of_zone() {
    let api = Server::start_tls(|_, _| answer(200, "text/plain", "ok"));
    let site = Site::expiring(api.host());
    let configuration = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
         contexts:\n- name: c\n  context: {{cluster: c, user: u}}\n\
         clusters:\n- name: c\n  cluster: {{server: '{}', certificate-authority-data: {}}}\n\
         users:\n- name: u\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      \
         command: {}\n      args: [helper, kubectl]\n      interactiveMode: Never\n      provideClusterInfo: true\n",
        api.base(),
        STANDARD.encode(api.certificate()),
        env!("CARGO_BIN_EXE_hallpass")
    );
    site.write("kubeconfig", configuration);
    let ask = || site.run("kubectl", &["--kubeconfig", "kubeconfig", "get", "--raw", "/healthz"]);
    assert_eq!(ask().answer(), "ok");
    await_expiry();
    ask().answer();
    assert_eq!(tokens(&api, bearer), [1, 2]);
    assert!(api.credentials().iter().all(Option::is_some));
    let asked = api.requests().len();
    // A server that the zone does not name gets nothing.
    site.room.run(&["zone", "edit", "a", "--unset", "host"]).answer();
    assert_ne!(ask().code(), 0);
    assert_eq!(api.requests().len(), asked);
}

/// The user that the code of kube-apiserver gets from its webhook, by the file in contrib/gate/.
#[test]
#[ignore = "needs a program of Go: tests/run builds it"]
fn api_server_gets_user_of_token_from_gate() {
    let room = Room::new();
    let port = free_port();
    write(&room, "callers.txt", "#hallpass: label=\"ci\"\nlisted-token-1\n");
    let webhook = include_str!("../../contrib/gate/kubernetes-webhook.yaml");
    write(&room, "webhook.yaml", &webhook.replace("9190", &port.to_string()));
    let ask = |token: &str| -> Outcome {
        finish(room.program(pinned("bin/review")).args(["webhook.yaml", token]).spawn().unwrap())
    };
    let gate = start_gate(&room, port, &["--tokens-file", "callers.txt", "--token-review"]);
    assert_eq!(ask("listed-token-1").answer(), r#"{"authenticated":true,"groups":[],"uid":"","username":"ci"}"#);
    let refused = ask("other-token-2");
    assert!(refused.code() == 1 && refused.stderr.contains("it is not in callers.txt"), "{refused}");
    drop(gate);
    assert_eq!(ask("listed-token-1").code(), 1, "closed without a gate");
}
