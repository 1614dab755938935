//! Releases that stop, are taken up again, are taken back, or meet somebody else.

mod checks;
mod stage;
mod stopped;

pub use stage::Stage;
