//! Signed tags: how they are named and worded, how one is made, and what an existing one is worth;
//! and the same for signatures inside commits.

mod commit;
mod judge;
mod name;
mod plan;

pub use commit::{judge_commit, sign_commit};
pub use judge::{JudgedTag, judge_tag};
pub use name::{NameFault, check_name};
pub use plan::{PlanError, TagPlan, plan, sign};
