//! Arguments about single files: outside a clone, announcements, images.

use clap::Args;
use std::path::PathBuf;

/// What `verify` takes besides a pack.
#[derive(Debug, Args)]
pub struct SingleArgs {
    /// A signature of the file, when it does not lie beside it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["announcement", "iso"])]
    pub signature: Vec<PathBuf>,
    /// Judge by this certificate when no pack is given
    #[arg(long, value_name = "FILE", conflicts_with = "iso")]
    pub key: Vec<PathBuf>,
    /// A web page, Markdown post or mail that carries a document; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "iso", "commit", "history"])]
    pub announcement: Option<PathBuf>,
    /// An image of a release, compared with the signed digests in the pack
    #[arg(long, value_name = "FILE", conflicts_with_all = ["commit", "history"])]
    pub iso: Option<PathBuf>,
}
