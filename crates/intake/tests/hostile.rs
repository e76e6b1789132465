//! Input that means harm: bounded, and one line each.

mod kit;

use intake::{Limits, Options};
use kit::{Folder, gzip, pdf_of, tar, tar_entry, warc_member, zip};
use std::io::{Cursor, Write};

const LINE: &[u8] = b"{\"text\":\"fine\"}\n";

/// Reads one file and gives the number of records and the codes of what is broken.
fn read_with(name: &str, bytes: &[u8], options: &Options) -> (usize, Vec<String>) {
    let folder = Folder::new();
    folder.put(name, bytes);
    let (records, broken) = folder.read(options);
    (records.len(), broken.into_iter().map(|(_, code)| code).collect())
}

fn read(name: &str, bytes: &[u8]) -> (usize, Vec<String>) {
    read_with(name, bytes, &Options::default())
}

fn one(code: &str) -> Vec<String> {
    vec![code.to_owned()]
}

/// Bytes that don't pack.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let letters = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        b'a' + (state >> 33) as u8 % 26
    });
    letters.take(count).collect()
}

#[test]
fn truncated_packings_give_what_came_before_and_one_line() {
    let many: Vec<u8> = (0..20_000).flat_map(|n| format!("{{\"text\":\"{n}\"}}\n").into_bytes()).collect();
    let packed = gzip(&many);
    let (records, broken) = read("x.jsonl.gz", &packed[..packed.len() / 2]);
    assert_eq!(broken, one("damaged"));
    // What was unpacked before the end is not sure to be whole lines of the last block.
    assert!(records < 20_000);
    let packed = kit::zstd(&many);
    assert_eq!(read("x.jsonl.zst", &packed[..packed.len() / 2]).1, one("damaged"));
    let text = noise(100_000);
    let archive = tar(&[("a.txt", b"a"), ("b.txt", &text), ("c.txt", b"c")]);
    let packed = gzip(&archive);
    assert_eq!(read("x.tar.gz", &packed[..packed.len() / 2]), (1, one("damaged")));
    assert_eq!(read("x.tar", &archive[..archive.len() / 2]), (1, one("damaged")));
}

#[test]
fn a_damaged_member_of_a_warc_costs_itself_alone() {
    let page = |n: u32| warc_member("conversion", &format!("http://{n}/"), "text/plain", &noise(5000));
    let mut broken = page(2);
    let middle = broken.len() / 2;
    broken[middle..middle + 50].fill(0xff);
    assert_eq!(read("x.warc.gz", &[page(1), broken, page(3)].concat()), (2, one("damaged")));
    let last = page(3);
    assert_eq!(
        read("x.warc.gz", &[page(1), page(2), last[..last.len() / 2].to_vec()].concat()),
        (2, one("damaged"))
    );
    assert_eq!(
        read("x.warc.gz", &[page(1), b"garbage between".to_vec(), page(2)].concat()),
        (2, one("damaged"))
    );
    assert_eq!(read("x.warc.gz", b"garbage").1.len(), 1);
}

#[test]
fn announced_lengths_are_not_believed() {
    let block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x";
    let huge = |length: &str| {
        let record = kit::warc_record("response", "http://a/", "application/http", block);
        String::from_utf8(record).unwrap().replace("Content-Length: 48", &format!("Content-Length: {length}"))
    };
    for length in ["999999999999999999", "99999999999999999999999", "-1", "x"] {
        let record = huge(length);
        assert_eq!(read("x.warc", record.as_bytes()).1.len(), 1, "{length}");
        assert_eq!(read("x.warc.gz", &gzip(record.as_bytes())).1.len(), 1, "{length}");
    }
    let mut entry = tar_entry("a.txt", b'0', b"abc");
    entry[124..136].copy_from_slice(&[0xff; 12]);
    assert_eq!(read("x.tar", &entry), (0, one("tar_invalid")));
}

#[test]
fn bombs_are_recognised() {
    let zeros = vec![b' '; 40 << 20];
    assert_eq!(read("x.txt.gz", &gzip(&zeros)), (0, one("bomb")));
    assert_eq!(read("x.zip", &zip(&[("a.txt", &zeros)])), (0, one("bomb")));
    assert_eq!(read("x.tar.zst", &kit::zstd(&tar(&[("a.txt", &zeros)]))), (0, one("bomb")));
    let http =
        [&b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"[..], &gzip(&zeros)]
            .concat();
    let options =
        Options { limits: Limits { document_bytes: 16 << 20, ..Limits::default() }, ..Options::default() };
    let member = warc_member("response", "http://a/", "application/http", &http);
    assert_eq!(read_with("x.warc.gz", &member, &options), (0, one("bomb")));
    let page = " ".repeat(40 << 20);
    assert_eq!(read("x.epub", &kit::epub(&[&page])), (0, one("bomb")));
}

#[test]
fn zips_whose_entries_overlap_are_refused() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a.txt", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(&noise(1000)).unwrap();
    for n in 0..50 {
        writer.shallow_copy_file("a.txt", &format!("{n}.txt")).unwrap();
    }
    assert_eq!(read("x.zip", &writer.finish().unwrap().into_inner()), (0, one("bomb")));
}

#[test]
fn names_lead_nowhere() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file("../../evil.txt", options).unwrap();
    writer.write_all(b"x").unwrap();
    writer.add_symlink("link.txt", "/etc/passwd", options).unwrap();
    let (records, mut broken) = read("x.zip", &writer.finish().unwrap().into_inner());
    broken.sort();
    assert_eq!((records, broken), (0, vec!["not_a_file".to_owned(), "path_unsafe".to_owned()]));
    let archive = [tar_entry("/abs.txt", b'0', b"x"), tar_entry("l.txt", b'2', b""), vec![0; 1024]].concat();
    assert_eq!(read("x.tar", &archive), (0, vec!["path_unsafe".to_owned(), "not_a_file".to_owned()]));
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_input() {
    let folder = Folder::new();
    let outside = Folder::new();
    outside.put("secret.txt", b"secret");
    std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.txt"), folder.path().join("s.txt")).unwrap();
    let (records, broken) = folder.read(&Options::default());
    assert_eq!(records, []);
    assert_eq!(broken, [("out".into(), "not_a_file".into()), ("s.txt".into(), "not_a_file".into())]);
}

#[test]
fn counts_are_bounded() {
    let options = Options { limits: Limits { entries: 3, ..Limits::default() }, ..Options::default() };
    let files: Vec<(String, &[u8])> = (0..5).map(|n| (format!("{n}.txt"), &b"x"[..])).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert_eq!(read_with("x.zip", &zip(&files), &options), (0, one("too_many_entries")));
    assert_eq!(read_with("x.tar", &tar(&files), &options), (3, one("too_many_entries")));
    let folder = Folder::new();
    files.iter().for_each(|(name, bytes)| drop(folder.put(name, bytes)));
    let (records, broken) = folder.read(&options);
    assert_eq!((records.len(), broken.len()), (3, 1));
}

#[test]
fn bad_lines_are_one_line_each() {
    for line in [
        &b"{\"text\":\"\xff\"}\n"[..],
        b"{\"text\":\"x\"\n",
        b"{\"text\":1}\n",
        b"{\"text\":\"\"}\n",
        b"{\"text\":\"\\ud800\"}\n",
        b"{\"text\":\"tab\there\"}\n",
        b"{}\n",
        b"nonsense\n",
        b"{\"text\":\"x\"}{\"text\":\"y\"}\n",
        &[b"{\"text\":\"x\",\"deep\":".as_slice(), &[b'['; 100_000], b"\n"].concat(),
    ] {
        let (records, broken) = read("x.jsonl", &[LINE, line, LINE].concat());
        assert_eq!(
            (records, broken.len()),
            (2, 1),
            "{}",
            String::from_utf8_lossy(&line[..line.len().min(40)])
        );
    }
    assert_eq!(read("x.json", b"[\n{\"text\":\"a\"},\n{\"text\":\"b\"}\n]"), (0, one("not_jsonl")));
    let options = Options { limits: Limits { line_bytes: 100, ..Limits::default() }, ..Options::default() };
    let long = format!("{{\"text\":\"{}\"}}\n", "x".repeat(200));
    assert_eq!(
        read_with("x.jsonl", &[LINE, long.as_bytes(), LINE].concat(), &options),
        (2, one("line_too_long"))
    );
    let csv = format!("text\nx\n\"{}\"\ny\n", "a\n".repeat(200));
    assert_eq!(read_with("x.csv", csv.as_bytes(), &options), (2, one("line_too_long")));
}

#[test]
fn documents_that_are_none_say_so() {
    assert_eq!(read("x.txt", b"ab\0cd"), (0, one("binary")));
    assert_eq!(read("x.txt", b""), (0, one("empty")));
    for name in ["x.zip", "x.epub", "x.parquet", "x.pdf", "x.tar", "x.warc", "x.jsonl.gz", "x.csv.zst"] {
        assert_eq!(read(name, &noise(3000)).1.len(), 1, "{name}");
        assert_eq!(read(name, b"").1.len(), 1, "{name}");
    }
    // A page that no browser could show is still handed on: what to make of it is not decided here.
    assert_eq!(read("x.html", "<div>".repeat(100_000).as_bytes()), (1, vec![]));
}

#[test]
fn parquet_footers_are_not_believed() {
    let rows: Vec<_> = (0..100).map(|n| (n, Some(format!("text {n}")))).collect();
    let whole = kit::parquet(&rows, 50);
    for cut in [1, 7, 8, 9, 100, whole.len() - 5] {
        assert_eq!(read("x.parquet", &whole[..whole.len() - cut]).1.len(), 1, "{cut}");
    }
    for length in [0, 1, u32::MAX, 1 << 20, whole.len() as u32] {
        let mut lying = whole.clone();
        let at = lying.len() - 8;
        lying[at..at + 4].copy_from_slice(&length.to_le_bytes());
        assert_eq!(read("x.parquet", &lying), (0, one("parquet_invalid")), "{length}");
    }
}

#[test]
fn a_dictionary_that_repeats_a_long_text_is_a_bomb() {
    let text = "x".repeat(100_000);
    let rows: Vec<_> = (0..1000).map(|n| (n, Some(text.clone()))).collect();
    let bytes = kit::parquet(&rows, 1000);
    let (records, broken) = read("x.parquet", &bytes);
    assert!(bytes.len() < 100_000 && records < 200, "{} bytes, {records} records", bytes.len());
    assert_eq!(broken, one("bomb"));
}

#[test]
fn pdf_loops_and_bombs_end() {
    let page = "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>";
    let root = "<</Type/Catalog/Pages 2 0 R>>";
    let zeros = {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![b' '; 100 << 20]).unwrap();
        packer.finish().unwrap()
    };
    let kids = |kids: &str| format!("<</Type/Pages/Kids[{kids}]/Count 99999999>>");
    for (name, objects) in [
        ("its own child", vec![root.into(), kids("2 0 R 2 0 R")]),
        ("child and parent", vec![root.into(), kids("3 0 R"), kids("2 0 R 3 0 R")]),
        ("contents that are themselves", vec![root.into(), kids("3 0 R"), page.into(), "4 0 R".into()]),
        (
            "a length that is itself",
            vec![root.into(), kids("3 0 R"), page.into(), "<</Length 4 0 R>>stream\nx\nendstream".into()],
        ),
        ("deep brackets", vec![root.into(), kids("3 0 R"), "[".repeat(200_000)]),
        ("deep dictionaries", vec![root.into(), kids("3 0 R"), "<</a".repeat(100_000)]),
        ("deep strings", vec![root.into(), kids("3 0 R"), "(".repeat(200_000)]),
    ] {
        let (records, broken) = read("x.pdf", &pdf_of(&objects));
        assert_eq!((records, broken.len()), (0, 1), "{name}");
    }
    let mut bytes = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n".to_vec();
    bytes.extend(format!("2 0 obj\n{}\nendobj\n3 0 obj\n{page}\nendobj\n", kids("3 0 R")).into_bytes());
    bytes.extend(format!("4 0 obj\n<</Filter/FlateDecode/Length {}>>stream\n", zeros.len()).into_bytes());
    bytes.extend_from_slice(&zeros);
    bytes.extend_from_slice(b"\nendstream\nendobj\ntrailer\n<</Root 1 0 R/Size 5>>\n");
    let (records, broken) = read("x.pdf", &bytes);
    assert_eq!((records, broken.len()), (0, 1));
}

#[test]
fn provenance_that_cannot_be_believed_ends_the_run() {
    let folder = Folder::new();
    folder.put("a.txt", b"x");
    folder.put("provenance.jsonl", b"{\"path\":\"a.txt\",\"licence\":7}\n");
    assert_eq!(
        intake::plan(folder.path(), &Options::default()).unwrap_err().code,
        "corpus_provenance_invalid"
    );
    let folder = Folder::new();
    let late = tar(&[("a.txt", b"x"), ("provenance.jsonl", b"{\"path\":\"a.txt\",\"licence\":\"MIT\"}\n")]);
    folder.put("x.tar", &late);
    let options = Options::default();
    let plan = intake::plan(folder.path(), &options).unwrap();
    let read = intake::read(folder.path(), &plan.shards[0], &options, &mut |_| Ok(()), &mut |_| Ok(()));
    assert_eq!(read.unwrap_err().code, "corpus_provenance_invalid");
}
