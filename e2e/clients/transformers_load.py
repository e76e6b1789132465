"""Reads a model's config and tokenizer with `transformers`; prints what they make of a prompt as JSON."""

import json
import sys

from transformers import AutoConfig, AutoTokenizer

repo, prompt = sys.argv[1:]
config = AutoConfig.from_pretrained(repo)
tokenizer = AutoTokenizer.from_pretrained(repo)
ids = tokenizer(prompt)["input_ids"]
chat = tokenizer.apply_chat_template([{"role": "user", "content": "hello"}], tokenize=False)
assert "hello" in chat
print(json.dumps({"ids": ids, "decoded": tokenizer.decode(ids), "vocabulary": config.vocab_size}))
