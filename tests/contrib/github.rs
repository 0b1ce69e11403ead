//! The composite action, run as the runner of GitHub Actions runs it, against an endpoint for ID tokens.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::document::{block, documents, interpolate, parse, path, strings};
use crate::fault::{Server, answer, json};
use crate::room::{Room, finish};
use crate::sandbox::{CLIENT, Sandbox, install, play, search_path};

const REQUEST_TOKEN: &str = "canary-request-token-7d2";

/// The platform: it gives the ID token for one audience to whoever has the job's token.
fn platform(id_token: &str, audience: &str) -> Server {
    let audience: String = url::form_urlencoded::byte_serialize(audience.as_bytes()).collect();
    let target = format!("/idtoken?api-version=2.0&audience={audience}");
    let body = format!(r#"{{"count":1,"value":"{id_token}"}}"#);
    Server::start(move |request, _| {
        let field = request.field("Authorization").unwrap_or_default();
        let authorized = field.to_ascii_lowercase().starts_with("bearer ") && field.ends_with(REQUEST_TOKEN);
        match (request.method(), request.target()) {
            ("GET", asked) if asked == target && authorized => json(200, &body),
            _ => answer(401, "text/plain", "no"),
        }
    })
}

/// A job with its log, its variables and the directories that were added to its path.
struct Job {
    room: Room,
    variables: BTreeMap<String, String>,
    path: Vec<String>,
    outputs: BTreeMap<String, String>,
    masks: Vec<String>,
    /// What the runner shows.
    log: String,
    /// What the steps printed.
    printed: String,
}

impl Job {
    fn new(platform: &Server) -> Self {
        let room = Room::new().without_variable("HALLPASS_HOME");
        let temporary = room.directory().join("temp");
        std::fs::create_dir(&temporary).unwrap();
        let variables = [
            ("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/idtoken?api-version=2.0", platform.base())),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN.to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_ACTION_PATH", path("contrib/github").to_str().unwrap().to_owned()),
            ("HOME", room.directory().to_str().unwrap().to_owned()),
            ("RUNNER_TEMP", temporary.to_str().unwrap().to_owned()),
        ];
        Self {
            path: vec![search_path(&room)],
            variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
            outputs: BTreeMap::new(),
            masks: Vec::new(),
            log: String::new(),
            printed: String::new(),
            room,
        }
    }

    /// Runs a step's script in bash, as the runner does; then reads what it left in the files of the runner.
    fn run(&mut self, script: &str, environment: &BTreeMap<String, String>) -> i32 {
        let directory = self.room.directory().to_owned();
        let file = |name: &str| directory.join(name);
        std::fs::write(file("script.sh"), script).unwrap();
        let mut bash = self.room.program("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(file("script.sh"));
        bash.envs(&self.variables).envs(environment).env("PATH", self.path.join(":"));
        for name in ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH"] {
            std::fs::write(file(name), "").unwrap();
            bash.env(name, file(name));
        }
        let outcome = finish(bash.spawn().unwrap());
        for line in outcome.stdout.lines().chain(outcome.stderr.lines()) {
            self.show(line);
        }
        let read = |name: &str| std::fs::read_to_string(file(name)).unwrap();
        let pairs = |text: &str| -> BTreeMap<String, String> {
            text.lines().map(|line| line.split_once('=').unwrap()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
        };
        self.variables.extend(pairs(&read("GITHUB_ENV")));
        self.outputs.extend(pairs(&read("GITHUB_OUTPUT")));
        let added: Vec<String> = read("GITHUB_PATH").lines().map(str::to_owned).collect();
        self.path.splice(0..0, added);
        outcome.code()
    }

    /// One line of the log: a mask counts from the next line on.
    fn show(&mut self, line: &str) {
        writeln!(self.printed, "{line}").unwrap();
        if let Some(secret) = line.strip_prefix("::add-mask::") {
            self.masks.push(secret.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"));
        }
        let shown = self.masks.iter().fold(line.to_owned(), |line, mask| line.replace(mask.as_str(), "***"));
        writeln!(self.log, "{shown}").unwrap();
    }

    /// Runs the action with these inputs until a step fails, and gives its outputs or the code.
    fn use_action(&mut self, inputs: &[(&str, &str)]) -> Result<BTreeMap<String, String>, i32> {
        let action = documents("github/action.yml").remove(0);
        assert_eq!(action["runs"]["using"], "composite");
        let declared = action["inputs"].as_object().unwrap();
        assert!(inputs.iter().all(|(name, _)| declared.contains_key(*name)), "{inputs:?}");
        let required = declared.iter().filter(|(_, input)| input["required"] == true).map(|(name, _)| name.as_str());
        assert!(required.into_iter().all(|name| inputs.iter().any(|(given, _)| *given == name)));
        let temporary = self.variables["RUNNER_TEMP"].clone();
        let mut outputs = BTreeMap::new();
        for step in action["runs"]["steps"].as_array().unwrap() {
            assert_eq!(step["shell"], "bash");
            let script = step["run"].as_str().unwrap();
            assert!(!script.contains("${{"), "an expression in a script is part of the command:\n{script}");
            let evaluate = |expression: &str| evaluate(expression, inputs, &temporary, &outputs);
            let environment = strings(&step["env"])
                .map(|(name, text)| (name.to_owned(), interpolate(text, "${{", "}}", &evaluate)))
                .collect();
            self.outputs.clear();
            let code = self.run(script, &environment);
            if code != 0 {
                return Err(code);
            }
            for (name, value) in &self.outputs {
                outputs.insert(format!("steps.{}.outputs.{name}", step["id"].as_str().unwrap()), value.clone());
            }
        }
        let declared = strings_of_outputs(&action);
        let evaluate = |expression: &str| evaluate(expression, inputs, &temporary, &outputs);
        let outputs: BTreeMap<String, String> =
            declared.into_iter().map(|(name, text)| (name, interpolate(&text, "${{", "}}", &evaluate))).collect();
        assert!(outputs.values().all(|value| self.masks.contains(value)), "an output is not masked: {}", self.log);
        Ok(outputs)
    }

    /// Asserts that none of the secrets is in the log, and that each was masked before it was printed.
    #[track_caller]
    fn assert_hidden(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(!self.log.contains(secret), "it shows {secret}:\n{}", self.log);
            let first = self.printed.lines().find(|line| line.contains(secret));
            assert!(first.is_none_or(|line| line == format!("::add-mask::{secret}")), "{first:?}");
        }
    }
}

fn strings_of_outputs(action: &Value) -> Vec<(String, String)> {
    let outputs = action["outputs"].as_object().unwrap();
    outputs.iter().map(|(name, output)| (name.clone(), output["value"].as_str().unwrap().to_owned())).collect()
}

fn evaluate(expression: &str, inputs: &[(&str, &str)], temporary: &str, outputs: &BTreeMap<String, String>) -> String {
    match (expression.strip_prefix("inputs."), expression) {
        (Some(name), _) => inputs.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value).to_owned(),
        (None, "runner.temp") => temporary.to_owned(),
        (None, _) => outputs[expression].clone(),
    }
}

#[test]
fn action_gets_masked_token_with_identity_of_job() {
    let room = Room::new();
    let sandbox = Sandbox::start(&room);
    let platform = platform(sandbox.id_token(), sandbox.issuer());
    let mut job = Job::new(&platform);
    install(&job.room);
    // What a job may have set for itself: the inputs decide.
    job.variables.insert("HALLPASS_TOKEN".into(), "another-token".into());
    job.variables.insert("HALLPASS_LOG".into(), "wire".into());
    let inputs = [("issuer", sandbox.issuer()), ("client-id", CLIENT), ("scope", "write"), ("variable", "API_TOKEN")];
    let outputs = job.use_action(&inputs).unwrap_or_else(|code| panic!("exit {code}: {}", job.log));
    let token = outputs["token"].clone();
    assert_eq!(sandbox.verify(&token, CLIENT)["scope"], "write");
    assert_eq!(job.variables["API_TOKEN"], token, "one token for both");
    assert_eq!(platform.requests().len(), 1);
    // A later step that shows its environment shows no token.
    assert_eq!(job.run("env; echo \"the token: $API_TOKEN\"", &BTreeMap::new()), 0);
    assert!(job.log.contains("the token: ***\n"), "{}", job.log);
    job.variables.remove("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    job.assert_hidden(&[&token, sandbox.id_token()]);
    // Everything that was stored is where the runner removes it.
    let mut left: Vec<String> = std::fs::read_dir(job.room.directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "bin", "script.sh", "temp"]);
}

#[test]
fn action_with_client_secret_asks_platform_nothing() {
    let room = Room::new();
    let sandbox = Sandbox::start(&room);
    let platform = platform(sandbox.id_token(), sandbox.issuer());
    let mut job = Job::new(&platform);
    install(&job.room);
    let (client, secret) = (sandbox.variable("HALLPASS_CLIENT_ID"), sandbox.variable("HALLPASS_CLIENT_SECRET"));
    let inputs = [("issuer", sandbox.issuer()), ("client-id", client), ("client-secret", secret)];
    let outputs = job.use_action(&inputs).unwrap();
    sandbox.verify(&outputs["token"], client);
    assert!(!job.variables.contains_key("API_TOKEN") && platform.requests().is_empty());
    job.assert_hidden(&[&outputs["token"], secret]);
}

#[test]
fn action_without_permission_fails_with_hint_and_sets_nothing() {
    let room = Room::new();
    let sandbox = Sandbox::start(&room);
    let platform = platform(sandbox.id_token(), "https://another.example");
    let mut job = Job::new(&platform);
    install(&job.room);
    let inputs = [("issuer", sandbox.issuer()), ("client-id", CLIENT), ("variable", "API_TOKEN")];
    assert_eq!(job.use_action(&inputs), Err(3));
    assert!(job.log.contains("hint: in the workflow, for this job: permissions: id-token: write"), "{}", job.log);
    assert!(job.outputs.is_empty() && !job.variables.contains_key("API_TOKEN"));
    // The audience that the server wants may be another one than the issuer.
    let inputs = [&inputs[..2], &[("id-token-audience", "https://another.example")]].concat();
    sandbox.verify(&job.use_action(&inputs).unwrap()["token"], CLIENT);
}

#[test]
fn action_passes_hostile_input_as_data() {
    let room = Room::new();
    let sandbox = Sandbox::start(&room);
    let platform = platform(sandbox.id_token(), sandbox.issuer());
    let hostile = "a; touch pwned $(touch pwned) `touch pwned` ' \" \n touch pwned";
    for name in ["client-id", "scope", "variable", "id-token-audience"] {
        let mut job = Job::new(&platform);
        install(&job.room);
        let mut inputs = vec![("issuer", sandbox.issuer()), ("client-id", CLIENT)];
        inputs.retain(|(known, _)| *known != name);
        inputs.push((name, hostile));
        assert!(job.use_action(&inputs).is_err(), "{name}");
        assert!(!job.room.directory().join("pwned").exists(), "{name}");
    }
}

#[test]
fn action_builds_hallpass_where_runner_has_none() {
    let room = Room::new();
    let sandbox = Sandbox::start(&room);
    let platform = platform(sandbox.id_token(), sandbox.issuer());
    let mut job = Job::new(&platform);
    let build = format!(
        "[ \"$1 $2 $3 $4 $6\" = 'install --quiet --locked --path --root' ] && [ -f \"$5/Cargo.toml\" ] || exit 9\n\
         mkdir -p \"$7/bin\" && ln -s '{}' \"$7/bin/hallpass\"",
        env!("CARGO_BIN_EXE_hallpass")
    );
    play(&job.room, "cargo", &build);
    let outputs = job.use_action(&[("issuer", sandbox.issuer()), ("client-id", CLIENT)]);
    let outputs = outputs.unwrap_or_else(|code| panic!("exit {code}: {}", job.log));
    sandbox.verify(&outputs["token"], CLIENT);
}

#[test]
fn workflow_of_page_uses_inputs_and_outputs_of_action() {
    let action = documents("github/action.yml").remove(0);
    let workflow = parse(&block("GitHub Actions", "yaml")).remove(0);
    let job = &workflow["jobs"]["deploy"];
    assert_eq!(job["permissions"]["id-token"], "write");
    let steps = job["steps"].as_array().unwrap();
    let uses = steps.iter().find(|step| step["id"] == "hallpass").unwrap();
    assert!(uses["uses"].as_str().unwrap().contains("/contrib/github@v"));
    assert!(strings(&uses["with"]).all(|(name, _)| action["inputs"].get(name).is_some()), "{uses}");
    let taken = interpolate(steps[1]["env"]["API_TOKEN"].as_str().unwrap(), "${{", "}}", &|expression| {
        let output = expression.strip_prefix("steps.hallpass.outputs.").unwrap();
        action["outputs"][output]["value"].as_str().unwrap().to_owned()
    });
    assert_eq!(taken, "${{ steps.token.outputs.token }}");
}
