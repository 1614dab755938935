//! Signed tags: how they are named and worded, how one is made, and what an existing one is worth;
//! and the same for signatures inside commits.

mod answer;
mod commit;
mod judge;
mod name;
mod plan;
mod request;

pub use answer::{TagAnswer, is_tag_object, judge_answer};
pub use commit::{judge_commit, sign_commit};
pub use judge::{JudgedTag, judge_tag};
pub use name::{NameFault, check_name};
pub use plan::{PlanError, TagPlan, may_tag, plan, sign};
pub use request::{MAX_TAG, TagRequest, TagRequestError};
