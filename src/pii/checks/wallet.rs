//! Addresses of crypto currencies.
//!
//! Sources: the Bitcoin wiki on Base58Check; BIP 173 and BIP 350 for bech32 and bech32m; EIP-55 for
//! the capitals of Ethereum's.

use sha2::{Digest, Sha256};
use sha3::Keccak256;

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Version bytes of addresses: Bitcoin, Litecoin, Dogecoin, Dash, Zcash's first byte, Tron, and of
/// test networks.
const VERSIONS: &[u8] = &[0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x4C, 0x10, 0x41, 0x6F, 0xC4];

/// Whether a text is 25 bytes of an address with its checksum in Base58.
pub fn base58check(compact: &str) -> bool {
    if !(25..=36).contains(&compact.len()) {
        return false;
    }
    let mut bytes = [0_u8; 25];
    for symbol in compact.bytes() {
        let Some(value) = BASE58.iter().position(|&known| known == symbol) else {
            return false;
        };
        let mut carry = value as u32;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    let (payload, checksum) = bytes.split_at(21);
    VERSIONS.contains(&bytes[0]) && Sha256::digest(Sha256::digest(payload))[..4] == *checksum
}

/// Whether a text is a bech32 or bech32m address; its human-readable part is asked for by the
/// rule's pattern.
pub fn bech32(compact: &str) -> bool {
    let mixed = compact.bytes().any(|byte| byte.is_ascii_uppercase())
        && compact.bytes().any(|byte| byte.is_ascii_lowercase());
    if mixed || compact.len() > 90 {
        return false;
    }
    let lower = compact.to_ascii_lowercase();
    let Some((human, data)) = lower.rsplit_once('1') else {
        return false;
    };
    let values: Option<Vec<u8>> = data
        .bytes()
        .map(|symbol| BECH32.iter().position(|&known| known == symbol).map(|value| value as u8))
        .collect();
    let Some(values) = values.filter(|values| values.len() > 6 && !human.is_empty()) else {
        return false;
    };
    let expanded =
        human.bytes().map(|byte| byte >> 5).chain([0]).chain(human.bytes().map(|byte| byte & 31));
    matches!(polymod(expanded.chain(values)), 1 | 0x2BC8_30A3)
}

fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
    values.fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x01FF_FFFF) << 5 ^ u32::from(value);
        let taps = GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
        taps.fold(shifted, |sum, (_, tap)| sum ^ tap)
    })
}

/// Whether the capitals of an Ethereum address are its checksum. One in lower case only has none.
pub fn ethereum(compact: &str) -> bool {
    let Some(hex) = compact.strip_prefix("0x").filter(|hex| hex.len() == 40) else {
        return false;
    };
    let lower = hex.to_ascii_lowercase();
    if !hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        || hex == lower
        || hex == hex.to_ascii_uppercase()
    {
        return false;
    }
    let hash = Keccak256::digest(lower.as_bytes());
    hex.bytes().enumerate().all(|(at, byte)| {
        let nibble =
            hash.get(at / 2).map_or(0, |two| if at % 2 == 0 { two >> 4 } else { two & 15 });
        byte.is_ascii_digit() || byte.is_ascii_uppercase() == (nibble >= 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_addresses() {
        assert!(base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(base58check("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"));
        assert!(!base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        assert!(!base58check("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"));
        // BIP 173 and BIP 350.
        assert!(bech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"));
        assert!(bech32("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"));
        assert!(bech32("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"));
        assert!(!bech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
        // EIP-55.
        assert!(ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert!(!ethereum("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert!(!ethereum("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
    }
}
