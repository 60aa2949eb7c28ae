mod access;
mod bubble;
mod kit;
mod recording;
mod session;
