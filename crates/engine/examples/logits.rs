//! Writes `{"tokens", "logits"}` of a text as JSON, for comparison with other programs:
//! `logits MODEL_FOLDER TEXT`.

use engine::Model;

fn main() -> kernel::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, text] = arguments.as_slice() else {
        eprintln!("usage: logits MODEL_FOLDER TEXT");
        std::process::exit(1);
    };
    let model = Model::load(std::path::Path::new(folder))?;
    let mut tokens = model.tokenizer().encode(text);
    tokens.truncate(model.config().context);
    let logits = model.logits(&tokens)?;
    let rows: Vec<&[f32]> = logits.chunks(model.config().vocabulary).collect();
    println!("{}", serde_json::json!({"tokens": tokens, "logits": rows}));
    Ok(())
}
