mod bubble;
mod session;
