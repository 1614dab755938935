//! One rendering of one template: strict, bounded, and without a second pass over the data.

use super::door::MAX_BYTES;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig};
use serde::Serialize;
use std::io;

/// Instructions a template may take; the built-in ones take a few thousand.
const FUEL: u64 = 500_000;

/// Marks a paragraph that must stay as it is, however wide. The filter `verbatim` puts it in, the
/// wrapper takes it out again. Values cannot hold it: the door refuses control characters.
pub(super) const VERBATIM: char = '\u{1}';

/// What a value that nobody gave prints as; the linter lists it until somebody does.
const MISSING: &str = "TODO";

/// Why a template gives no text.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A mistake in the template: syntax, an unknown name, too many steps. Names the line.
    #[error("the template cannot be rendered: {0:#}")]
    Template(#[from] minijinja::Error),
    /// It writes more than 1 MiB.
    #[error("the template writes more than 1 MiB")]
    TooLarge,
}

/// Renders `template` with `context`. Missing values (`none`) print as `TODO`; unknown names are
/// errors. Filters: `center` centres a line in `width` columns, `verbatim` keeps the wrapper away
/// from the paragraph.
pub fn render(
    template: &str,
    context: impl Serialize,
    width: usize,
) -> Result<String, TemplateError> {
    let environment = environment(width);
    let template = environment.template_from_str(template)?;
    let mut output = Capped::default();
    let rendered = template.render_captured_to(Value::from(Serde(context)), &mut output);
    if output.overflown {
        return Err(TemplateError::TooLarge);
    }
    rendered?;
    Ok(String::from_utf8(output.bytes).expect("templates and values are UTF-8"))
}

fn environment<'t>(width: usize) -> Environment<'t> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the default delimiters are valid"),
    );
    environment.set_formatter(|out, state, value| match value.is_none() {
        true => Ok(out.write_str(MISSING)?),
        false => minijinja::escape_formatter(out, state, value),
    });
    environment
        .add_filter("center", move |value: Value| super::wrap::center(&shown(&value), width));
    environment.add_filter("verbatim", |value: Value| format!("{VERBATIM}{}", shown(&value)));
    environment
}

fn shown(value: &Value) -> String {
    if value.is_none() { MISSING.to_owned() } else { value.to_string() }
}

/// Takes at most [`MAX_BYTES`].
#[derive(Default)]
struct Capped {
    bytes: Vec<u8>,
    overflown: bool,
}

impl io::Write for Capped {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + piece.len() > MAX_BYTES {
            self.overflown = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Context {
        given: Option<String>,
        missing: Option<String>,
    }

    fn check(template: &str, given: &str) -> Result<String, String> {
        let context = Context { given: Some(given.to_owned()), missing: None };
        render(template, context, 20).map_err(|error| error.to_string())
    }

    #[test]
    fn data_is_rendered_once() {
        let hostile = "{{ 7 * 7 }} {% raw %} & <b>";
        assert_eq!(check("{{ given }}\n", hostile), Ok(format!("{hostile}\n")));
    }

    #[test]
    fn what_is_missing_is_seen() {
        assert_eq!(check("{{ missing }}", ""), Ok("TODO".to_owned()));
        assert_eq!(check("{{ missing | center }}", ""), Ok("        TODO".to_owned()));
        assert_eq!(check("{% if missing %}a{% endif %}b", ""), Ok("b".to_owned()));
        assert!(check("{{ unknown }}", "").is_err());
        assert!(check("{{ given.unknown }}", "").is_err());
        assert!(check("{% if %}", "").is_err());
    }

    #[test]
    fn it_is_bounded() {
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        assert!(check(endless, "").is_err());
        let large = "{% for a in range(9999) %}{{ given }}{% endfor %}";
        assert_eq!(
            check(large, &"a".repeat(200)),
            Err("the template writes more than 1 MiB".to_owned())
        );
        assert!(check("{% include 'a' %}", "").is_err());
    }
}
