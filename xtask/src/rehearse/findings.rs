//! Which findings a verification named, before and after.

use std::collections::BTreeSet;

/// The ids in a report of `secpack verify --json`. Only findings have a field `id`, and ids hold
/// no quotes, so looking for the field is enough and xtask needs no JSON parser.
pub fn ids(report: &str) -> BTreeSet<String> {
    let fields = report.split("\"id\":").skip(1);
    fields.filter_map(|rest| rest.split('"').nth(1)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_either_layout() {
        let check = |report: &str, expected: &[&str]| {
            let found = ids(report);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        };
        check(
            "{\n  \"id\": \"b:x\",\n  \"rule\": \"b\"\n}, {\n  \"id\": \"a:y\"\n}",
            &["a:y", "b:x"],
        );
        check("{\"id\":\"a\",\"rule\":\"b\"}", &["a"]);
        check("{\"findings\": []}", &[]);
    }
}
