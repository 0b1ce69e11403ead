//! Reads the files of `contrib/` and the blocks of `docs/ci.md`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use yaml_rust2::{Yaml, YamlLoader};

/// A file of the tree.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The YAML documents of a file of `contrib/`.
pub fn documents(name: &str) -> Vec<Value> {
    parse(&std::fs::read_to_string(path("contrib").join(name)).unwrap())
}

pub fn parse(text: &str) -> Vec<Value> {
    YamlLoader::load_from_str(text).unwrap().iter().map(value).collect()
}

fn value(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Boolean(value) => Value::Bool(*value),
        Yaml::Integer(value) => Value::from(*value),
        Yaml::String(text) | Yaml::Real(text) => Value::String(text.clone()),
        Yaml::Array(items) => items.iter().map(value).collect(),
        Yaml::Hash(members) => {
            let member = |(name, item): (&Yaml, &Yaml)| (name.as_str().unwrap().to_owned(), value(item));
            Value::Object(members.iter().map(member).collect::<Map<String, Value>>())
        }
        Yaml::Null => Value::Null,
        Yaml::Alias(_) | Yaml::BadValue => panic!("not for a file that people read: {yaml:?}"),
    }
}

/// The first block of this language below a heading of `docs/ci.md`.
pub fn block(heading: &str, language: &str) -> String {
    let page = std::fs::read_to_string(path("docs/ci.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with(&format!("{heading}\n"))).unwrap();
    let (_, rest) = section.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// A string with each `OPEN expression CLOSE` replaced by its value.
pub fn interpolate(text: &str, open: &str, close: &str, evaluate: &dyn Fn(&str) -> String) -> String {
    let mut pieces = text.split(open);
    let mut done = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (expression, rest) = piece.split_once(close).unwrap();
        done.push_str(&evaluate(expression.trim()));
        done.push_str(rest);
    }
    done
}

/// The strings of an object.
pub fn strings(object: &Value) -> impl Iterator<Item = (&str, &str)> {
    object.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
}
