//! Bounds what a job says: its output is copied from a pipe to the log until that is full.

use std::{
    fs::File,
    io::{PipeReader, Read, Write},
    sync::mpsc,
    thread,
};

/// Copies `from` to `log` on its own thread until the last writer is gone, at most `limit` bytes; the receiver
/// gets a word when all is written.
///
/// What comes later, or can't be written, is read and dropped, so that the job never waits for its log.
pub fn copy(mut from: PipeReader, mut log: File, limit: u64) -> mpsc::Receiver<()> {
    let (done, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        let (mut left, mut last) = (limit, b'\n');
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let keep = read.min(usize::try_from(left).unwrap_or(usize::MAX));
            if keep > 0 && log.write_all(&buffer[..keep]).is_err() {
                left = 0; // a full disk: the job goes on without its log
                continue;
            }
            left -= keep as u64;
            last = if keep > 0 { buffer[keep - 1] } else { last };
            if left == 0 && keep > 0 {
                let _ = writeln!(log, "\n[the log is full: only its first {limit} bytes are kept]");
                last = b'\n';
            }
        }
        if last != b'\n' {
            let _ = log.write_all(b"\n");
        }
        let _ = done.send(());
    });
    receiver
}
