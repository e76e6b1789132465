//! Where each tensor lies in the one flat vector of weights, and its name in a safetensors file.

use std::ops::Range;

use crate::Config;

/// Places of one transformer block's tensors. Matrices are rows = outputs, columns = inputs.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) norm1: Range<usize>,
    /// Queries, keys and values below each other: `3·width` × `width`.
    pub(crate) qkv: Range<usize>,
    pub(crate) out: Range<usize>,
    pub(crate) norm2: Range<usize>,
    /// Gate and up below each other: `2·hidden` × `width`.
    pub(crate) gate_up: Range<usize>,
    pub(crate) down: Range<usize>,
}

/// Places of all tensors.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) embed: Range<usize>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) norm: Range<usize>,
}

/// A tensor as files name it.
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) range: Range<usize>,
}

impl Layout {
    pub(crate) fn new(config: &Config) -> Self {
        let mut end = 0;
        let mut take = |size: usize| {
            end += size;
            end - size..end
        };
        let (d, f) = (config.width, config.hidden);
        let embed = take(config.vocabulary * d);
        let blocks = (0..config.layers)
            .map(|_| Block {
                norm1: take(d),
                qkv: take(3 * d * d),
                out: take(d * d),
                norm2: take(d),
                gate_up: take(2 * f * d),
                down: take(d * f),
            })
            .collect();
        Self { embed, blocks, norm: take(d) }
    }

    /// Every tensor under the name that `transformers` gives it.
    pub(crate) fn tensors(&self, config: &Config) -> Vec<Tensor> {
        let (d, f) = (config.width, config.hidden);
        let tensor = |name: String, shape: &[usize], start: usize| Tensor {
            name,
            shape: shape.to_vec(),
            range: start..start + shape.iter().product::<usize>(),
        };
        let mut all =
            vec![tensor("model.embed_tokens.weight".into(), &[config.vocabulary, d], self.embed.start)];
        for (index, block) in self.blocks.iter().enumerate() {
            let mut add = |name: &str, shape: &[usize], start| {
                all.push(tensor(format!("model.layers.{index}.{name}.weight"), shape, start));
            };
            add("input_layernorm", &[d], block.norm1.start);
            add("self_attn.q_proj", &[d, d], block.qkv.start);
            add("self_attn.k_proj", &[d, d], block.qkv.start + d * d);
            add("self_attn.v_proj", &[d, d], block.qkv.start + 2 * d * d);
            add("self_attn.o_proj", &[d, d], block.out.start);
            add("post_attention_layernorm", &[d], block.norm2.start);
            add("mlp.gate_proj", &[f, d], block.gate_up.start);
            add("mlp.up_proj", &[f, d], block.gate_up.start + f * d);
            add("mlp.down_proj", &[d, f], block.down.start);
        }
        all.push(tensor("model.norm.weight".into(), &[d], self.norm.start));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_cover_every_weight_once() {
        let config = Config::new(300, 3, 16, 2, 8).unwrap();
        let mut next = 0;
        for tensor in Layout::new(&config).tensors(&config) {
            assert_eq!(tensor.range.start, next, "{}", tensor.name);
            next = tensor.range.end;
        }
        assert_eq!(next, config.parameters());
    }
}
