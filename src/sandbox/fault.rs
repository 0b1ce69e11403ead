//! Faults that the server shows on request: `[TARGET:]KIND[*N]`.

mod action;
mod faulty_response;
mod gzip;
mod kind;
mod spec;

pub use action::{Delivery, FailureMode};
pub use kind::{KINDS, TARGETS};
pub use spec::{Fault, FaultPlan};
