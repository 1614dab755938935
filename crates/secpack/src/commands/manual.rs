//! Manual pages and completions, made from the argument structs.

use crate::arguments::Cli;
use crate::{Exit, Fault, output};
use clap::CommandFactory;
use std::path::Path;

pub fn completions(shell: clap_complete::Shell) -> Result<Exit, Fault> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "secpack", &mut bytes);
    output::raw(&String::from_utf8_lossy(&bytes));
    Ok(Exit::Good)
}

pub fn man(folder: Option<&Path>) -> Result<Exit, Fault> {
    match folder {
        None => output::raw(&page(&Cli::command())?),
        Some(folder) => write_all(folder, &Cli::command(), "secpack")?,
    }
    Ok(Exit::Good)
}

fn page(command: &clap::Command) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn write_all(folder: &Path, command: &clap::Command, name: &str) -> Result<(), Fault> {
    let path = folder.join(format!("{name}.1"));
    secpack_signing::replace_file(&path, page(command)?.as_bytes())?;
    output::line(format!("{}", path.display()));
    for sub in command.get_subcommands() {
        write_all(folder, sub, &format!("{name}-{}", sub.get_name()))?;
    }
    Ok(())
}
