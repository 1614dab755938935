//! Fenced code blocks of Markdown (CommonMark, section 4.5), byte for byte.

/// The fenced blocks of a text: the line of the opening fence, counted from 1, and the content.
pub(super) fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, Fence, String)> = None;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        match &mut open {
            None => open = fence(line).map(|fence| (at + 1, fence, String::new())),
            Some((start, opened, content)) => {
                if closes(line, opened) {
                    found.push((*start, std::mem::take(content)));
                    open = None;
                } else {
                    content.push_str(without_indent(line, opened.indent));
                }
            }
        }
    }
    // A fence that is never closed runs to the end.
    found.extend(open.map(|(start, _, content)| (start, content)));
    found
}

struct Fence {
    mark: char,
    length: usize,
    /// Columns before it, 0 to 3; as many are cut from each line.
    indent: usize,
}

fn fence(line: &str) -> Option<Fence> {
    let bare = line.trim_start_matches(' ');
    let indent = line.len() - bare.len();
    let mark = bare.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = bare.chars().take_while(|c| *c == mark).count();
    let info = &bare[length..];
    let valid = indent < 4 && length >= 3 && !(mark == '`' && info.contains('`'));
    valid.then_some(Fence { mark, length, indent })
}

fn closes(line: &str, opened: &Fence) -> bool {
    fence(line).is_some_and(|f| {
        let rest = line.trim().trim_start_matches(opened.mark);
        f.mark == opened.mark && f.length >= opened.length && rest.is_empty()
    })
}

fn without_indent(line: &str, indent: usize) -> &str {
    let blanks = line.chars().take(indent).take_while(|c| *c == ' ').count();
    &line[blanks..]
}
