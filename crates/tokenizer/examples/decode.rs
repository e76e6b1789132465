//! Decodes what the example `bpe_encode` wrote, for `benches/tokenizer/compare.py`.
//!
//! usage: decode TOKENIZER.json IDS DOCUMENTS

use std::{error::Error, fs, io::Write, path::Path};

use tokenizer::Tokenizer;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, ids, documents] = arguments.as_slice() else {
        return Err("usage: decode TOKENIZER.json IDS DOCUMENTS".into());
    };
    let tokenizer = Tokenizer::from_file(Path::new(file))?;
    let data = fs::read(ids)?;
    let words: Vec<u32> =
        data.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect();
    let mut output = std::io::BufWriter::new(fs::File::create(documents)?);
    let mut rest = words.as_slice();
    while let Some((count, behind)) = rest.split_first() {
        let (ids, behind) = behind.split_at_checked(*count as usize).ok_or("the last document is cut off")?;
        let text = tokenizer.decode(ids, false);
        output.write_all(&u32::try_from(text.len())?.to_le_bytes())?;
        output.write_all(text.as_bytes())?;
        rest = behind;
    }
    output.flush()?;
    Ok(())
}
