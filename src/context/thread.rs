//! A context for another thread of a command that runs on, such as a server.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::time::Duration;

use crate::config::{Origin, Setting};
use crate::shared_cache::{Fault, Patience, SharedCache};

use super::network::Network;
use super::replica::{Replica, Sharing};
use super::{Context, ContextEdges, Options};

impl Context {
    /// A context that examines this one: it asks whatever the breaker says, warns of nothing, reads each secret once, and has
    /// `patience` where no deadline was set.
    pub fn for_examination(&self, patience: Duration) -> Self {
        let context = self.for_thread();
        let deadline = self.options.deadline.clone();
        let deadline = deadline.or(Some(Setting { value: patience, origin: Origin::Default }));
        let options = Options { no_breaker: true, deadline, ..self.options.clone() };
        let ui = context.ui.without_warnings();
        Self { ui, options, deadline: Cell::new(None), holds_references: true, ..context }
    }

    /// A context for another thread that answers questions, each within this time. It warns of nothing.
    pub fn for_question(&self, patience: Duration) -> Self {
        let context = self.for_thread();
        let deadline = Some(Setting { value: patience, origin: Origin::Default });
        let options = Options { deadline, ..self.options.clone() };
        Self { ui: context.ui.without_warnings(), options, deadline: Cell::new(None), ..context }
    }

    /// The same as one of several replicas, if it is one.
    #[must_use]
    pub fn with_replica(self, replica: Option<Replica>) -> Self {
        Self { sharing: replica.map(Sharing::new), ..self }
    }

    /// Whether this is one of several replicas.
    pub fn is_replica(&self) -> bool {
        self.sharing.is_some()
    }

    /// What the engine answers to one of several replicas; `None` where this context does without.
    pub fn ask_replicas<T>(&self, ask: impl FnOnce(&SharedCache, Patience) -> Result<T, Fault>) -> Option<T> {
        self.sharing.as_ref()?.ask(ask)
    }

    /// A context for another thread, begun now. It shares secrets, proofs, connections and stderr with this one; it can ask no
    /// person, has nothing on stdin, and what it prints on stdout is lost.
    pub fn for_thread(&self) -> Self {
        let edges = ContextEdges {
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            environment: self.environment.clone(),
            browser: Arc::clone(&self.browser),
            prompt: Arc::clone(&self.prompt),
            keyring: Arc::clone(&self.keyring),
        };
        let network = match self.network() {
            Network::Wire(client) => OnceCell::from(Network::Wire(Arc::clone(client))),
            Network::Dry { .. } => OnceCell::new(),
        };
        let context = Self::new(self.options.clone(), self.ui.for_thread(), edges);
        let (proofs, shared_cache) = (Arc::clone(&self.proofs), Arc::clone(&self.shared_cache));
        Self { proofs, network, shared_cache, ..context }
    }
}
