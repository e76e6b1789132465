//! A line of a gigabyte, on its own so that the memory that it takes can be seen.

mod kit;

use intake::Options;
use std::{
    fs::OpenOptions,
    io::{Seek, SeekFrom, Write},
};

#[test]
fn a_line_of_a_gigabyte_is_passed_over_in_little_memory() {
    let folder = kit::Folder::new();
    let path = folder.put("x.jsonl", b"{\"text\":\"before\"}\n");
    let mut file = OpenOptions::new().append(false).write(true).open(path).unwrap();
    // A hole: a gigabyte to whoever reads it.
    file.seek(SeekFrom::Start(1 << 30)).unwrap();
    file.write_all(b"\n{\"text\":\"behind\"}\n").unwrap();
    let (records, broken) = folder.read(&Options::default());
    assert_eq!(records.iter().map(|record| record.text.as_str()).collect::<Vec<_>>(), ["before", "behind"]);
    assert_eq!(broken, [("x.jsonl".into(), "line_too_long".into())]);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kilobytes < 200 << 10, "{peak}");
    }
}
