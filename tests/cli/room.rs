//! The clean room: a whole command in-process over edges that the test holds.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Cursor, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass::Secret;
use hallpass::edges::{
    Browser, Clock, Edges, Entropy, Environment, Keyring, KeyringFault, Moment, NoBrowser, Prompt, Streams,
};
use serde_json::Value;
use tempfile::TempDir;

use super::capture::Capture;
use super::leak::KnownSecrets;
use super::server::Server;
use super::shape;

/// When every test begins.
pub const BEGIN: i64 = 1_795_341_600; // 2026-11-22T10:00:00Z

/// The variable of the tests with which every command runs as with `-vv`: what it shows beyond that is searched for
/// secrets, too, and not given to the test. Pictures don't count then.
const SHOW_WIRE: &str = "HALLPASS_TEST_WIRE";

/// What the keyring does to whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyringState {
    /// It works.
    Fine,
    /// It would have to be unlocked, and nobody does.
    Locked,
    /// It is locked until a person is asked.
    Dialog,
    /// There is no such service.
    Absent,
    /// It never answers.
    Silent,
    /// It answers the probe, but nothing can be stored.
    Full,
}

/// A keyring in memory that counts who touched it.
pub struct MemoryKeyring {
    items: Mutex<BTreeMap<String, Secret>>,
    mood: Mutex<KeyringState>,
    /// After so many more writes it takes no more.
    left: AtomicI64,
    calls: AtomicU64,
}

impl MemoryKeyring {
    fn met(&self) -> Result<(), KeyringFault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match *self.mood.lock().unwrap() {
            KeyringState::Fine | KeyringState::Full => Ok(()),
            KeyringState::Locked | KeyringState::Dialog => Err(KeyringFault::Locked),
            KeyringState::Absent => Err(KeyringFault::Absent("no session bus".to_owned())),
            KeyringState::Silent => loop {
                std::thread::park();
            },
        }
    }
}

impl Keyring for MemoryKeyring {
    fn probe(&self) -> Result<(), KeyringFault> {
        self.met()
    }

    fn unlock(&self) -> Result<(), KeyringFault> {
        let mut mood = self.mood.lock().unwrap();
        if *mood == KeyringState::Dialog {
            *mood = KeyringState::Fine;
        }
        drop(mood);
        self.met()
    }

    fn get(&self, user: &str) -> Result<Option<Secret>, KeyringFault> {
        self.met()?;
        Ok(self.items.lock().unwrap().get(user).cloned())
    }

    fn set(&self, user: &str, secret: &Secret) -> Result<(), KeyringFault> {
        self.met()?;
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            *self.mood.lock().unwrap() = KeyringState::Full;
        }
        if *self.mood.lock().unwrap() == KeyringState::Full {
            return Err(KeyringFault::Failed("it takes no more".to_owned()));
        }
        self.items.lock().unwrap().insert(user.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, user: &str) -> Result<bool, KeyringFault> {
        self.met()?;
        Ok(self.items.lock().unwrap().remove(user).is_some())
    }

    fn users(&self) -> Result<Vec<String>, KeyringFault> {
        self.met()?;
        Ok(self.items.lock().unwrap().keys().cloned().collect())
    }
}

/// A clock whose hands only the test moves.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, span: Duration) {
        // A child that another test is starting has our locks until it runs: whoever waits for one looks often, and would
        // see hours go by meanwhile.
        std::thread::sleep(span.min(Duration::from_millis(10)));
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// The same bytes in every run.
struct Seed(AtomicU64);

impl Entropy for Seed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), String> {
        for byte in bytes {
            // The constants of Knuth's MMIX.
            let step = |x: u64| Some(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
            let before = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step).unwrap();
            *byte = u8::try_from(before >> 56).unwrap();
        }
        Ok(())
    }
}

/// The key ^C, as an answer of a person.
pub const INTERRUPT: &str = "^C";

/// A person who answers what the test says: yes or no to every question of that kind, and these words in turn to others,
/// then ^D. What a person was asked is on stderr, with the answer where it is shown.
struct Person {
    yes: bool,
    words: Mutex<VecDeque<String>>,
    screen: Capture,
    secrets: Arc<KnownSecrets>,
}

impl Person {
    fn answer(&self, question: &str, shown: bool) -> io::Result<String> {
        let word = self.words.lock().unwrap().pop_front();
        let echo = match word.as_deref() {
            None => "^D",
            Some(INTERRUPT) => INTERRUPT,
            Some(word) if shown => word,
            Some(_) => "(hidden)",
        };
        writeln!(self.screen.clone(), "{question}: {echo}")?;
        match word {
            None => Err(io::ErrorKind::UnexpectedEof.into()),
            Some(word) if word == INTERRUPT => Err(io::ErrorKind::Interrupted.into()),
            Some(word) => Ok(word),
        }
    }
}

impl Prompt for Person {
    fn confirm(&self, _question: &str) -> io::Result<bool> {
        Ok(self.yes)
    }

    fn line(&self, question: &str) -> io::Result<String> {
        self.answer(question, true)
    }

    fn secret(&self, question: &str) -> io::Result<Secret> {
        let typed = self.answer(question, false)?;
        self.secrets.add(&typed);
        Ok(Secret::new(typed))
    }
}

/// One home, one keyring, one clock; every command is run in it.
pub struct Room {
    directory: TempDir,
    clock: Arc<TestClock>,
    entropy: Arc<Seed>,
    keyring: Arc<MemoryKeyring>,
    browser: Arc<dyn Browser>,
    variables: BTreeMap<OsString, OsString>,
    names: Vec<(String, String)>,
    secrets: Arc<KnownSecrets>,
}

impl Room {
    /// An empty room: only `HALLPASS_HOME` is set, and that nothing turns.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().join("home");
        let names = vec![(directory.path().display().to_string(), "ROOM".to_owned())];
        Self {
            directory,
            clock: Arc::new(TestClock(AtomicI64::new(BEGIN * 1000))),
            entropy: Arc::new(Seed(AtomicU64::new(42))),
            keyring: Arc::new(MemoryKeyring {
                items: Mutex::default(),
                mood: Mutex::new(KeyringState::Fine),
                left: AtomicI64::new(i64::MAX),
                calls: AtomicU64::new(0),
            }),
            browser: Arc::new(NoBrowser),
            // A machine that is busy must not let a sign of waiting into a picture.
            variables: BTreeMap::from([
                ("HALLPASS_HOME".into(), home.into()),
                ("HALLPASS_NO_SPINNER".into(), "1".into()),
            ]),
            names,
            secrets: KnownSecrets::of_this_test(),
        }
    }

    /// A room with the zone `prod` at this server: client `ci`, a stored secret, the token endpoint given, so that a
    /// mint is one request.
    pub fn with_zone(server: &Server) -> Self {
        let mut room = Self::new();
        room.knows(server, "AS");
        let line = format!(
            "zone add prod --issuer {} --client-id ci --client-secret-from - --token-endpoint /token",
            server.issuer()
        );
        room.call(&line).stdin("s3cr3t-value\n").run().ok();
        room
    }

    /// A room whose environment makes the ephemeral zone at this server.
    pub fn ephemeral(server: &Server) -> Self {
        let mut room = Self::new();
        room.knows(server, "AS");
        room.set("HALLPASS_ISSUER", server.issuer());
        room.set("HALLPASS_CLIENT_ID", "ci");
        room.set("HALLPASS_CLIENT_SECRET", "s3cr3t-value");
        room
    }

    /// A room with the zone `prod` of a public client at this server, to which somebody is signed in with this refresh
    /// token; the token endpoint is given, so that a refresh is one request.
    pub fn signed_in(server: &Server, refresh_token: &str) -> Self {
        let mut room = Self::new();
        room.knows(server, "AS");
        let issuer = server.issuer();
        room.write(
            "home/config.toml",
            &format!(
                "default = \"prod\"\n\n[zones.prod]\nissuer = \"{issuer}\"\nclient_id = \"app\"\n\
                 grant = \"authorization_code\"\nscope = [\"read\", \"write\"]\ntoken_endpoint = \"/token\"\nvault = \"keyring\"\n"
            ),
        );
        room.signs_in(server, refresh_token);
        room
    }

    /// Plants a sign-in to the zone `prod`, as a login would leave it.
    pub fn signs_in(&self, server: &Server, refresh_token: &str) {
        let issuer = server.issuer();
        let session = serde_json::json!({
            "v": 1, "zone": "prod", "issuer": issuer, "client_id": "app", "refresh_token": true, "who": "ada",
            "scope": ["read", "write"], "signed_in_ms": BEGIN * 1000, "rotates": null, "sent": null,
        });
        self.write("home/session/prod.json", &session.to_string());
        let record = serde_json::json!({
            "v": 1, "issuer": issuer, "client_id": "app", "kind": "refresh_token", "secret": refresh_token,
            "created": "2026-11-22T10:00:00Z",
        });
        let user = format!("@{}/prod/refresh_token", self.keyring_prefix());
        self.keyring.items.lock().unwrap().insert(user, Secret::new(record.to_string()));
    }

    /// What tells this home's items in the keyring from another's: the start of its path's SHA-256.
    fn keyring_prefix(&self) -> String {
        self.run("zone add mark --issuer https://mark.example --client-id m --client-secret-ref env:M").ok();
        let line = "zone edit mark --client-secret-from -";
        self.call(line).stdin("m").run().ok();
        let user = self.keyring.items.lock().unwrap().keys().find(|user| user.contains("/mark/")).unwrap().clone();
        self.run("zone remove mark --yes").ok();
        user[1..].split_once('/').unwrap().0.to_owned()
    }

    /// Shows a server's origin by this name in pictures.
    pub fn knows(&mut self, server: &Server, name: &str) {
        self.names.push((server.origin(), format!("http://{name}")));
        self.names.push((server.origin().replacen("http://", "", 1), name.to_owned()));
    }

    /// Shows an origin, of whatever server, by this one in pictures.
    pub fn names_origin(&mut self, origin: &str, shown: &str) {
        self.names.push((origin.to_owned(), shown.to_owned()));
    }

    /// Lets a browser open what is shown.
    pub fn browses(&mut self, browser: impl Browser + 'static) {
        self.browser = Arc::new(browser);
        self.set("BROWSER", "the one of the test");
    }

    /// Sets a variable for every later command.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Takes a variable away.
    pub fn unset(&mut self, name: &str) {
        self.variables.remove(&OsString::from(name));
    }

    /// Moves the clock on.
    pub fn later(&self, seconds: u64) {
        self.clock.sleep(Duration::from_secs(seconds));
    }

    /// What the clock shows, in seconds since the epoch.
    pub fn now(&self) -> i64 {
        self.clock.now().epoch()
    }

    /// Changes what the keyring does.
    pub fn keyring_is(&self, mood: KeyringState) {
        *self.keyring.mood.lock().unwrap() = mood;
    }

    /// Lets the keyring take so many more items.
    pub fn keyring_fills_after(&self, writes: i64) {
        self.keyring.left.store(writes, Ordering::SeqCst);
    }

    /// What the keyring holds: `zone/kind` and the secret in the record.
    pub fn kept(&self) -> Vec<(String, String)> {
        let items = self.keyring.items.lock().unwrap();
        let shown = |(user, json): (&String, &Secret)| {
            let record: Value = serde_json::from_str(json.expose()).unwrap();
            let place = user.split_once('/').unwrap().1.to_owned();
            (place, record["secret"].as_str().unwrap().to_owned())
        };
        items.iter().map(shown).collect()
    }

    /// Makes records of hallpass 0.1.0 of all that the keyring holds, or says whether none of them is left.
    pub fn without_origins(&self, strip: bool) -> bool {
        let mut items = self.keyring.items.lock().unwrap();
        let mut none = true;
        for item in items.values_mut() {
            let mut record: Value = serde_json::from_str(item.expose()).unwrap();
            none &= record.as_object_mut().unwrap().remove("origins").is_some();
            if strip {
                *item = Secret::new(record.to_string());
            }
        }
        none
    }

    /// How often the keyring was touched.
    pub fn keyring_calls(&self) -> u64 {
        self.keyring.calls.load(Ordering::SeqCst)
    }

    /// The directory around the home, which is the working directory.
    pub fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// The home.
    pub fn home(&self) -> PathBuf {
        self.directory().join("home")
    }

    /// `config.toml`, empty when there is none.
    pub fn config(&self) -> String {
        self.named(&std::fs::read_to_string(self.home().join("config.toml")).unwrap_or_default())
    }

    /// Writes a private file below the room's directory and returns its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        let path = self.directory().join(name);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        path
    }

    /// Every file below the home, without the locks.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut directories = vec![self.home()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
                if entry.file_type().unwrap().is_dir() {
                    directories.push(entry.path());
                } else {
                    found.push(entry.path().strip_prefix(self.home()).unwrap().display().to_string());
                }
            }
        }
        found.retain(|name| !name.starts_with("lock/"));
        found.sort();
        found
    }

    /// A command, to be given its surroundings.
    pub fn call(&self, line: &str) -> Call<'_> {
        Call {
            room: self,
            arguments: split(line),
            stdin: String::new(),
            terminal: false,
            columns: None,
            yes: false,
            words: VecDeque::new(),
        }
    }

    /// Runs a command line: words by spaces, `'…'` keeps them together.
    pub fn run(&self, line: &str) -> Outcome {
        self.call(line).run()
    }

    /// Remembers the secrets that a command is given, in its sources and in the environment.
    fn learn_secrets(&self, words: &[String], stdin: &str) {
        let variable = |name: &str| self.variables.get(&OsString::from(name)).map(|value| value.to_string_lossy());
        for name in ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "HALLPASS_CLIENT_SECRET", "HALLPASS_TOKEN"] {
            self.secrets.add(&variable(name).unwrap_or_default());
        }
        let public = ["--challenge-from", "--jwks-from", "--metadata-from"];
        let from_flags = words.windows(2).filter(|pair| {
            (pair[0].ends_with("-from") || pair[0].ends_with("-ref")) && !public.contains(&pair[0].as_str())
        });
        let from_variables = self.variables.iter().filter(|(name, _)| name.to_string_lossy().ends_with("_FROM"));
        let sources = from_flags.map(|pair| pair[1].clone());
        for source in sources.chain(from_variables.map(|(_, value)| value.to_string_lossy().into_owned())) {
            match source.split_once(':') {
                None if source == "-" => self.secrets.add(stdin),
                Some(("env", name)) => self.secrets.add(&variable(name).unwrap_or_default()),
                Some(("file", path)) => {
                    let text = std::fs::read_to_string(self.directory().join(path)).unwrap_or_default();
                    self.secrets.add(&text);
                }
                _ => {}
            }
        }
    }

    fn named(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (long, short)| text.replace(long, short))
    }
}

/// A command that is not run yet.
pub struct Call<'a> {
    room: &'a Room,
    arguments: Vec<OsString>,
    stdin: String,
    terminal: bool,
    columns: Option<u16>,
    yes: bool,
    words: VecDeque<String>,
}

impl Call<'_> {
    /// Gives it this on stdin.
    pub fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stdin);
        self
    }

    /// Puts a person before it: all three streams are terminals, and the person says this to every question.
    pub fn person(mut self, yes: bool) -> Self {
        self.terminal = true;
        self.yes = yes;
        self
    }

    /// Puts a person before it, whose terminal is so wide.
    pub fn columns(mut self, columns: u16) -> Self {
        self.columns = Some(columns);
        self.person(true)
    }

    /// What the person answers in turn where they are asked; [`INTERRUPT`] is ^C, and after the last one comes ^D.
    pub fn types(mut self, words: &[&str]) -> Self {
        self.words = words.iter().map(|word| (*word).to_owned()).collect();
        self.person(true)
    }

    /// Runs it.
    pub fn run(self) -> Outcome {
        let room = self.room;
        // No two commands begin in the same millisecond.
        room.clock.sleep(Duration::from_millis(1));
        let (stdout, stderr) = (Capture::default(), Capture::default());
        let words: Vec<String> = self.arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        room.learn_secrets(&words, &self.stdin);
        let mut variables = room.variables.clone();
        let is_verbosity = |word: &String| word.starts_with("-v") || word == "-q" || word == "--verbose";
        let own = variables.contains_key(&OsString::from("HALLPASS_LOG")) || words.iter().any(is_verbosity);
        let shows_wire = !own && std::env::var_os(SHOW_WIRE).is_some();
        if shows_wire {
            variables.insert("HALLPASS_LOG".into(), "wire".into());
        }
        let mut environment = Environment::of(variables);
        environment.current_dir = Some(room.directory());
        environment.exe = Some("/opt/hallpass".into());
        let edges = Edges {
            clock: room.clock.clone(),
            entropy: room.entropy.clone(),
            environment,
            streams: Streams {
                stdin: Box::new(Cursor::new(self.stdin.into_bytes())),
                stdout: Box::new(stdout.clone()),
                stderr: Box::new(stderr.clone()),
                stdin_terminal: self.terminal,
                stdout_terminal: self.terminal,
                stderr_terminal: self.terminal,
                stdout_void: false,
                columns: self.columns,
            },
            browser: room.browser.clone(),
            prompt: Arc::new(Person {
                yes: self.yes,
                words: Mutex::new(self.words),
                screen: stderr.clone(),
                secrets: room.secrets.clone(),
            }),
            keyring: room.keyring.clone(),
        };
        let code = hallpass::main(&self.arguments, edges);
        let (stdout, mut stderr) = (stdout.text(), stderr.text());
        let shown = room.secrets.find_shown(&words, &stdout, &stderr);
        assert!(shown.is_empty(), "{words:?} shows {shown:?}:\n{stdout}\n{stderr}");
        assert!(
            !format!("{stdout}{stderr}").contains(['\u{fdd0}', '\u{fdd1}']),
            "a mark of foreign text is shown: {words:?}"
        );
        if shows_wire {
            let is_trace = |line: &str| line.starts_with(['>', '<']) || line.contains(" → ");
            stderr = stderr.split_inclusive('\n').filter(|line| !is_trace(line)).collect();
        }
        fits_its_schema(&self.arguments, code, &stdout);
        Outcome { code, stdout: room.named(&stdout), stderr: room.named(&stderr) }
    }
}

/// Asserts that an answer in JSON, a yes or a no, is what `hallpass schema` says of it.
fn fits_its_schema(arguments: &[OsString], code: u8, stdout: &str) {
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let json = words.iter().any(|word| word == "--json") && !words.iter().any(|word| word == "--dry-run");
    if !json || code > 1 || stdout.is_empty() {
        return;
    }
    let names: Vec<String> = serde_json::from_value(schema(&["schema", "--json"])).unwrap();
    let answer = serde_json::from_str::<Value>(stdout);
    let Some(name) = shape::name(&names, &words) else {
        return assert!(answer.is_err(), "no schema for {words:?}, and it is no help text");
    };
    let answer = answer.expect("an answer in JSON is JSON");
    let faults = shape::faults(&schema(&["schema", &name, "--json"]), &answer);
    assert!(faults.is_empty(), "{words:?} is not as `hallpass schema {name}` says: {faults:?}\n{answer:#}");
}

/// What `hallpass schema` answers.
fn schema(words: &[&str]) -> Value {
    let stdout = Capture::default();
    let edges = Edges {
        clock: Arc::new(TestClock(AtomicI64::new(0))),
        entropy: Arc::new(Seed(AtomicU64::new(0))),
        environment: Environment::default(),
        streams: Streams {
            stdin: Box::new(io::empty()),
            stdout: Box::new(stdout.clone()),
            stderr: Box::new(io::sink()),
            stdin_terminal: false,
            stdout_terminal: false,
            stderr_terminal: false,
            stdout_void: false,
            columns: None,
        },
        browser: Arc::new(NoBrowser),
        prompt: Arc::new(Person {
            yes: false,
            words: Mutex::default(),
            screen: Capture::default(),
            secrets: KnownSecrets::of_this_test(),
        }),
        keyring: Arc::new(MemoryKeyring {
            items: Mutex::default(),
            mood: Mutex::new(KeyringState::Fine),
            left: AtomicI64::new(0),
            calls: AtomicU64::new(0),
        }),
    };
    let arguments: Vec<OsString> = std::iter::once("hallpass").chain(words.iter().copied()).map(Into::into).collect();
    assert_eq!(hallpass::main(&arguments, edges), 0, "{words:?}");
    serde_json::from_str(&stdout.text()).unwrap()
}

/// How a command ended and what it said, with the names of this machine replaced.
pub struct Outcome {
    /// The exit code.
    pub code: u8,
    /// The answer.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl Outcome {
    /// Asserts success and gives stdout without its final newline.
    #[track_caller]
    pub fn ok(&self) -> &str {
        assert_eq!(self.code, 0, "should have succeeded:\n{self}");
        self.stdout.strip_suffix('\n').unwrap_or(&self.stdout)
    }

    /// Asserts success and reads stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(self.ok()).unwrap()
    }

    /// Asserts that neither stream has a secret.
    #[track_caller]
    pub fn assert_hidden(&self, secret: &str) {
        assert!(!self.stdout.contains(secret) && !self.stderr.contains(secret), "it shows {secret}:\n{self}");
    }
}

/// The picture for a snapshot: the code, then each line by its stream; a tab is shown as `␉`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}", self.code)?;
        for (name, text) in [("out", &self.stdout), ("err", &self.stderr)] {
            for line in text.lines() {
                write!(f, "\n{name}: {}", line.replace('\t', "␉"))?;
            }
            if !text.is_empty() && !text.ends_with('\n') {
                write!(f, "\n{name}: (no newline at the end)")?;
            }
        }
        Ok(())
    }
}

fn split(line: &str) -> Vec<OsString> {
    let mut words = vec![OsString::from("hallpass")];
    for (index, piece) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(piece.into());
        } else {
            words.extend(piece.split_whitespace().map(OsString::from));
        }
    }
    words
}
