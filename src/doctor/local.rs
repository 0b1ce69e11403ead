//! What can be judged without sending anything.

mod breaker;
mod cache;
mod config;
mod helper;
mod proxy;
mod shared_cache;
mod state;
mod trust;
mod vault;

use super::check::{Check, always};

pub const CHECKS: &[Check] = &[
    always("config", &[], config::examine),
    always("state", &[], state::examine),
    always("vault", &["config"], vault::examine),
    always("trust", &["config"], trust::examine),
    always("proxy", &["config"], proxy::examine),
    always("breaker", &["config"], breaker::examine),
    always("cache", &["config"], cache::examine),
    always("shared-cache", &["config"], shared_cache::examine).only_if(shared_cache::is_asked),
    always("helper", &[], helper::examine),
];
