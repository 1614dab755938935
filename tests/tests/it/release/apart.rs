//! A release whose tag is signed elsewhere: on a machine without a network, or by a program that
//! does not come to an end. The hint is what helps with that.

use super::Stage;
use secpack_tests::{NOW, Run};

fn hint(run: &Run) -> String {
    let last = run.stderr.lines().last().and_then(|line| line.strip_prefix("hint: "));
    last.unwrap_or_else(|| panic!("it ends without a hint: {}", run.stderr)).to_owned()
}

fn release(stage: &Stage, with: &[&str]) -> Run {
    let words = ["release", &stage.path, "--as", "ann", "--execute", "--now", NOW];
    stage.secpack(&[&words[..], with].concat())
}

#[test]
fn a_request_for_the_tag_is_made_by_the_hint_and_the_release_goes_on_from_there() {
    let stage = Stage::new();
    let before = stage.team.sandbox.contents("pack");
    let refused = release(&stage, &["--with", "request"]).ends(2);
    assert_eq!(before, stage.team.sandbox.contents("pack"));
    let typed = hint(&refused);
    assert!(typed.ends_with(" && secpack tag --as ann --with request"), "{typed}");
    let asked = stage.shell(&typed.replace("secpack tag", &format!("secpack tag --now {NOW}")));
    let request = asked.ends(0).stdout.lines().find_map(|line| {
        let request = line.strip_prefix("request: ")?;
        Some(request.to_owned())
    });
    let (request, key) = (request.expect("a request"), stage.team.key_of("ann"));
    // Committed already: only the tag is asked for.
    let again = release(&stage, &["--with", "request"]).ends(2);
    assert_eq!(hint(&again), "secpack tag --as ann --with request");
    let head = stage.team.head();
    let sign = ["sign", "request", &request, "--key", &key, "--yes", &head, "--now", NOW];
    stage.secpack(&sign).ends(0);
    let answers = stage.team.sandbox.path(".").display().to_string();
    let collect = ["collect", &format!("{answers}/ann_sec_{}.tag", &head[..8]), "--now", NOW];
    stage.secpack(&collect).ends(0);
    release(&stage, &["--with", "request"]).ends(0);
    stage.assert_released();
}

#[test]
fn a_program_that_hangs_in_a_release_gets_more_time_by_the_hint() {
    let stage = Stage::new();
    stage.script("bin/hangs", "#!/bin/sh\nsleep 60\n");
    let program = stage.team.sandbox.path("bin/hangs").display().to_string();
    let stopped = release(&stage, &["--program", &program, "--timeout", "1"]).ends(2);
    assert!(stopped.stderr.contains("taken back by: secpack release --abort"), "{stopped:?}");
    let typed = hint(&stopped);
    assert!(typed.starts_with("secpack release ") && typed.ends_with(" --timeout 4"), "{typed}");
    assert!(stage.is_unfinished());
    // It comes to an end now, and does not sign: nobody but its owner knows why.
    stage.script("bin/hangs", "#!/bin/sh\nexit 1\n");
    let failed = stage.shell(&typed).ends(2);
    assert_eq!(hint(&failed), format!("ls -l {program}"));
    stage.shell(&hint(&failed)).ends(0);
    let release = release(&stage, &["--key", &stage.team.key_of("ann")]);
    release.ends(0);
    stage.assert_released();
}
