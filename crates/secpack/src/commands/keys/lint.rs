//! `secpack keys lint`: what is or will be wrong with keys.

use crate::arguments::{Global, KeysLintArgs};
use crate::commands::{explain, print_finding};
use crate::session::Session;
use crate::{Exit, Fault, output};
use secpack_audit::{Outlook, key_lint};
use secpack_pack::{Finding, Level};

pub fn run(global: &Global, arguments: &KeysLintArgs) -> Result<Exit, Fault> {
    let session = Session::open(global)?;
    let outlook = Outlook { now: session.now, days: arguments.days };
    let found = key_lint(&session.pack, &session.gathered, &session.authority(), &outlook);
    let open: Vec<&Finding> = found.iter().filter(|finding| !finding.accepted).collect();
    let errors = open.iter().filter(|finding| finding.level == Level::Error).count();
    if global.json {
        output::json(&found)?;
    } else {
        open.iter().for_each(|finding| print_finding(finding));
        output::line(summary(errors, open.len() - errors));
        if errors > 0 {
            output::hint(&explain::more(explain::codes(&found)));
        }
    }
    Ok(Exit::good_if(errors == 0))
}

fn summary(errors: usize, warnings: usize) -> String {
    let of = |n: usize, what: &str| match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    };
    match (errors, warnings) {
        (0, 0) => format!("{}: nothing is wrong with the keys", output::good("good")),
        (0, _) => format!("{}: {}, no error", output::good("good"), of(warnings, "warning")),
        _ => {
            let counts = format!("{}, {}", of(errors, "error"), of(warnings, "warning"));
            format!("{}: {counts}", output::bad("not good"))
        }
    }
}
