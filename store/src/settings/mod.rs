mod bubble;
pub mod session;
