//! Signing by a program that takes the options of gpg: gpg itself, or what passes a request on to
//! another machine, such as Split GPG. It gets few arguments and the text on its standard input.

use super::{Agent, Asks, Order, SignError};
use crate::SignatureKind;
use crate::program::{self, Call};
use secpack_pack::Fingerprint;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

/// A program, and the key that it is asked to sign with.
#[derive(Debug)]
pub struct External {
    /// Its file, as [`program::find`] gives it.
    pub program: PathBuf,
    /// The primary key it is asked for.
    pub key: Fingerprint,
    /// After this time it is killed. People must be able to find their card.
    pub timeout: Duration,
    /// The user's own agent, when it has the key: what it would ask, the program will ask.
    pub agent: Option<Agent>,
    /// The terminal on which its pinentry may ask, when the environment does not say.
    pub terminal: Option<OsString>,
}

impl External {
    pub(super) fn primary(&self) -> &Fingerprint {
        &self.key
    }

    /// What a program does on another machine is not known here.
    pub(super) fn asks(&self) -> Asks {
        self.agent.as_ref().map_or(Asks::Nobody, Agent::asks)
    }

    pub(super) fn sign(&self, order: &Order<'_>) -> Result<Vec<u8>, SignError> {
        match order.kind {
            SignatureKind::Binary => {}
            SignatureKind::Text => return Err(SignError::TextByProgram(self.program.clone())),
        }
        let terminal = self.terminal.as_deref().map(|tty| ("GPG_TTY", tty));
        let environment: Vec<(&str, &OsStr)> = terminal.into_iter().collect();
        let call = Call {
            program: &self.program,
            arguments: &arguments(&self.key),
            environment: &environment,
            input: order.bytes,
            timeout: self.timeout,
        };
        Ok(program::run(&call)?)
    }
}

/// Exactly what Split GPG lets pass, in the order in which people write it.
fn arguments(key: &Fingerprint) -> [&str; 7] {
    ["--batch", "--armor", "--detach-sign", "--local-user", key.as_str(), "--output", "-"]
}
