//! Floor 1: small language models on this machine: tokenizer, training, generation.
