//! `hallpass doctor`: why does it not work?

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Zone;
use crate::context::Context;
use crate::doctor::{self, Case, Finding, Pseudonyms, Questions, Server, State};
use crate::error::{self, Error};
use crate::oauth::issuer;
use crate::output::{Cell, Render, Style, Table, Text};
use crate::source::Source;

use super::{Outcome, helper};

mod report;

/// How long an examination takes at most, unless a deadline is set.
const PATIENCE: Duration = Duration::from_secs(12);

/// Find out why the zone, its server or a token does not work
///
/// Makes the checks one after the other: local settings, the server, the client, the token. One cause is one "fail"; what
/// can't be judged because of it is "skip". It asks without credentials and as the zone's client only, hands no token out, and
/// changes nothing on the server unless a flag says so. Exit 1 if a check failed.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
#[command(after_help = "Examples:
  # Examine the zone
  $ hallpass doctor

  # The server of an issuer, without a client
  $ hallpass doctor https://sso.example/realms/acme

  # Settings, vault and cache; nothing is sent
  $ hallpass doctor --offline --json

  # For a ticket, without the names of hosts and users
  $ hallpass doctor --report")]
pub struct Args {
    /// The issuer to examine (default: that of the zone)
    #[arg(value_name = "ISSUER")]
    issuer: Option<String>,
    /// Make the local checks only; nothing is sent
    #[arg(long)]
    offline: bool,
    /// Examine this token in place of a new one
    #[arg(long, value_name = "SOURCE", conflicts_with = "offline")]
    token_from: Option<Source>,
    /// The token must name this audience; repeatable
    #[arg(long, value_name = "A", conflicts_with = "offline")]
    expect_audience: Vec<String>,
    /// The token must have this role; repeatable
    #[arg(long, value_name = "R", conflicts_with = "offline")]
    expect_role: Vec<String>,
    /// The token must have this scope; repeatable
    #[arg(long, value_name = "S", conflicts_with = "offline")]
    expect_scope: Vec<String>,
    /// Ask the server about the token too
    #[arg(long, conflicts_with = "offline")]
    introspect: bool,
    /// Exchange this token, and throw the new one away
    #[arg(long, value_name = "SOURCE", conflicts_with = "offline")]
    subject_token_from: Option<Source>,
    /// The audience to exchange it for
    #[arg(long, value_name = "A", requires = "subject_token_from")]
    exchange_audience: Option<String>,
    /// Try this refresh token, which may be spent by it
    #[arg(long, value_name = "SOURCE", conflicts_with = "offline")]
    refresh_token_from: Option<Source>,
    /// Whether the client may send a browser back to this URI
    #[arg(long, value_name = "U", conflicts_with = "offline")]
    redirect_uri: Option<String>,
    /// Whether the client may begin a sign-in on another device
    #[arg(long, conflicts_with = "offline")]
    device: bool,
    /// Whether clients may register; nothing is registered without --initial-token-from
    #[arg(long, conflicts_with = "offline")]
    register: bool,
    /// With this initial access token register a client, and remove it again
    #[arg(long, value_name = "SOURCE", requires = "register")]
    initial_token_from: Option<Source>,
    /// Ask with forwarded fields whether the server believes them from anybody
    #[arg(long, conflicts_with = "offline")]
    probe_proxy: bool,
    /// Print Markdown for a ticket: placeholders in place of hosts, clients, realms and users
    #[arg(long)]
    report: bool,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
pub struct Answer {
    /// The zone; null where an issuer alone was named.
    zone: Option<String>,
    /// The issuer; null where the configuration can't be read.
    issuer: Option<String>,
    /// What the server looks like; null where nothing tells.
    server: Option<Server>,
    /// What was found first that does not work, or that nothing was found.
    verdict: String,
    /// What each check found, in their order.
    findings: Vec<Finding>,
    /// With `--report`: the text in place of the list.
    #[serde(skip)]
    report: Option<String>,
}

const COLUMNS: [&str; 4] = ["id", "state", "what", "fix"];

impl Render for Answer {
    fn text(&self) -> Text {
        match &self.report {
            Some(report) => Text::Document(report.clone()),
            None => Text::shown(&COLUMNS, &self.findings, self.list()),
        }
    }

    fn negative(&self) -> bool {
        self.findings.iter().any(|finding| finding.state == State::Fail)
    }
}

impl Answer {
    /// From top to bottom: what works, what can't be judged, then what does not work, why, and what to do.
    fn list(&self) -> Table {
        let of_state = |state| self.findings.iter().filter(move |finding| finding.state == state);
        let row = |state: State, style, id: &str, what| vec![Cell::whole(state.word()).style(style), id.into(), what];
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for Finding { id, what, .. } in of_state(State::Ok) {
            rows.push(row(State::Ok, Style::Good, id, Cell::from(what).style(Style::Dim)));
        }
        let mut causes: Vec<(&str, Vec<&str>)> = Vec::new();
        for Finding { id, what, .. } in of_state(State::Skip) {
            match causes.iter_mut().find(|(known, _)| known == what) {
                Some((_, ids)) => ids.push(id),
                None => causes.push((what, vec![id])),
            }
        }
        for (what, ids) in causes {
            rows.push(row(State::Skip, Style::Dim, "", format!("{what}: {}", ids.join(" ")).into()));
        }
        for (state, style) in [(State::Warn, Style::Due), (State::Fail, Style::Bad)] {
            for Finding { id, what, because, fix, .. } in of_state(state) {
                rows.push(row(state, style, id, what.into()));
                let lines = [("because", because), ("fix", fix)];
                let line =
                    |(name, text): (&str, &Option<String>)| Some(vec!["".into(), name.into(), text.as_deref()?.into()]);
                rows.extend(lines.into_iter().filter_map(line));
            }
        }
        rows.push(vec!["".into(), Cell::from("verdict").style(Style::Name), self.verdict.as_str().into()]);
        Table { head: &["state", "check", "what"], rows, ..Table::default() }
    }
}

pub fn run(cx: &Context, args: &Args) -> Result<Outcome, Error> {
    if cx.is_dry() {
        return Err(error::usage::conflict("--dry-run", "doctor").hint("--offline sends nothing"));
    }
    if args.report && cx.ui.format().is_json() {
        return Err(error::usage::conflict("--report", "--json"));
    }
    let zone = match &args.issuer {
        Some(url) if !url.contains("://") => return Err(error::issuer::not_a_url()),
        Some(url) if cx.options.zone.is_none() => Ok(Zone { issuer: issuer::of_url(url), ..Zone::default() }),
        Some(_) => return Err(error::usage::conflict("ISSUER", "--zone")),
        None => match cx.zone() {
            // Then there is nothing to examine; a configuration that can't be read is a finding.
            Err(error) if cx.config().is_ok() => return Err(error),
            chosen => chosen.map(|chosen| chosen.zone),
        },
    };
    let read = |source: &Option<Source>, what: &str| {
        source.as_ref().map(|source| cx.read(source, what, zone.as_ref().ok())).transpose()
    };
    let questions = Questions {
        offline: args.offline,
        audiences: args.expect_audience.clone(),
        roles: args.expect_role.clone(),
        scopes: args.expect_scope.clone(),
        introspect: args.introspect,
        exchange_audience: args.exchange_audience.clone(),
        redirect_uri: args.redirect_uri.clone(),
        device: args.device,
        register: args.register,
        initial_token: read(&args.initial_token_from, "initial access token")?,
        probe_proxy: args.probe_proxy,
        token: read(&args.token_from, "token")?,
        subject_token: read(&args.subject_token_from, "subject token")?,
        refresh_token: read(&args.refresh_token_from, "refresh token")?,
        helpers: helper::list::states(cx),
    };
    let named = zone.as_ref().ok().map(|zone| (zone.name.clone(), zone.issuer.clone()));
    let examined = cx.for_examination(PATIENCE);
    let mut case = Case::new(&examined, cx, zone, questions);
    let findings = doctor::examine(&mut case);
    let failed = findings.iter().find(|finding| finding.state == State::Fail);
    let mut answer = Answer {
        zone: named.as_ref().map(|(name, _)| name.clone()).filter(|name| !name.is_empty()),
        issuer: named.map(|(_, issuer)| issuer),
        server: if args.offline { None } else { doctor::recognize(&mut case) },
        verdict: failed
            .map_or_else(|| "nothing was found".to_owned(), |failed| format!("{}: {}", failed.id, failed.what)),
        findings,
        report: None,
    };
    if args.report {
        let (issuer, server) = (answer.issuer.as_deref(), answer.server.as_ref());
        let pseudonyms = Pseudonyms::of_case(&case);
        answer.report = Some(report::write(issuer, server, &answer.verdict, &answer.findings, pseudonyms));
    }
    Ok(Outcome::view(answer))
}
