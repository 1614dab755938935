//! The one integration-test binary of the project: linking the whole program is what takes time,
//! so it is done once. Each topic is a module; `cargo test --test it TOPIC` runs one of them.

#![expect(clippy::disallowed_methods, reason = "tests start programs and read the work tree")]

mod announcement;
mod attacks;
mod bulletins;
mod canaries;
mod canary_calendar;
mod canary_evidence;
mod canary_packs;
mod canary_schedule;
mod corpus;
mod docs;
mod drafting;
mod editing;
mod embargo;
mod extent;
mod files;
mod flow;
mod freshness;
mod gnupg;
mod hints;
mod hostile_texts;
mod infer;
mod iso;
mod key_life;
mod memory;
mod moved;
mod own_templates;
mod profiles;
mod real_pack;
mod refusals;
mod release;
mod revising;
mod seed_keys;
mod signers;
mod templates;
mod terminal;
mod together;
mod verdicts;
mod workspace;
