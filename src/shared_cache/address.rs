//! Where the engine is: `redis://[user@]HOST:PORT/DB`, `rediss://` with TLS, or `redis+unix:///PATH`.

use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use crate::oauth::secure_url::is_loopback;

const PORT: u16 = 6379;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub place: Place,
    pub user: Option<String>,
    pub database: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Host { url: Url, by_tls: bool },
    Socket(PathBuf),
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORMS: &str = "must be redis://HOST:PORT/DB, rediss://HOST:PORT/DB or redis+unix:///PATH";
        let mut url = Url::parse(text).map_err(|_| FORMS)?;
        if url.password().is_some() {
            return Err("must not hold a password");
        }
        if url.fragment().is_some() || url.query().is_some() {
            return Err("must have no ? and no #");
        }
        let user = Some(url.username()).filter(|user| !user.is_empty());
        let user = user.map(|user| percent_decode(user).ok_or("has a user that is not UTF-8")).transpose()?;
        if url.scheme() == "redis+unix" {
            let path = percent_decode(url.path()).ok_or("has a path that is not UTF-8")?;
            let is_path = url.host_str().is_none_or(str::is_empty) && path.starts_with('/') && path.len() > 1;
            return if is_path {
                Ok(Self { place: Place::Socket(path.into()), user, database: 0 })
            } else {
                Err(FORMS)
            };
        }
        let by_tls = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            _ => return Err(FORMS),
        };
        url.host_str().filter(|host| !host.is_empty()).ok_or(FORMS)?;
        let database = match url.path().trim_start_matches('/') {
            "" => 0,
            number => number.parse().map_err(|_| "must end with the number of a database")?,
        };
        let port = url.port().unwrap_or(PORT);
        url.set_port(Some(port)).map_err(|()| FORMS)?;
        Ok(Self { place: Place::Host { url, by_tls }, user, database })
    }
}

impl Address {
    /// Whether what is sent there could be read on the way.
    pub fn is_open(&self) -> bool {
        matches!(&self.place, Place::Host { url, by_tls: false } if !is_loopback(url))
    }
}

/// The engine without user and database, to name it.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Place::Host { url, .. } => {
                write!(f, "{}://{}:{}", url.scheme(), url.host_str().unwrap_or_default(), url.port().unwrap_or(PORT))
            }
            Place::Socket(path) => f.write_str(&path.to_string_lossy()),
        }
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Address, Place};

    fn read(text: &str) -> Result<Address, &'static str> {
        text.parse()
    }

    #[test]
    fn forms() {
        let address = read("rediss://ci%40fleet@cache.example/3").unwrap();
        assert_eq!((address.user.as_deref(), address.database), (Some("ci@fleet"), 3));
        assert_eq!(address.to_string(), "rediss://cache.example:6379");
        assert!(!address.is_open() && read("redis://cache.example:1").unwrap().is_open());
        assert!(!read("redis://127.0.0.1:7000/0").unwrap().is_open() && !read("redis://[::1]").unwrap().is_open());
        let socket = read("redis+unix:///run/redis%20a.sock").unwrap();
        assert_eq!(socket.place, Place::Socket("/run/redis a.sock".into()));
        assert_eq!(socket.to_string(), "/run/redis a.sock");
    }

    #[test]
    fn what_is_none_is_refused() {
        assert_eq!(read("redis://u:p@h:1/0"), Err("must not hold a password"));
        for bad in [
            "",
            "h:6379",
            "http://h",
            "redis://",
            "redis:///0",
            "redis://h/x",
            "redis://h/-1",
            "redis://h/0?a=b",
            "redis+unix://h/p",
            "redis+unix:///",
            "redis+unix:socket",
            "redis://h:99999/0",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
