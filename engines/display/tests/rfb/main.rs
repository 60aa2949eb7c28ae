//! The relay against oracles and against harm.

mod hostile;
mod naive;
mod relay;
