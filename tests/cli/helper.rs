//! `helper …`: what other programs get in their own protocols.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::room::{BEGIN, Outcome, Room};
use super::server::{Answer, Server};

/// A zone whose tokens may go to the hosts h.example and *.in.example.
fn room(server: &Server) -> Room {
    let room = Room::with_zone(server);
    room.run("zone edit prod --host h.example --host *.in.example:8443").ok();
    room
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(outcome.ok()).unwrap()
}

#[test]
fn git_gets_bearer_token_where_it_can_send_one() {
    let server = Server::start();
    let room = room(&server);
    server.mints(Answer::token("t0ken"));
    let get = |description: &str| room.call("helper git get").stdin(description).run();
    assert_snapshot!(get("capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=h.example\n\n"), @"
    exit 0
    out: capability[]=authtype
    out: authtype=Bearer
    out: credential=t0ken
    out: ephemeral=1
    out: password_expiry_utc=1795341900
    ");
    assert_snapshot!(get("protocol=https\nhost=h.example\nusername=me\n"), @"
    exit 0
    out: username=me
    out: password=t0ken
    out: password_expiry_utc=1795341900
    ");
    assert_snapshot!(get("protocol=https\nhost=sub.in.example:8443\npath=x.git\n"), @"
    exit 0
    out: username=oauth2
    out: password=t0ken
    out: password_expiry_utc=1795341900
    ");
    // A host that no zone names, plain http and what is no host get nothing, and git goes on.
    for wrong in [
        "https\nhost=evil.example",
        "https\nhost=in.example:8443",
        "https\nhost=sub.in.example",
        "ssh\nhost=h.example",
        "https\nhost=h.example@evil.example",
        "https\nhost=",
        "https\nhost=h.example/x?@evil.example#",
    ] {
        let outcome = get(&format!("protocol={wrong}\n\n"));
        assert_eq!((outcome.code, &*outcome.stdout), (0, ""), "{wrong}");
    }
    assert_snapshot!(get("protocol=http\nhost=h.example\n\n"), @"
    exit 0
    err: warning: no token for h.example: plain http would show it to the network
    ");
    assert_eq!(server.count(), 1);
    for other in ["store", "approve", ""] {
        let outcome = room.call(&format!("helper git {other}")).stdin("password=x\n").run();
        assert_eq!((outcome.code, &*outcome.stdout, &*outcome.stderr), (0, "", ""), "{other}");
    }
    // The token that a server refused is not handed out again; another one is left alone.
    let erase =
        |token: &str| room.call("helper git erase").stdin(&format!("host=h.example\ncredential={token}\n")).run();
    erase("another").ok();
    assert_eq!(room.run("token").ok(), "t0ken");
    erase("t0ken").ok();
    server.mints(Answer::token("t0ken-2"));
    assert_eq!(room.run("token").ok(), "t0ken-2");
}

#[test]
fn git_asks_no_person_where_host_is_ours() {
    let server = Server::start();
    let room = room(&server);
    server.mints(Answer::error(401, "invalid_client", "no"));
    let outcome = room.call("helper git get").stdin("protocol=https\nhost=h.example\n\n").run();
    assert_eq!((outcome.code, &*outcome.stdout), (5, "quit=1\n"), "{outcome}");
    assert!(outcome.stderr.starts_with("error: "), "{outcome}");
}

#[test]
fn docker_gets_token_as_password() {
    let server = Server::start();
    let room = room(&server);
    server.mints(Answer::token("t0ken"));
    let call = |line: &str, server: &str| room.call(&format!("helper docker {line}")).stdin(server).run();
    for name in ["h.example", "https://h.example", "https://h.example/v1/\n"] {
        let expected = json!({"ServerURL": name.trim(), "Username": "oauth2accesstoken", "Secret": "t0ken"});
        assert_eq!(json(&call("get", name)), expected);
    }
    assert_eq!(json(&call("get --username me", "h.example"))["Username"], "me");
    let outcome = call("get", "evil.example");
    assert_eq!((outcome.code, &*outcome.stdout), (1, "credentials not found in native keychain\n"));
    assert_eq!(json(&call("list", "")), json!({"https://h.example": "oauth2accesstoken"}));
    let outcome = call("store", r#"{"ServerURL":"h.example","Username":"u","Secret":"hunter2"}"#);
    assert_eq!((outcome.code, &*outcome.stdout), (0, ""));
    assert_eq!(call("erase", "h.example").code, 0);
    assert_eq!(room.run("token list --json").json(), json!([]));
}

#[test]
fn cargo_is_answered_line_by_line() {
    let server = Server::start();
    let room = room(&server);
    server.mints(Answer::token("t0ken"));
    let request = |kind: &str, url: &str| {
        json!({"v": 1, "kind": kind, "operation": "read", "registry": {"index-url": url, "name": "x"}, "args": []})
            .to_string()
    };
    let lines = [
        request("get", "sparse+https://h.example/index/"),
        request("get", "sparse+https://evil.example/index/"),
        request("login", "sparse+https://h.example/index/"),
        "nonsense".to_owned(),
        request("get", "sparse+https://h.example/index/").replace("\"args\":[]", "\"args\":[\"-z\",\"other\"]"),
    ];
    let outcome = room.call("helper cargo").stdin(&(lines.join("\n") + "\n")).run();
    let answers: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        answers,
        [
            json!({"v": [1]}),
            json!({"Ok": {"kind": "get", "token": "Bearer t0ken", "cache": "expires", "operation_independent": true,
                "expiration": BEGIN + 300}}),
            json!({"Err": {"kind": "url-not-supported"}}),
            json!({"Err": {"kind": "operation-not-supported"}}),
            json!({"Err": {"kind": "other", "message": "the request is not JSON", "caused-by": []}}),
            json!({"Err": {"kind": "other", "message": "arguments in credential-provider are not read", "caused-by": []}}),
        ]
    );
    room.run("token forget").ok();
    server.mints(Answer::error(400, "invalid_grant", "no"));
    let outcome = room.call("helper cargo").stdin(&(lines[0].clone() + "\n")).run();
    let failure: Value = serde_json::from_str(outcome.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(failure["Err"]["kind"], "other");
    assert_eq!(outcome.code, 0);
}

#[test]
fn kubectl_gets_token_of_its_server() {
    let server = Server::start();
    let mut room = room(&server);
    server.mints(Answer::token("t0ken"));
    assert_snapshot!(room.run("helper kubectl"), @r#"
    exit 0
    out: {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t0ken","expirationTimestamp":"2026-11-22T10:05:00Z"}}
    "#);
    let mut question = json!({"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential",
        "spec": {"interactive": false, "cluster": {"server": "https://h.example:6443"}}});
    room.set("KUBERNETES_EXEC_INFO", question.to_string());
    let answer = json(&room.run("helper kubectl"));
    assert_eq!((&answer["apiVersion"], &answer["status"]["token"]), (&question["apiVersion"], &"t0ken".into()));
    question["spec"]["cluster"]["server"] = "https://evil.example".into();
    room.set("KUBERNETES_EXEC_INFO", question.to_string());
    let outcome = room.run("helper kubectl -z prod");
    assert_eq!((outcome.code, &*outcome.stdout), (1, ""), "{outcome}");
    question["apiVersion"] = "client.authentication.k8s.io/v9".into();
    room.set("KUBERNETES_EXEC_INFO", question.to_string());
    assert_eq!(room.run("helper kubectl").code, 2);
    room.set("KUBERNETES_EXEC_INFO", "{");
    assert_eq!(room.run("helper kubectl").code, 2);
}

#[test]
fn others_get_token_in_their_words() {
    let server = Server::start();
    let mut room = room(&server);
    server.mints(Answer::token("t0ken"));
    let bazel = |uri: &str| room.call("helper bazel get").stdin(&json!({"uri": uri}).to_string()).run();
    assert_eq!(
        json(&bazel("https://h.example/cache/x")),
        json!({"headers": {"Authorization": ["Bearer t0ken"]}, "expires": "2026-11-22T10:05:00Z"})
    );
    assert_eq!((bazel("https://evil.example/").code, bazel("h.example").code), (1, 1));
    for bad in ["", "{", "{}", r#"{"uri":1}"#] {
        assert!([3, 8].contains(&room.call("helper bazel get").stdin(bad).run().code), "{bad}");
    }
    assert_eq!(json(&room.run("helper mcp https://h.example/mcp")), json!({"Authorization": "Bearer t0ken"}));
    assert_eq!(room.run("helper mcp https://evil.example/mcp").code, 1);
    assert_eq!(room.run("helper go").stdout, "");
    assert_eq!(
        room.call("helper go https://h.example/mod?go-get=1").stdin("HTTP/1.1 401 No\r\n\r\n").run().stdout,
        "https://h.example\n\nAuthorization: Bearer t0ken\n\n"
    );
    let outcome = room.run("helper go https://evil.example/mod");
    assert_eq!((outcome.code, &*outcome.stdout), (0, ""));
    assert_eq!(json(&room.run("helper terraform get h.example")), json!({"token": "t0ken"}));
    assert_eq!(json(&room.run("helper terraform get evil.example")), json!({}));
    assert_eq!(room.call("helper terraform store h.example").stdin(r#"{"token":"x"}"#).run().code, 8);
    for service in ["https://h.example/simple/", "https://u@h.example/simple/", "h.example"] {
        assert_eq!(room.run(&format!("helper keyring get {service} oauth2accesstoken")).ok(), "t0ken", "{service}");
    }
    assert_eq!(room.run("helper keyring --mode creds get https://h.example/").ok(), "oauth2accesstoken\nt0ken");
    for wrong in ["https://h.example@evil.example/", "evil.example", "http://h.example/"] {
        let outcome = room.run(&format!("helper keyring get {wrong} u"));
        assert_eq!((outcome.code, &*outcome.stdout), (1, ""), "{wrong}");
    }
    assert_eq!(room.run("helper pnpm").ok(), "Bearer t0ken");
    assert_eq!(room.run("helper vault get").stdout, "t0ken");
    assert_eq!(
        room.run("helper npm https://npm.example/private").ok(),
        "//npm.example/private/:_authToken=${HALLPASS_TOKEN}"
    );
    assert_eq!(
        json(&room.run("helper gcp")),
        json!({"version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:id_token",
            "id_token": "t0ken", "expiration_time": BEGIN + 300})
    );
    room.set("HALLPASS_ZONE", "none");
    let outcome = room.run("helper gcp");
    let failure: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((outcome.code, &failure["success"], &failure["code"]), (3, &json!(false), &json!("3")));
    assert_eq!(server.count(), 1);
}

#[test]
fn failure_in_words_of_protocol_shows_no_secret() {
    let server = Server::start();
    let room = room(&server);
    let get = json!({"v": 1, "kind": "get", "registry": {"index-url": "sparse+https://h.example/"}}).to_string();
    for (line, stdin) in [("helper cargo", get.as_str()), ("helper gcp", "")] {
        server.mints(Answer::error(400, "invalid_request", "you sent s3cr3t-value"));
        let outcome = room.call(line).stdin(&format!("{stdin}\n")).run();
        assert!(outcome.stdout.contains("you sent") && !outcome.stdout.contains("s3cr3t-value"), "{outcome}");
    }
}

#[test]
fn helper_needs_zone_or_given_host() {
    let server = Server::start();
    let mut room = Room::new();
    let get = |room: &Room, flags: &str| {
        room.call(&format!("helper git {flags} get")).stdin("protocol=https\nhost=h.example\n").run()
    };
    let outcome = get(&room, "");
    assert_eq!((outcome.code, &*outcome.stdout), (0, ""), "{outcome}");
    room.set("HALLPASS_TOKEN", "given");
    assert_eq!(get(&room, "").stdout, "");
    assert_eq!(get(&room, "--allow-host h.example").stdout, "username=oauth2\npassword=given\n");
    room.unset("HALLPASS_TOKEN");
    room.run(&format!(
        "zone add bound --issuer {} --client-id ci --client-secret-ref env:S --dpop --host h.example --vault sealed",
        server.issuer()
    ));
    assert_eq!(get(&room, "").code, 2, "a bound token can't be handed over");
}

#[test]
fn host_of_two_zones_is_that_of_default_or_of_none() {
    let server = Server::start();
    let mut room = room(&server);
    room.set("S", "s3cr3t-value");
    let add =
        |name: &str| format!("zone add {name} --issuer {} --client-id ci --client-secret-ref env:S", server.issuer());
    room.run(&format!("{} --host h.example", add("other"))).ok();
    let get = |room: &Room, line: &str, stdin: &str| room.call(&format!("helper {line}")).stdin(stdin).run();
    server.mints(Answer::token("AT-1"));
    assert_eq!(get(&room, "mcp https://h.example/", "").ok(), r#"{"Authorization":"Bearer AT-1"}"#);
    room.run(&add("neutral")).ok();
    room.run("zone default neutral").ok();
    for (line, stdin, stdout, code) in [
        ("git get", "protocol=https\nhost=h.example\n", "", 0),
        ("git erase", "protocol=https\nhost=h.example\n", "", 0),
        ("docker get", "h.example", "credentials not found in native keychain\n", 1),
        ("mcp https://h.example/", "", "", 1),
        ("terraform get h.example", "", "{}\n", 0),
    ] {
        let outcome = get(&room, line, stdin);
        assert_eq!((outcome.code, &*outcome.stdout), (code, stdout), "{line}: {outcome}");
    }
    let stderr = get(&room, "git get", "protocol=https\nhost=h.example\n").stderr;
    assert_eq!(stderr, "warning: no token for h.example: the zones other and prod both have this host\n");
    assert_eq!(get(&room, "mcp -z prod https://h.example/", "").ok(), r#"{"Authorization":"Bearer AT-1"}"#);
}

/// A room with a home of other programs, where their configuration is.
fn furnished(server: &Server) -> Room {
    let mut room = room(server);
    for (path, text) in [
        ("h/.gitconfig", "[user]\n\tname = Me\n"),
        ("h/.docker/config.json", "{\n\t\"auths\": {}\n}"),
        ("h/.cargo/config.toml", "[build]\njobs = 2 # mine\n"),
        ("h/.bazelrc", "build --x\n"),
        ("h/.terraformrc", "disable_checkpoint = true\n"),
        ("h/.npmrc", "save=true\n"),
    ] {
        let path = room.directory().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    room.set("HOME", room.directory().join("h"));
    room
}

/// Every file below the home of other programs with its text, links with their target.
fn contents(room: &Room) -> Vec<(String, String)> {
    fn walk(directory: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            match std::fs::read_link(&path) {
                Ok(target) => found.push((name, format!("-> {}", target.display()))),
                Err(_) if path.is_dir() => walk(&path, found),
                Err(_) => found.push((name, std::fs::read_to_string(&path).unwrap())),
            }
        }
    }
    let mut found = Vec::new();
    walk(&room.directory().join("h"), &mut found);
    found.sort();
    found
}

#[test]
fn every_helper_can_be_installed_twice_and_taken_back() {
    let server = Server::start();
    let room = furnished(&server);
    let names: Vec<String> = room
        .run("helper list --json")
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    let command = hallpass::command();
    let helper = command.find_subcommand("helper").unwrap();
    let known = helper
        .get_subcommands()
        .map(clap::Command::get_name)
        .filter(|name| !["install", "uninstall", "list"].contains(name));
    assert_eq!(known.collect::<Vec<_>>(), names);
    let before = contents(&room);
    for name in &names {
        let list = || {
            room.run("helper list --json").json().as_array().unwrap().iter().find(|row| row["name"] == **name).unwrap()
                ["state"]
                .clone()
        };
        let by_hand = list() == "by hand";
        let planned = room.run(&format!("helper install {name} --dry-run --json")).json();
        assert_eq!(contents(&room), before, "{name}: a dry run changes nothing");
        let installed = room.run(&format!("helper install {name} --json")).json();
        let changes: Vec<&Value> = installed.as_array().unwrap().iter().collect();
        assert_eq!(planned.as_array().unwrap().len(), changes.len());
        assert!(changes.iter().all(|row| row["action"] == "added"), "{name}: {installed}");
        assert_eq!(changes.is_empty(), by_hand, "{name}: {installed}");
        let after = contents(&room);
        assert!(by_hand || after != before, "{name}");
        assert_eq!(list(), if by_hand { "by hand" } else { "installed" }, "{name}");
        let again = room.run(&format!("helper install {name} --json")).json();
        assert!(again.as_array().unwrap().iter().all(|row| row["action"] == "unchanged"), "{name}: {again}");
        assert_eq!(contents(&room), after, "{name}: twice is once");
        room.run(&format!("helper uninstall {name}")).ok();
        assert_eq!(contents(&room), before, "{name}: as it was");
    }
}

#[test]
fn file_without_text_is_there_afterwards() {
    let server = Server::start();
    let room = furnished(&server);
    let home = room.directory().join("h");
    for (name, path) in [
        ("git", ".gitconfig"),
        ("docker", ".docker/config.json"),
        ("cargo", ".cargo/config.toml"),
        ("bazel", ".bazelrc"),
        ("go", ".config/go/env"),
        ("terraform", ".terraformrc"),
        ("npm", ".npmrc"),
        ("pnpm", ".npmrc"),
        ("vault", ".vault"),
    ] {
        let path = home.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let open = if name == "docker" { "{}" } else { "# mine\n\n# no line break" };
        for text in [Some(""), Some("\n"), Some("\n\n"), Some(open), None] {
            let _ = std::fs::remove_file(&path);
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            room.run(&format!("helper install {name}")).ok();
            assert!(std::fs::read_to_string(&path).unwrap().contains('h'), "{name} {text:?}");
            room.run(&format!("helper uninstall {name}")).ok();
            assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), text, "{name}");
        }
    }
}

#[test]
fn configuration_is_where_variable_of_program_says() {
    let server = Server::start();
    let mut room = furnished(&server);
    let home = room.directory().join("h");
    let before = contents(&room);
    for (name, variable, named, file) in [
        ("git", "GIT_CONFIG_GLOBAL", "there/config", "there/config"),
        ("docker", "DOCKER_CONFIG", "there", "there/config.json"),
        ("cargo", "CARGO_HOME", "there", "there/config.toml"),
        ("go", "GOENV", "there/env", "there/env"),
        ("terraform", "TF_CLI_CONFIG_FILE", "there/rc", "there/rc"),
        ("npm", "NPM_CONFIG_USERCONFIG", "there/npmrc", "there/npmrc"),
        ("pnpm", "NPM_CONFIG_USERCONFIG", "there/npmrc", "there/npmrc"),
        ("vault", "VAULT_CONFIG_PATH", "there/rc", "there/rc"),
    ] {
        room.set(variable, home.join(named));
        room.run(&format!("helper install {name}")).ok();
        assert!(std::fs::read_to_string(home.join(file)).unwrap().to_lowercase().contains("hallpass"), "{name}");
        room.run(&format!("helper uninstall {name}")).ok();
        assert_eq!(contents(&room), before, "{name}");
        // A program that is to have no configuration is often given this one.
        if named != "there" {
            room.set(variable, "/dev/null");
            let outcome = room.run(&format!("helper install {name}"));
            assert_eq!((outcome.code, &*outcome.stdout), (3, ""), "{name}: {outcome}");
            assert!(!std::fs::metadata("/dev/null").unwrap().is_file(), "{name}");
        }
        room.unset(variable);
    }
}

#[test]
fn commented_out_line_is_no_installation() {
    let server = Server::start();
    let room = furnished(&server);
    let path = room.directory().join("h/.config/go/env");
    let mine = "# GOAUTH=/opt/hallpass helper go\nGOFLAGS=-x\n";
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, mine).unwrap();
    room.run("helper uninstall go").ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mine);
    room.run("helper install go").ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{mine}GOAUTH=/opt/hallpass helper go\n"));
    room.run("helper uninstall go").ok();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), mine);
}

#[test]
fn installation_is_read_by_its_program() {
    let server = Server::start();
    let room = furnished(&server);
    for name in ["git", "docker", "cargo", "bazel", "go", "terraform", "keyring", "pnpm", "npm"] {
        room.run(&format!("helper install {name} -z prod")).ok();
    }
    let home = room.directory().join("h");
    let text = |path: &str| std::fs::read_to_string(home.join(path)).unwrap().replace(&home.display().to_string(), "H");
    assert_eq!(
        text(".gitconfig"),
        "[user]\n\tname = Me\n[credential]\n\thelper = \"!/opt/hallpass helper git -z prod\"\n"
    );
    assert_eq!(
        text(".docker/config.json"),
        "{\n\t\"credHelpers\": {\n\t\t\"h.example\": \"hallpass\"\n\t},\n\t\"auths\": {}\n}"
    );
    assert_eq!(
        text(".cargo/config.toml"),
        "[build]\njobs = 2 # mine\n[registry]\nglobal-credential-providers = [\"cargo:token\", \"H/.local/bin/cargo-credential-hallpass\"]\n"
    );
    for (name, call) in [
        ("cargo-credential-hallpass", "cargo -z prod"),
        ("bazel-credential-hallpass", "bazel -z prod \"$@\""),
        ("docker-credential-hallpass", "docker -z prod \"$@\""),
        ("keyring", "keyring -z prod \"$@\""),
        ("pnpm-hallpass", "pnpm -z prod \"$@\""),
    ] {
        assert_eq!(text(&format!(".local/bin/{name}")), format!("#!/bin/sh\nexec /opt/hallpass helper {call}\n"));
    }
    assert_eq!(text(".config/go/env"), "GOAUTH=/opt/hallpass helper go -z prod\n");
    assert_eq!(
        text(".terraformrc"),
        "disable_checkpoint = true\ncredentials_helper \"hallpass\" {\n  args = [\"-z\", \"prod\"]\n}\n"
    );
    assert!(text(".npmrc").contains("//h.example/:_authToken=${HALLPASS_TOKEN}\n"));
    assert!(text(".npmrc").contains("/.local/bin/pnpm-hallpass\n"));
}

#[test]
fn what_is_in_the_way_is_left_alone() {
    let server = Server::start();
    let room = furnished(&server);
    let home = room.directory().join("h");
    std::fs::create_dir_all(home.join(".local/bin")).unwrap();
    std::fs::create_dir_all(home.join(".config/go")).unwrap();
    for (path, text) in [
        (".local/bin/keyring", "#!/bin/sh\n"),
        (".local/bin/vault-hallpass", "mine\n"),
        (".config/go/env", "GOAUTH=netrc\n"),
        (".docker/config.json", "{\"credHelpers\": {\"h.example\": \"desktop\"}}"),
        (".terraformrc", "credentials_helper \"other\" {\n}\n"),
        (".cargo/config.toml", "[registry]\ndefault = \"x\"\n"),
    ] {
        std::fs::write(home.join(path), text).unwrap();
    }
    let before = contents(&room);
    for name in ["keyring", "vault", "go", "docker", "terraform", "cargo"] {
        let outcome = room.run(&format!("helper install {name}"));
        assert_eq!((outcome.code, contents(&room) == before), (3, true), "{name}: {outcome}");
        let outcome = room.run(&format!("helper uninstall {name}"));
        assert_eq!((outcome.code, contents(&room) == before), (0, true), "{name}: {outcome}");
    }
    room.run("zone edit prod --unset host").ok();
    let outcome = room.run("helper install docker");
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("hallpass zone edit NAME --host HOST"), "{outcome}");
}
