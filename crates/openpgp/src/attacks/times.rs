//! Three clocks: when it was made, when its key was valid, and now.

use super::{builder, check, check_file, day, key, now, pair, public, sign, unsigned};
use chrono::Duration;
use openpgp::cert::Cert;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::types::SignatureType;
use secpack_pack::Reason;
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

/// In seconds.
const YEAR: u64 = 365 * 86_400;

/// A key that was valid in January only.
fn short_lived() -> Cert {
    let month = Duration::days(31).to_std().expect("positive");
    builder("ann").set_validity_period(month).generate().expect("a key").0
}

/// The certificate with the validity extended on a day.
fn extended(cert: &Cert, on: &str) -> Cert {
    let template = cert.userids().next().expect("one").self_signatures().next().expect("one");
    let again = SignatureBuilder::from(template.clone())
        .set_signature_creation_time(SystemTime::from(day(on)))
        .and_then(|builder| builder.set_key_validity_period(std::time::Duration::from_secs(YEAR)))
        .expect("a time");
    let user = cert.userids().next().expect("one");
    let binding = user.userid().bind(&mut pair(cert), cert, again).expect("bound");
    cert.clone().insert_packets(binding).expect("inserted").0
}

#[test]
fn before_its_key_existed_or_in_the_future() {
    let ann = key("ann");
    check_file(&ann, &sign(unsigned(day("01-02")), &ann), Reason::Good);
    check_file(&ann, &sign(unsigned(now()), &ann), Reason::Good);
    check_file(&ann, &sign(unsigned(now() + Duration::hours(23)), &ann), Reason::Good);
    check_file(&ann, &sign(unsigned(now() + Duration::hours(25)), &ann), Reason::NotYetValid);
    let year_2100 = "2100-01-01T00:00:00Z".parse().expect("a time");
    check_file(&ann, &sign(unsigned(year_2100), &ann), Reason::NotYetValid);
    let before = "2025-12-31T00:00:00Z".parse().expect("a time");
    check_file(&ann, &sign(unsigned(before), &ann), Reason::NotYetValid);
}

#[test]
fn after_its_key_expired() {
    let ann = short_lived();
    check_file(&ann, &sign(unsigned(day("01-20")), &ann), Reason::Good);
    check_file(&ann, &sign(unsigned(day("02-10")), &ann), Reason::Expired);
    check_file(&ann, &sign(unsigned(now()), &ann), Reason::Expired);
}

/// What was expired when it was made stays so; what was made after the extension is good.
#[test]
fn an_extension_does_not_reach_back() {
    let ann = short_lived();
    let longer = extended(&ann, "03-01");
    check_file(&longer, &sign(unsigned(day("02-10")), &ann), Reason::Expired);
    check_file(&longer, &sign(unsigned(now()), &ann), Reason::Good);
    check(&ann, &[public(&ann), public(&longer)], &sign(unsigned(now()), &ann), Reason::Good);
}

#[test]
fn a_signature_with_an_end() {
    let ann = key("ann");
    let until = |days| {
        let period = Duration::days(days).to_std().expect("positive");
        let builder = unsigned(day("02-01")).set_signature_validity_period(period);
        sign(builder.expect("a period"), &ann)
    };
    check_file(&ann, &until(60), Reason::Good);
    check_file(&ann, &until(10), Reason::Expired);
}

#[test]
fn without_a_time() {
    let ann = key("ann");
    let builder = SignatureBuilder::new(SignatureType::Binary)
        .set_reference_time(SystemTime::from(now()))
        .expect("a time")
        .suppress_signature_creation_time()
        .expect("none");
    check_file(&ann, &sign(builder, &ann), Reason::Malformed);
}
