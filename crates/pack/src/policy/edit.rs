//! Changes of a policy that a program makes for a person: the text stays as it is but for the
//! values that change, comments included.

use super::Policy;
use crate::{Fingerprint, GroupId, MemberId, NumberSet, PolicyError, SeriesId};
use chrono::NaiveDate;
use toml_edit::{Array, DocumentMut, Item, Table, Value};

/// Why a policy was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is no TOML, or what came out is not a policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// There is no such entry, or it is written in a form that is not edited.
    #[error("{0}")]
    Form(String),
}

/// How the roles of a member end.
#[derive(Debug, Clone)]
pub struct Retirement<'a> {
    /// Who leaves.
    pub member: &'a MemberId,
    /// Their last day.
    pub until: NaiveDate,
    /// Series of which they sign up to a number instead. Each needs a role of its own.
    pub last: &'a [(SeriesId, u32)],
}

/// The policy with the roles of one member ended. Roles that ended before stay as they are.
///
/// # Errors
/// [`EditError::Form`] when the member has no role that could end.
pub fn retire(text: &str, retirement: &Retirement<'_>) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let mut ended = 0;
    let mut numbered: Vec<&SeriesId> = Vec::new();
    for role in tables(&mut document, "role")? {
        if role.get("member").and_then(Item::as_str) != Some(retirement.member.as_str()) {
            continue;
        }
        let signs: Vec<String> = strings(role.get("signs"));
        let last = retirement.last.iter().find(|(series, _)| signs == [series.as_str()]);
        match last {
            Some((series, number)) => {
                numbered.push(series);
                end_at_number(role, *number)?;
                ended += 1;
            }
            None => ended += usize::from(end_on_day(role, retirement.until)?),
        }
    }
    if let Some((series, _)) = retirement.last.iter().find(|(s, _)| !numbered.contains(&s)) {
        return Err(EditError::Form(format!(
            "no [[role]] of {} is for {series} alone; give that series a [[role]] of its own first",
            retirement.member
        )));
    }
    if ended == 0 {
        let text = format!("no [[role]] of {} is in force any more", retirement.member);
        return Err(EditError::Form(text));
    }
    Ok(document.to_string())
}

fn end_at_number(role: &mut Table, last: u32) -> Result<(), EditError> {
    let numbers = match role.get("numbers").and_then(Item::as_str) {
        Some(written) => written.parse().map_err(|_| form("numbers cannot be read"))?,
        None => NumberSet::from_one(),
    };
    let limited = numbers.up_to(last).ok_or_else(|| form("no number would be left of a role"))?;
    set(role, "numbers", Value::from(limited.to_string()));
    Ok(())
}

/// Whether the role was in force after that day.
fn end_on_day(role: &mut Table, until: NaiveDate) -> Result<bool, EditError> {
    let day = |key: &str, role: &Table| role.get(key).and_then(Item::as_value).and_then(date_of);
    if day("until", role).is_some_and(|ends| ends <= until) {
        return Ok(false);
    }
    if day("from", role).is_some_and(|from| from > until) {
        return Err(form("a role begins after that day; remove it from the policy by hand first"));
    }
    let until: toml_edit::Datetime =
        until.to_string().parse().map_err(|_| form("the day cannot be written"))?;
    set(role, "until", Value::from(until));
    Ok(true)
}

fn date_of(value: &Value) -> Option<NaiveDate> {
    value.as_datetime()?.to_string().parse().ok()
}

/// The policy with one more key of a member.
///
/// # Errors
/// [`EditError::Form`] when there is no such member.
pub fn add_key(text: &str, member: &MemberId, key: &Fingerprint) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let is_theirs = |t: &Table| t.get("id").and_then(Item::as_str) == Some(member.as_str());
    push(&mut document, ("member", "fingerprints"), is_theirs, key.as_str())
}

/// The policy with one more path of a key group.
///
/// # Errors
/// [`EditError::Form`] when there is no such group.
pub fn add_key_path(text: &str, group: &GroupId, path: &str) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let is_it = |t: &Table| t.get("group").and_then(Item::as_str) == Some(group.as_str());
    push(&mut document, ("keys", "paths"), is_it, path)
}

/// The policy with its version raised by one, which must be a policy then.
///
/// # Errors
/// [`EditError::Policy`] when what came out contradicts itself.
pub fn raise_version(text: &str) -> Result<(String, Policy), EditError> {
    let mut document = parse(text)?;
    let version = document.get("version").and_then(Item::as_integer);
    let version = version.ok_or_else(|| form("version is no number"))?;
    set(document.as_table_mut(), "version", Value::from(version + 1));
    let text = document.to_string();
    let policy = Policy::parse(&text)?;
    Ok((text, policy))
}

fn parse(text: &str) -> Result<DocumentMut, EditError> {
    text.parse().map_err(|e: toml_edit::TomlError| {
        EditError::Policy(PolicyError::Syntax(e.to_string().trim_end().to_owned()))
    })
}

fn form(text: &str) -> EditError {
    EditError::Form(text.to_owned())
}

fn tables<'d>(
    document: &'d mut DocumentMut,
    name: &str,
) -> Result<impl Iterator<Item = &'d mut Table>, EditError> {
    let item = document.get_mut(name).and_then(Item::as_array_of_tables_mut);
    item.map(|tables| tables.iter_mut())
        .ok_or_else(|| EditError::Form(format!("there is no [[{name}]], or it is written inline")))
}

fn strings(item: Option<&Item>) -> Vec<String> {
    let array = item.and_then(Item::as_array).into_iter().flat_map(Array::iter);
    array.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

/// Sets a value; blanks and comments around the old one stay.
fn set(table: &mut Table, key: &str, mut value: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(value));
}

/// Puts a text at the end of a list, laid out as the one before it.
fn push(
    document: &mut DocumentMut,
    (name, key): (&str, &str),
    is_it: impl Fn(&Table) -> bool,
    text: &str,
) -> Result<String, EditError> {
    let table = tables(document, name)?.find(|table| is_it(table));
    let list = table.and_then(|table| table.get_mut(key)).and_then(Item::as_array_mut);
    let list = list.ok_or_else(|| EditError::Form(format!("there is no such [[{name}]]")))?;
    let last = list.len().checked_sub(1).and_then(|at| list.get(at));
    let before = last.and_then(|last| last.decor().prefix()?.as_str()).unwrap_or_default();
    let before = if list.len() == 1 && before.is_empty() { " " } else { before }.to_owned();
    // A comment behind the last comma speaks of the value before it.
    let behind = list.trailing().as_str().unwrap_or_default().trim_end().to_owned();
    if !behind.is_empty() {
        list.set_trailing("\n");
    }
    let mut value = Value::from(text);
    value.decor_mut().set_prefix(behind + &before);
    list.push_formatted(value);
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# The policy.
schema = "secpack/policy/1"
version = 3 # raise me
name = "Test"

# Where keys lie.
[[keys]]
group = "members"
paths = ["keys/*.asc"] # all of them

[[member]]
id = "ann"
fingerprints = [
    "11112233445566778899AABBCCDDEEFF00112233", # the first
]

# What ann does.
[[role]]
member = "ann"
signs = ["note", "tag"]
until = 2030-01-01 # planned

[[role]] # bulletins
member = "ann"
signs = ["bulletin"]
numbers = "1-38,44-"

[[role]]
member = "ann"
signs = ["old"]
until = 2020-01-01

# Last words.
[[series]]
id = "note"
kind = "statement"
paths = ["n/{name}.txt"]
signatures = ["{document}.sig.{member}"]
[[series]]
id = "old"
kind = "statement"
paths = ["o/{name}.txt"]
signatures = ["{document}.sig.{member}"]
[[series]]
id = "bulletin"
kind = "bulletin"
paths = ["b/{number}.txt"]
signatures = ["{document}.sig.{member}"]
"#;

    fn ann() -> MemberId {
        "ann".parse().expect("a name")
    }

    fn ends(last: &[(SeriesId, u32)]) -> Result<String, EditError> {
        let until = "2026-03-04".parse().expect("a day");
        retire(TEXT, &Retirement { member: &ann(), until, last })
    }

    /// The lines that differ, old and new.
    fn changed(new: &str) -> Vec<(&str, &str)> {
        let pairs = TEXT.lines().zip(new.lines());
        assert_eq!(TEXT.lines().count(), new.lines().count(), "{new}");
        pairs.filter(|(old, new)| old != new).collect()
    }

    #[test]
    fn only_the_values_change() {
        let last = [("bulletin".parse().expect("a name"), 50)];
        let text = ends(&last).expect("edited");
        let (text, policy) = raise_version(&text).expect("a policy");
        assert_eq!(policy.version(), 4);
        let expected = [
            ("version = 3 # raise me", "version = 4 # raise me"),
            ("until = 2030-01-01 # planned", "until = 2026-03-04 # planned"),
            ("numbers = \"1-38,44-\"", "numbers = \"1-38,44-50\""),
        ];
        assert_eq!(changed(&text), expected);
    }

    #[test]
    fn a_role_gets_an_end_it_did_not_have() {
        let text = ends(&[]).expect("edited");
        assert!(
            text.contains("numbers = \"1-38,44-\"\nuntil = 2026-03-04\n\n[[role]]\n"),
            "{text}"
        );
        assert!(text.contains("until = 2020-01-01\n\n# Last words."), "{text}");
    }

    #[test]
    fn what_cannot_end_is_said() {
        let says = |found: Result<String, EditError>, words: &str| {
            let text = found.expect_err("an error").to_string();
            assert!(text.contains(words), "{text}");
        };
        says(ends(&[("note".parse().expect("a name"), 3)]), "for note alone");
        says(ends(&[("bulletin".parse().expect("a name"), 0)]), "no number would be left");
        let nobody = "eve".parse().expect("a name");
        let until = "2026-03-04".parse().expect("a day");
        says(retire(TEXT, &Retirement { member: &nobody, until, last: &[] }), "of eve is in force");
    }

    #[test]
    fn lists_grow_at_their_end() {
        let key = "22222233445566778899AABBCCDDEEFF00112233".parse().expect("a fingerprint");
        let text = add_key(TEXT, &ann(), &key).expect("edited");
        assert!(text.contains("00112233\", # the first\n    \"2222"), "{text}");
        let group = "members".parse().expect("a name");
        let text = add_key_path(&text, &group, "keys/retired/*.asc").expect("edited");
        let list = "paths = [\"keys/*.asc\", \"keys/retired/*.asc\"] # all of them";
        assert!(text.contains(list), "{text}");
        raise_version(&text).expect("a policy");
    }
}
