//! Clearsigned documents: what a reader sees is what is signed, and nothing else is in the file.

use super::{EARLIER, amend, gpg_makes, gpg_signs, released, verdict, write};
use secpack_tests::Team;

const PLACE: &str = "digests/image.txt";

/// A team whose digests are clearsigned by ben, and one that he made.
fn with_digest() -> (Team, String) {
    let (team, _) = released();
    amend(&team, |policy| {
        policy
            + "\n[[series]]\nid = \"digest\"\nkind = \"digest\"\nform = \"clearsigned\"\n\
               paths = [\"digests/{name}.txt\"]\n\n[[role]]\nmember = \"ben\"\n\
               signs = [\"digest\"]\n"
    });
    write(&team, PLACE, "abc *image.iso\n-- dashes\nlast line\n");
    let made = gpg_makes(&team, EARLIER, "ben", &["--clearsign"], PLACE);
    (team, String::from_utf8(made).expect("text"))
}

#[test]
fn only_the_signed_block() {
    let (team, good) = with_digest();
    let detached = String::from_utf8(gpg_signs(&team, "ben", PLACE, &[])).expect("ASCII");
    let text = String::from_utf8(gpg_signs(&team, "ben", PLACE, &["--textmode"])).expect("ASCII");
    let anns = gpg_makes(&team, EARLIER, "ann", &["--clearsign"], PLACE);
    let (body, signature) = good.split_at(good.find("-----BEGIN PGP SIGNATURE").expect("signed"));
    let changed = |from: &str, to: &str| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good);
        changed
    };
    for (name, bytes, expected) in [
        ("as gpg made it", good.clone(), "good"),
        ("another text", changed("abc", "abd"), "bad"),
        ("a line more", changed("abc", "abc\nabc"), "bad"),
        ("text before", format!("see below\n{good}"), "malformed"),
        ("text after", format!("{good}see above\n"), "not-canonical"),
        ("two blocks", good.repeat(2), "not-canonical"),
        ("two signatures", format!("{good}{signature}"), "not-canonical"),
        ("a comment header", changed("Hash:", "Comment:"), "malformed"),
        ("another header", changed("Hash:", "Charset: x\nHash:"), "malformed"),
        ("not escaped", changed("- -- dashes", "-- dashes"), "malformed"),
        ("a hidden header", changed("\n\nabc", "\nabc *other.iso\n\nabc"), "malformed"),
        (
            "a comment in the armor",
            changed("SIGNATURE-----\n", "SIGNATURE-----\nComment: x\n"),
            "not-canonical",
        ),
        ("type 0x00", format!("{body}{detached}"), "wrong-type"),
        ("a text signature over the file", format!("{body}{text}"), "bad"),
        ("no signature", body.to_owned(), "malformed"),
        ("unsigned", "abc *image.iso\n".to_owned(), "missing"),
        ("by another member", String::from_utf8(anns).expect("text"), "out-of-role"),
        ("CRLF", good.replace('\n', "\r\n"), "missing"),
        ("not text", good.replacen("abc", "\u{0}\u{fffd}", 1), "bad"),
    ] {
        write(&team, PLACE, bytes);
        let run = team.verify();
        assert_eq!(verdict(&run, PLACE), expected, "{name}");
        run.ends(i32::from(expected != "good"));
    }
}

/// A clearsigned text in a place where signatures stand beside the document.
#[test]
fn only_where_the_policy_says_so() {
    let (team, path) = released();
    let clear = gpg_makes(&team, EARLIER, "ben", &["--clearsign"], &path);
    let place = format!("{path}.sig.ben");
    write(&team, &place, clear);
    assert_eq!(verdict(&team.verify().ends(1), &place), "wrong-type");
}
