"""Computes a published model's logits with NumPy alone and compares them with ours.

usage: numpy_forward.py MODEL_FOLDER EXPECTED_JSON [TOLERANCE]

MODEL_FOLDER holds config.json and model.safetensors. EXPECTED_JSON holds
{"tokens": [id, ...], "logits": [[score of every id], ... one row per token]}, or instead of "logits"
{"logprobs": [natural log-probability of each token, null for the first]}.
Exits 0 and prints the largest difference when it is at most TOLERANCE (1e-4).
"""

import json
import pathlib
import struct
import sys

import numpy as np


def read_safetensors(path):
    """The tensors of a file of 32-bit floats, by name."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    body = data[8 + length :]
    tensors = {}
    for name, about in header.items():
        if name == "__metadata__":
            continue
        assert about["dtype"] == "F32", f"{name} is {about['dtype']}"
        start, end = about["data_offsets"]
        tensors[name] = np.frombuffer(body[start:end], "<f4").reshape(about["shape"]).astype(np.float64)
    return tensors


def forward(config, weights, tokens):
    """Scores of every id after each token: root-mean-square norms, rotary positions, gated SiLU."""
    heads = config["num_attention_heads"]
    size = config["hidden_size"] // heads
    epsilon = config["rms_norm_eps"]
    length = len(tokens)

    def norm(x, weight):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * weight

    frequencies = config["rope_theta"] ** (-np.arange(0, size, 2) / size)
    angles = np.outer(np.arange(length), frequencies)
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]

    def rotate(x):
        a, b = x[..., : size // 2], x[..., size // 2 :]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    unseen = np.triu(np.full((length, length), -np.inf), 1)
    embedding = weights["model.embed_tokens.weight"]
    x = embedding[tokens]
    for layer in range(config["num_hidden_layers"]):
        w = {
            name: weights[f"model.layers.{layer}.{name}.weight"]
            for name in [
                "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
                "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
            ]
        }
        n = norm(x, w["input_layernorm"])
        q, k, v = (
            (n @ w[f"self_attn.{part}_proj"].T).reshape(length, heads, size) for part in "qkv"
        )
        scores = np.einsum("ihd,jhd->hij", rotate(q), rotate(k)) / np.sqrt(size) + unseen
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        attention = scores / scores.sum(-1, keepdims=True)
        x = x + np.einsum("hij,jhd->ihd", attention, v).reshape(length, -1) @ w["self_attn.o_proj"].T
        n = norm(x, w["post_attention_layernorm"])
        gate = n @ w["mlp.gate_proj"].T
        x = x + (gate / (1 + np.exp(-gate)) * (n @ w["mlp.up_proj"].T)) @ w["mlp.down_proj"].T
    return norm(x, weights["model.norm.weight"]) @ embedding.T


def main():
    folder, expected = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    tolerance = float(sys.argv[3]) if len(sys.argv) > 3 else 1e-4
    config = json.loads((folder / "config.json").read_text())
    tokens = expected["tokens"]
    logits = forward(config, read_safetensors(folder / "model.safetensors"), tokens)
    if "logits" in expected:
        difference = np.abs(logits - np.array(expected["logits"])).max()
    else:
        logprobs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        ours = np.array([logprobs[place, token] for place, token in enumerate(tokens[1:])])
        difference = np.abs(ours - np.array(expected["logprobs"][1:], float)).max()
    print(f"largest difference over {len(tokens)} tokens: {difference:.2e}")
    sys.exit(0 if difference <= tolerance else 1)


if __name__ == "__main__":
    main()
