//! `cargo xtask dist`: a folder to hand out, with the program, its papers and their checksums.

#![expect(clippy::disallowed_methods, reason = "writes its own folder below the target folder")]

use crate::Subcommand;
use crate::failure::{Failure, Outcome};
use crate::prerequisites::{self, Purpose};
use crate::program::{self, Profile};
use crate::setup::only_install;
use crate::{output, process, workspace};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// What goes along with the program, from the root of the workspace.
const PAPERS: [&str; 2] = ["LICENSE", "README.md"];

/// The entry of the table in `main`.
pub const COMMAND: Subcommand = Subcommand {
    name: "dist",
    summary: "build secpack and lay it out for distribution",
    help: "usage: cargo xtask dist [--install]

Builds an optimised secpack with the locked dependencies and puts it with LICENSE and README.md
into target/dist/secpack-VERSION-TARGET/, with SHA256SUMS as `sha256sum --check` reads it. The
folder is made anew each time.

  --install   first install what the build lacks

example: cargo xtask dist",
    run,
};

fn run(arguments: &[OsString]) -> Outcome {
    let missing = only_install(arguments, "dist --help")?;
    require_papers()?;
    prerequisites::require(Purpose::Build, missing)?;
    let secpack = program::build(Profile::Optimised)?;
    let folder = empty_folder()?;
    copy(&secpack, &folder.join("secpack"))?;
    for paper in PAPERS {
        copy(&workspace::root().join(paper), &folder.join(paper))?;
    }
    write_sums(&folder)?;
    output::line(&format!("dist: {}", folder.display()));
    Ok(())
}

/// Asked before the build, which takes minutes.
fn require_papers() -> Outcome {
    let absent = PAPERS.iter().find(|paper| !workspace::root().join(paper).is_file());
    match absent {
        None => Ok(()),
        Some(paper) => Err(Failure::Absent {
            what: format!("{paper} is not in the root of the workspace"),
            hint: format!("git checkout -- {paper}"),
        }),
    }
}

fn empty_folder() -> Result<PathBuf, Failure> {
    let name = format!("secpack-{}-{}", workspace::VERSION, program::host()?);
    let folder = workspace::root().join("target/dist").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
    }
    fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::copy(from, to).map_err(Failure::file(from))?;
    Ok(())
}

/// Names are given in one fixed order and without folders, so the same files give the same sums.
fn write_sums(folder: &Path) -> Outcome {
    let mut sha256sum = process::command("sha256sum", PAPERS);
    sha256sum.arg("secpack").current_dir(folder);
    let sums = process::capture(&mut sha256sum)?;
    let path = folder.join("SHA256SUMS");
    fs::write(&path, sums + "\n").map_err(Failure::file(&path))
}
