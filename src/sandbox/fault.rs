//! Faults that the server shows on request: `[TARGET:]KIND[*N]`.

mod delivery;
mod kind;
mod spec;

pub use delivery::{Delivery, FailureMode};
pub use kind::{FaultKind, KINDS, TARGETS};
pub use spec::{Fault, FaultPlan};
