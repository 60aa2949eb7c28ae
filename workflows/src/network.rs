//! Addresses that a configuration names: one, or a range of them.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

/// An address (`192.0.2.7`), or a range in CIDR notation (`192.0.2.0/24`, `2001:db8::/32`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    base: IpAddr,
    /// How many leading bits an address must share with `base`.
    bits: u32,
}

/// What was written is neither an address nor a range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address nor a range such as 192.0.2.0/24")]
pub struct NotANetwork(String);

impl Network {
    /// Whether the range has the address. An IPv4 address that came through an IPv6 socket
    /// (`::ffff:192.0.2.7`) is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(one)) => {
                shares(base.to_bits() ^ one.to_bits(), u32::leading_zeros, self.bits)
            }
            (IpAddr::V6(base), IpAddr::V6(one)) => {
                shares(base.to_bits() ^ one.to_bits(), u128::leading_zeros, self.bits)
            }
            _ => false,
        }
    }
}

/// Whether two addresses that differ in the bits of `differ` share the first `bits`.
fn shares<T>(differ: T, leading_zeros: impl Fn(T) -> u32, bits: u32) -> bool {
    leading_zeros(differ) >= bits
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let wrong = || NotANetwork(text.to_owned());
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits)),
            None => (text, None),
        };
        let base: IpAddr = base.trim().parse().map_err(|_| wrong())?;
        let longest = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().map_err(|_| wrong())?,
            None => longest,
        };
        if bits > longest { Err(wrong()) } else { Ok(Self { base, bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;
    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.base, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_its_addresses_and_no_other() {
        let has = |range: &str, address: &str| {
            range.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(has("192.0.2.7", "192.0.2.7") && !has("192.0.2.7", "192.0.2.6"));
        assert!(has("192.0.2.0/24", "192.0.2.255") && !has("192.0.2.0/24", "192.0.3.0"));
        assert!(has("192.0.2.77/24", "192.0.2.1"), "the bits behind the range do not matter");
        assert!(has("0.0.0.0/0", "203.0.113.9") && !has("0.0.0.0/0", "2001:db8::1"));
        assert!(has("2001:db8::/32", "2001:db8:ffff::1") && !has("2001:db8::/32", "2001:db9::1"));
        assert!(has("10.0.0.0/8", "::ffff:10.1.2.3"), "IPv4 through an IPv6 socket");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for bad in ["", "proxy", "192.0.2", "192.0.2.0/33", "::1/129", "10.0.0.0/-1", "10.0.0.0/"] {
            assert_eq!(bad.parse::<Network>(), Err(NotANetwork(bad.to_owned())), "{bad}");
        }
    }
}
