//! Valid samples of each format, and what chance makes of them.

use super::{epub, gzip, parquet, pdf, tar, warc_member, zip, zstd};

/// Random numbers that are the same everywhere.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// The names of the formats that can be mutated, each the name of a file.
pub const FORMATS: [&str; 16] = [
    "x.jsonl",
    "x.csv",
    "x.warc",
    "x.warc.gz",
    "x.parquet",
    "x.epub",
    "x.pdf",
    "x.zip",
    "x.tar",
    "x.tar.gz",
    "x.jsonl.gz",
    "x.jsonl.zst",
    "x.html",
    "x.txt",
    "x.wet.gz",
    "x.md",
];

/// A valid file of this name.
pub fn sample(name: &str) -> Vec<u8> {
    let jsonl = br#"{"id":1,"text":"one \u4e2d\n\"x\"","meta":{"a":[1,2.5e3,{}]},"url":null}
{"id":"b","text":"two","tags":["x",true]}
"#;
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=gbk\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<p>xx\r\n0\r\n\r\n";
    let response = |n| warc_member("response", &format!("http://{n}/"), "application/http", page);
    let wet =
        || [warc_member("conversion", "http://a/", "text/plain", b"a"), response(1), response(2)].concat();
    let files: [(&str, &[u8]); 3] = [("a.txt", b"aaaa"), ("b/c.jsonl", jsonl), ("d.html", b"<p>x")];
    match name {
        "x.jsonl" => jsonl.to_vec(),
        "x.csv" => b"id,text,url\n1,\"a \"\"b\"\"\nc\",u\n2,x,\n".to_vec(),
        "x.warc" => {
            let mut plain = Vec::new();
            std::io::copy(&mut flate2::read::MultiGzDecoder::new(&wet()[..]), &mut plain).unwrap();
            plain
        }
        "x.warc.gz" | "x.wet.gz" => wet(),
        "x.parquet" => {
            let rows: Vec<_> = (0..60).map(|n| (n, Some(format!("text {}", n % 5)))).collect();
            parquet(&rows, 25)
        }
        "x.epub" => epub(&["<p>one", "<p>two"]),
        "x.pdf" => pdf("BT /F1 12 Tf 72 700 Td (First) Tj 0 -14 Td [(Sec) -300 (ond)] TJ T* (x) ' ET"),
        "x.zip" => zip(&files),
        "x.tar" => tar(&files),
        "x.tar.gz" => gzip(&tar(&files)),
        "x.jsonl.gz" => gzip(jsonl),
        "x.jsonl.zst" => zstd(jsonl),
        "x.html" => b"<html><head><meta charset='big5'><title>\xa4\xa4\xa4\xe5</title><p>x".to_vec(),
        _ => "模速 text\n# title".as_bytes().to_vec(),
    }
}

/// Changes a few bytes: flips, extremes, cuts, repetitions, transpositions.
pub fn mutate(bytes: &mut Vec<u8>, chance: &mut Chance) {
    const EXTREMES: [u8; 8] = [0, 0xff, 0x7f, 0x80, b'"', b'\n', b'9', b'{'];
    for _ in 0..=chance.below(6) {
        let at = chance.below(bytes.len());
        let end = (at + 1 + chance.below(16)).min(bytes.len());
        match chance.below(8) {
            _ if bytes.is_empty() => bytes.push(b'x'),
            0 => bytes[at] ^= 1 << chance.below(8),
            1 => bytes[at] = EXTREMES[chance.below(8)],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => bytes[at..end].fill(EXTREMES[chance.below(8)]),
            6 => {
                let other = chance.below(bytes.len());
                bytes.swap(at, other);
            }
            _ => bytes[at] = chance.below(256) as u8,
        }
    }
}
