"""Training speed of the engine and of PyTorch, side by side in one run, in tokens per second of processor time.

usage: compare.py [SPEED_BINARY]   (default: builds and finds `speed` with cargo)

Both train the same Llama-style network (6 blocks, width 192, 6 heads, context 128, batch 16, 512 ids) on one
thread. They take turns, three times, so that a noisy machine is noisy for both; the median counts.
"""

import json
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

LAYERS, WIDTH, HEADS, HIDDEN, CONTEXT, BATCH, VOCABULARY = 6, 192, 6, 512, 128, 16, 512
SECONDS, TURNS = 10, 3


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        linear = lambda a, b: torch.nn.Linear(a, b, bias=False)
        self.norm1, self.norm2 = torch.nn.RMSNorm(WIDTH, 1e-5), torch.nn.RMSNorm(WIDTH, 1e-5)
        self.qkv, self.out = linear(WIDTH, 3 * WIDTH), linear(WIDTH, WIDTH)
        self.gate_up, self.down = linear(WIDTH, 2 * HIDDEN), linear(HIDDEN, WIDTH)

    def forward(self, x, cos, sin):
        batch, length, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)

        def rotate(t):
            a, b = t.chunk(2, -1)
            return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

        attended = F.scaled_dot_product_attention(rotate(q), rotate(k), v, is_causal=True)
        x = x + self.out(attended.transpose(1, 2).reshape(batch, length, WIDTH))
        gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(VOCABULARY, WIDTH)
        torch.nn.init.normal_(self.embed.weight, std=0.02)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = torch.nn.RMSNorm(WIDTH, 1e-5)
        size = WIDTH // HEADS
        angles = torch.outer(torch.arange(CONTEXT), 10000.0 ** (-torch.arange(0, size, 2) / size))
        self.cos, self.sin = angles.cos(), angles.sin()

    def forward(self, tokens):
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x, self.cos, self.sin)
        return self.norm(x) @ self.embed.weight.T


def pytorch():
    torch.manual_seed(1)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    text = torch.arange(200_000).pow(2) % 251

    def step():
        starts = torch.randint(len(text) - CONTEXT - 1, (BATCH,))
        batch = torch.stack([text[start : start + CONTEXT + 1] for start in starts])
        logits = network(batch[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), batch[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

    step()
    began, until, tokens = time.process_time(), time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        step()
        tokens += BATCH * CONTEXT
    return tokens / (time.process_time() - began)


def binary():
    if len(sys.argv) > 1:
        return sys.argv[1]
    built = subprocess.run(
        ["cargo", "build", "--release", "-p", "engine", "--example", "speed", "--message-format", "json"],
        check=True, stdout=subprocess.PIPE, text=True,
    )
    messages = map(json.loads, built.stdout.splitlines())
    return next(m["executable"] for m in messages if m.get("executable"))


def engine(path):
    sizes = [LAYERS, WIDTH, HEADS, CONTEXT, BATCH, VOCABULARY, SECONDS, 1]
    out = subprocess.run([path, *map(str, sizes)], check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(out)["tokens_per_core_second"]


def main():
    torch.set_num_threads(1)
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    print(f"{cpu and cpu[1]}; Python {platform.python_version()}, PyTorch {torch.__version__}")
    path = binary()
    turns = [(engine(path), pytorch()) for _ in range(TURNS)]
    for ours, theirs in turns:
        print(f"engine {ours:6.0f}   PyTorch eager {theirs:6.0f}   tokens per core-second")
    ours, theirs = (statistics.median(column) for column in zip(*turns))
    print(f"median: {ours:.0f} and {theirs:.0f}, {ours / theirs:.2f} times as fast")


if __name__ == "__main__":
    main()
