//! The printable stand-ins under which byte-level tokenizers write bytes into JSON.

/// The character that stands for a byte: printable Latin-1 for itself, the others moved to U+0100 and up.
pub(super) fn to_char(byte: u8) -> char {
    let printable = |b: u8| matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if printable(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|b| !printable(*b)).count() as u32;
    char::from_u32(256 + before).expect("at most 323")
}

/// The bytes that a token's written form stands for, or `None` when a character stands for no byte.
pub(super) fn from_written(written: &str) -> Option<Vec<u8>> {
    let table = table();
    written.chars().map(|c| table.iter().position(|known| *known == c).map(|byte| byte as u8)).collect()
}

/// The written form of bytes.
pub(super) fn to_written(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| table()[usize::from(*byte)]).collect()
}

fn table() -> &'static [char; 256] {
    static TABLE: std::sync::LazyLock<[char; 256]> =
        std::sync::LazyLock::new(|| std::array::from_fn(|byte| to_char(byte as u8)));
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_own_stand_in() {
        let all: Vec<u8> = (0..=255).collect();
        let written = to_written(&all);
        assert_eq!(from_written(&written), Some(all));
        assert_eq!((to_char(b' '), to_char(b'\n'), to_char(b'a'), to_char(0xad)), ('Ġ', 'Ċ', 'a', 'Ń'));
        assert_eq!(from_written("模"), None);
    }
}
