//! Which changes each program needs.

#![expect(clippy::unnecessary_wraps, reason = "all plans are made in one way, and some may fail")]

use std::path::{Path, PathBuf};

use crate::config::{Config, Zone};
use crate::context::Context;
use crate::error::{self, Error};
use crate::text::shell_quote::quote_posix_word;

use super::Change;

/// Where things are, and for which zone.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct PlanFlags {
    /// The directory for links and small programs (default: ~/.local/bin)
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    bin_dir: Option<PathBuf>,
}

impl PlanFlags {
    /// Refuses what no plan can be made from.
    pub fn check(&self, cx: &Context) -> Result<(), Error> {
        InstallSite::find(cx, self).map(drop)
    }
}

/// What is changed, and what a person does besides.
#[derive(Debug, Default)]
pub struct Plan {
    pub changes: Vec<Change>,
    /// Sentences for after it.
    pub notes: Vec<String>,
    /// A directory that must be on PATH.
    pub on_path: Option<PathBuf>,
}

type MakePlan = fn(&InstallSite<'_>) -> Result<Plan, Error>;

/// The programs whose helper can be installed.
const PROGRAMS: [(&str, MakePlan); 13] = [
    ("git", plan_git),
    ("docker", plan_docker),
    ("kubectl", plan_kubectl),
    ("cargo", plan_cargo),
    ("bazel", plan_bazel),
    ("go", plan_go),
    ("terraform", plan_terraform),
    ("keyring", plan_keyring),
    ("npm", plan_npm),
    ("pnpm", plan_pnpm),
    ("vault", plan_vault),
    ("gcp", plan_gcp),
    ("mcp", plan_mcp),
];

/// The names of the programs.
pub fn program_names() -> [&'static str; 13] {
    PROGRAMS.map(|(name, _)| name)
}

impl Plan {
    /// The plan for the program of this name.
    pub fn new(cx: &Context, name: &str, flags: &PlanFlags) -> Result<Self, Error> {
        let site = InstallSite::find(cx, flags)?;
        let program = PROGRAMS.iter().find(|(known, _)| *known == name);
        program.map_or_else(|| Ok(Self::default()), |(_, make)| make(&site))
    }

    fn of(changes: impl IntoIterator<Item = Change>) -> Self {
        Self { changes: changes.into_iter().collect(), ..Self::default() }
    }

    fn noting(note: String) -> Self {
        Self { notes: vec![note], ..Self::default() }
    }
}

/// What the plans are made from.
struct InstallSite<'a> {
    cx: &'a Context,
    home: PathBuf,
    bin: PathBuf,
    /// The program hallpass.
    program: PathBuf,
    /// `-z ZONE` behind a blank, where the user named one.
    zone: String,
}

impl<'a> InstallSite<'a> {
    fn find(cx: &'a Context, flags: &PlanFlags) -> Result<Self, Error> {
        let home = cx.environment.os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let home = home.filter(|home| home.is_absolute()).ok_or_else(error::helper::no_home)?;
        let program = cx.environment.exe.clone().ok_or_else(error::helper::no_program)?;
        let bin = flags.bin_dir.clone().unwrap_or_else(|| home.join(".local/bin"));
        let bin = cx.environment.current_dir.as_ref().map_or_else(|| bin.clone(), |directory| directory.join(&bin));
        let zone = match &cx.options.zone {
            Some(_) => format!(" -z {}", cx.zone()?.zone.name),
            None => String::new(),
        };
        Ok(Self { cx, home, bin, program, zone })
    }

    /// A file that a variable names, or that lies below the home directory.
    fn file(&self, variable: &str, usual: &str) -> PathBuf {
        self.named_path(variable).unwrap_or_else(|| self.home.join(usual))
    }

    /// A file in the directory that a variable names, or that lies below the home directory.
    fn file_in(&self, variable: &str, below: &str, usual: &str) -> PathBuf {
        self.named_path(variable).map_or_else(|| self.home.join(usual), |directory| directory.join(below))
    }

    fn named_path(&self, variable: &str) -> Option<PathBuf> {
        self.cx.environment.os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    /// The call of a helper, for a shell.
    fn call(&self, helper: &str) -> String {
        format!("{} helper {helper}{}", quote(&self.program), self.zone)
    }

    /// The call of a helper, for a program that splits it at blanks.
    fn plain_call(&self, helper: &str) -> Result<String, Error> {
        let program = self.program.to_str().filter(|path| !path.contains(char::is_whitespace));
        let program = program.ok_or_else(|| error::helper::program_with_blank(&self.program))?;
        Ok(format!("{program} helper {helper}{}", self.zone))
    }

    /// The program of this name that a protocol calls: a link, or for the zone that the user named a call with it.
    fn named_program(&self, name: &str, helper: &str) -> Change {
        if self.zone.is_empty() {
            return Change::Link { path: self.bin.join(name), target: self.program.clone() };
        }
        self.script(name, &self.open_call(helper))
    }

    /// The call of a helper with the arguments of its caller behind it.
    fn open_call(&self, helper: &str) -> String {
        format!("{} \"$@\"", self.call(helper))
    }

    fn script(&self, name: &str, call: &str) -> Change {
        Change::Script { path: self.bin.join(name), text: format!("#!/bin/sh\nexec {call}\n") }
    }

    /// The hosts of the zone that the user named, else of all zones.
    fn hosts(&self, below: bool) -> Result<Vec<String>, Error> {
        let zones = if self.zone.is_empty() { all_zones(self.cx.config()?)? } else { vec![self.cx.zone()?.zone] };
        let hosts = zones.iter().flat_map(|zone| &zone.hosts).map(ToString::to_string);
        let mut hosts: Vec<String> = hosts.filter(|host| below || !host.starts_with('*')).collect();
        hosts.sort();
        hosts.dedup();
        if hosts.is_empty() { Err(error::helper::no_hosts()) } else { Ok(hosts) }
    }
}

fn all_zones(config: &Config) -> Result<Vec<Zone>, Error> {
    let zones = config.zones().into_iter().map(|name| config.zone(name));
    Ok(zones.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn quote(path: &Path) -> String {
    quote_posix_word(&path.to_string_lossy())
}

fn plan_git(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let call = site.call("git").replace('\\', "\\\\").replace('"', "\\\"");
    let usual = if site.home.join(".gitconfig").exists() { ".gitconfig" } else { ".config/git/config" };
    let usual = if site.home.join(usual).exists() { usual } else { ".gitconfig" };
    let text = format!("[credential]\n\thelper = \"!{call}\"\n");
    Ok(Plan::of([Change::Lines { path: site.file("GIT_CONFIG_GLOBAL", usual), text, clash: None }]))
}

fn plan_docker(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let path = site.file_in("DOCKER_CONFIG", "config.json", ".docker/config.json");
    let member = |host| Change::Member { path: path.clone(), host, value: "hallpass".to_owned() };
    let members = site.hosts(false)?.into_iter().map(member);
    let plan = Plan::of([site.named_program("docker-credential-hallpass", "docker")].into_iter().chain(members));
    Ok(Plan { on_path: Some(site.bin.clone()), ..plan })
}

fn plan_kubectl(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let arguments = site.plain_call("kubectl")?;
    let mut words = arguments.split(' ');
    let program = words.next().unwrap_or_default();
    let arguments: Vec<String> = words.map(|word| format!("--exec-arg={word}")).collect();
    Ok(Plan::noting(format!(
        "to use it in the kubeconfig: kubectl config set-credentials hallpass --exec-command={program} {} \
         --exec-api-version=client.authentication.k8s.io/v1 --exec-interactive-mode=Never",
        arguments.join(" ")
    )))
}

fn plan_cargo(site: &InstallSite<'_>) -> Result<Plan, Error> {
    // cargo calls it with an argument of its own, which is no argument of the helper.
    let script = site.script("cargo-credential-hallpass", &site.call("cargo"));
    let (script, program) = if site.zone.is_empty() { (None, &site.program) } else { (Some(&script), script.path()) };
    let name = program.to_str().filter(|path| !path.contains(|c: char| c == '"' || c == '\\' || c.is_whitespace()));
    let name = name.ok_or_else(|| error::helper::program_with_blank(program))?;
    let path = site.file_in("CARGO_HOME", "config.toml", ".cargo/config.toml");
    // cargo asks the last one first.
    let text = format!("[registry]\nglobal-credential-providers = [\"cargo:token\", \"{name}\"]\n");
    let line = Change::Lines { path, text, clash: Some("[registry") };
    Ok(Plan::of(script.cloned().into_iter().chain([line])))
}

fn plan_bazel(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let link = site.named_program("bazel-credential-hallpass", "bazel");
    let add = |host| Change::Lines {
        path: site.home.join(".bazelrc"),
        text: format!("common --credential_helper={host}={}\n", quote(link.path())),
        clash: None,
    };
    let lines: Vec<Change> = site.hosts(true)?.into_iter().map(add).collect();
    Ok(Plan::of([link].into_iter().chain(lines)))
}

fn plan_go(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let text = format!("GOAUTH={}\n", site.plain_call("go")?);
    let usual = site.file_in("XDG_CONFIG_HOME", "go/env", ".config/go/env");
    let path = site.named_path("GOENV").unwrap_or(usual);
    Ok(Plan::of([Change::Lines { path, text, clash: Some("GOAUTH=") }]))
}

fn plan_terraform(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let path = site.home.join(".terraform.d/plugins/terraform-credentials-hallpass");
    let link = Change::Link { path, target: site.program.clone() };
    let words: Vec<String> = site.zone.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    let text = format!("credentials_helper \"hallpass\" {{\n  args = [{}]\n}}\n", words.join(", "));
    let path = site.file("TF_CLI_CONFIG_FILE", ".terraformrc");
    Ok(Plan::of([link, Change::Lines { path, text, clash: Some("credentials_helper") }]))
}

fn plan_keyring(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let plan = Plan::of([site.named_program("keyring", "keyring")]);
    let note = "pip asks it with --keyring-provider subprocess, uv with UV_KEYRING_PROVIDER=subprocess, for an index with a \
                user name: https://oauth2accesstoken@HOST/simple/";
    Ok(Plan { on_path: Some(site.bin.clone()), notes: vec![note.to_owned()], ..plan })
}

fn plan_npm(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let line = |host| Change::Lines {
        path: site.file("NPM_CONFIG_USERCONFIG", ".npmrc"),
        text: format!("//{host}/:_authToken=${{HALLPASS_TOKEN}}\n"),
        clash: None,
    };
    let plan = Plan::of(site.hosts(false)?.into_iter().map(line));
    let note = format!("run npm by hallpass alone: {} exec{} -- npm install", quote(&site.program), site.zone);
    Ok(Plan { notes: vec![note], ..plan })
}

fn plan_pnpm(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let script = site.script("pnpm-hallpass", &site.open_call("pnpm"));
    let line = |host| Change::Lines {
        path: site.file("NPM_CONFIG_USERCONFIG", ".npmrc"),
        text: format!("//{host}/:tokenHelper={}\n", script.path().display()),
        clash: None,
    };
    let lines: Vec<Change> = site.hosts(false)?.into_iter().map(line).collect();
    Ok(Plan::of([script].into_iter().chain(lines)))
}

fn plan_vault(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let script = site.script("vault-hallpass", &site.open_call("vault"));
    let text = format!("token_helper = \"{}\"\n", script.path().display());
    let path = site.file("VAULT_CONFIG_PATH", ".vault");
    Ok(Plan::of([script, Change::Lines { path, text, clash: Some("token_helper") }]))
}

fn plan_gcp(site: &InstallSite<'_>) -> Result<Plan, Error> {
    let call = site.plain_call("gcp")?;
    Ok(Plan::noting(format!(
        "in the external_account file: \"credential_source\": {{\"executable\": {{\"command\": \"{call}\", \
         \"timeout_millis\": 30000}}}}, and GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1 in the environment"
    )))
}

fn plan_mcp(site: &InstallSite<'_>) -> Result<Plan, Error> {
    Ok(Plan::noting(format!(
        "in the client's configuration of a server: \"headersHelper\": \"{} URL\"",
        site.call("mcp")
    )))
}
