//! clear-skies' SecretBearer and `check --secret-from` let in the same.

use serde_json::{Value, json};

use self::Alternate::{Is, Unset};
use super::ask;
use super::room::Room;

/// The second secret of a rotation.
#[derive(Clone, Copy, PartialEq)]
enum Alternate {
    /// There is none.
    None,
    /// There should be one, and it is not set.
    Unset,
    Is(&'static str),
}

impl Alternate {
    fn value(self) -> Option<&'static str> {
        if let Self::Is(value) = self { Some(value) } else { None }
    }
}

/// A secret that both sides know, what is offered, and the answer.
#[derive(Clone, Copy)]
struct Row {
    /// None when it is not set.
    secret: Option<&'static str>,
    alternate: Alternate,
    prefix: &'static str,
    /// The Authorization field; None when there is none.
    field: Option<&'static str>,
}

fn row(secret: &'static str, prefix: &'static str, field: &'static str) -> Row {
    Row { secret: Some(secret), alternate: Alternate::None, prefix, field: Some(field) }
}

fn rotating(secret: &'static str, alternate: Alternate, field: &'static str) -> Row {
    Row { alternate, ..row(secret, "", field) }
}

/// What `check` answers: yes and by which of the two, no, or its exit code.
fn ours(row: Row) -> String {
    let mut room = Room::new();
    for (name, value) in [("SECRET", row.secret), ("ALTERNATE", row.alternate.value())] {
        if let Some(value) = value {
            room = room.with(name, value);
        }
    }
    let prefix = format!("--prefix={}", row.prefix);
    let mut args = vec!["check", "--json", "--secret-from", "env:SECRET", &prefix];
    if row.alternate != Alternate::None {
        args.extend(["--alternate-from", "env:ALTERNATE"]);
    }
    let outcome = room.run_with_stdin(&args, row.field.unwrap_or_default());
    let json = || serde_json::from_str::<Value>(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome}"));
    match outcome.code() {
        0 => format!("yes, {}", json()["matched"].as_str().unwrap()),
        1 => json()["matched"].as_str().unwrap_or("no").to_owned(),
        code => format!("exit {code}"),
    }
}

fn theirs(answer: &Value) -> String {
    match (answer["status"].as_u64(), answer["crashes"].as_str()) {
        (Some(200), _) => "yes".to_owned(),
        (Some(401), _) => "no".to_owned(),
        (None, Some(kind)) => format!("crash {kind}"),
        _ => panic!("{answer}"),
    }
}

fn case(row: Row) -> Value {
    json!({"secret": row.secret, "alternate": row.alternate.value(), "rotates": row.alternate != Alternate::None,
        "prefix": row.prefix, "field": row.field})
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn both_let_in_same() {
    let rows = [
        (row("S", "", "S"), "yes, primary"),
        (row("S", "", "s"), "no"),
        (row("S", "", " S"), "no"),
        (row("S", "", "S "), "no"),
        (row("S", "", "SS"), "no"),
        (row("long-secret", "", "long-secre"), "no"),
        (row("päss wörd: |", "", "päss wörd: |"), "yes, primary"),
        (row("S", "Bearer ", "Bearer S"), "yes, primary"),
        (row("S", "Bearer ", "bEARER S"), "yes, primary"),
        (row("S", "Bearer ", "Bearer  S"), "no"),
        (row("S", "Bearer ", "Bearer s"), "no"),
        (row("S", "Bearer ", "Bearer "), "no"),
        (row("S", "Bearer ", "Bearer"), "no"),
        (row("S", "Bearer ", "S"), "no"),
        (row("S", "Bearer", "bearerS"), "yes, primary"),
        (row("S", "Bearer", "Bearer S"), "no"),
        (row("S S", "p ", "P S S"), "yes, primary"),
        (row("S", "Ä ", "Ä S"), "yes, primary"),
        (rotating("S", Is("A"), "S"), "yes, primary"),
        (rotating("S", Is("A"), "A"), "yes, alternate"),
        (rotating("S", Is("A"), "B"), "no"),
        (rotating("S", Is("A"), "SA"), "no"),
        (rotating("S", Is("S"), "S"), "yes, primary"),
        (Row { prefix: "Tok ", ..rotating("S", Is("A"), "TOK A") }, "yes, alternate"),
        (rotating("S", Unset, "S"), "yes, primary"),
        (rotating("S", Is(""), "S"), "yes, primary"),
        (rotating("S", Is(""), "B"), "no"),
    ];
    let cases: Vec<Value> = rows.iter().map(|(row, _)| case(*row)).collect();
    for ((row, expected), answer) in rows.into_iter().zip(ask("secret.py", &[], &cases)) {
        let case = case(row);
        assert_eq!(ours(row), expected, "{case}");
        assert_eq!(theirs(&answer), expected.split(',').next().unwrap(), "{case}");
    }
}

#[test]
#[ignore = "needs the Python packages that tests/run installs"]
fn where_they_differ_there_is_reason() {
    let newline = "a newline at the end belongs to the file or the pipe that it came from, and never to a field";
    let ascii = "the prefix is compared without the case of ASCII, which is all that a field's scheme holds";
    let broken = "a secret that is not there is an error of the configuration, which is said before anybody offers one";
    let rows = [
        // Deliberately stricter.
        (row("S", "Ä ", "ä S"), ["no", "yes"], ascii),
        (row("S", "\u{212a} ", "k S"), ["no", "yes"], ascii),
        (Row { secret: None, ..row("", "", "S") }, ["exit 3", "crash KeyError"], broken),
        (Row { secret: None, ..rotating("", Is("A"), "A") }, ["exit 3", "crash KeyError"], broken),
        (row("", "", "S"), ["exit 3", "crash ValueError"], broken),
        (rotating("", Is("A"), "A"), ["exit 3", "crash ValueError"], broken),
        (row("S", "", ""), ["exit 3", "no"], "a source that is empty was meant to hold something"),
        (
            Row { field: None, ..row("S", "", "") },
            ["exit 3", "no"],
            "a source that is empty was meant to hold something",
        ),
        (rotating("S", Is(""), ""), ["exit 3", "no"], "a source that is empty was meant to hold something"),
        // Kinder.
        (
            rotating("S", Unset, "B"),
            ["no", "crash KeyError"],
            "who does not know the first secret is refused, with a warning",
        ),
        (row("S\n", "", "S"), ["yes, primary", "no"], newline),
        (row("S", "", "S\n"), ["yes, primary", "no"], newline),
    ];
    let cases: Vec<Value> = rows.iter().map(|(row, ..)| case(*row)).collect();
    for ((row, expected, why), answer) in rows.into_iter().zip(ask("secret.py", &[], &cases)) {
        assert_eq!([ours(row), theirs(&answer)], expected, "{}\n{why}", case(row));
    }
}
