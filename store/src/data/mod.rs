mod deposit;
mod producer;
mod source;
mod vintage;
