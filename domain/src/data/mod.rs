//! Safe data: producers, sources, vintages, deposits.

pub mod deposit;
pub mod producer;
pub mod producer_question;
pub mod source;
pub mod vintage;

pub use deposit::Deposit;
pub use producer::Producer;
pub use source::Source;
pub use vintage::Vintage;
