//! The Job: read by kubectl with its own types, and its container's command run with a projected token that is rotated.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::document::documents;
use crate::fault::{Server, json, metadata_text, token};
use crate::room::{Room, await_until, finish};
use crate::sandbox::{install, play, search_path};

fn job() -> Value {
    documents("kubernetes/job.yaml").remove(1)
}

/// Puts a token where the kubelet puts it: into a new directory, to which a link is moved at once.
fn project(volume: &Path, name: &str, number: usize, token: &str) {
    let fresh = format!("..2026_11_29_{number}");
    std::fs::create_dir_all(volume.join(&fresh)).unwrap();
    std::fs::write(volume.join(&fresh).join(name), token).unwrap();
    symlink(&fresh, volume.join("..data_tmp")).unwrap();
    let old = std::fs::read_link(volume.join("..data")).ok();
    std::fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    if let Some(old) = old {
        std::fs::remove_dir_all(volume.join(old)).unwrap();
    } else {
        symlink(format!("..data/{name}"), volume.join(name)).unwrap();
    }
}

#[test]
fn job_reads_projected_token_again_when_it_was_rotated() {
    let minted = AtomicUsize::new(0);
    let issuer = Server::start(move |request, base| {
        if request.is_metadata() {
            return json(200, metadata_text(base).replace("client_secret_basic", "private_key_jwt"));
        }
        token(&format!("AT-{}", minted.fetch_add(1, Ordering::SeqCst) + 1), 2)
    });
    let room = Room::new().without_variable("HALLPASS_HOME");
    install(&room);
    let pod = &job()["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    // Each volume is a directory of the room: where the container has it, and where it is.
    let mounts: BTreeMap<&str, std::path::PathBuf> = container["volumeMounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mount| {
            let volume = room.directory().join(mount["name"].as_str().unwrap());
            std::fs::create_dir(&volume).unwrap();
            // As the kubelet makes a volume.
            std::fs::set_permissions(&volume, std::fs::Permissions::from_mode(0o2777)).unwrap();
            (mount["mountPath"].as_str().unwrap(), volume)
        })
        .collect();
    let placed =
        |text: &str| mounts.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to.to_str().unwrap()));
    let projected = pod["volumes"].as_array().unwrap().iter().find(|volume| volume["name"] == "identity").unwrap();
    let source = &projected["projected"]["sources"][0]["serviceAccountToken"];
    assert!(source["expirationSeconds"].as_u64().unwrap() >= 600, "the least that the API server takes");
    let mut variables: BTreeMap<&str, String> = container["env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), placed(one["value"].as_str().unwrap())))
        .collect();
    assert_eq!(source["audience"], variables["HALLPASS_ISSUER"], "the token is for the authorization server alone");
    variables.insert("HALLPASS_ISSUER", issuer.base());
    let identity = room.directory().join("identity");
    project(&identity, source["path"].as_str().unwrap(), 1, "first.id.token");

    play(
        &room,
        "deploy",
        "cat \"$API_TOKEN_FILE\" >first\nwhile cmp -s first \"$API_TOKEN_FILE\"; do sleep 0.02; done\n\
         cat \"$API_TOKEN_FILE\" >second",
    );
    let words: Vec<&str> = container["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let mut command = room.program(room.directory().join("bin").join(words[0]));
    command.args(words[1..].iter().map(|word| word.replace("/usr/local/bin/deploy", "deploy")));
    let mut running = command.env("PATH", search_path(&room)).envs(&variables).spawn().unwrap();
    let first = room.directory().join("first");
    await_until(|| first.exists() || running.try_wait().unwrap().is_some(), || "the program".to_owned());
    project(&identity, "token", 2, "second.id.token");
    let outcome = finish(running);
    outcome.answer();
    outcome.assert_hidden("id.token").assert_hidden("AT-");
    let read = |name: &str| std::fs::read_to_string(room.directory().join(name)).unwrap();
    assert_eq!((read("first").trim_end(), read("second").trim_end()), ("AT-1", "AT-2"));
    let sent: Vec<String> = issuer.token_requests().iter().map(|request| request.body.clone()).collect();
    for (body, token) in sent.iter().zip(["first.id.token", "second.id.token"]) {
        assert!(body.contains(&format!("client_assertion={token}")), "{body}");
    }
    assert_eq!(sent.len(), 2);
}

/// Whether a value has all of another one.
fn missing(whole: &Value, part: &Value, place: &str) -> Vec<String> {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .flat_map(|(name, part)| missing(whole.get(name).unwrap_or(&Value::Null), part, &format!("{place}.{name}")))
            .collect(),
        (Value::Array(whole), Value::Array(part)) if whole.len() == part.len() => whole
            .iter()
            .zip(part)
            .enumerate()
            .flat_map(|(at, (a, b))| missing(a, b, &format!("{place}[{at}]")))
            .collect(),
        _ if whole == part => Vec::new(),
        _ => vec![format!("{place}: {part} became {whole}")],
    }
}

const IMAGE: &str = "/spec/template/spec/containers/0/image";

/// What kubectl makes of an object by its own types, which drop fields that they do not know.
fn typed(object: &Value) -> Value {
    let mut command = Command::new("kubectl");
    command.args(["set", "image", "--local", "-f", "-", "deploy=another", "-o", "json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), object.to_string().as_bytes()).unwrap();
    let mut made: Value = serde_json::from_str(finish(child).answer()).unwrap();
    let image = |object: &Value| object.pointer(IMAGE).unwrap().clone();
    assert_eq!(image(&made), "another");
    *made.pointer_mut(IMAGE).unwrap() = image(object);
    made
}

#[test]
#[ignore = "needs kubectl: tests/run installs it"]
fn job_has_only_fields_of_its_kind() {
    let job = job();
    assert_eq!(missing(&typed(&job), &job, "Job"), [] as [&str; 0]);
    let mut wrong = job.clone();
    wrong["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = true.into();
    assert_eq!(missing(&typed(&wrong), &wrong, "Job").len(), 1, "a field in a wrong case is seen");
}

#[test]
fn job_runs_as_its_own_account_without_rights() {
    let objects = documents("kubernetes/job.yaml");
    let pod = &objects[1]["spec"]["template"]["spec"];
    assert_eq!(pod["serviceAccountName"], objects[0]["metadata"]["name"]);
    for one in [&objects[0], pod] {
        assert_eq!(one["automountServiceAccountToken"], false);
    }
    // The restricted profile of the Pod Security Standards.
    let context = &pod["containers"][0]["securityContext"];
    assert_eq!(
        (&context["allowPrivilegeEscalation"], &context["capabilities"]["drop"][0]),
        (&false.into(), &"ALL".into())
    );
    assert_eq!(
        (&pod["securityContext"]["runAsNonRoot"], &context["readOnlyRootFilesystem"]),
        (&true.into(), &true.into())
    );
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
}
