//! A model as a folder of files that `transformers` reads.

use std::{
    collections::HashMap,
    fs,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use kernel::{Error, Result};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::{Value, json};

use crate::{Config, Model, Tokenizer, tokenizer::END_OF_TEXT};

/// How messages become a prompt, in the template language that `transformers` reads. A base model has seen
/// documents and no dialogue, so the messages simply stand as paragraphs behind each other.
pub const CHAT_TEMPLATE: &str =
    "{% for message in messages %}{{ message['content'] + '\\n\\n' }}{% endfor %}";

/// What [`CHAT_TEMPLATE`] renders for messages with these contents.
pub fn render_chat<'a>(contents: impl Iterator<Item = &'a str>) -> String {
    contents.fold(String::new(), |prompt, content| prompt + content + "\n\n")
}

impl Model {
    /// Reads a folder with `config.json`, `tokenizer.json` and `model.safetensors`.
    ///
    /// # Errors
    /// `model_files_unreadable` when one is missing or unreadable; `model_shape_invalid`,
    /// `tokenizer_invalid` or `weights_invalid` when its content cannot be used.
    pub fn load(folder: &Path) -> Result<Self> {
        let read = |name: &str| fs::read(folder.join(name)).map_err(|e| unreadable(name, e));
        let config = Config::from_json(&read("config.json")?)?;
        let tokenizer = Tokenizer::from_json(&read("tokenizer.json")?)?;
        Self::from_safetensors(&read("model.safetensors")?, config, Arc::new(tokenizer))
    }

    /// Reads weights from the bytes of a safetensors file.
    ///
    /// # Errors
    /// `weights_invalid` when it is damaged, a tensor is missing, unknown, not of 32-bit floats or of another
    /// shape, or a weight is not a number; `model_shape_invalid` when tokenizer and config do not fit.
    pub fn from_safetensors(bytes: &[u8], config: Config, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        let file = SafeTensors::deserialize(bytes).map_err(|e| invalid(format!("it is damaged ({e}).")))?;
        let mut model = Self::empty(config, tokenizer)?;
        let tensors = model.layout.tensors(&model.config);
        let derived = |name: &str| name == "lm_head.weight" || name.ends_with("rotary_emb.inv_freq");
        let unknown = |name: &&str| !derived(name) && tensors.iter().all(|tensor| tensor.name != *name);
        if let Some(name) = file.names().into_iter().find(unknown) {
            return Err(invalid(format!("tensor {name} does not belong to a model of this config.")));
        }
        for tensor in tensors {
            let name = &tensor.name;
            let view = file.tensor(name).map_err(|_| invalid(format!("tensor {name} is missing.")))?;
            if view.dtype() != Dtype::F32 || view.shape() != tensor.shape {
                let (dtype, shape, wanted) = (view.dtype(), view.shape(), &tensor.shape);
                return Err(invalid(format!(
                    "tensor {name} is {dtype:?} of shape {shape:?}; F32 of shape {wanted:?} is needed."
                )));
            }
            let (values, _) = view.data().as_chunks::<4>();
            for (weight, bytes) in model.weights[tensor.range].iter_mut().zip(values) {
                *weight = f32::from_le_bytes(*bytes);
            }
        }
        if model.weights.iter().any(|weight| !weight.is_finite()) {
            return Err(invalid("it holds values that are not finite numbers.".into()));
        }
        Ok(model)
    }

    /// The bytes of a safetensors file with these weights.
    ///
    /// # Errors
    /// Only when memory for a second copy cannot be described by the format.
    pub fn to_safetensors(&self) -> Result<Vec<u8>> {
        let bytes: Vec<u8> = self.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let tensors = self.layout.tensors(&self.config).into_iter().map(|tensor| {
            let data = &bytes[tensor.range.start * 4..tensor.range.end * 4];
            TensorView::new(Dtype::F32, tensor.shape, data).map(|view| (tensor.name, view))
        });
        let tensors = tensors.collect::<std::result::Result<Vec<_>, _>>().map_err(Error::internal)?;
        let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        safetensors::serialize(tensors, Some(metadata)).map_err(Error::internal)
    }

    /// Writes the folder that [`Model::load`], `transformers` and `tokenizers` read. Each file appears under
    /// its name only when it is complete.
    ///
    /// # Errors
    /// `model_files_unwritable` when the disk is full or refuses.
    pub fn save(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder).map_err(|e| unwritable(&folder.display().to_string(), e))?;
        let json = |value: &Value| serde_json::to_vec_pretty(value).map_err(Error::internal);
        let mut tokenizer = serde_json::to_vec(&self.tokenizer.to_json()).map_err(Error::internal)?;
        tokenizer.push(b'\n');
        for (name, content) in [
            ("config.json", json(&self.config.to_json())?),
            ("generation_config.json", json(&self.generation_config())?),
            ("tokenizer_config.json", json(&self.tokenizer_config())?),
            ("tokenizer.json", tokenizer),
            ("model.safetensors", self.to_safetensors()?),
        ] {
            write(&folder.join(name), &content).map_err(|e| unwritable(name, e))?;
        }
        Ok(())
    }

    fn tokenizer_config(&self) -> Value {
        json!({
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": END_OF_TEXT,
            "eos_token": END_OF_TEXT,
            "model_max_length": self.config.context,
            "clean_up_tokenization_spaces": false,
            "chat_template": CHAT_TEMPLATE,
        })
    }

    fn generation_config(&self) -> Value {
        let end = self.tokenizer.end_of_text();
        json!({"bos_token_id": end, "eos_token_id": end, "do_sample": true, "temperature": 0.8, "top_p": 0.95})
    }
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let written = fs::File::create(&unfinished).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    if written.is_err() {
        let _ = fs::remove_file(&unfinished); // best effort: the first error is the one to report
    }
    written.and_then(|()| fs::rename(&unfinished, path))
}

fn unreadable(name: &str, error: io::Error) -> Error {
    let text = format!("The model's file {name} cannot be read: {error}.");
    Error::invalid("model_files_unreadable", text).with_source(error)
}

fn unwritable(name: &str, error: io::Error) -> Error {
    let text = format!("The model's file {name} cannot be written: {error}. Free some space and try again.");
    Error::unavailable("model_files_unwritable", text).with_source(error)
}

fn invalid(text: String) -> Error {
    Error::invalid("weights_invalid", format!("model.safetensors cannot be used: {text}"))
}
