//! What the program asks of the system for itself before it reads anything.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Keeps memory, which may hold passphrases and drafts, out of core files and of debuggers of the
/// same user. Where the system refuses, the program works as before.
pub fn no_core_files() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
