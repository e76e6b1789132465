//! Encodes documents and says how long it took, for `benches/tokenizer/compare.py`.
//!
//! usage: bpe_encode TOKENIZER.json DOCUMENTS IDS [PREFIX]
//!
//! DOCUMENTS holds for each document its length in bytes (u32, little-endian) and its UTF-8 text; IDS gets for
//! each document the number of its ids and the ids. With PREFIX an indexed dataset of Megatron is written too.
//! Prints a line of JSON with CPU seconds of this thread.

use std::{error::Error, fs, io::Write, path::Path};

use tokenizer::{
    Scratch, Tokenizer,
    megatron::{Width, Writer},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, documents, output, prefix @ ..] = arguments.as_slice() else {
        return Err("usage: bpe_encode TOKENIZER.json DOCUMENTS IDS [PREFIX]".into());
    };
    let tokenizer = Tokenizer::from_file(Path::new(file))?;
    let data = fs::read(documents)?;
    let (mut scratch, mut ids, mut ends) = (Scratch::new(), Vec::new(), Vec::new());
    let (mut rest, mut bytes) = (data.as_slice(), 0);
    let began = cpu_seconds()?;
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let text = std::str::from_utf8(behind.get(..length).ok_or("the last document is cut off")?)?;
        tokenizer.encode_into(text, &mut scratch, &mut ids)?;
        ends.push(ids.len());
        bytes += length;
        rest = &behind[length..];
    }
    let seconds = cpu_seconds()? - began;
    let width = Width::of_vocabulary(tokenizer.len());
    let mut dataset = prefix.first().map(|prefix| Writer::create(Path::new(prefix), width)).transpose()?;
    let mut output = std::io::BufWriter::new(fs::File::create(output)?);
    let mut begin = 0;
    for end in ends {
        output.write_all(&u32::try_from(end - begin)?.to_le_bytes())?;
        for id in &ids[begin..end] {
            output.write_all(&id.to_le_bytes())?;
        }
        if let Some(dataset) = &mut dataset {
            dataset.push_document(&ids[begin..end])?;
        }
        begin = end;
    }
    dataset.map(Writer::finish).transpose()?;
    output.flush()?;
    println!("{{\"bytes\": {bytes}, \"ids\": {}, \"cpu_seconds\": {seconds:.4}}}", ids.len());
    Ok(())
}

/// Time that this thread has spent on a processor.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let times = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = times.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}
