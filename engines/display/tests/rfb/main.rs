//! The relay against oracles and against harm.

mod hostile_desktop;
mod hostile_viewer;
mod naive;
mod relay;
mod server;
