//! Every format, through the public door.

mod kit;

use intake::{Form, Options, Position};
use kit::{Folder, gzip, tar, warc_member, zip, zstd};

#[test]
fn jsonl_gives_fields_and_positions() {
    let folder = Folder::new();
    let lines = "\u{feff}{\"id\":7,\"text\":\"a\\nb\",\"meta\":{\"url\":\"u\"},\"license\":\"MIT\"}\n\n{\"content\":\"好\",\"url\":null}";
    folder.put("x.jsonl", lines.as_bytes());
    let options = Options {
        fields: intake::Fields { url: vec!["meta.url".into()], ..Default::default() },
        ..Default::default()
    };
    let (records, broken) = folder.read(&options);
    assert_eq!(broken, []);
    assert_eq!(
        (records[0].id.as_str(), records[0].text.as_str(), records[0].url.as_str()),
        ("7", "a\nb", "u")
    );
    assert_eq!(records[0].licence, "MIT");
    assert_eq!((records[1].id.as_str(), records[1].text.as_str()), ("x.jsonl#3", "好"));
    assert_eq!(records[1].position, Position::Line(3));
}

#[test]
fn large_jsonl_is_cut_at_lines_and_nothing_is_lost() {
    let folder = Folder::new();
    let lines: String = (0..500).map(|n| format!("{{\"id\":\"{n}\",\"text\":\"text {n}\"}}\n")).collect();
    folder.put("x.jsonl", lines.as_bytes());
    let options = Options { shard_bytes: 1024, ..Default::default() };
    let plan = intake::plan(folder.path(), &options).unwrap();
    assert!(plan.shards.len() > 10);
    assert_eq!(plan.shards.iter().map(|shard| shard.bytes).sum::<u64>(), lines.len() as u64);
    let (records, broken) = folder.read(&options);
    assert_eq!(broken, []);
    let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
    assert_eq!(ids, (0..500).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn extra_fields_and_the_line_come_when_asked_for() {
    let folder = Folder::new();
    folder.put("x.jsonl", br#"{"text":"t","score":0.5,"tags":["a"]}"#);
    let (records, _) = folder.read(&Options { extra: true, raw: true, ..Default::default() });
    let extra = [("score".to_owned(), "0.5".to_owned()), ("tags".to_owned(), r#"["a"]"#.to_owned())];
    assert_eq!(records[0].extra, extra);
    assert_eq!(records[0].raw.as_deref(), Some(&br#"{"text":"t","score":0.5,"tags":["a"]}"#[..]));
}

#[test]
fn files_are_documents_in_whatever_packing_and_encoding() {
    let folder = Folder::new();
    let chinese = "模速空间是人工智能大模型的创新社区，提供算力调度。";
    folder.put("a.txt", encoding_rs::GB18030.encode(chinese).0.as_ref());
    folder.put("b.md.gz", &gzip(b"# Title"));
    folder.put("c/d.html.zst", &zstd(b"<p>x"));
    folder.put("c/LICENSE", b"MIT");
    folder.put("e.png", b"\x89PNG");
    folder.put(".git", b"x");
    let (records, broken) = folder.read(&Options::default());
    let found: Vec<_> = records.iter().map(|r| (r.path.as_str(), r.form, r.text.as_str())).collect();
    let expected = [
        ("a.txt", Form::Text, chinese),
        ("b.md.gz", Form::Markdown, "# Title"),
        ("c/LICENSE", Form::Text, "MIT"),
        ("c/d.html.zst", Form::Html, "<p>x"),
    ];
    assert_eq!(found, expected);
    assert_eq!(broken, [(".git".into(), "hidden".into()), ("e.png".into(), "kind_unknown".into())]);
}

#[test]
fn archives_give_their_files_with_their_provenance() {
    let provenance = br#"{"path":"b.txt","licence":"CC0-1.0","author":"Li"}"#;
    let files: [(&str, &[u8]); 3] = [("provenance.jsonl", provenance), ("b.txt", b"b"), ("a.txt", b"a")];
    for (name, bytes, order) in [
        ("x.zip", zip(&files), ["x.zip/a.txt", "x.zip/b.txt"]),
        ("x.tar.gz", gzip(&tar(&files)), ["x.tar.gz/b.txt", "x.tar.gz/a.txt"]),
        ("x.tar", tar(&files), ["x.tar/b.txt", "x.tar/a.txt"]),
    ] {
        let folder = Folder::new();
        folder.put(name, &bytes);
        let (records, broken) = folder.read(&Options::default());
        assert_eq!(broken, []);
        assert_eq!(records.iter().map(|record| record.path.as_str()).collect::<Vec<_>>(), order);
        let of = |text: &str| records.iter().find(|record| record.text == text).unwrap();
        assert_eq!((of("b").licence.as_str(), of("a").licence.as_str()), ("CC0-1.0", ""));
        // The input itself adds nothing to the paths of what it holds.
        let (records, _) = kit::read(&folder.path().join(name), &Options::default());
        assert_eq!(records.iter().find(|record| record.text == "b").unwrap().path, "b.txt");
    }
}

#[test]
fn one_archive_in_another_is_read_as_deep_as_the_folder_it_was_packed_from() {
    let inner = zip(&[("a.txt", b"a")]);
    let middle = zip(&[("inner.zip", &inner)]);
    let folder = Folder::new();
    folder.put("middle.zip", &middle);
    folder.put("flat.zip", &inner);
    let (records, broken) = folder.read(&Options::default());
    assert_eq!(records.len(), 1);
    assert_eq!(broken, [("middle.zip/inner.zip".into(), "nested_archive".into())]);
    let (records, broken) = kit::read(&folder.path().join("middle.zip"), &Options::default());
    assert_eq!((records[0].path.as_str(), broken.len()), ("inner.zip/a.txt", 0));
}

#[test]
fn a_large_zip_is_cut_and_nothing_is_lost() {
    let words = |n: u32| {
        (0..40_u32).map(|m| format!("{:x} ", (n * 40 + m + 1).wrapping_mul(2_654_435_769))).collect()
    };
    let texts: Vec<(String, String)> = (0..40).map(|n| (format!("{n:02}.txt"), words(n))).collect();
    let files: Vec<_> = texts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let folder = Folder::new();
    folder.put("x.zip", &zip(&files));
    let input = folder.path().join("x.zip");
    let options = Options { shard_bytes: 1024, ..Default::default() };
    assert!(intake::plan(&input, &options).unwrap().shards.len() > 5);
    let (records, _) = kit::read(&input, &options);
    assert_eq!(
        records.iter().map(|record| record.path.clone()).collect::<Vec<_>>(),
        texts.iter().map(|t| t.0.clone()).collect::<Vec<_>>()
    );
}

#[test]
fn warc_gives_pages_decoded() {
    let (page, ..) = encoding_rs::GBK.encode("<meta charset=gbk><p>模速空间");
    let mut warc = warc_member("warcinfo", "", "application/warc-fields", b"software: x\r\n");
    let http = [&b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"[..], &page].concat();
    warc.extend(warc_member("response", "http://a/", "application/http; msgtype=response", &http));
    warc.extend(warc_member(
        "request",
        "http://a/",
        "application/http; msgtype=request",
        b"GET / HTTP/1.1\r\n\r\n",
    ));
    let missing = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\nno";
    warc.extend(warc_member("response", "http://b/", "application/http; msgtype=response", missing));
    warc.extend(warc_member("conversion", "http://c/", "text/plain", "已提取".as_bytes()));
    let folder = Folder::new();
    folder.put("x.warc.gz", &warc);
    let mut plain = Vec::new();
    std::io::copy(&mut flate2::read::MultiGzDecoder::new(&warc[..]), &mut plain).unwrap();
    folder.put("y.warc", &plain);
    folder.put("z.warc.gz", &gzip(&plain));
    let (records, broken) = folder.read(&Options::default());
    let found: Vec<_> = records.iter().map(|r| (r.url.as_str(), r.form, r.text.as_str())).collect();
    let expected =
        [("http://a/", Form::Html, "<meta charset=gbk><p>模速空间"), ("http://c/", Form::Text, "已提取")];
    assert_eq!(found, expected.repeat(3));
    assert_eq!(records[0].id, "urn:uuid:response-http://a/");
    assert_eq!(broken.iter().filter(|(_, code)| code == "http_status").count(), 3);
    assert_eq!(broken.len(), 3);
}

#[test]
fn a_packed_warc_is_cut_between_members() {
    let mut warc = Vec::new();
    for n in 0..60 {
        let text = format!("{n} ").repeat(30 + n % 7);
        warc.extend(warc_member("conversion", &format!("http://{n}/"), "text/plain", text.as_bytes()));
    }
    let folder = Folder::new();
    folder.put("x.wet.gz", &warc);
    let options = Options { shard_bytes: 1024, ..Default::default() };
    assert!(intake::plan(folder.path(), &options).unwrap().shards.len() > 5);
    let (cut, broken) = folder.read(&options);
    assert_eq!(broken, []);
    let (whole, _) = folder.read(&Options::default());
    assert_eq!(cut, whole);
    assert_eq!(whole.len(), 60);
}

#[test]
fn tables_give_their_columns() {
    let folder = Folder::new();
    folder.put("a.csv", "id,text,url\n1,\"two\nlines, quoted\",u\n2,x,\n3,x\n".as_bytes());
    folder.put(
        "b.tsv",
        encoding_rs::GBK.encode("text\tlicense\n模速空间提供算力调度、开放数据与评测服务\tMIT\n").0.as_ref(),
    );
    folder.put("c.csv", b"a,b\n1,2\n");
    let (records, broken) = folder.read(&Options::default());
    assert_eq!((records[0].text.as_str(), records[0].url.as_str()), ("two\nlines, quoted", "u"));
    assert_eq!(records[2].text, "模速空间提供算力调度、开放数据与评测服务");
    assert_eq!((records[2].id.as_str(), records[2].licence.as_str()), ("b.tsv#1", "MIT"));
    assert_eq!(broken, [("a.csv".into(), "csv_invalid".into()), ("c.csv".into(), "text_missing".into())]);
}

#[test]
fn parquet_gives_its_columns_and_its_row_groups_in_shards() {
    let folder = Folder::new();
    let rows: Vec<_> = (0..1000).map(|n| (n, (n % 10 != 0).then(|| format!("text {n}")))).collect();
    folder.put("x.parquet", &kit::parquet(&rows, 100));
    let (records, broken) = folder.read(&Options::default());
    assert_eq!((records.len(), broken.len()), (900, 100));
    assert_eq!((records[0].id.as_str(), records[0].text.as_str()), ("1", "text 1"));
    assert_eq!(records[899].position, Position::Row(1000));
    let options = Options { shard_bytes: 1024, ..Default::default() };
    assert!(intake::plan(folder.path(), &options).unwrap().shards.len() > 3);
    assert_eq!(folder.read(&options).0, records);
}

#[test]
fn books_give_their_chapters_in_reading_order() {
    let folder = Folder::new();
    folder.put("x.epub", &kit::epub(&["<p>one</p>", "<p>two</p>"]));
    let (records, broken) = folder.read(&Options::default());
    assert_eq!(broken, []);
    let found: Vec<_> = records.iter().map(|r| (r.id.as_str(), r.form, r.text.as_str())).collect();
    let expected = [
        ("x.epub/text/c0.xhtml", Form::Html, "<p>one</p>"),
        ("x.epub/text/c1.xhtml", Form::Html, "<p>two</p>"),
    ];
    assert_eq!(found, expected);
    assert_eq!((records[0].source.as_str(), records[0].author.as_str()), ("A & B", "Wang"));
}

#[test]
fn pdf_gives_lines_and_words() {
    let folder = Folder::new();
    let content = "BT /F1 12 Tf 72 700 Td (First line) Tj 0 -14 Td [(Second) -300 (line)] TJ ET";
    folder.put("x.pdf", &kit::pdf(content));
    let (records, broken) = folder.read(&Options::default());
    assert_eq!(broken, []);
    assert_eq!(records[0].text, "First line\nSecond line");
}

#[test]
fn patterns_choose_files() {
    let folder = Folder::new();
    for name in ["a/1.txt", "a/2.md", "b/3.txt", "4.txt"] {
        folder.put(name, b"x");
    }
    let (records, broken) = kit::read(&folder.path().join("*/*.txt"), &Options::default());
    assert_eq!(broken, []);
    assert_eq!(records.iter().map(|r| r.path.as_str()).collect::<Vec<_>>(), ["a/1.txt", "b/3.txt"]);
    let (records, _) = kit::read(&folder.path().join("**/*.txt"), &Options::default());
    assert_eq!(records.len(), 3);
}

#[test]
fn what_is_not_there_says_so() {
    let error = intake::plan(std::path::Path::new("nowhere"), &Options::default()).unwrap_err();
    assert_eq!(error.code, "corpus_input_unreadable");
    let options = Options { encoding: "latin-none".into(), ..Default::default() };
    assert_eq!(intake::plan(std::path::Path::new("."), &options).unwrap_err().code, "corpus_options_invalid");
}
