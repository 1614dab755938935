//! Commit objects, byte by byte: who, when, from what, and which bytes their signature covers.

use crate::RawError;
use crate::ident::Stamp;
use crate::raw_tag::object_id;
use secpack_pack::ObjectId;

/// A commit object taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCommit<'a> {
    /// The tree it stands for.
    pub tree: ObjectId,
    /// Its parents, first parent first.
    pub parents: Vec<ObjectId>,
    /// Who wrote the change, and when.
    pub author: Stamp,
    /// Who made the commit, and when.
    pub committer: Stamp,
    /// The message as stored.
    pub message: &'a [u8],
    /// Its signature, when it has one.
    pub signature: Option<CommitSignature>,
}

/// The signature of a commit and what it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitSignature {
    /// The commit without its `gpgsig` header.
    pub payload: Vec<u8>,
    /// The value of that header, without the blanks git puts in front of its lines.
    pub armor: Vec<u8>,
}

/// The part of a commit that makes history; see [`links`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    /// Seconds since 1970; 0 when the committer line is broken.
    pub seconds: i64,
}

/// Takes a raw commit object apart.
///
/// Headers beyond those git defines are allowed, as git allows them, and are part of the payload.
///
/// # Errors
/// [`RawError`], when a required header is missing or doubled, or when the commit is signed more
/// than once, so that tools could disagree on what is signed.
pub fn parse(raw: &[u8]) -> Result<RawCommit<'_>, RawError> {
    let (headers, message) = headers(raw)?;
    let tree = object_id(plain(headers.first(), b"tree")?)?;
    let count = headers[1..].iter().take_while(|header| header.key == b"parent").count();
    let (parents, others) = headers[1..].split_at(count);
    let parents = parents.iter().map(|parent| object_id(plain(Some(parent), b"parent")?));
    let author = Stamp::parse(plain(others.first(), b"author")?)?;
    let committer = Stamp::parse(plain(others.get(1), b"committer")?)?;
    let extra = others.get(2..).unwrap_or_default();
    let core: [&[u8]; 4] = [b"tree", b"parent", b"author", b"committer"];
    if extra.iter().any(|header| core.contains(&header.key)) {
        return Err(RawError::Header);
    }
    let parents = parents.collect::<Result<_, _>>()?;
    let signature = signature(raw, extra)?;
    Ok(RawCommit { tree, parents, author, committer, message, signature })
}

/// The commit that carries this armored signature of `payload`, as git writes it: the header comes
/// last, and each line but the first has a blank in front.
pub(crate) fn with_signature(payload: &[u8], armor: &str) -> Result<Vec<u8>, RawError> {
    let (headers, message) = headers(payload)?;
    let end = headers.last().ok_or(RawError::Header)?.whole.end;
    let folded = armor.trim_end_matches('\n').replace('\n', "\n ");
    let header = format!("gpgsig {folded}\n\n");
    Ok([&payload[..end], header.as_bytes(), message].concat())
}

/// What history needs of a commit. A broken author or date must not hide a commit, so only the
/// links themselves are required to be well-formed.
pub(crate) fn links(raw: &[u8]) -> Result<Links, RawError> {
    let mut lines = raw.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    let tree = lines.next().and_then(|line| line.strip_prefix(b"tree "));
    let tree = object_id(tree.ok_or(RawError::Header)?)?;
    let mut parents = Vec::with_capacity(1);
    let mut lines = lines.peekable();
    while let Some(id) = lines.peek().and_then(|line| line.strip_prefix(b"parent ")) {
        parents.push(object_id(id)?);
        lines.next();
    }
    let stamp = lines.find_map(|line| line.strip_prefix(b"committer "));
    let stamp = stamp.and_then(|line| Stamp::parse(line).ok());
    Ok(Links { tree, parents, seconds: stamp.map_or(0, |stamp| stamp.time.timestamp()) })
}

/// One header: its key, its value up to the end of the first line, and all its bytes.
struct Header<'a> {
    key: &'a [u8],
    value: &'a [u8],
    whole: std::ops::Range<usize>,
}

fn headers(raw: &[u8]) -> Result<(Vec<Header<'_>>, &[u8]), RawError> {
    let mut headers: Vec<Header<'_>> = Vec::with_capacity(6);
    let mut start = 0;
    loop {
        let rest = &raw[start..];
        let length = rest.iter().position(|byte| *byte == b'\n').ok_or(RawError::Unterminated)?;
        let (line, end) = (&rest[..length], start + length + 1);
        if line.is_empty() {
            return Ok((headers, &raw[end..]));
        }
        if line.contains(&0) {
            return Err(RawError::Unterminated);
        }
        if line[0] == b' ' {
            headers.last_mut().ok_or(RawError::Header)?.whole.end = end;
        } else {
            let space = line.iter().position(|byte| *byte == b' ').ok_or(RawError::Header)?;
            headers.push(Header {
                key: &line[..space],
                value: &line[space + 1..],
                whole: start..end,
            });
        }
        start = end;
    }
}

/// The value of a header that must be there, on one line.
fn plain<'a>(header: Option<&Header<'a>>, key: &[u8]) -> Result<&'a [u8], RawError> {
    let header = header.filter(|header| header.key == key).ok_or(RawError::Header)?;
    let one_line = key.len() + 1 + header.value.len() + 1;
    if header.whole.len() == one_line { Ok(header.value) } else { Err(RawError::Header) }
}

fn signature(raw: &[u8], extra: &[Header<'_>]) -> Result<Option<CommitSignature>, RawError> {
    let mut signed = extra.iter().filter(|header| header.key.starts_with(b"gpgsig"));
    let Some(header) = signed.next() else { return Ok(None) };
    if header.key != b"gpgsig" || signed.next().is_some() {
        return Err(RawError::OtherSignature);
    }
    let value = &raw[header.whole.start + b"gpgsig ".len()..header.whole.end];
    let mut armor = Vec::with_capacity(value.len());
    for (number, line) in value.split_inclusive(|byte| *byte == b'\n').enumerate() {
        // Each line after the first has one blank in front, which is not part of the value.
        armor.extend_from_slice(if number == 0 { line } else { &line[1..] });
    }
    let payload = [&raw[..header.whole.start], &raw[header.whole.end..]].concat();
    Ok(Some(CommitSignature { payload, armor }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "tree 0123456789abcdef0123456789abcdef01234567\n\
        parent 1123456789abcdef0123456789abcdef01234567\n\
        parent 2123456789abcdef0123456789abcdef01234567\n\
        author Ann <a@b> 1700000000 +0000\n\
        committer Bob <b@b> 1700000001 +0000\n";
    const SIGNATURE: &str =
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----\n";

    fn check(raw: &str, expected: Result<(), RawError>) {
        assert_eq!(parse(raw.as_bytes()).map(drop), expected, "{raw:?}");
    }

    #[test]
    fn takes_a_signed_commit_apart() {
        let raw = format!("{HEAD}{SIGNATURE}encoding latin1\n\nSubject\n\nBody\n");
        let parsed = parse(raw.as_bytes()).expect("well-formed");
        assert_eq!(parsed.parents.len(), 2);
        assert_eq!((parsed.author.name.as_str(), parsed.committer.name.as_str()), ("Ann", "Bob"));
        assert_eq!(parsed.message, b"Subject\n\nBody\n");
        let signature = parsed.signature.expect("it has one");
        let payload = format!("{HEAD}encoding latin1\n\nSubject\n\nBody\n");
        assert_eq!(signature.payload, payload.as_bytes());
        let armor = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n";
        assert_eq!(signature.armor, armor.as_bytes());
    }

    #[test]
    fn refuses_what_tools_could_read_differently() {
        check(&format!("{HEAD}\n"), Ok(()));
        check(&format!("{HEAD}x-note a\n b\n\nm"), Ok(()));
        check(&format!("{HEAD}{SIGNATURE}{SIGNATURE}\nm"), Err(RawError::OtherSignature));
        let other = SIGNATURE.replace("gpgsig", "gpgsig-sha256");
        check(&format!("{HEAD}{other}\nm"), Err(RawError::OtherSignature));
        check(&format!("{HEAD}{SIGNATURE}{other}\nm"), Err(RawError::OtherSignature));
        check(
            &format!("{HEAD}tree 0123456789abcdef0123456789abcdef01234567\n\nm"),
            Err(RawError::Header),
        );
        check(
            &format!("{HEAD}parent 0123456789abcdef0123456789abcdef01234567\n\nm"),
            Err(RawError::Header),
        );
        check(HEAD, Err(RawError::Unterminated));
        check("", Err(RawError::Unterminated));
        check(&format!("{HEAD}x\0y z\n\nm"), Err(RawError::Unterminated));
        check(&format!(" x\n{HEAD}\nm"), Err(RawError::Header));
        for (from, to, error) in [
            ("tree 0", "tree x", RawError::Id),
            ("parent 1", "parent x", RawError::Id),
            ("author", "auther", RawError::Header),
            ("+0000\ncommitter", "+0000\n x\ncommitter", RawError::Header),
            ("1700000001", "soon", RawError::Stamp),
        ] {
            check(&format!("{}\nm", HEAD.replacen(from, to, 1)), Err(error));
        }
    }

    #[test]
    fn a_broken_date_does_not_hide_a_commit() {
        let raw = format!("{}\nm", HEAD.replace("1700000001", "soon"));
        let links = links(raw.as_bytes()).expect("links are well-formed");
        assert_eq!((links.parents.len(), links.seconds), (2, 0));
        let signed = format!("{HEAD}{SIGNATURE}\nm");
        let links = super::links(signed.as_bytes()).expect("well-formed");
        assert_eq!((links.parents.len(), links.seconds), (2, 1_700_000_001));
    }

    proptest! {
        #[test]
        fn never_panics(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = (parse(&raw), links(&raw));
        }

        #[test]
        fn both_parsers_agree(at in 0..HEAD.len(), to in any::<u8>()) {
            let mut raw = format!("{HEAD}\nm").into_bytes();
            raw[at] = to;
            if let Ok(whole) = parse(&raw) {
                let quick = links(&raw).expect("the lenient one takes more");
                prop_assert_eq!((whole.tree, whole.parents), (quick.tree, quick.parents));
            }
        }
    }
}
