//! Wiring of a centre.
