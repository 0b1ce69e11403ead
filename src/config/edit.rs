//! Edits of `config.toml`; each leaves everything else as it is.

use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::{Config, Fault, Zone, check_name, encode, reader};
use crate::text::sanitize;

#[cfg(test)]
thread_local! {
    /// How often a file was edited, each time as a whole.
    static EDITS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

impl Config {
    /// Adds a zone or changes it; only the keys that differ are written.
    pub fn set_zone(&mut self, zone: &Zone) -> Result<(), Fault> {
        self.set_zones([zone])
    }

    fn set_zones<'a>(&mut self, zones: impl IntoIterator<Item = &'a Zone>) -> Result<(), Fault> {
        let mut changes = Vec::new();
        for zone in zones {
            check_name(&zone.name)?;
            zone.check_all()?;
            changes.push((self.zone(&zone.name).ok().flatten(), zone));
        }
        self.edit(|document| {
            let mut end = last_position(document.as_table());
            let mut gap = if document.to_string().is_empty() { "" } else { "\n" };
            for (old, zone) in &changes {
                if !zones_mut(document)?.contains_key(&zone.name) {
                    end = end.saturating_add(1);
                    append_zone(document, &zone.name, end, std::mem::replace(&mut gap, "\n"));
                }
                encode::write(zones_mut(document)?.get_mut(&zone.name)?.as_table_like_mut()?, old.as_ref(), zone);
            }
            Some(())
        })
    }

    /// As [`Config::set_zone`]; the first zone becomes the default.
    pub fn put_zone(&mut self, zone: &Zone) -> Result<(), Fault> {
        self.put_zones(std::slice::from_ref(&zone))
    }

    /// As [`Config::put_zone`] for each, in one edit of the file.
    pub fn put_zones(&mut self, zones: &[&Zone]) -> Result<(), Fault> {
        let first = zones.first().filter(|_| self.zones().is_empty());
        self.set_zones(zones.iter().copied())?;
        first.map_or(Ok(()), |zone| self.set_default(&zone.name))
    }

    /// Removes a zone with the comment directly above it; when it was the default, there is none afterwards.
    pub fn remove_zone(&mut self, name: &str) -> Result<(), Fault> {
        self.require_known(name)?;
        let default = self.default_zone() == Some(name);
        self.edit(|document| {
            let removed = zones_mut(document)?.remove(name);
            if let Some(Item::Table(table)) = removed {
                keep_comments(document, &table);
            }
            if default {
                drop_default(document);
            }
            Some(())
        })
    }

    /// Renames a zone in its place; the default follows.
    pub fn rename_zone(&mut self, old: &str, new: &str) -> Result<(), Fault> {
        check_name(new)?;
        self.require_known(old)?;
        if self.all_names().contains(&new) {
            return Err(Fault::Exists { name: new.to_owned() });
        }
        let default = self.default_zone() == Some(old);
        self.edit(|document| {
            let zones = zones_mut(document)?;
            let zone = zones.remove(old)?;
            zones.insert(new, zone);
            if default {
                encode::put(document.as_table_mut(), "default", new.into());
            }
            Some(())
        })
    }

    pub fn set_default(&mut self, name: &str) -> Result<(), Fault> {
        self.require_known(name)?;
        self.edit(|document| {
            let new = !document.contains_key("default");
            encode::put(document.as_table_mut(), "default", name.into());
            if let Some(first) = next_after(document.as_table_mut(), isize::MIN).filter(|_| new) {
                let above = encode::decor_text(first.decor().prefix());
                first.decor_mut().set_prefix(format!("\n{}", above.trim_start_matches('\n')));
            }
            Some(())
        })
    }

    /// Applies a change to a copy, which must still be a good file; the change gives `None` where `zones` is not a table.
    fn edit(&mut self, change: impl FnOnce(&mut DocumentMut) -> Option<()>) -> Result<(), Fault> {
        let raw = self.document.raw();
        let windows = raw.contains("\r\n");
        let mut document = if windows {
            reader::parse(&raw.replace("\r\n", "\n"), &self.path)?.into_mut()
        } else {
            self.document.clone().into_mut()
        };
        #[cfg(test)]
        EDITS.set(EDITS.get() + 1);
        change(&mut document).ok_or_else(|| self.root().wrong("zones", "must be a table of zones"))?;
        let mut text = document.to_string();
        if windows {
            text = text.replace('\n', "\r\n");
        }
        *self = Self::parse(&text, &self.path)?;
        Ok(())
    }

    fn require_known(&self, name: &str) -> Result<(), Fault> {
        if self.zones().contains(&name) { Ok(()) } else { Err(Fault::Unknown { name: sanitize(name) }) }
    }
}

fn zones_mut(document: &mut DocumentMut) -> Option<&mut dyn TableLike> {
    let mut zones = Table::new();
    zones.set_implicit(true);
    document.entry("zones").or_insert(Item::Table(zones)).as_table_like_mut()
}

/// Adds an empty table of a zone at the file's end, behind its last comments.
fn append_zone(document: &mut DocumentMut, name: &str, position: isize, gap: &str) {
    let mut table = Table::new();
    table.set_position(Some(position));
    let above = document.trailing().as_str().unwrap_or_default().to_owned();
    table.decor_mut().set_prefix(format!("{above}{gap}"));
    let Some(zones) = zones_mut(document) else { return };
    let headers = zones.insert(name, Item::Table(table)).is_none() && zones.get(name).is_some_and(Item::is_table);
    if headers {
        document.set_trailing("");
    }
}

fn last_position(table: &Table) -> isize {
    let children = table.iter().filter_map(|(_, item)| match item {
        Item::Table(table) => Some(last_position(table)),
        Item::ArrayOfTables(tables) => tables.iter().map(last_position).max(),
        _ => None,
    });
    children.max().max(table.position()).unwrap_or(0)
}

/// Removes `default`; what stands above it is often the comment of the whole file.
fn drop_default(document: &mut DocumentMut) {
    if let Some(above) = encode::drop_key(document.as_table_mut(), "default") {
        push_down(document, isize::MIN, &above);
    }
}

/// Moves the comments above a removed table, except the block that touches its header, to whatever follows it.
fn keep_comments(document: &mut DocumentMut, removed: &Table) {
    let above = encode::decor_text(removed.decor().prefix());
    let kept = above.rfind("\n\n").map_or("", |at| &above[..=at]);
    if kept.contains('#') {
        push_down(document, removed.position().unwrap_or(isize::MAX), kept);
    }
}

/// Puts comments above the header that follows a position, else at the end.
fn push_down(document: &mut DocumentMut, position: isize, comments: &str) {
    if let Some(next) = next_after(document.as_table_mut(), position) {
        let own = encode::decor_text(next.decor().prefix());
        next.decor_mut().set_prefix(format!("{comments}{own}"));
    } else {
        let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing(format!("{comments}{trailing}"));
    }
}

/// The table with a header that stands next in the file.
fn next_after(table: &mut Table, position: isize) -> Option<&mut Table> {
    let children = table.iter_mut().filter_map(|(_, item)| item.as_table_mut());
    let candidates = children.filter_map(|child| {
        let own = !child.is_implicit() && !child.is_dotted() && child.position().is_some_and(|at| at > position);
        if own { Some(child) } else { next_after(child, position) }
    });
    candidates.min_by_key(|table| table.position())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::super::{Backend, Config, Fault, HostPattern, SecretLocation, Zone};
    use crate::jose::Algorithm;
    use crate::oauth::client_auth::Method;
    use crate::oauth::grant::Grant;

    fn parse(text: &str) -> Result<Config, Fault> {
        Config::parse(text, Path::new("/c/config.toml"))
    }

    fn small(name: &str) -> Zone {
        Zone { name: name.to_owned(), issuer: format!("https://{name}.example"), ..Zone::default() }
    }

    fn full() -> Zone {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
        };
        Zone {
            name: "full".to_owned(),
            issuer: "https://as.example/realms/ü".to_owned(),
            client_id: Some("c \"quoted\" \\ id".to_owned()),
            client_secret: SecretLocation::Stored,
            private_key: SecretLocation::Referenced("cmd:op read 'x' | \"cat\"\ntrue".parse().unwrap()),
            key_id: Some("kid".to_owned()),
            algorithm: Some(Algorithm::Es256),
            cert: Some("/c.pem".into()),
            cert_key: SecretLocation::Referenced("file:/k.pem".parse().unwrap()),
            auth: Some(Method::PrivateKeyJwt),
            grant: Some(Grant::JwtBearer),
            scope: texts(&["read", "write"]),
            audience: texts(&["api", "other api"]),
            resource: texts(&["https://r.example/"]),
            assume_defaults: true,
            params: pairs(&[("a", "1"), ("b", ""), ("a", "2")]),
            headers: pairs(&[("X-A", "v: w"), ("X-B", "")]),
            cacert: Some("/ca.pem".into()),
            hosts: ["h:8443", "*.h"].map(|host| HostPattern::parse(host).unwrap()).to_vec(),
            vault: Some(Backend::Sealed),
            dpop: true,
            assertion_ref: Some("env:ASSERTION".parse().unwrap()),
            subject_token_ref: Some("-".parse().unwrap()),
            assertion_audience: Some("https://as.example".to_owned()),
            token_endpoint: Some("/e0".to_owned()),
            introspection_endpoint: Some("/e1".to_owned()),
            revocation_endpoint: Some("/e2".to_owned()),
            registration_endpoint: Some("/e3".to_owned()),
            par_endpoint: Some("/e4".to_owned()),
            authorization_endpoint: Some("/e5".to_owned()),
            device_endpoint: Some("/e6".to_owned()),
            jwks_uri: Some("/e7".to_owned()),
            ..Zone::default()
        }
    }

    const COMMENTED: &str = r#"# Zones of the team.

default = "ci" # see the wiki

# How long we wait.
[settings]
deadline = "20s"   # generous

# The pipeline.
[zones.ci]
# Never change this.
issuer = "https://ci.example"    # production
client_secret = "stored"
scope = [
    "read",  # for everybody
    "write", # for the release
]
future = { a = 1 } # not ours

# By hand.
[zones.dev]
issuer = 'https://dev.example'
# The end.
"#;

    #[test]
    fn every_setting_comes_back() {
        let mut config = parse("").unwrap();
        config.set_zone(&full()).unwrap();
        assert_eq!(config.zone("full").unwrap().unwrap(), full());
        assert_eq!(config.warnings(), Vec::<String>::new());
        let again = parse(&config.to_string()).unwrap();
        assert_eq!(again.zone("full").unwrap().unwrap(), full());
        config.set_zone(&Zone { name: "full".to_owned(), ..small("x") }).unwrap();
        assert_eq!(config.to_string(), "[zones.full]\nissuer = \"https://x.example\"\n");
    }

    #[test]
    fn many_zones_are_one_edit_and_same_as_one_by_one() {
        let zones: Vec<Zone> = (0..50).map(|number| small(&format!("z{number}"))).collect();
        for start in ["", COMMENTED] {
            let (mut one_by_one, mut at_once) = (parse(start).unwrap(), parse(start).unwrap());
            for zone in &zones {
                one_by_one.put_zone(zone).unwrap();
            }
            let before = super::EDITS.get();
            at_once.put_zones(&zones.iter().collect::<Vec<_>>()).unwrap();
            assert!(super::EDITS.get() - before <= 2, "the file is read again for each zone");
            assert_eq!(at_once.to_string(), one_by_one.to_string());
        }
    }

    #[test]
    fn new_file_is_plain() {
        let mut config = parse("").unwrap();
        config
            .set_zone(&Zone { scope: vec!["a".into()], params: vec![("k".into(), "v".into())], ..small("a") })
            .unwrap();
        config.set_zone(&small("b")).unwrap();
        config.set_default("a").unwrap();
        assert_eq!(
            config.to_string(),
            r#"default = "a"

[zones.a]
issuer = "https://a.example"
scope = ["a"]
param = { k = "v" }

[zones.b]
issuer = "https://b.example"
"#
        );
    }

    #[test]
    fn unchanged_zone_leaves_file_as_it_is() {
        let mut config = parse(COMMENTED).unwrap();
        for name in ["ci", "dev"] {
            let zone = config.zone(name).unwrap().unwrap();
            config.set_zone(&zone).unwrap();
        }
        config.set_default("ci").unwrap();
        assert_eq!(config.to_string(), COMMENTED);
    }

    #[test]
    fn comments_live_through_edits() {
        let mut config = parse(COMMENTED).unwrap();
        let mut zone = config.zone("ci").unwrap().unwrap();
        zone.issuer = "https://new.example".to_owned();
        zone.client_secret = SecretLocation::Referenced("env:S".parse().unwrap());
        zone.scope = vec!["write".to_owned(), "admin".to_owned()];
        config.set_zone(&zone).unwrap();
        config.set_zone(&small("new")).unwrap();
        config.set_default("new").unwrap();
        config.rename_zone("dev", "hand").unwrap();
        assert_eq!(config.zone("ci").unwrap().unwrap(), zone);
        assert_eq!(
            config.to_string(),
            r#"# Zones of the team.

default = "new" # see the wiki

# How long we wait.
[settings]
deadline = "20s"   # generous

# The pipeline.
[zones.ci]
# Never change this.
issuer = "https://new.example"    # production
scope = [
    "write", # for the release
    "admin",
]
future = { a = 1 } # not ours
client_secret_ref = "env:S"

# By hand.
[zones.hand]
issuer = 'https://dev.example'
# The end.

[zones.new]
issuer = "https://new.example"
"#
        );
    }

    #[test]
    fn removing_leaves_comments_of_others() {
        let mut config = parse("# Of the team.\n\n# The pipeline.\n[zones.a]\nissuer = 'https://a.example'\n\n# By hand.\n[zones.b]\nissuer = 'https://b.example'\n").unwrap();
        config.remove_zone("a").unwrap();
        assert_eq!(config.to_string(), "# Of the team.\n\n# By hand.\n[zones.b]\nissuer = 'https://b.example'\n");
        config.remove_zone("b").unwrap();
        assert_eq!(config.to_string(), "# Of the team.\n");
    }

    #[test]
    fn removed_key_leaves_comment_above() {
        let mut config =
            parse("[zones.a]\nissuer = 'https://a.example'\n# Of team B.\nscope = ['x'] # x\n# Ours.\ndpop = true\n")
                .unwrap();
        config.set_zone(&Zone { dpop: true, ..small("a") }).unwrap();
        assert_eq!(config.to_string(), "[zones.a]\nissuer = 'https://a.example'\n# Of team B.\n# Ours.\ndpop = true\n");
        config.set_zone(&small("a")).unwrap();
        assert_eq!(config.to_string(), "[zones.a]\nissuer = 'https://a.example'\n");
    }

    #[test]
    fn default_follows_its_zone() {
        let mut config = parse(COMMENTED).unwrap();
        config.rename_zone("ci", "pipeline").unwrap();
        assert_eq!(config.default_zone(), Some("pipeline"));
        assert_eq!(
            config.to_string(),
            COMMENTED.replace("\"ci\"", "\"pipeline\"").replace("zones.ci", "zones.pipeline")
        );
        config.remove_zone("pipeline").unwrap();
        assert_eq!((config.default_zone(), config.zones()), (None, vec!["dev"]));
    }

    #[test]
    fn edits_of_what_is_not_there_are_refused() {
        let mut config = parse(COMMENTED).unwrap();
        assert!(matches!(config.remove_zone("x"), Err(Fault::Unknown { .. })));
        assert!(matches!(config.rename_zone("x", "y"), Err(Fault::Unknown { .. })));
        assert!(matches!(config.rename_zone("ci", "dev"), Err(Fault::Exists { .. })));
        assert!(matches!(config.rename_zone("ci", "Dev"), Err(Fault::Refused { .. })));
        assert!(matches!(config.set_default("x"), Err(Fault::Unknown { .. })));
        assert!(matches!(config.set_zone(&small("env")), Err(Fault::Refused { .. })));
        assert!(matches!(
            config.set_zone(&Zone { issuer: "http://x".into(), ..small("a") }),
            Err(Fault::Refused { .. })
        ));
        assert_eq!(config.to_string(), COMMENTED);
    }

    #[test]
    fn line_endings_and_byte_order_mark() {
        let text = format!("\u{feff}{}", COMMENTED.replace('\n', "\r\n"));
        let mut config = parse(&text).unwrap();
        assert_eq!(config.zones(), ["ci", "dev"]);
        assert_eq!(config.zone("ci").unwrap().unwrap().scope, ["read", "write"]);
        config.set_default("dev").unwrap();
        let expected = COMMENTED.replace("\"ci\"", "\"dev\"").replace('\n', "\r\n");
        assert_eq!(config.to_string().trim_start_matches('\u{feff}'), expected);
    }

    #[test]
    fn edit_keeps_unknown_toml() {
        for text in [
            "zones = { a = { issuer = 'https://a.example', x = 1 } } # inline\n",
            "zones.a.issuer = 'https://a.example' # dotted\nzones.a.x = 1\n",
            "[zones] # explicit\na = { issuer = 'https://a.example', x = 1 }\n",
            "x = 1\n[zones]\n[zones.a]\nissuer = 'https://a.example'\n[zones.a.param]\nk = 'v' # v\n[[x2]]\n[settings]\n",
        ] {
            let mut config = parse(text).unwrap();
            let old = config.zone("a").unwrap().unwrap();
            config.set_zone(&small("b")).unwrap();
            config.set_zone(&Zone { dpop: true, ..old.clone() }).unwrap();
            assert_eq!(config.zone("b").unwrap().unwrap(), small("b"), "{config}");
            assert!(config.zone("a").unwrap().unwrap().dpop, "{config}");
            config.set_zone(&old).unwrap();
            config.remove_zone("b").unwrap();
            assert_eq!(config.to_string().trim_end(), text.trim_end());
        }
    }

    #[test]
    fn comment_of_whole_file_outlives_default() {
        let rest = "[zones.a]\nissuer = 'https://a.example'\n";
        let gone = "[zones.b]\nissuer = 'https://b.example'\n";
        let mut config = parse(&format!("# Of the team.\n\ndefault = 'b'\n\n{rest}{gone}")).unwrap();
        config.remove_zone("b").unwrap();
        assert_eq!(config.to_string(), format!("# Of the team.\n\n\n{rest}"));
        config.set_default("a").unwrap();
        assert_eq!(config.to_string(), format!("default = \"a\"\n\n# Of the team.\n\n\n{rest}"));
    }

    proptest! {
        #[test]
        fn any_text_comes_back(id in "(?s).{1,8}|(a|\r|\n|\"|'|\\\\|\t|\u{0}|\u{7f}|#){1,6}", value in "(?s).{0,8}|(\r\n|'){0,4}") {
            let params = vec![(id.clone(), value.clone()), ("k".to_owned(), value)];
            let zone = Zone { key_id: Some(id.clone()), audience: vec![id], params, ..small("a") };
            let mut config = parse("").unwrap();
            config.set_zone(&zone).unwrap();
            config.set_zone(&small("b")).unwrap();
            config.set_default("b").unwrap();
            prop_assert_eq!(config.zone("a").unwrap().unwrap(), zone);
        }
    }

    #[test]
    fn line_of_array_keeps_its_comment() {
        let head = "[zones.a]\nissuer = 'https://a.example'\n";
        for (before, scope, after) in [
            (
                "[ # all\n  'a', # 1\n  # above\n  'b', # 2\n  # end\n]",
                ["b", "c"],
                "[ # all\n  # above\n  \"b\", # 2\n  \"c\",\n  # end\n]",
            ),
            ("['a', 'b']", ["b", "c"], "[\"b\", \"c\"]"),
            ("[\n  'a',\n  'b',\n]", ["b", "a"], "[\"b\", \"a\"]"),
        ] {
            let mut config = parse(&format!("{head}scope = {before} # behind\n")).unwrap();
            config.set_zone(&Zone { scope: scope.map(str::to_owned).to_vec(), ..small("a") }).unwrap();
            assert_eq!(config.to_string(), format!("{head}scope = {after} # behind\n"));
        }
    }
}
