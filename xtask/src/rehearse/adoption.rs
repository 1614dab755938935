//! The policy of the rehearsal: the pack's own profile and, after it, the throw-away members who
//! sign the next bulletin and the next canary in place of the real ones.

use crate::failure::Failure;
use crate::story::Person;

/// The key group of the throw-away members, and its folder in the pack.
pub const KEYS: &str = "keys/rehearsal";

/// What the rehearsal releases: a series of the profile and the number that comes next.
pub struct Next {
    /// The series.
    pub series: &'static str,
    /// The number.
    pub number: u32,
}

/// Text of a policy that the members and what they sign are added to. The profile itself is data
/// and stays as it is, apart from its version: versions only go up.
pub fn policy(profile: &str, members: &[&Person], next: &[Next]) -> Result<String, Failure> {
    let mut text = raise_version(profile)?;
    text.push_str(&format!(
        "\n# --- rehearsal ---\n\n[[keys]]\ngroup = \"rehearsal\"\npaths = [\"{KEYS}/*.asc\"]\n"
    ));
    for member in members {
        text.push_str(&entry(member, next));
    }
    let names: Vec<String> = members.iter().map(|member| format!("\"{}\"", member.name)).collect();
    for Next { series, number } in next {
        text.push_str(&format!(
            "\n[[require]]\nseries = \"{series}\"\nnumbers = \"{number}-\"\nsigners = [{}]\n\
             reason = \"rehearsal: throw-away members sign in place of the team\"\n",
            names.join(", ")
        ));
    }
    Ok(text)
}

fn entry(member: &Person, next: &[Next]) -> String {
    let Person { name, fingerprint, .. } = member;
    let mut text = format!("\n[[member]]\nid = \"{name}\"\nfingerprints = [\"{fingerprint}\"]\n");
    for Next { series, number } in next {
        text.push_str(&role(name, series));
        text.push_str(&format!("numbers = \"{number}-\"\n"));
    }
    text.push_str(&role(name, "tag"));
    text
}

fn role(member: &str, signs: &str) -> String {
    format!("\n[[role]]\nmember = \"{member}\"\nsigns = [\"{signs}\"]\n")
}

/// The profile with one more in its line `version = N`.
fn raise_version(profile: &str) -> Result<String, Failure> {
    let line = profile.lines().find(|line| line.starts_with("version = "));
    let number = |line: &str| line.split_whitespace().nth(2)?.parse::<u32>().ok();
    let raised = line.and_then(|line| Some((line, number(line)? + 1)));
    match raised {
        Some((line, version)) => Ok(profile.replacen(line, &format!("version = {version}"), 1)),
        None => Err(Failure::Unexpected {
            what: "the profile has no line `version = NUMBER`".to_owned(),
            hint: "cargo run --package secpack -- policy check --policy PROFILE".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn the_version_goes_up() {
        let raised =
            raise_version("schema = \"a\"\nversion = 9 # goes up\nname = \"b\"\n").unwrap();
        assert_eq!(raised, "schema = \"a\"\nversion = 10\nname = \"b\"\n");
        assert!(raise_version("schema = \"a\"\n").is_err());
        assert!(raise_version("version = \"1\"\n").is_err());
    }

    #[test]
    fn members_are_added_at_the_end() {
        let ann = Person {
            name: "ann",
            secret: PathBuf::new(),
            certificate: PathBuf::new(),
            fingerprint: "AB".to_owned(),
            folder: PathBuf::new(),
        };
        let next = [Next { series: "bulletin", number: 7 }];
        let text = policy("version = 1\nname = \"b\"\n", &[&ann], &next).unwrap();
        assert!(text.starts_with("version = 2\nname = \"b\"\n\n# --- rehearsal ---\n"), "{text}");
        assert!(text.contains("id = \"ann\"\nfingerprints = [\"AB\"]\n"), "{text}");
        assert!(text.contains("signs = [\"bulletin\"]\nnumbers = \"7-\"\n"), "{text}");
        assert!(text.contains("signs = [\"tag\"]\n"), "{text}");
        assert!(text.contains("numbers = \"7-\"\nsigners = [\"ann\"]\nreason = \""), "{text}");
    }
}
