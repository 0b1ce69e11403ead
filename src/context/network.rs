//! Where the requests of a command go: over the wire by its one client, or with `--dry-run` to stdout.

use std::cell::Cell;

use crate::error::Error;
use crate::http::{Client, Fault, Settings, Trace, curl};
use crate::oauth::message::{Request, Response};
use crate::output::{Ui, Verbosity};

use super::Context;

pub enum Network {
    Wire(Client),
    /// None: the first request is shown, and ends the command.
    Dry {
        shown: Cell<bool>,
    },
}

impl Context {
    pub(super) fn network(&self) -> &Network {
        self.network.get_or_init(|| {
            if self.options.dry_run {
                return Network::Dry { shown: Cell::new(false) };
            }
            let trace = trace(&self.ui);
            Network::Wire(Client::new(self.clock.clone(), self.entropy.clone(), trace, self.ui.secrets()))
        })
    }

    /// Whether `--dry-run` has shown the request that was asked for: then the command is done.
    pub fn has_shown_request(&self) -> bool {
        matches!(self.network.get(), Some(Network::Dry { shown }) if shown.get())
    }
}

impl Network {
    /// The outer error ends the command (`--dry-run`, stdout gone), the inner fault is the network's.
    pub fn send(
        &self,
        ui: &Ui,
        settings: &Settings,
        build: &mut dyn FnMut() -> Request,
    ) -> Result<Result<Response, Fault>, Error> {
        match self {
            Self::Wire(client) => {
                let _waiting = ui.start_spinner();
                Ok(client.send(settings, build))
            }
            Self::Dry { shown } => {
                let command = curl(&build(), settings);
                ui.print(&format!("{command}\n")).map_err(|error| Error::writing(&error))?;
                shown.set(true);
                Err(Error::not_sent())
            }
        }
    }
}

fn trace(ui: &Ui) -> Trace {
    match ui.verbosity() {
        Verbosity::Quiet | Verbosity::Normal => Trace::Off,
        Verbosity::Steps => Trace::Steps(ui.sink()),
        Verbosity::Wire => Trace::Wire(ui.sink()),
    }
}
