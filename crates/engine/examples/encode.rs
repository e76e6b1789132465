//! Encodes a JSON list of texts read from standard input: `encode TOKENIZER_JSON`; prints a list of lists of ids.

use engine::Tokenizer;
use std::io::Read;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: encode TOKENIZER_JSON")?;
    let tokenizer = Tokenizer::from_json(&std::fs::read(path)?)?;
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let texts: Vec<String> = serde_json::from_str(&input)?;
    let ids: Vec<Vec<u32>> = texts.iter().map(|text| tokenizer.encode(text)).collect();
    println!("{}", serde_json::to_string(&ids)?);
    Ok(())
}
