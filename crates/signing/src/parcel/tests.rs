use super::*;

const BLOCK: &str = "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n=AAAA\n-----END PGP SIGNATURE-----\n";

fn found(name: &str, bytes: impl AsRef<[u8]>) -> Parcel {
    let mut parcel = Parcel::default();
    unpack("it", name, bytes.as_ref(), &mut parcel);
    parcel
}

/// Names and bytes of what is found.
fn shown(parcel: &Parcel) -> Vec<(String, String)> {
    let text = |candidate: &Candidate| String::from_utf8_lossy(&candidate.bytes).into_owned();
    parcel.candidates.iter().map(|c| (c.name.clone(), text(c))).collect()
}

fn tar(entries: &[(&str, EntryKind)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind) in entries {
        let mut header = tar::Header::new_ustar();
        // Written as bytes, because the library refuses to write what attackers write.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        let data: &[u8] = match kind {
            EntryKind::File(data) => data,
            EntryKind::Link(target) => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_link_name(target).expect("a target");
                &[]
            }
        };
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append(&header, data).expect("appended");
    }
    builder.into_inner().expect("finished")
}

enum EntryKind {
    File(&'static [u8]),
    Link(&'static str),
}

#[test]
fn names_inside_an_archive_lose_their_folders() {
    let names = ["a/../../etc/x.sig.ann", "/abs/y.sig.ben", "z.sig.carol"];
    let entries = names.map(|name| (name, EntryKind::File(BLOCK.as_bytes())));
    let names: Vec<String> = shown(&found("t", tar(&entries))).into_iter().map(|f| f.0).collect();
    assert_eq!(names, ["x.sig.ann", "y.sig.ben", "z.sig.carol"]);
}

#[test]
fn links_damage_and_bombs_are_named() {
    let link = found("t", tar(&[("x.sig.ann", EntryKind::Link("/etc/passwd"))]));
    assert!(link.candidates.is_empty());
    assert!(link.refused[0].1.detail.contains("links"), "{:?}", link.refused);
    let whole = tar(&[("x.sig.ann", EntryKind::File(BLOCK.as_bytes()))]);
    let cut = found("t", &whole[..600]);
    assert!(cut.refused[0].1.detail.contains("damaged"), "{:?}", cut.refused);
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..65 {
        std::io::Write::write_all(&mut bomb, &[0; 1024 * 1024]).expect("packed");
    }
    let bomb = found("t.gz", bomb.finish().expect("packed"));
    assert!(bomb.refused[0].1.detail.contains("64 MiB"), "{:?}", bomb.refused);
}

#[test]
fn nesting_ends() {
    let mut bytes = BLOCK.as_bytes().to_vec();
    for _ in 0..5 {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, "inner", &*bytes).expect("appended");
        let archive = builder.into_inner().expect("finished");
        std::io::Write::write_all(&mut packed, &archive).expect("packed");
        bytes = packed.finish().expect("packed");
    }
    let parcel = found("t", bytes);
    assert!(parcel.candidates.is_empty());
    assert!(parcel.refused[0].1.detail.contains("too deep"), "{:?}", parcel.refused);
}

#[test]
fn a_mail_gives_its_attachments_and_texts() {
    let quoted = BLOCK.replace('=', "=3D").replace('\n', "\r\n");
    let mail = format!(
        "From: ben@example.org\r\nSubject: signed\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\nHere:\r\n{quoted}\r\nBen\r\n--b\r\n\
         Content-Type: application/pgp-signature\r\n\
         Content-Disposition: attachment; filename=\"../../x.sig.ben\"\r\n\r\n{}\r\n--b--\r\n",
        BLOCK.replace('\n', "\r\n"),
    );
    let parcel = found("m.eml", &mail);
    let shown = shown(&parcel);
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert_eq!(shown[0], (String::new(), BLOCK.to_owned()));
    assert_eq!(shown[1].0, "x.sig.ben");
    assert_eq!(parcel.candidates[1].blocks, [Arc::from(BLOCK.as_bytes())]);
    let two =
        format!("From a Sat Jan  3 01:05:34 1996\n{mail}\nFrom b Sat Jan  3 01:05:34 1996\n{mail}");
    assert_eq!(found("box", two).candidates.len(), 4);
}

#[test]
fn a_signature_of_the_mail_itself_is_none_of_a_document() {
    let inline = format!("{CLEARSIGNED}\nHash: SHA512\n\nYes.\n{BLOCK}\nand\n{BLOCK}");
    let mail = format!("From: ben@example.org\n\n{inline}");
    assert_eq!(found("m", mail).candidates.len(), 1);
    let signed = format!(
        "From: ben@example.org\nContent-Type: multipart/signed; boundary=b\n\n--b\n\
         Content-Type: text/plain\n\nYes.\n--b\nContent-Type: application/pgp-signature\n\n{BLOCK}\n--b--\n"
    );
    assert_eq!(found("m", signed).candidates.len(), 0);
}

#[test]
fn hostile_bytes_end_soon() {
    proptest::proptest!(
        proptest::prelude::ProptestConfig::with_cases(200),
        |(bytes: Vec<u8>, head in "(From |From: a\n|ustar|\u{1f})?")| {
            let bytes = [head.as_bytes(), &bytes].concat();
            let parcel = found("x", &bytes);
            assert!(parcel.candidates.len() <= 1 + bytes.len() / 60);
        }
    );
}
