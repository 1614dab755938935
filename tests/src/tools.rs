//! Tools of others that give a second opinion.

/// Whether a program is on the PATH.
pub fn is_on_path(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

/// Whether a tool is here. At home its absence skips a test and says so.
///
/// # Panics
/// When it is absent in CI, where it is installed.
pub fn has_tool(tool: &str) -> bool {
    let found = is_on_path(tool);
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{tool} is absent");
        println!("skipped: {tool} is absent");
    }
    found
}
