//! A network's weights.

use std::sync::Arc;

use kernel::Result;

use crate::{Config, Tokenizer, layout::Layout, net::Rope, random::Random};

/// A network: shape, weights, tokenizer. Cheap to share behind an [`Arc`].
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) config: Config,
    pub(crate) layout: Layout,
    pub(crate) weights: Vec<f32>,
    pub(crate) rope: Arc<Rope>,
    pub(crate) tokenizer: Arc<Tokenizer>,
}

impl Model {
    /// A network with random weights, the same for the same seed.
    ///
    /// # Errors
    /// `model_shape_invalid` when the tokenizer has more ids than the network.
    pub fn new(config: Config, tokenizer: Arc<Tokenizer>, seed: u64) -> Result<Self> {
        let mut model = Self::empty(config, tokenizer)?;
        let mut random = Random::new(seed);
        let near_residual = 1.0 / (2.0 * model.config.layers as f64).sqrt();
        for tensor in model.layout.tensors(&model.config) {
            let deviation = match tensor.shape.len() {
                1 => None,
                _ if tensor.name.ends_with("o_proj.weight") || tensor.name.ends_with("down_proj.weight") => {
                    Some(0.02 * near_residual)
                }
                _ => Some(0.02),
            };
            for weight in &mut model.weights[tensor.range] {
                *weight = deviation.map_or(1.0, |deviation| (random.normal() * deviation) as f32);
            }
        }
        Ok(model)
    }

    /// A network of zeros, to be filled.
    pub(crate) fn empty(config: Config, tokenizer: Arc<Tokenizer>) -> Result<Self> {
        if tokenizer.len() > config.vocabulary {
            return Err(kernel::Error::invalid(
                "model_shape_invalid",
                format!(
                    "The tokenizer has {} ids and the network {}; make the network's vocabulary at least as large.",
                    tokenizer.len(),
                    config.vocabulary
                ),
            ));
        }
        Ok(Self {
            layout: Layout::new(&config),
            weights: vec![0.0; config.parameters()],
            rope: Arc::new(Rope::new(&config)),
            config,
            tokenizer,
        })
    }

    /// The network's shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The tokenizer that the network was trained with.
    pub fn tokenizer(&self) -> &Arc<Tokenizer> {
        &self.tokenizer
    }

    /// Bytes of memory that the weights take.
    pub fn bytes(&self) -> usize {
        self.weights.len() * size_of::<f32>()
    }

    /// Errors when an id is not of this network.
    pub(crate) fn check_tokens(&self, tokens: &[u32]) -> Result<()> {
        match tokens.iter().position(|id| *id as usize >= self.config.vocabulary) {
            None => Ok(()),
            Some(place) => Err(kernel::Error::invalid(
                "token_unknown",
                format!(
                    "Token {} at place {place} does not exist; this model's ids end at {}.",
                    tokens[place],
                    self.config.vocabulary - 1
                ),
            )),
        }
    }
}
