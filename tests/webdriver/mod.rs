//! Chromium without a window, driven by W3C WebDriver: JSON over HTTP to Debian's chromedriver on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The member that names an element (WebDriver §12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The longest wait for a page.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser of its own, with a profile of its own; it ends with the test.
pub struct Chromium {
    driver: Child,
    port: u16,
    session: String,
    profile: TempDir,
}

impl Chromium {
    /// Starts one; `scripts` says whether pages may run any.
    pub fn start(scripts: bool) -> Self {
        let profile = TempDir::with_prefix("hallpass-chromium-").unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", profile.path())
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed (Debian: chromium-driver)");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .find_map(|line| line.unwrap().rsplit_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .expect("chromedriver names its port");
        let mut browser = Self { driver, port, session: String::new(), profile };
        let directory = browser.profile.path().join("profile");
        let capabilities = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {
            "args": arguments(&directory),
            "prefs": {"profile.managed_default_content_settings.javascript": if scripts { 1 } else { 2 }},
        }}}});
        let value = browser.ask("POST", "/session", &capabilities);
        value["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        browser
    }

    /// Opens a page.
    pub fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        self.get("/title").as_str().unwrap().to_owned()
    }

    /// The source of the page.
    pub fn source(&self) -> String {
        self.get("/source").as_str().unwrap().to_owned()
    }

    /// Clicks on what a CSS selector finds.
    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into what a CSS selector finds.
    pub fn type_into(&self, selector: &str, text: &str) {
        let element = self.find(selector);
        self.post(&format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Waits for a page of this title.
    pub fn await_title(&self, title: &str) {
        let begun = Instant::now();
        while self.title() != title {
            assert!(begun.elapsed() < PATIENCE, "no page {title:?} but {:?}: {}", self.title(), self.source());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn find(&self, selector: &str) -> String {
        let begun = Instant::now();
        loop {
            let path = format!("/session/{}/element", self.session);
            let (status, value) = self.send("POST", &path, &json!({"using": "css selector", "value": selector}));
            if status == 200 {
                return value[ELEMENT].as_str().unwrap().to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "no {selector}: {}", self.source());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn get(&self, path: &str) -> Value {
        self.ask("GET", &format!("/session/{}{path}", self.session), &Value::Null)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}{path}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, value) = self.send(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {value}");
        value
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).unwrap() > 0, "chromedriver hung up");
            if line == "\r\n" {
                break;
            }
            head.push(line.trim_end().to_ascii_lowercase());
        }
        let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.iter().find_map(|line| line.strip_prefix("content-length:")).unwrap().trim().parse().unwrap();
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        (status, answer["value"].clone())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            let _ = self.send("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// What Chromium is started with; root has no sandbox around its processes.
pub fn arguments(profile: &std::path::Path) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-sandbox"]
            .map(str::to_owned)
            .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments
}
