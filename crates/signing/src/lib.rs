//! Many members, one document: sign it, collect what others signed, and tell whether that suffices.
//!
//! [`tally`] is the only place in the workspace that counts signatures.

mod changes;
mod collect;
mod guard;
mod judge;
mod parcel;
mod request;
mod sign;
mod store;
mod tally;

pub use changes::{Change, Readers, make_changes};
pub use collect::{Candidate, Collected, Refused, Taken, collect};
pub use guard::{GuardError, refuse_git_payload};
pub use judge::{JudgedSignature, judge_over, judge_signature};
pub use parcel::{
    DAMAGED_GZIP, MAX_PARCEL, MAX_SIGNATURE, Parcel, is_mail, own_signatures, unpack,
};
pub use request::{MAX_REQUEST, Request, RequestError};
pub use sign::{SignRefusal, Signed, digest, sign, spoken};
pub use store::{StoreError, create, remove, replace_file, write_new, write_program};
pub use tally::{State, Tally, tally};
