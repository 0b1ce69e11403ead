//! Settings and zones.
