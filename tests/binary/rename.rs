//! `zone rename`, killed before each change that it makes on the disk.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fault::{Server, TOKEN, json};
use super::room::Room;

/// A library that kills the process before its nth change of a name, so that no code of ours runs afterwards.
const KILLER: &str = r#"
use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicI64, Ordering};
unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn getenv(name: *const c_char) -> *const c_char;
    fn atol(text: *const c_char) -> i64;
    fn raise(signal: c_int) -> c_int;
}
static DONE: AtomicI64 = AtomicI64::new(0);
unsafe fn count() {
    let at = unsafe { getenv(c"KILL_AT".as_ptr()) };
    if !at.is_null() && DONE.fetch_add(1, Ordering::SeqCst) + 1 == unsafe { atol(at) } {
        unsafe { raise(9) };
    }
}
unsafe fn next(name: &std::ffi::CStr) -> *mut c_void {
    unsafe { dlsym(-1isize as *mut c_void, name.as_ptr()) }
}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    unsafe {
        count();
        std::mem::transmute::<_, unsafe extern "C" fn(*const c_char, *const c_char) -> c_int>(next(c"rename"))(from, to)
    }
}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    unsafe {
        count();
        std::mem::transmute::<_, unsafe extern "C" fn(*const c_char) -> c_int>(next(c"unlink"))(path)
    }
}
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(file: c_int) -> c_int {
    unsafe {
        count();
        std::mem::transmute::<_, unsafe extern "C" fn(c_int) -> c_int>(next(c"fsync"))(file)
    }
}
"#;

fn build_killer(directory: &Path) -> PathBuf {
    let (source, library) = (directory.join("killer.rs"), directory.join("killer.so"));
    fs::write(&source, KILLER).unwrap();
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
fn killed_rename_loses_nothing_and_is_finished_by_next_command() {
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
    let (library, whole) = (build_killer(room.directory()), room.directory().join("whole"));
    copy_directory(&room.home(), &whole);
    for point in 1..200 {
        copy_directory(&whole, &room.home());
        let mut rename = room.hallpass(&["zone", "rename", "prod", "work"]);
        let status = rename.env("LD_PRELOAD", &library).env("KILL_AT", point.to_string()).status().unwrap();
        let committed = fs::read_to_string(room.home().join("config.toml")).unwrap().contains("[zones.work]");
        let (name, other) = if committed { ("work", "prod") } else { ("prod", "work") };
        assert_eq!(room.run(&["token", "-z", name]).answer(), TOKEN, "point {point}");
        let listed = room.run(&["vault", "list"]);
        assert_eq!(listed.answer(), format!("{name}\trefresh_token\tsealed"), "point {point}");
        assert_eq!(left_behind(&room, other), [] as [PathBuf; 0], "point {point}");
        assert!(room.home().join(format!("session/{name}.json")).exists(), "point {point}");
        assert!(!room.home().join("rename.json").exists(), "point {point}");
        if status.signal().is_none() {
            assert!(committed && status.success());
            assert!(point > 20, "only {point} points");
            assert_eq!(room.run(&["token", "-z", "work", "--fresh"]).answer(), TOKEN, "the refresh token moved along");
            return;
        }
    }
    panic!("the rename never ended");
}
