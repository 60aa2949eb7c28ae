pub mod codebook;
mod deposit;
mod producer;
mod source;
pub mod upload;
mod vintage;
