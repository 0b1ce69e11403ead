//! Circles: files that use each other. A use is counted from a file to the file that defines the name, through every
//! re-export, so a name that a parent only re-exports leads past it to the child.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{Modules, UsedPath, before_tests, is_test, module_of, paths, tokens};

/// One module: a file, or a module written inside of one.
#[derive(Debug, Default)]
struct Module {
    file: String,
    items: BTreeSet<String>,
    children: BTreeSet<String>,
    /// What `use` brings into scope, for others too where it is public.
    bindings: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    /// The bindings that are public.
    reexports: BTreeSet<String>,
}

/// What a path leads to.
enum Target {
    Module(Vec<String>),
    /// A name that this file defines.
    Item(String),
}

/// Files that use each other: for each what it uses of the others.
pub type Circle = BTreeMap<String, Vec<String>>;

/// Every circle of the sources.
pub fn circles(sources: &BTreeMap<String, String>) -> Vec<Circle> {
    let arrows = arrows(sources);
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        arrows.keys().map(|file| (file.as_str(), reach(&arrows, file))).collect();
    let mut found: Vec<Circle> = Vec::new();
    for (file, theirs) in &reached {
        if theirs.contains(file) && !found.iter().any(|circle| circle.contains_key(*file)) {
            let members: Vec<&str> = theirs.iter().copied().filter(|other| reached[other].contains(file)).collect();
            let uses =
                |file: &str| arrows[file].iter().filter(|other| members.contains(&other.as_str())).cloned().collect();
            found.push(members.iter().map(|file| ((*file).to_owned(), uses(file))).collect());
        }
    }
    found
}

/// Whom a file uses, and whom those use; itself only in a circle.
fn reach<'a>(arrows: &'a BTreeMap<String, BTreeSet<String>>, file: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = arrows[file].iter().map(String::as_str).collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(arrows.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    found
}

/// For each file the files that define the names it uses.
fn arrows(sources: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let code: BTreeMap<&String, Vec<_>> = sources
        .iter()
        .filter(|(path, _)| !is_test(path) && *path != "main.rs")
        .map(|(path, text)| (path, tokens(path, before_tests(text))))
        .collect();
    let mut house = House::default();
    for (path, tokens) in &code {
        house.add(path, tokens);
    }
    let used = |path: &str, tokens: &[_]| {
        let used = paths(path, tokens).into_iter().filter(|used| house.uses(used));
        let targets = used.filter_map(|used| house.resolve(&used.module, &used.segments, 0));
        let files = targets.filter_map(|target| match target {
            Target::Item(file) if file != path => Some(file),
            _ => None,
        });
        files.collect()
    };
    code.iter().map(|(path, tokens)| ((*path).clone(), used(path, tokens))).collect()
}

#[derive(Debug, Default)]
struct House {
    modules: BTreeMap<Vec<String>, Module>,
}

impl House {
    fn add(&mut self, path: &str, tokens: &[crate::sources::Token]) {
        path.clone_into(&mut self.modules.entry(module_of(path)).or_default().file);
        for used in paths(path, tokens) {
            let module = self.modules.entry(used.module).or_default();
            if used.is_reexport {
                module.reexports.extend(used.binding.clone());
            }
            match used.binding.as_deref() {
                Some("*") => module.globs.push(used.segments),
                Some(name) => drop(module.bindings.insert(name.to_owned(), used.segments)),
                None => {}
            }
        }
        let mut modules = Modules::new(path);
        for (i, token) in tokens.iter().enumerate() {
            modules.visit(tokens, i);
            let name = tokens.get(i + 1).filter(|next| next.is_name).map_or("", |next| next.text.as_str());
            if !modules.at_margin() || matches!(name, "" | "fn" | "mut") {
                continue;
            }
            let module = self.modules.entry(modules.current()).or_default();
            path.clone_into(&mut module.file);
            match token.text.as_str() {
                "mod" => drop(module.children.insert(name.to_owned())),
                "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" => {
                    module.items.insert(name.to_owned());
                }
                _ => {}
            }
        }
    }

    /// Whether a path is a use. A re-export is not, unless the file uses the name itself; a name alone is one only then,
    /// for it may be a variable's, and what it names was counted at its `use`.
    fn uses(&self, used: &UsedPath) -> bool {
        let reexports =
            || self.modules.get(&used.module).is_some_and(|module| module.reexports.contains(&used.segments[0]));
        !used.is_reexport && (used.segments.len() > 1 || used.binding.is_some() || reexports())
    }

    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<Target> {
        let (mut module, mut rest) = (from, path);
        let mut absolute = false;
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" if !absolute => module = &[],
                "self" if !absolute => {}
                "super" => module = module.split_last()?.1,
                _ => break,
            }
            (absolute, rest) = (true, others);
        }
        self.descend(module, rest, depth)
    }

    fn descend(&self, module: &[String], path: &[String], depth: usize) -> Option<Target> {
        let Some((name, rest)) = path.split_first() else { return Some(Target::Module(module.to_vec())) };
        let here = self.modules.get(module).filter(|_| depth < 32)?;
        // A module and a function may have one name: with more behind it the module is meant.
        let child = here.children.contains(name);
        if here.items.contains(name) && (rest.is_empty() || !child) {
            return Some(Target::Item(here.file.clone()));
        }
        if let Some(path) = here.bindings.get(name).filter(|_| rest.is_empty() || !child) {
            return match self.resolve(module, path, depth + 1)? {
                Target::Module(module) => self.descend(&module, rest, depth + 1),
                item @ Target::Item(_) => Some(item),
            };
        }
        if child {
            return self.descend(&[module, std::slice::from_ref(name)].concat(), rest, depth);
        }
        here.globs.iter().find_map(|glob| match self.resolve(module, glob, depth + 1)? {
            Target::Module(module) => self.descend(&module, path, depth + 1),
            Target::Item(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::circles;

    #[track_caller]
    fn found(sources: &[(&str, &str)]) -> Vec<String> {
        let sources = sources.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        circles(&sources).into_iter().map(|circle| circle.into_keys().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn circle_of_two_files_is_found() {
        let other = ("http/b.rs", "use crate::http::a::A; pub struct B;");
        for a in [
            "use super::b::B; pub struct A;",
            "use crate::http::b::B as C; pub struct A;",
            "use crate::{http::{b::{self, B}}}; pub struct A;",
            "pub struct A { b: super::b::B }",
            "pub struct A; fn f() { use super::b; b::B::new() }",
            "pub struct A; mod inner { fn f() -> super::super::b::B {} }",
            "pub type A = Vec<crate::http::b::B>;",
            "use super::b::*; pub struct A; fn f() { self::B::new() }",
            "use super::*; pub struct A; impl From<b::B> for A {}",
            "pub struct A; fn f() { schema_for!(super::b::B) }",
        ] {
            let sources = [("http.rs", "mod a; mod b;"), ("http/a.rs", a), other, ("lib.rs", "mod http;")];
            assert_eq!(found(&sources), ["http/a.rs http/b.rs"], "{a}");
        }
    }

    #[test]
    fn parent_whose_child_uses_what_it_defines_is_found() {
        let sources = [
            ("jose.rs", "mod key; use key::Key; pub struct Fault; fn f() -> Key {}"),
            ("jose/key.rs", "use super::Fault; pub struct Key;"),
        ];
        assert_eq!(found(&sources), ["jose.rs jose/key.rs"]);
        let dispatch = [
            ("zone.rs", "mod add; fn run() { add::run() } pub fn f() {}"),
            ("zone/add.rs", "pub fn run() { super::f() }"),
        ];
        assert_eq!(found(&dispatch), ["zone.rs zone/add.rs"]);
        let uses_its_reexport = [
            ("jose.rs", "mod key; pub use key::Key; pub struct Fault(Key);"),
            ("jose/key.rs", "use super::Fault; pub struct Key;"),
        ];
        assert_eq!(found(&uses_its_reexport), ["jose.rs jose/key.rs"]);
    }

    #[test]
    fn circle_through_reexports_and_rooms_is_found() {
        let sources = [
            ("lib.rs", "mod store; mod http;"),
            ("http.rs", "mod client; pub use client::Client as Net;"),
            ("http/client.rs", "pub struct Client(crate::store::Vault);"),
            ("store.rs", "mod vault; mod file; pub use file::*; pub use self::vault::Vault;"),
            ("store/vault.rs", "use super::File; pub struct Vault;"),
            ("store/file.rs", "use crate::http; pub struct File(http::Net);"),
        ];
        assert_eq!(found(&sources), ["http/client.rs store/file.rs store/vault.rs"]);
    }

    #[test]
    fn reexport_leads_past_parent() {
        let sources = [
            ("jose.rs", "mod fault; mod key; pub use fault::Fault; use key::Key; fn f() -> Key {}"),
            ("jose/fault.rs", "pub struct Fault;"),
            ("jose/key.rs", "use super::Fault; pub struct Key; fn f() -> crate::jose::Fault {}"),
        ];
        assert_eq!(found(&sources), Vec::<String>::new());
    }

    #[test]
    fn tests_comments_and_foreign_crates_make_no_circle() {
        let sources = [
            ("http.rs", "mod a; mod b; #[cfg(test)] mod tests;"),
            (
                "http/a.rs",
                "use url::b::B; // super::b::B\npub struct A;\n#[cfg(test)]\nmod tests {\n    use super::super::b::B;\n}\n",
            ),
            ("http/b.rs", "use super::a::A; pub struct B; #[cfg(test)] use super::tests::f;"),
            ("http/tests.rs", "use super::b::B; pub fn f() {}"),
        ];
        assert_eq!(found(&sources), Vec::<String>::new());
    }
}
