//! Through the public door: train, write, read, encode, decode.

use serde_json::{Value, json};
use tokenizer::{
    Scratch, Tokenizer, rows,
    train::{BpeOptions, BpeTrainer, Style},
};

const TEXT: &str = "The cat sat on the mat. The cats sat on the mats; it's 1234 o'clock!\n\n中文分词，中文词表。 😀😀 the cat";

fn trained(style: Style) -> Value {
    let options = BpeOptions { vocab_size: 300, style, ..BpeOptions::default() };
    let mut trainer = BpeTrainer::new(options).expect("room enough");
    trainer.feed(TEXT).expect("a plain text");
    trainer.train().expect("a text was fed")
}

fn code(error: kernel::Error) -> &'static str {
    error.code
}

#[test]
fn what_was_trained_encodes_and_decodes_any_text() {
    for style in [Style::Gpt2, Style::Llama3, Style::Qwen2, Style::O200k] {
        let tokenizer = Tokenizer::from_value(&trained(style)).expect("its own file");
        assert!(tokenizer.len() <= 300);
        let (mut scratch, mut ids) = (Scratch::new(), Vec::new());
        for text in [TEXT, "", " ", "новое \0 слово\r\n", "<|endoftext|>", "a<|endoftext|> b"] {
            ids.clear();
            tokenizer.encode_into(text, &mut scratch, &mut ids).expect("any text");
            assert_eq!(tokenizer.decode(&ids, false), text);
            assert_eq!(ids, tokenizer.encode(text).expect("any text"), "a warm cache changes nothing");
        }
    }
}

#[test]
fn merges_are_the_most_frequent_pairs_and_ties_go_to_smaller_ids() {
    let mut trainer =
        BpeTrainer::new(BpeOptions { vocab_size: 261, style: Style::Gpt2, ..BpeOptions::default() })
            .expect("room enough");
    trainer.feed("abab abab cd cd cd").expect("a plain text");
    let file = trainer.train().expect("a text was fed");
    // ab 4 times; Ġc and cd 3, and c has the smaller id; then Ġcd 3, abab 2.
    let wanted = json!([["a", "b"], ["c", "d"], ["Ġ", "cd"], ["ab", "ab"]]);
    assert_eq!(file["model"]["merges"], wanted);
}

#[test]
fn several_trainers_make_the_same_file_as_one() {
    let make =
        || BpeTrainer::new(BpeOptions { vocab_size: 290, ..BpeOptions::default() }).expect("room enough");
    let texts = ["the cat sat", "the mat 中文", "it's a cat 中文"];
    let mut one = make();
    texts.iter().for_each(|text| one.feed(text).expect("a plain text"));
    let mut many = make();
    for text in texts.iter().rev() {
        let mut other = make();
        other.feed(text).expect("a plain text");
        many.absorb(other);
    }
    assert_eq!(one.train().expect("fed"), many.train().expect("fed"));
}

#[test]
fn special_tokens_in_a_text_can_be_kept_text() {
    let tokenizer = Tokenizer::from_value(&trained(Style::Llama3)).expect("its own file");
    assert_eq!(tokenizer.encode("<|endoftext|>").expect("any text"), [0]);
    let tokenizer = tokenizer.special_as_text();
    let ids = tokenizer.encode("<|endoftext|>").expect("any text");
    assert!(ids.len() > 1);
    assert_eq!(tokenizer.decode(&ids, true), "<|endoftext|>");
}

#[test]
fn rows_carry_what_the_file_puts_around_a_text() {
    let mut file = trained(Style::Gpt2);
    file["post_processor"] = json!({
        "type": "TemplateProcessing",
        "single": [{ "SpecialToken": { "id": "<|endoftext|>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
        "pair": [],
        "special_tokens": { "<|endoftext|>": { "id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"] } }
    });
    let tokenizer = Tokenizer::from_value(&file).expect("a template");
    let made: Vec<_> =
        rows(&tokenizer, [("one".to_owned(), "the cat")]).map(|row| row.expect("any text")).collect();
    assert_eq!((made[0].id.as_str(), made[0].input_ids[0]), ("one", 0));
    assert_eq!(tokenizer.decode(&made[0].input_ids, true), "the cat");
}

#[test]
fn sentencepiece_models_fall_back_to_bytes() {
    let mut vocab = json!({ "<unk>": 0, "▁": 257, "a": 258, "b": 259, "ab": 260, "▁ab": 261 });
    (0..256).for_each(|byte| vocab[format!("<0x{byte:02X}>")] = json!(byte + 1));
    let file = json!({
        "normalizer": { "type": "Sequence", "normalizers": [
            { "type": "Prepend", "prepend": "▁" }, { "type": "Replace", "pattern": { "String": " " }, "content": "▁" }
        ] },
        "decoder": { "type": "Sequence", "decoders": [
            { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "ByteFallback" },
            { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 }
        ] },
        "model": { "type": "BPE", "unk_token": "<unk>", "byte_fallback": true, "fuse_unk": true, "vocab": vocab,
            "merges": ["a b", "▁ ab"] }
    });
    let tokenizer = Tokenizer::from_value(&file).expect("a file of that kind");
    assert_eq!(tokenizer.encode("ab abé").expect("any text"), [261, 261, 0xc3 + 1, 0xa9 + 1]);
    assert_eq!(tokenizer.decode(&[261, 261, 0xc3 + 1, 0xa9 + 1], false), "ab abé");
}

#[test]
fn unigram_takes_the_most_probable_way() {
    let file = json!({
        "pre_tokenizer": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
        "decoder": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
        "model": { "type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [
            ["<unk>", 0.0], ["▁", -3.0], ["a", -3.0], ["b", -3.0], ["ab", -4.0], ["▁a", -3.5], ["▁ab", -9.0]
        ] }
    });
    let tokenizer = Tokenizer::from_value(&file).expect("a file of that kind");
    assert_eq!(tokenizer.encode("ab aab xyz").expect("any text"), [5, 3, 5, 4, 1, 0]);
    assert_eq!(tokenizer.decode(&[5, 3, 5, 4], false), "ab aab");
    let mut without = file;
    without["model"]["unk_id"] = Value::Null;
    let tokenizer = Tokenizer::from_value(&without).expect("it may come without");
    assert_eq!(code(tokenizer.encode("xyz").expect_err("no token for x")), "tokenizer_unknown_character");
}

#[test]
fn what_does_not_run_is_refused_by_name() {
    let refused = |change: fn(&mut Value)| {
        let mut file = trained(Style::Gpt2);
        change(&mut file);
        let error = Tokenizer::from_value(&file).expect_err("it does not run");
        assert_eq!(error.code, "tokenizer_unsupported", "{error}");
        error.to_string()
    };
    assert!(refused(|file| file["model"]["type"] = json!("WordPiece")).contains("WordPiece"));
    assert!(
        refused(|file| file["normalizer"] = json!({ "type": "BertNormalizer" })).contains("BertNormalizer")
    );
    assert!(refused(|file| file["truncation"] = json!({ "max_length": 5 })).contains("truncation"));
    assert!(refused(|file| file["model"]["dropout"] = json!(0.1)).contains("dropout"));
    assert!(refused(|file| file["decoder"] = json!({ "type": "CTC" })).contains("CTC"));
}

#[test]
fn broken_files_are_refused() {
    for text in ["", "[]", "{}", r#"{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}"#] {
        assert_eq!(
            code(Tokenizer::from_json(text.as_bytes()).expect_err("broken")),
            "tokenizer_file_invalid"
        );
    }
    let mut file = trained(Style::Gpt2);
    file["model"]["merges"] = json!([["a", "nowhere"]]);
    assert_eq!(code(Tokenizer::from_value(&file).expect_err("broken")), "tokenizer_file_invalid");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(code(Tokenizer::from_json(deep.as_bytes()).expect_err("deep")), "tokenizer_file_invalid");
}

#[test]
fn hostile_texts_are_encoded_in_time() {
    let tokenizer = Tokenizer::from_value(&trained(Style::Llama3)).expect("its own file");
    for text in [
        "a".repeat(1 << 20),
        " ".repeat(1 << 20),
        "\n ".repeat(1 << 19),
        "中".repeat(1 << 18),
        "'".repeat(1 << 20),
    ] {
        let ids = tokenizer.encode(&text).expect("any text");
        assert_eq!(tokenizer.decode(&ids, false).len(), text.len());
    }
}
