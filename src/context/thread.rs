//! A context for another thread of a command that runs on, such as a server.

use std::cell::OnceCell;
use std::sync::Arc;

use super::network::Network;
use super::{Context, ContextEdges};

impl Context {
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
        Self { proofs: Arc::clone(&self.proofs), network, ..context }
    }
}
