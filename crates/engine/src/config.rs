//! The shape of a network and its `config.json`.

use kernel::{Error, Result};
use serde_json::{Value, json};

/// The shape of a network. Built by [`Config::new`] or read from a `config.json`; always within bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Number of token ids.
    pub vocabulary: usize,
    /// Transformer blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Attention heads; divides the width into heads of even size.
    pub heads: usize,
    /// Width inside the gated feed-forward.
    pub hidden: usize,
    /// Most tokens that one pass sees.
    pub context: usize,
    /// Added to the mean square before a norm's root.
    pub norm_epsilon: f32,
    /// Base of the rotary frequencies.
    pub rope_theta: f32,
}

/// Most parameters a model may have here: 2^28, one GiB of weights.
const MAX_PARAMETERS: usize = 1 << 28;

impl Config {
    /// A network with the usual feed-forward of 8/3 of the width, rounded up to a multiple of 32.
    ///
    /// # Errors
    /// `model_shape_invalid` when a number is out of bounds or they do not fit together.
    pub fn new(vocabulary: usize, layers: usize, width: usize, heads: usize, context: usize) -> Result<Self> {
        let hidden = width.saturating_mul(8).div_ceil(3).next_multiple_of(32);
        let config = Self { vocabulary, layers, width, heads, hidden, context, ..Self::unchecked() };
        config.check()?;
        Ok(config)
    }

    fn unchecked() -> Self {
        Self {
            vocabulary: 0,
            layers: 0,
            width: 0,
            heads: 0,
            hidden: 0,
            context: 0,
            norm_epsilon: 1e-5,
            rope_theta: 10_000.0,
        }
    }

    fn check(&self) -> Result<()> {
        let bounds = [
            ("vocabulary", self.vocabulary, 257, 1 << 18),
            ("layers", self.layers, 1, 128),
            ("width", self.width, 2, 1 << 13),
            ("heads", self.heads, 1, 256),
            ("hidden", self.hidden, 1, 1 << 15),
            ("context", self.context, 2, 1 << 13),
        ];
        for (name, value, low, high) in bounds {
            if !(low..=high).contains(&value) {
                return Err(invalid(format!("{name} is {value}; it must be from {low} to {high}.")));
            }
        }
        if !self.width.is_multiple_of(2 * self.heads) {
            let text = format!("a width of {} does not divide into {} even heads.", self.width, self.heads);
            return Err(invalid(text));
        }
        if self.parameters() > MAX_PARAMETERS {
            let text = format!("{} parameters; at most {MAX_PARAMETERS} fit here.", self.parameters());
            return Err(invalid(text));
        }
        let sane = |x: f32, low: f32, high: f32| x.is_finite() && x >= low && x <= high;
        if !sane(self.norm_epsilon, 0.0, 1.0) || !sane(self.rope_theta, 1.0, 1e9) {
            return Err(invalid("rms_norm_eps or rope_theta is out of bounds.".into()));
        }
        Ok(())
    }

    /// How many weights the network has; the output layer is the embedding and counts once.
    pub fn parameters(&self) -> usize {
        let block = 4 * self.width * self.width + 3 * self.width * self.hidden + 2 * self.width;
        self.vocabulary * self.width + self.layers * block + self.width
    }

    /// Values per attention head.
    pub fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// Reads a `config.json` of `transformers`.
    ///
    /// # Errors
    /// `model_shape_invalid` when it is not JSON, not a Llama of the kind this engine runs, or out of bounds.
    pub fn from_json(text: &[u8]) -> Result<Self> {
        let json: Value =
            serde_json::from_slice(text).map_err(|e| invalid(format!("config.json is not JSON: {e}.")))?;
        let number = |key: &str| -> Result<usize> {
            let value = json.get(key).and_then(Value::as_u64);
            let value = value.ok_or_else(|| invalid(format!("config.json lacks the whole number {key}.")))?;
            Ok(usize::try_from(value).unwrap_or(usize::MAX))
        };
        let float = |value: Option<&Value>, default| value.and_then(Value::as_f64).unwrap_or(default) as f32;
        refuse_other_kinds(&json)?;
        let heads = number("num_attention_heads")?;
        let rope = json.get("rope_theta").or_else(|| json.pointer("/rope_parameters/rope_theta"));
        let config = Self {
            vocabulary: number("vocab_size")?,
            layers: number("num_hidden_layers")?,
            width: number("hidden_size")?,
            heads,
            hidden: number("intermediate_size")?,
            context: number("max_position_embeddings")?,
            norm_epsilon: float(json.get("rms_norm_eps"), 1e-6),
            rope_theta: float(rope, 10_000.0),
        };
        config.check()?;
        Ok(config)
    }

    /// The `config.json` that `transformers` reads.
    pub fn to_json(&self) -> Value {
        json!({
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": self.vocabulary,
            "hidden_size": self.width,
            "intermediate_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.heads,
            "head_dim": self.head_width(),
            "max_position_embeddings": self.context,
            "hidden_act": "silu",
            "rms_norm_eps": f64::from(self.norm_epsilon),
            "rope_theta": f64::from(self.rope_theta),
            "tie_word_embeddings": true,
            "attention_bias": false,
            "mlp_bias": false,
            "bos_token_id": 0,
            "eos_token_id": 0,
            "torch_dtype": "float32",
        })
    }
}

/// Says clearly that a config describes a network which this engine would compute wrongly.
fn refuse_other_kinds(json: &Value) -> Result<()> {
    let is = |key: &str, wanted: &Value| json.get(key).is_none_or(|value| value == wanted);
    if json.get("model_type") != Some(&json!("llama")) {
        return Err(invalid("model_type must be \"llama\".".into()));
    }
    if json.get("tie_word_embeddings") != Some(&json!(true)) {
        return Err(invalid("tie_word_embeddings must be true.".into()));
    }
    let heads = json.get("num_attention_heads").cloned().unwrap_or_default();
    let plain_rope = json
        .pointer("/rope_parameters/rope_type")
        .or_else(|| json.pointer("/rope_scaling/rope_type"))
        .is_none_or(|kind| kind == "default");
    let plain = is("hidden_act", &json!("silu"))
        && is("attention_bias", &json!(false))
        && is("mlp_bias", &json!(false))
        && is("num_key_value_heads", &heads)
        && json.get("rope_scaling").is_none_or(|scaling| scaling.is_null() || plain_rope)
        && plain_rope;
    let head_width = json.get("hidden_size").and_then(Value::as_u64).zip(heads.as_u64());
    let whole_heads = json
        .get("head_dim")
        .and_then(Value::as_u64)
        .is_none_or(|dim| head_width.is_some_and(|(width, heads)| dim.checked_mul(heads) == Some(width)));
    if plain && whole_heads {
        return Ok(());
    }
    Err(invalid(
        "only Llama networks with SiLU, without biases, grouped heads or scaled rotary positions run here."
            .into(),
    ))
}

fn invalid(text: String) -> Error {
    Error::invalid("model_shape_invalid", format!("The model's shape cannot be used: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_round_trip() {
        let mut config = Config::new(2048, 4, 128, 4, 256).unwrap();
        config.norm_epsilon = f64::from(config.norm_epsilon) as f32;
        let text = config.to_json().to_string();
        assert_eq!(Config::from_json(text.as_bytes()).unwrap(), config);
        assert_eq!(config.hidden, 352);
    }

    #[test]
    fn shapes_out_of_bounds_say_which_number() {
        for (config, word) in [
            (Config::new(10, 4, 128, 4, 256), "vocabulary"),
            (Config::new(2048, 0, 128, 4, 256), "layers"),
            (Config::new(2048, 4, 128, 5, 256), "heads"),
            (Config::new(2048, 4, usize::MAX, 4, 256), "width"),
            (Config::new(1 << 18, 128, 1 << 13, 4, 256), "parameters"),
        ] {
            let error = config.unwrap_err();
            assert_eq!(error.code, "model_shape_invalid");
            assert!(error.text.contains(word), "{error} does not name {word}");
        }
        for text in ["", "[]", "{}", r#"{"model_type":"gpt2"}"#] {
            assert!(Config::from_json(text.as_bytes()).is_err());
        }
        let mut grouped = Config::new(2048, 4, 128, 4, 256).unwrap().to_json();
        grouped["num_key_value_heads"] = json!(2);
        assert!(Config::from_json(grouped.to_string().as_bytes()).is_err());
    }
}
