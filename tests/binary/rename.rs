//! `zone rename`, killed before each change that it makes on the disk, or with that change failing.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use super::fault::{Server, TOKEN, json};
use super::room::Room;

/// A library that kills the process before its nth change on the disk, so that no code of ours runs afterwards, or lets
/// that change fail: where space is needed for want of it (28), else with an I/O error (5).
const SABOTEUR: &str = r#"
use std::ffi::{c_char, c_int, c_uint, c_void};
use std::sync::atomic::{AtomicI64, Ordering};
unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn getenv(name: *const c_char) -> *const c_char;
    fn atol(text: *const c_char) -> i64;
    fn raise(signal: c_int) -> c_int;
    fn __errno_location() -> *mut c_int;
}
static DONE: AtomicI64 = AtomicI64::new(0);
unsafe fn fails(error: c_int) -> bool {
    let done = DONE.fetch_add(1, Ordering::SeqCst) + 1;
    let is_due = |name: &std::ffi::CStr| unsafe {
        let at = getenv(name.as_ptr());
        !at.is_null() && done == atol(at)
    };
    if is_due(c"KILL_AT") {
        unsafe { raise(9) };
    }
    let due = is_due(c"FAIL_AT");
    if due {
        unsafe { *__errno_location() = error };
    }
    due
}
macro_rules! changes {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty, $error:literal $(, only if $condition:expr)?;)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($argument: $type),*) -> $result {
            unsafe {
                if true $(&& $condition)? && fails($error) {
                    return -1;
                }
                let next = dlsym(-1isize as *mut c_void, concat!(stringify!($name), "\0").as_ptr().cast());
                std::mem::transmute::<_, unsafe extern "C" fn($($type),*) -> $result>(next)($($argument),*)
            }
        }
    )*};
}
changes! {
    open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int, 28, only if flags & 0o100 != 0;
    write(file: c_int, bytes: *const c_void, size: usize) -> isize, 28, only if file > 2;
    ftruncate64(file: c_int, size: i64) -> c_int, 5;
    mkdir(path: *const c_char, mode: c_uint) -> c_int, 28;
    rename(from: *const c_char, to: *const c_char) -> c_int, 28;
    unlink(path: *const c_char) -> c_int, 5;
    fsync(file: c_int) -> c_int, 5;
}
"#;

fn build_saboteur(directory: &Path) -> PathBuf {
    let (source, library) = (directory.join("saboteur.rs"), directory.join("saboteur.so"));
    fs::write(&source, SABOTEUR).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let built = Command::new(rustc)
        .args(["--edition", "2024", "--crate-type", "cdylib", "-A", "warnings", "-o"])
        .args([&library, &source])
        .status();
    assert!(built.unwrap().success());
    library
}

fn copy_directory(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// The names below the home that a zone of this name left, the locks apart.
fn left_behind(room: &Room, zone: &str) -> Vec<PathBuf> {
    let names = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().trim_start_matches('.').to_owned();
        name.split('.').next() == Some(zone) && !path.starts_with(room.home().join("lock"))
    };
    room.files().into_iter().filter(names).collect()
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn interrupted_rename_loses_nothing_and_is_finished_by_next_command() {
    let server = Server::start(|request, base| {
        if request.target() == "/device" {
            let answer = format!(
                r#"{{"device_code":"d","user_code":"U","verification_uri":"{base}/go","expires_in":60,"interval":1}}"#
            );
            return json(200, answer);
        }
        if request.method() == "POST" {
            let refresh = r#"{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600,"refresh_token":"RT-1"}"#;
            return json(200, refresh.replace("TOKEN", TOKEN));
        }
        let metadata = format!(
            r#"{{"issuer":"{base}","token_endpoint":"{base}/token","device_authorization_endpoint":"{base}/device","response_types_supported":["code"]}}"#
        );
        json(200, metadata)
    });
    let room = Room::sealed();
    room.run(&["login", &server.base(), "-z", "prod", "--device", "--client-id", "tv"]).answer();
    let (library, whole) = (build_saboteur(room.directory()), room.directory().join("whole"));
    copy_directory(&room.home(), &whole);
    let interrupt = |how: &str, point: usize| {
        copy_directory(&whole, &room.home());
        let mut rename = room.hallpass(&["zone", "rename", "prod", "work"]);
        let outcome = rename.env("LD_PRELOAD", &library).env(how, point.to_string()).output().unwrap();
        let committed = fs::read_to_string(room.home().join("config.toml")).unwrap().contains("[zones.work]");
        let killed = outcome.status.signal().is_some();
        assert!(killed || outcome.status.success() == committed, "{how} {point}: {outcome:?}");
        check_whole(&room, committed, &format!("{how} {point}"));
        killed
    };
    // Each point is three processes: a plain `cargo test` takes some of them.
    let step = if std::env::var_os("HALLPASS_TEST_EVERY_POINT").is_some() { 1 } else { 5 };
    let points = step * (1..500).step_by(step).take_while(|point| interrupt("KILL_AT", *point)).count();
    assert_eq!(room.run(&["token", "-z", "work", "--fresh"]).answer(), TOKEN, "the refresh token moved along");
    assert!((40..499).contains(&points), "{points} points");
    for point in (1..=points).step_by(step) {
        interrupt("FAIL_AT", point);
    }
}

/// Asserts that a zone is there as it was, under the name that the configuration has, and nothing under the other one.
fn check_whole(room: &Room, committed: bool, case: &str) {
    let (name, other) = if committed { ("work", "prod") } else { ("prod", "work") };
    assert_eq!(room.run(&["token", "-z", name]).answer(), TOKEN, "{case}");
    let listed = room.run(&["vault", "list"]);
    assert_eq!(listed.answer(), format!("{name}\trefresh_token\tsealed"), "{case}");
    assert_eq!(left_behind(room, other), [] as [PathBuf; 0], "{case}");
    assert!(room.home().join(format!("session/{name}.json")).exists(), "{case}");
    assert!(!room.home().join("rename.json").exists(), "{case}");
}

/// The registration has looked at the configuration and has no journal yet when the rename begins.
#[test]
fn rename_waits_for_registration_under_new_name() {
    let outcome: Arc<Mutex<Option<i32>>> = Arc::default();
    let room = Arc::new(Room::sealed().with("GIVEN", "old-secret"));
    let server = Server::start({
        let (outcome, room) = (Arc::clone(&outcome), Arc::clone(&room));
        move |request, base| {
            if request.method() == "POST" {
                return json(201, r#"{"client_id":"made-1","client_secret":"made-secret"}"#);
            }
            outcome
                .lock()
                .unwrap()
                .get_or_insert_with(|| room.run(&["zone", "rename", "prod", "new", "--deadline", "500ms"]).code());
            json(200, format!(r#"{{"issuer":"{base}","registration_endpoint":"{base}/register"}}"#))
        }
    });
    let add = ["zone", "add", "prod", "--issuer", "https://as.example", "--client-id", "app"];
    room.run(&[&add[..], &["--client-secret-from", "env:GIVEN"]].concat()).answer();
    room.run(&["client", "register", &server.base(), "--save-as", "new"]).answer();
    assert_eq!(*outcome.lock().unwrap(), Some(6));
    assert_eq!(room.run(&["zone", "rename", "prod", "new"]).code(), 2);
}
