//! Inputs made to be large: capped before they are parsed, in bounded memory.

use super::{read, released, rules, verdict, write};
use secpack_tests::forge::{MARKER, Packet, SIGNATURE, USER_ID, armor, armor_signature, dearmor};
use secpack_tests::{Run, Team};
use std::path::Path;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const KEY: &str = "PGP PUBLIC KEY BLOCK";

/// Verifies and says how many KiB the program used at most; `None` where nothing can measure.
fn measured(team: &Team) -> (Run, Option<u64>) {
    let time = Path::new("/usr/bin/time");
    if !time.is_file() {
        assert!(std::env::var_os("CI").is_none(), "GNU time is absent");
        return (team.verify(), None);
    }
    let program = super::PROGRAM;
    let arguments = ["-f", "%M", "-o", "../used", program, "verify", "--json", "--now"];
    let all = [&arguments[..], &[secpack_tests::NOW, "--anchor", &team.anchor]].concat();
    let run = team.sandbox.run(time, "pack", &all, &[]);
    let used = String::from_utf8(team.sandbox.read("used")).expect("text");
    (run, used.lines().last().and_then(|line| line.trim().parse().ok()))
}

/// More than this is too much: the limit of 64 MiB is the whole program's, and the pack and the
/// attacker's own bytes are a part of it.
const LIMIT_KIB: u64 = 64 * 1024;

#[track_caller]
fn check(team: &Team, name: &str) -> Run {
    let (run, used) = measured(team);
    if let Some(used) = used {
        assert!(used < LIMIT_KIB, "{name}: {used} KiB");
    }
    run
}

#[test]
fn signature_files() {
    let (team, path) = released();
    check(&team, "nothing");
    let place = format!("{path}.sig.ben");
    let good = dearmor(read(&team, &place).as_bytes());
    let marker = Packet::new(MARKER, *b"PGP");
    let many = |packet: &Packet, count: usize| vec![packet.clone(); count];
    for (name, bytes) in [
        ("blank lines", "\n".repeat(15 * MIB)),
        ("markers", armor_signature(&many(&marker, MIB))),
        ("signatures", armor_signature(&many(&good[0], 50 * KIB))),
        ("one packet", armor_signature(&[Packet::new(SIGNATURE, vec![4; 8 * MIB])])),
        ("begin lines", "-----BEGIN PGP SIGNATURE-----\n".repeat(400 * KIB)),
        ("headers", format!("-----BEGIN PGP SIGNATURE-----\n{}", "A: b\n".repeat(MIB))),
    ] {
        write(&team, &place, bytes);
        let run = check(&team, name).ends(1);
        assert_eq!(verdict(&run, &place), "malformed", "{name}");
    }
}

#[test]
fn key_files() {
    let (team, path) = released();
    let place = "keys/members/carol.asc";
    let plain = read(&team, place);
    let packets = dearmor(plain.as_bytes());
    let with = |more: Vec<Packet>| {
        let mut packets = packets.clone();
        packets.extend(more);
        armor(&packets, KEY)
    };
    let user = |size: usize| Packet::new(USER_ID, vec![b'x'; size]);
    let flood: Vec<Packet> = vec![packets[2].clone(); 8 * KIB];
    for (name, bytes) in [
        ("a huge user id", with(vec![user(2 * MIB)])),
        ("a larger one", with(vec![user(10 * MIB)])),
        ("many user ids", with((0..20 * KIB).map(|n| user(20 + n % 90)).collect())),
        ("flooded", with(flood)),
        ("markers", armor(&vec![Packet::new(MARKER, *b"PGP"); 500 * KIB], KEY)),
        ("begin lines", format!("-----BEGIN {KEY}-----\n").repeat(100 * KIB)),
        ("blank lines", "\n".repeat(15 * MIB)),
        ("many blocks", plain.repeat(2 * KIB)),
        ("many blocks of many user ids", blocks_of(&packets, USER_ID)),
        ("many blocks of unknown parts", blocks_of(&packets, UNKNOWN)),
    ] {
        write(&team, place, bytes);
        let run = check(&team, name);
        assert_eq!(verdict(&run, &format!("{path}.sig.ben")), "good", "{name}");
        let found = rules(&run);
        assert!(
            found.iter().all(|rule| ["malformed", "uncertified-key"].contains(&&**rule)),
            "{name}: {found:?}"
        );
    }
    write(&team, place, plain);
    check(&team, "as it was").ends(0);
}

/// A kind for private use (RFC 9580, 5.).
const UNKNOWN: u8 = 62;

/// Each block is below the limit; together they are what the limit is against.
fn blocks_of(packets: &[Packet], kind: u8) -> String {
    let block = |n: usize| {
        let parts = (0..900).map(|of| Packet::new(kind, format!("{n} {of}").into_bytes()));
        armor(&[packets.to_vec(), parts.collect()].concat(), KEY)
    };
    (0..60).map(block).collect()
}

#[test]
fn documents() {
    let (team, path) = released();
    let next = path.replace("-001-", "-002-");
    for size in [2 * MIB, 17 * MIB] {
        write(&team, &next, "x".repeat(size));
        write(&team, &format!("{next}.sig.ann"), read(&team, &format!("{path}.sig.ann")));
        let (run, _) = measured(&team);
        assert_ne!(verdict(&run.ends(1), &format!("{next}.sig.ann")), "good");
    }
}
