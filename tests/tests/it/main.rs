//! The one integration-test binary of the project: linking the whole program is what takes time,
//! so it is done once. Each topic is a module; `cargo test --test it TOPIC` runs one of them.

#![expect(clippy::disallowed_methods, reason = "tests start programs and read the work tree")]

mod docs;
mod attacks;
mod bulletins;
mod canaries;
mod corpus;
mod hostile_texts;
mod infer;
mod flow;
mod gnupg;
mod memory;
mod profiles;
mod real_pack;
mod refusals;
mod terminal;
mod verdicts;
mod announcement;
mod files;
mod iso;
mod seed_keys;
mod workspace;
