//! Where the requests of a command go: over the wire by its one client, or with `--dry-run` to stdout.

use std::cell::Cell;
use std::sync::Arc;

use crate::error::Error;
use crate::http::{Client, Fault, Settings, Trace, curl};
use crate::oauth::message::{Request, Response};
use crate::output::{Ui, Verbosity};

pub enum Network {
    Wire(Arc<Client>),
    /// The first request is shown, and ends the command.
    Dry {
        shown: Cell<bool>,
    },
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
            Self::Wire(client) => Ok(client.send(settings, build)),
            Self::Dry { shown } => {
                let command = curl(&build(), settings);
                ui.print(format!("{command}\n")).map_err(|error| Error::writing(&error))?;
                shown.set(true);
                Err(Error::not_sent())
            }
        }
    }

    /// What the client shows on stderr.
    pub fn trace(ui: &Ui) -> Trace {
        match ui.verbosity() {
            Verbosity::Quiet | Verbosity::Normal => Trace::Off,
            Verbosity::Steps => Trace::Steps(ui.sink()),
            Verbosity::Wire => Trace::Wire(ui.sink()),
        }
    }
}
