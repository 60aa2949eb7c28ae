mod application;
mod basket;
mod invited;
mod item;

pub use invited::InvitedMember;
