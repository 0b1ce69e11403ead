//! `config.toml`: `default`, `[settings]` and `[zones.NAME]`.

use std::fmt;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item};

use super::reader::{self, Reader};
use super::table::SETTINGS;
use super::{Fault, Settings, Zone, check_name, settings};

/// The most bytes of the file.
pub const CONFIG_LIMIT: u64 = 1024 * 1024;

/// The parsed file. Edits keep comments, unknown keys and the order of everything else; the caller reads and writes it.
pub struct Config {
    pub(super) path: PathBuf,
    pub(super) document: Document<String>,
}

impl Config {
    /// Parses the file; one that does not exist yet is empty.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Fault> {
        if text.len() as u64 > CONFIG_LIMIT {
            return Err(Fault::TooLarge { path: path.to_owned(), limit: CONFIG_LIMIT });
        }
        let config = Self { path: path.to_owned(), document: reader::parse(text, path)? };
        config.root().string("default")?;
        for key in ["zones", "settings"] {
            config.root().table(key)?;
        }
        Ok(config)
    }

    /// The names of the zones, in the file's order, without those that no zone may have.
    pub fn zones(&self) -> Vec<&str> {
        self.all_names().into_iter().filter(|name| check_name(name).is_ok()).collect()
    }

    /// As [`Config::zones`], with those that no zone may have.
    pub fn all_names(&self) -> Vec<&str> {
        let zones = self.root().table("zones").ok().flatten();
        zones.into_iter().flat_map(|zones| zones.table.iter()).map(|(name, _)| name).collect()
    }

    /// Reads one zone, and nothing else.
    pub fn zone(&self, name: &str) -> Result<Option<Zone>, Fault> {
        if check_name(name).is_err() {
            return Ok(None);
        }
        self.zone_table(name)?.map(|reader| read_zone(name, &reader)).transpose()
    }

    /// The name of the default zone, which may not exist.
    pub fn default_zone(&self) -> Option<&str> {
        self.document.get("default").and_then(Item::as_str)
    }

    pub fn settings(&self) -> Result<Settings, Fault> {
        self.root().table("settings")?.map_or_else(|| Ok(Settings::default()), |reader| settings::read(&reader))
    }

    /// The keys and zones of the file that are ignored, each with file and line.
    pub fn warnings(&self) -> Vec<String> {
        let keys = SETTINGS.each_ref().map(|row| row.key);
        let mut warnings: Vec<String> = self.root().unknown_keys(&["default", "settings", "zones"]).collect();
        if let Ok(Some(table)) = self.root().table("settings") {
            warnings.extend(table.unknown_keys(&settings::KEYS));
        }
        for table in self.zones().into_iter().filter_map(|name| self.zone_table(name).ok()?) {
            warnings.extend(table.unknown_keys(&keys));
        }
        warnings.extend(self.ignored());
        warnings
    }

    /// The zones that are ignored for their names, as warnings with file and line.
    fn ignored(&self) -> Vec<String> {
        let Ok(Some(zones)) = self.root().table("zones") else { return Vec::new() };
        let warning = |name| Some(zones.warning(name, &format!("is ignored: {}", check_name(name).err()?)));
        self.all_names().into_iter().filter_map(warning).collect()
    }

    pub(super) fn root(&self) -> Reader<'_> {
        Reader::root(&self.document, &self.path)
    }

    fn zone_table(&self, name: &str) -> Result<Option<Reader<'_>>, Fault> {
        self.root().table("zones")?.map_or(Ok(None), |zones| zones.table(name))
    }
}

fn read_zone(name: &str, reader: &Reader<'_>) -> Result<Zone, Fault> {
    let mut zone = Zone::new(name, "");
    for row in &SETTINGS {
        (row.get_mut)(&mut zone).decode(row, reader)?;
    }
    zone.check().map_err(|fault| match fault {
        Fault::Refused { key, reason } => reader.wrong(key, reason),
        other => other,
    })?;
    Ok(zone)
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.document.raw())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Fault;
    use super::Config;

    fn parse(text: &str) -> Result<Config, Fault> {
        Config::parse(text, Path::new("/c/config.toml"))
    }

    fn fault(text: &str) -> String {
        let zone = |config: Config| config.zone("a").and_then(|zone| config.settings().map(|_| zone));
        parse(text).and_then(zone).unwrap_err().to_string()
    }

    #[test]
    fn what_does_not_parse_is_placed() {
        for (text, place) in [
            ("[zones.a]\nissuer = \"hunter2\n", "2:18"),
            ("a = 1\na = hunter2", "2:5"),
            ("a = 1\na = 2", "2:1"),
            ("[zones.a]\nissuer = 'x'\n[zones.a]\n", "3:8"),
            ("[zones.a]\nx = 'ü' y\n", "2:9"),
            ("[", "1:2"),
        ] {
            let fault = fault(text);
            assert!(
                fault.starts_with(&format!("/c/config.toml:{place}: ")) && !fault.contains("hunter2"),
                "{text}: {fault}"
            );
        }
    }

    #[test]
    fn wrong_types_are_placed() {
        let head = "[zones.a]\nissuer = 'https://a.example'\n";
        for (text, message) in [
            ("zones = 3", "1:9: zones must be a table"),
            ("[[zones]]", "1:1: zones must be a table"),
            ("default = 3", "1:11: default must be a string"),
            ("zones.a = 3", "1:11: zones.a must be a table"),
            ("[zones.a]\nclient_id = 'x'", "1:1: zones.a.issuer is missing"),
            ("[zones.a]\nissuer = ''", "2:10: zones.a.issuer must not be empty"),
            ("[zones.a]\nissuer = 'http://a.example'", "2:10: zones.a.issuer must be https, or http to loopback"),
            (
                "[settings]\ndeadline = 'soon'",
                "2:12: settings.deadline is invalid: expected a span such as 90s, 15m, 24h or 30d",
            ),
            ("[settings]\nvault = 'red'", "2:9: settings.vault must be one of keyring, sealed"),
        ] {
            assert_eq!(fault(text), format!("/c/config.toml:{message}"), "{text}");
        }
        for (line, message) in [
            ("scope = [1]", "3:9: zones.a.scope must be an array of strings that are not empty"),
            ("scope = 1", "3:9: zones.a.scope must be an array of strings that are not empty"),
            ("dpop = 'yes'", "3:8: zones.a.dpop must be true or false"),
            ("param = [['a']]", "3:9: zones.a.param must be a table of strings, or an array of [name, value]"),
            ("header = { a = 1 }", "3:10: zones.a.header must be a table of strings, or an array of [name, value]"),
            (
                "auth = 'basic'",
                "3:8: zones.a.auth must be one of client_secret_basic, client_secret_post, client_secret_jwt, \
              private_key_jwt, tls_client_auth, self_signed_tls_client_auth, none",
            ),
            (
                "client_secret_ref = 'hunter2'",
                "3:21: zones.a.client_secret_ref is not usable: not a SOURCE, such as \
              file:PATH, env:NAME, cmd:COMMAND, vault or - (stdin)",
            ),
            (
                "client_secret = 'hunter2'",
                "3:17: zones.a.client_secret can only be \"stored\"; the secret itself is never in \
              this file; client_secret_ref names its source",
            ),
            (
                "client_secret = 'stored'\nclient_secret_ref = 'env:X'",
                "4:21: zones.a.client_secret_ref and client_secret exclude each other",
            ),
        ] {
            assert_eq!(fault(&format!("{head}{line}")), format!("/c/config.toml:{message}"), "{line}");
        }
    }

    #[test]
    fn other_zones_may_be_wrong() {
        let config = parse("[zones.a]\nissuer = 'https://a.example'\n[zones.b]\nissuer = 3\n").unwrap();
        assert!(
            config.zone("a").unwrap().is_some() && config.zone("b").is_err() && config.zone("c").unwrap().is_none()
        );
    }

    #[test]
    fn zone_may_be_written_in_any_toml() {
        let config = parse("zones.a.issuer = 'https://a.example'\nzones.a.param = { k = 'v' }\n").unwrap();
        assert_eq!(config.zone("a").unwrap().unwrap().params, [("k".to_owned(), "v".to_owned())]);
        let config = parse("zones = { a = { issuer = 'https://a.example', scope = 'x y' } }\n").unwrap();
        assert_eq!(config.zone("a").unwrap().unwrap().scope, ["x", "y"]);
    }

    #[test]
    fn what_means_nothing_is_warned_of_and_kept() {
        let text = "colour = 1\n[settings]\nx = 1\n[zones.a]\nissuer = 'https://a.example'\nx = 1\n[zones.'../b']\n[zones.env]\n";
        let config = parse(text).unwrap();
        assert_eq!(config.zones(), ["a"]);
        let warnings = config.warnings();
        let starts = [
            "1: colour is not",
            "3: settings.x is not",
            "6: zones.a.x is not",
            "7: zones.../b is ignored",
            "8: zones.env is ignored",
        ];
        assert_eq!(warnings.len(), starts.len(), "{warnings:?}");
        for (warning, start) in warnings.iter().zip(starts) {
            assert!(warning.starts_with(&format!("/c/config.toml:{start}")), "{warning}");
        }
        assert!(config.zone("../b").unwrap().is_none() && config.zone("env").unwrap().is_none());
    }

    #[test]
    fn settings_are_read() {
        let settings = parse("[settings]\ndeadline = '20s'").unwrap().settings().unwrap();
        assert_eq!(settings.deadline, Some(std::time::Duration::from_secs(20)));
        assert_eq!(parse("").unwrap().settings().unwrap(), super::Settings::default());
    }

    #[test]
    fn byte_order_mark_moves_no_column() {
        let wrong = fault("\u{feff}[zones.a]\r\nissuer = 3\r\n");
        assert_eq!(wrong, "/c/config.toml:2:10: zones.a.issuer must be a string");
    }
}
