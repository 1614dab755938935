//! Armored signatures inside a text, freed from whatever was put before or after their lines.

const BEGIN: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";
const CLEAR: &str = "-----BEGIN PGP SIGNED MESSAGE-----";

/// Takes the signatures out of a text: what stands before the first one, what stands after it, and
/// all of them.
///
/// What stands before BEGIN on its line (quoting, indentation, dash-escaping) stands before every
/// line of that block and is cut from each. Blanks at line ends are cut too: armor has none.
pub(super) fn carve(text: &str) -> (String, String, Vec<String>) {
    let mut after = String::new();
    let mut signatures = Vec::new();
    let mut end_of_text = None;
    let mut open: Option<(String, Vec<String>)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some((margin, lines)) = &mut open {
            let bare = without_margin(line, margin);
            lines.push(bare.to_owned());
            if bare == END {
                signatures.push(lines.join("\n") + "\n");
                open = None;
            }
        } else if let Some(margin) = margin_of(line) {
            end_of_text = end_of_text.or(Some(at));
            open = Some((margin.to_owned(), vec![BEGIN.to_owned()]));
        } else if end_of_text.is_some() {
            after.push_str(line);
        }
        at += line.len();
    }
    let text = &text[..end_of_text.unwrap_or(text.len())];
    // A signature that never ends hides nothing of what it is followed by.
    after.extend(open.into_iter().flat_map(|(_, lines)| lines).map(|line| line + "\n"));
    (text.to_owned(), after, signatures)
}

/// What stands before BEGIN on a line that holds nothing else.
fn margin_of(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let margin = line.strip_suffix(BEGIN)?;
    margin.chars().all(|c| "> \t-|".contains(c) || c == '\u{a0}').then_some(margin)
}

fn without_margin<'l>(line: &'l str, margin: &str) -> &'l str {
    let line = line.trim_end();
    // A dash-escape stands only before lines that begin with a dash.
    let quoted = margin.strip_suffix("- ").unwrap_or(margin);
    let bare = line
        .strip_prefix(margin)
        .or_else(|| line.strip_prefix(quoted))
        .or_else(|| line.strip_prefix(margin.trim_end()))
        .unwrap_or(line);
    bare.trim_matches(['\u{a0}', ' '])
}

/// The text inside a clearsigned message, dash-escapes undone, and whether there was one.
///
/// Some mail programs sign the whole mail that way, around a document with signatures of its own.
pub(super) fn unwrap(text: &str) -> (String, bool) {
    let plain = || (text.to_owned(), false);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is = |line: &&str, what: &str| line.trim_end() == what;
    let Some(begin) = lines.iter().position(|line| is(line, CLEAR)) else { return plain() };
    let Some(end) = lines.iter().rposition(|line| is(line, BEGIN)) else { return plain() };
    let Some(blank) = lines[begin..].iter().position(|line| line.trim().is_empty()) else {
        return plain();
    };
    if begin + blank >= end {
        return plain();
    }
    let inner = &lines[begin + blank + 1..end];
    let bare: String = inner.iter().map(|line| line.strip_prefix("- ").unwrap_or(line)).collect();
    (bare, true)
}
