//! JSON, checked strictly and looked at lazily: every byte is validated, only what is wanted is unescaped.

mod number;
mod plain;
mod text;

pub(crate) use text::unescape;

/// Deepest nesting that is read.
const MAX_DEPTH: u32 = 128;

/// Why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bad {
    /// The byte where it stops being JSON.
    pub at: usize,
    pub what: &'static str,
}

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    pub raw: &'a str,
    /// For a string: whether it holds escapes.
    pub escaped: bool,
}

impl<'a> Value<'a> {
    /// What stands between the quotes, still escaped; none when it is no string.
    pub(crate) fn string(&self) -> Option<&'a str> {
        self.raw.strip_prefix('"').map(|rest| &rest[..rest.len() - 1])
    }
}

/// Takes the fields of an object. Keys stand as in the text.
pub(crate) trait Visit<'a> {
    /// Where the value of this key is to be unescaped to, if it is a string.
    fn room(&mut self, key: Value<'a>) -> Option<&mut Vec<u8>>;

    /// Takes a field.
    fn field(&mut self, key: Value<'a>, value: Value<'a>);
}

impl<'a, F: FnMut(Value<'a>, Value<'a>)> Visit<'a> for F {
    fn room(&mut self, _: Value<'a>) -> Option<&mut Vec<u8>> {
        None
    }

    fn field(&mut self, key: Value<'a>, value: Value<'a>) {
        self(key, value);
    }
}

/// Tells `visit` every key and value of the one object that `text` is.
pub(crate) fn object<'a>(text: &'a str, visit: &mut impl Visit<'a>) -> Result<(), Bad> {
    let scan = Scan { text, bytes: text.as_bytes() };
    let mut at = scan.expect(scan.space(0), b'{', "a JSON object starts with {")?;
    at = scan.space(at);
    if scan.byte(at) == b'}' {
        return scan.end(at + 1);
    }
    loop {
        scan.expect(at, b'"', "a key in quotes is missing")?;
        let (end, key) = scan.string(at)?;
        at = scan.space(scan.expect(scan.space(end), b':', "a colon is missing after the key")?);
        let room = if scan.byte(at) == b'"' { visit.room(key) } else { None };
        let (end, value) = match room {
            Some(room) => scan.unescaped(at, room)?,
            None => scan.value(at)?,
        };
        visit.field(key, value);
        at = scan.space(end);
        match scan.byte(at) {
            b',' => at = scan.space(at + 1),
            b'}' => return scan.end(at + 1),
            _ => return Err(Bad { at, what: "a comma or } is missing" }),
        }
    }
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
}

impl<'a> Scan<'a> {
    /// The byte at `at`; 0, which is no JSON, behind the end.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn space(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t' | b'\r' | b'\n') {
            at += 1;
        }
        at
    }

    #[inline]
    fn expect(&self, at: usize, byte: u8, what: &'static str) -> Result<usize, Bad> {
        if self.byte(at) == byte { Ok(at + 1) } else { Err(Bad { at, what }) }
    }

    fn end(&self, at: usize) -> Result<(), Bad> {
        let at = self.space(at);
        if at == self.bytes.len() { Ok(()) } else { Err(Bad { at, what: "more follows after the object" }) }
    }

    /// The string that opens at `at`, and where it ends.
    #[inline]
    fn string(&self, at: usize) -> Result<(usize, Value<'a>), Bad> {
        let (end, escaped) = text::end(self.bytes, at + 1)?;
        Ok((end, Value { raw: &self.text[at..end], escaped }))
    }

    /// The same, unescaped into `room` on the way.
    fn unescaped(&self, at: usize, room: &mut Vec<u8>) -> Result<(usize, Value<'a>), Bad> {
        room.clear();
        let end = text::read(self.bytes, at + 1, room)?;
        let raw = &self.text[at..end];
        Ok((end, Value { raw, escaped: room.len() + 2 != raw.len() }))
    }

    fn value(&self, at: usize) -> Result<(usize, Value<'a>), Bad> {
        match self.byte(at) {
            b'"' => self.string(at),
            b'{' | b'[' => {
                let end = self.nested(at)?;
                Ok((end, Value { raw: &self.text[at..end], escaped: false }))
            }
            _ => {
                let end = self.scalar(at)?;
                Ok((end, Value { raw: &self.text[at..end], escaped: false }))
            }
        }
    }

    fn scalar(&self, at: usize) -> Result<usize, Bad> {
        let word = |word: &str| {
            if self.bytes[at..].starts_with(word.as_bytes()) {
                Ok(at + word.len())
            } else {
                Err(Bad { at, what: "neither a string, a number, true, false nor null" })
            }
        };
        match self.byte(at) {
            b't' => word("true"),
            b'f' => word("false"),
            b'n' => word("null"),
            _ => number::end(self.bytes, at),
        }
    }

    /// Where the object or array that opens at `at` ends. A bit per level says which it is, so nothing recurses.
    fn nested(&self, mut at: usize) -> Result<usize, Bad> {
        let (mut objects, mut depth) = (0_u128, 0);
        loop {
            // A value begins here.
            match self.byte(at) {
                open @ (b'{' | b'[') => {
                    if depth == MAX_DEPTH {
                        return Err(Bad { at, what: "nested over 128 deep" });
                    }
                    (objects, depth) = (objects << 1 | u128::from(open == b'{'), depth + 1);
                    at = self.space(at + 1);
                    if self.byte(at) == open + 2 {
                        at = self.close(at, &mut objects, &mut depth)?;
                    } else {
                        at = self.key(at, objects)?;
                        continue;
                    }
                }
                b'"' => at = text::end(self.bytes, at + 1)?.0,
                _ => at = self.scalar(at)?,
            }
            // A value ended here.
            loop {
                if depth == 0 {
                    return Ok(at);
                }
                at = self.space(at);
                match self.byte(at) {
                    b',' => {
                        at = self.key(self.space(at + 1), objects)?;
                        break;
                    }
                    b'}' | b']' => at = self.close(at, &mut objects, &mut depth)?,
                    _ => return Err(Bad { at, what: "a comma or a closing bracket is missing" }),
                }
            }
        }
    }

    fn close(&self, at: usize, objects: &mut u128, depth: &mut u32) -> Result<usize, Bad> {
        if (self.byte(at) == b'}') != (*objects & 1 == 1) {
            return Err(Bad { at, what: "brackets do not match" });
        }
        (*objects, *depth) = (*objects >> 1, *depth - 1);
        Ok(at + 1)
    }

    /// Passes over a key and its colon when the innermost level is an object.
    fn key(&self, at: usize, objects: u128) -> Result<usize, Bad> {
        if objects & 1 == 0 {
            return Ok(at);
        }
        self.expect(at, b'"', "a key in quotes is missing")?;
        let (end, _) = text::end(self.bytes, at + 1)?;
        Ok(self.space(self.expect(self.space(end), b':', "a colon is missing after the key")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours(text: &str) -> Result<Vec<(String, String)>, Bad> {
        let mut found = Vec::new();
        let mut push =
            |key: Value<'_>, value: Value<'_>| found.push((key.raw.to_owned(), value.raw.to_owned()));
        object(text, &mut push)?;
        Ok(found)
    }

    #[test]
    fn fields_stand_as_in_the_text() {
        let found = ours(r#" { "a" : [1, {"b":[]}, {}] ,"é\n":"x\"y", "n":-1.5e+3,"t":true } "#).unwrap();
        let values: Vec<_> = found.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, [r#"[1, {"b":[]}, {}]"#, r#""x\"y""#, "-1.5e+3", "true"]);
        assert!(ours("{}").unwrap().is_empty());
    }

    #[test]
    fn deep_nesting_is_refused_without_recursion() {
        let text = format!("{{\"a\":{}", "[".repeat(1_000_000));
        assert_eq!(ours(&text).unwrap_err().what, "nested over 128 deep");
        let text = format!("{{\"a\":{}{}}}", "[".repeat(128), "]".repeat(128));
        assert_eq!(ours(&text).unwrap().len(), 1);
    }

    /// What serde_json says of a text, its own limits left aside.
    fn valid(text: &str) -> bool {
        serde_json::from_str::<std::collections::BTreeMap<String, serde::de::IgnoredAny>>(text).is_ok()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn mutants_are_valid_to_us_when_they_are_to_serde_json(
            at in 0..90_usize, put in prop::sample::select(br#"{}[]",:\ntruefals0123456789.eE+- u"#.to_vec()), cut in 0..3_usize,
        ) {
            let sample = r#"{"id":"a1","n":[0,-12.5e3,{"k":null,"é\u00e9":"\\x"}],"t":true,"f":false,"o":{},"z":[] }"#;
            let mut bytes = sample.as_bytes().to_vec();
            let at = at.min(bytes.len() - 3);
            bytes.splice(at..at + cut, [put]);
            if let Ok(text) = String::from_utf8(bytes) {
                // serde_json looks at the hex digits of skipped strings as we do.
                prop_assert_eq!(ours(&text).is_ok(), valid(&text), "{}", text);
            }
        }
    }
}
