//! Releases that stop, are taken up again, are taken back, or meet somebody else.

mod apart;
mod checks;
mod cut;
mod pairs;
mod receiving;
mod remotes;
mod stage;
mod stopped;
mod sweep;
mod trace;
mod wire;

pub use stage::Stage;
