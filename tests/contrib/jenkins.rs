//! The step of the shared library, run by Groovy with the steps of Jenkins that it calls.

use crate::document::{block, path};
use crate::room::{Room, finish};
use crate::sandbox::{Sandbox, install, play, search_path};

/// The steps of Jenkins, as far as their effect on a shell goes; and the pipeline, with the step as its variable.
const JENKINS: &str = r#"
def given = [:]
def within = { Map more, Closure body ->
    def before = new HashMap(given)
    given.putAll(more)
    try { body() } finally { given.clear(); given.putAll(before) }
}
def steps = [
    string: { Map of -> of },
    withCredentials: { List all, Closure body ->
        within(all.collectEntries { [(it.variable): System.getenv('CREDENTIAL_' + it.credentialsId)] }, body)
    },
    withEnv: { List all, Closure body ->
        within(all.collectEntries { [(it.toString().split('=', 2)[0]): it.toString().split('=', 2)[1]] }, body)
    },
    error: { String text -> throw new RuntimeException(text) },
    sh: { Map of ->
        def builder = new ProcessBuilder('sh', '-xe', '-c', of.script).redirectErrorStream(true)
        builder.environment().putAll(given)
        def process = builder.start()
        print process.inputStream.text
        def code = process.waitFor()
        if (of.returnStatus) { return code }
        if (code) { throw new RuntimeException("script returned exit code ${code}") }
    },
]
def step = new GroovyShell(new Binding(steps)).parse(new File(args[0]))
new GroovyShell(new Binding([hallpass: { Map of -> step.call(of) }])).evaluate(args[1])
"#;

fn pipeline(room: &Room, text: &str) -> crate::room::Outcome {
    let jar = std::env::var_os("HALLPASS_TEST_GROOVY").expect("tests/run names the archive of Groovy");
    std::fs::write(room.directory().join("jenkins.groovy"), JENKINS).unwrap();
    let mut java = room.program("java");
    java.arg("-XX:TieredStopAtLevel=1").arg("-cp").arg(jar).args(["groovy.ui.GroovyMain", "jenkins.groovy"]);
    java.arg(path("contrib/jenkins/vars/hallpass.groovy")).arg(text);
    finish(java.spawn().unwrap())
}

#[test]
#[ignore = "needs Java and Groovy: tests/run installs them"]
fn step_hands_token_to_its_script_alone() {
    let room = Room::new();
    let sandbox = Sandbox::start(&room);
    let secret = sandbox.variable("HALLPASS_CLIENT_SECRET");
    install(&room);
    play(&room, "deploy", "printf %s \"$API_TOKEN\" >token; env >environment; exit \"${CODE:-0}\"");
    let path = search_path(&room);
    let room = room.with("PATH", path).with("CREDENTIAL_deploy-secret", secret).with("HALLPASS_LOG", "wire");
    let client = sandbox.variable("HALLPASS_CLIENT_ID");
    let text = block("Jenkins", "groovy")
        .replace("https://sso.example/realms/acme", sandbox.issuer())
        .replace("clientId: 'deploy'", &format!("clientId: '{client}', scope: 'write'"))
        .replace("./deploy", "deploy");
    let outcome = pipeline(&room, &text);
    outcome.answer();
    let token = std::fs::read_to_string(room.directory().join("token")).unwrap();
    assert_eq!(sandbox.verify(&token, client)["scope"], "write");
    outcome.assert_hidden(&token).assert_hidden(secret);
    let environment = std::fs::read_to_string(room.directory().join("environment")).unwrap();
    assert!(!environment.contains("HALLPASS_CLIENT_SECRET="), "the program does not get the secret");

    // The exit code of the script is the step's; a value is never part of the command.
    let outcome = pipeline(&room, &text.replace("script: 'deploy'", "script: 'CODE=7 deploy'"));
    assert!(outcome.code() != 0 && outcome.stderr.contains("script returned exit code 7"), "{outcome}");
    let hostile = text.replace(&format!("'{client}'"), "'a$(touch pwned); touch pwned'");
    let outcome = pipeline(&room, &hostile.replace("script: 'deploy'", "script: 'deploy', returnStatus: true"));
    assert!(outcome.stdout.contains("invalid_client") && !room.directory().join("pwned").exists(), "{outcome}");
    let outcome = pipeline(&room, &text.replace("variable: 'API_TOKEN', ", ""));
    assert!(outcome.stderr.contains("hallpass: variable is missing"), "{outcome}");
}
