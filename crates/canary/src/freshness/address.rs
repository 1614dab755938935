//! Which addresses a feed may come from: those of the public internet (RFC 6890 and its registry).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to somebody on the public internet, and not to this machine, its
/// network, or nobody.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_documentation()
        || v4.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18);
    !special
}

/// Only `2000::/3` is in use. Of that, addresses that carry an IPv4 one are judged by it.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [a, b, c, ..] = v6.segments();
    if let Some(inner) = v6.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    match (a, b) {
        (0x0064, 0xff9b) if c == 0 => is_public_v4(last_four(v6)),
        (0x2002, _) => {
            let [w, x] = b.to_be_bytes();
            let [y, z] = c.to_be_bytes();
            is_public_v4(Ipv4Addr::new(w, x, y, z))
        }
        (0x2001, 0x0000..=0x01ff | 0x0db8) => false,
        (0x3fff, 0x0000..=0x0fff) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

fn last_four(v6: Ipv6Addr) -> Ipv4Addr {
    let [.., w, x, y, z] = v6.octets();
    Ipv4Addr::new(w, x, y, z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_addresses() {
        let check = |text: &str, public: bool| {
            assert_eq!(is_public(text.parse().expect(text)), public, "{text}");
        };
        for public in ["1.1.1.1", "192.1.0.1", "100.128.0.1", "172.32.0.1", "198.20.0.1"] {
            check(public, true);
            check(&format!("::ffff:{public}"), true);
            check(&format!("64:ff9b::{public}"), true);
        }
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "203.0.113.7",
        ] {
            check(private, false);
            check(&format!("::ffff:{private}"), false);
            check(&format!("64:ff9b::{private}"), false);
        }
        for public in ["2606:4700::1111", "2a00:1450::1", "2002:0101:0101::1"] {
            check(public, true);
        }
        for private in [
            "::",
            "::1",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "64:ff9b:1::1",
            "100::1",
        ] {
            check(private, false);
        }
    }
}
