"""Our tokenizers and Hugging Face's `tokenizers`, side by side in one run: equal ids, CPU seconds, ratios.

usage: compare.py [--megabytes N] [--turns N] [FILE.jsonl[.zst] ...]

Makes a virtual environment of its own with pinned peers, and a text of N megabytes (100): a third of it code,
documentation and made-up web text with emoji and numbers from this machine, the rest from the files (JSON lines
with a field "text"), or from this machine too when there are none. Trains a byte-level BPE of 32,000 ids with
both and compares vocabulary and merges, encodes everything with both on one thread and compares all ids, then
compares ids and decoded text of tokenizers of every supported kind on a smaller, nastier text. Megatron's own reader, without
torch, reads our indexed dataset.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import venv

PEERS = ["tokenizers==0.23.3", "zstandard==0.25.0", "numpy==2.4.6"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
MEGATRON = "megatron-core==0.16.1"
HOME = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "mosu-bench-tokenizer"
SPECIAL = "<|endoftext|>"


def enter_environment():
    """Runs this script again in its own virtual environment."""
    python = HOME / "bin" / "python"
    if not python.exists():
        venv.create(HOME, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", MEGATRON], check=True)
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1", "MOSU_BENCH": "1"}
    os.execve(python, [str(python), *sys.argv], environment)


def build():
    subprocess.run(["cargo", "build", "--release", "-q", "-p", "tokenizer", "--examples"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "examples"


# ---- text

def from_file(path):
    with open(path, "rb") as raw:
        if path.endswith(".zst"):
            import zstandard
            raw = zstandard.ZstdDecompressor().stream_reader(raw)
        import io
        for line in io.TextIOWrapper(raw, "utf-8"):
            yield json.loads(line)["text"]


def from_machine():
    """Code and documentation of the machine's Python and Rust."""
    folders = [pathlib.Path(os.__file__).parent, pathlib.Path(sys.prefix), pathlib.Path.home() / ".cargo" / "registry" / "src"]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".rs", ".md", ".rst", ".txt", ".toml") and path.is_file():
                try:
                    yield path.read_text("utf-8")
                except (UnicodeDecodeError, OSError):
                    continue


def web_like(random):
    """Made-up posts: emoji, numbers, addresses, several scripts."""
    words = ("the best price of ever I'm don't we'll YOU'VE iPhone15 café naïve straße Москва привет こんにちは 東京 안녕하세요 "
             "中文分词 人工智能 上海市 สวัสดี नमस्ते مرحبا 😀 😂 👨‍👩‍👧 🇨🇳 ❤️ lol OMG https://example.org/a?b=1&c=2 "
             "user_name@mail.example #tag 3.14159 1,234,567 2024-05-06 12:30 100% C++ f(x) -> {} // ... —— 《》 「」").split(" ")
    while True:
        yield "".join(random.choice(words) + random.choice([" ", " ", " ", " ", "", "\n", "  ", ", "]) for _ in range(120))


def take(documents, size):
    taken, total = [], 0
    for text in documents:
        if total >= size:
            break
        if text:
            taken.append(text)
            total += len(text.encode())
    return taken


def spread(sources, size):
    """An even part of each source, shuffled together."""
    documents = []
    for number, source in enumerate(sources):
        documents += take(source, (size - sum(len(text.encode()) for text in documents)) / (len(sources) - number))
    random.Random(11).shuffle(documents)
    return documents


def nasty(count):
    words = ("a b Z s S ſ t re VE ' '' 's 'S 'll 'LL 'Re 'm 'd ’ 0 9 12 ٣ Ⅷ ² 中 文 あ ー ア ǅ ʰ ª \u0301 \ufe0f é ß İ . , ! - / // _ + $ € "
             "😀 👨‍👩‍👧 \u200d \0 \x7f \xad ， 。 한글 ไทย अ <|endoftext|> <mask> Hello wörd <unk> <s> <0x41> ▁ ▁▁ ﬁ ｶﾞ ㎏ "
             "\U0001e900 \U00020000 \U0010ffff \ue000 \U0001e030").split(" ") + [" "] * 12 + ["  ", "\n", "\r\n", "\t", "\xa0", "\u3000", "\x85", "\u2028"]
    made = random.Random(5)
    texts = ["".join(made.choices(words, k=made.randint(0, 40))) for _ in range(count)]
    scripts = [(0x20, 0x7f), (0x20, 0x3000), (0x3000, 0xd800), (0x10000, 0x20000)]
    texts += ["".join(chr(made.randrange(*made.choice(scripts))) for _ in range(200)) for _ in range(count // 20)]
    return texts + ["", "a" * 5000, "ab" * 3000, " " * 3000 + "x", "\n" * 100, "中" * 3000, "\t \n" * 500]


def write_documents(path, documents):
    with open(path, "wb") as file:
        for text in documents:
            data = text.encode()
            file.write(struct.pack("<I", len(data)) + data)


# ---- peers

CL100K = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
TEKKEN = O200K.replace(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace(r"\p{N}{1,3}", r"\p{N}")
DEEPSEEK = (r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"""
            r"""|\s*[\r\n]+|\s+(?!\S)|\s+""")


def cutter(pattern):
    from tokenizers import Regex, pre_tokenizers as pre
    return pre.Sequence([pre.Split(Regex(pattern), "isolated"), pre.ByteLevel(add_prefix_space=False, use_regex=False)])


def byte_level(documents, size, pre_tokenizer, normalizer=None, **options):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    made = Tokenizer(models.BPE(**options))
    made.pre_tokenizer, made.decoder = pre_tokenizer, decoders.ByteLevel()
    if normalizer:
        made.normalizer = normalizer
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  special_tokens=[SPECIAL], show_progress=False)
    made.train_from_iterator(documents, trainer)
    return made


def sentencepiece(documents, unigram, normalizer, pre_tokenizer, decoder):
    """A Llama-2-like BPE or a T5-like Unigram, with tokens for bytes."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    if unigram:
        made, trainer = Tokenizer(models.Unigram()), trainers.UnigramTrainer(
            vocab_size=6000, unk_token="<unk>", special_tokens=special, show_progress=False)
        documents = [text[:2000] for text in documents[::4]]
    else:
        made, trainer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True)), trainers.BpeTrainer(
            vocab_size=8000, special_tokens=special, limit_alphabet=2500, show_progress=False)
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.train_from_iterator(documents, trainer)
    file = json.loads(made.to_str())
    file["pre_tokenizer"] = None
    file["model"]["byte_fallback"] = True
    file["added_tokens"] = [token for token in file["added_tokens"] if not token["content"].startswith("<0x")]
    made = Tokenizer.from_str(json.dumps(file))
    made.decoder = decoder
    if normalizer:
        made.normalizer = normalizer
    if pre_tokenizer:
        made.pre_tokenizer = pre_tokenizer
    return made


def all_kinds(documents):
    from tokenizers import AddedToken, Regex, decoders, normalizers as norm, pre_tokenizers as pre
    digits = pre.Sequence([pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False)])
    deepseek = pre.Sequence([pre.Split(Regex(r"\p{N}{1,3}"), "isolated"), pre.Split(Regex("[一-龥぀-ゟ゠-ヿ]+"), "isolated"),
                             pre.Split(Regex(DEEPSEEK), "isolated"), pre.ByteLevel(add_prefix_space=False, use_regex=False)])
    llama2 = norm.Sequence([norm.Prepend("▁"), norm.Replace(" ", "▁")])
    fallback = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    yield "GPT-2", byte_level(documents, 8000, pre.ByteLevel(add_prefix_space=False))
    yield "GPT-2, prefix space", byte_level(documents, 8000, pre.ByteLevel(add_prefix_space=True))
    yield "Llama 3, ignore_merges", byte_level(documents, 8000, cutter(CL100K), ignore_merges=True)
    yield "Qwen 2, NFC", byte_level(documents, 8000, cutter(QWEN2), norm.NFC())
    yield "o200k", byte_level(documents, 8000, cutter(O200K))
    yield "Tekken", byte_level(documents, 8000, cutter(TEKKEN))
    yield "DeepSeek 3", byte_level(documents, 8000, deepseek)
    yield "Digits, NFKC, Lowercase", byte_level(documents, 8000, digits, norm.Sequence([norm.NFKC(), norm.Lowercase()]))
    yield "Llama 2", sentencepiece(documents, False, llama2, None, fallback)
    yield "Mistral", sentencepiece(documents, False, None, pre.Metaspace(prepend_scheme="first", split=False), fallback)
    yield "Unigram, byte fallback", sentencepiece(documents, True, norm.NFKC(), pre.Metaspace(), decoders.Metaspace())
    t5 = sentencepiece(documents, True, None, pre.Sequence([pre.WhitespaceSplit(), pre.Metaspace()]), decoders.Metaspace())
    t5.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True, single_word=True)])
    t5.add_tokens(["Hello", AddedToken("wörd", single_word=True, normalized=True)])
    yield "Unigram, added tokens", t5


def their_ids(tokenizer, documents):
    """CPU seconds and ids; batches without offsets are their fastest way."""
    began, ids = time.process_time(), []
    for start in range(0, len(documents), 256):
        batch = tokenizer.encode_batch_fast(documents[start:start + 256], add_special_tokens=False)
        ids += [encoding.ids for encoding in batch]
    return time.process_time() - began, ids


def our_ids(encode, file, data, folder, *prefix):
    output = folder / "ids"
    report = json.loads(subprocess.run([encode, file, data, output, *prefix], check=True, capture_output=True).stdout)
    raw, at, ids = memoryview(output.read_bytes()).cast("I"), 0, []
    while at < len(raw):
        ids.append(raw[at + 1:at + 1 + raw[at]].tolist())
        at += 1 + raw[at]
    return report["cpu_seconds"], ids


def our_texts(decode, file, folder):
    """The ids of the last `our_ids`, decoded."""
    subprocess.run([decode, file, folder / "ids", folder / "texts"], check=True)
    raw, at, texts = (folder / "texts").read_bytes(), 0, []
    while at < len(raw):
        end = at + 4 + struct.unpack_from("<I", raw, at)[0]
        texts.append(raw[at + 4:end].decode())
        at = end
    return texts


# ---- comparisons

def compare_training(tools, data, documents, folder, megabytes):
    from tokenizers import Tokenizer
    file = folder / "ours.json"
    ours = json.loads(subprocess.run([tools / "bpe_train", "llama3", "32000", data, file], check=True, capture_output=True).stdout)
    began = time.process_time()
    peer = byte_level(documents, 32000, cutter(CL100K))
    theirs = time.process_time() - began
    left, right = json.loads(file.read_text())["model"], json.loads(peer.to_str())["model"]
    equal = left["merges"] == right["merges"] and left["vocab"] == right["vocab"]
    Tokenizer.from_file(str(file))
    print(f"train 32k on {megabytes:.0f} MB   ours {ours['cpu_seconds']:7.2f} s   peer {theirs:7.2f} s   "
          f"ratio {theirs / ours['cpu_seconds']:5.1f}   equal vocabulary and merges: {equal}", flush=True)
    return file, equal


def compare_encoding(tools, file, data, documents, folder, megabytes, turns):
    from tokenizers import Tokenizer
    peer, ours, theirs, equal = Tokenizer.from_file(str(file)), [], [], True
    for _ in range(turns):
        seconds, left = our_ids(tools / "bpe_encode", file, data, folder)
        ours.append(seconds)
        seconds, right = their_ids(peer, documents)
        theirs.append(seconds)
        equal &= left == right
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    print(f"encode {megabytes:.0f} MB         ours {ours:7.2f} s   peer {theirs:7.2f} s   ratio {theirs / ours:5.1f}   "
          f"equal ids: {equal}   ({megabytes / ours:.0f} and {megabytes / theirs:.1f} MB per CPU second)", flush=True)
    return equal


def compare_kinds(tools, documents, folder):
    sample = documents[:: max(1, len(documents) // 1500)]
    sample = [text[:6000] for text in sample]
    texts, everything = nasty(4000) + sample, True
    data, file = folder / "nasty", folder / "kind.json"
    write_documents(data, texts)
    for name, peer in all_kinds(sample):
        peer.save(str(file))
        ours, left = our_ids(tools / "bpe_encode", file, data, folder)
        theirs, right = their_ids(peer, texts)
        wrong = sum(a != b for a, b in zip(left, right, strict=True))
        decoded = sum(a != b for a, b in zip(our_texts(tools / "decode", file, folder), peer.decode_batch(right, skip_special_tokens=False), strict=True))
        everything &= wrong == 0 and decoded == 0
        print(f"  {name:24} ours {ours:6.2f} s   peer {theirs:6.2f} s   ratio {theirs / ours:5.1f}   "
              f"different ids: {wrong}, different decoded: {decoded}, of {len(texts)} texts", flush=True)
    return everything


def megatron_reader():
    """Megatron's module of indexed datasets, which needs nothing of torch but the name of a base class."""
    import importlib.metadata
    import importlib.util
    import types

    class Anything(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (), {})

    for name in ["torch", "megatron", "megatron.core", "megatron.core.datasets", "megatron.core.utils",
                 "megatron.core.msc_utils", "megatron.core.datasets.object_storage_utils"]:
        sys.modules[name] = Anything(name)
    sys.modules["torch"].utils = types.SimpleNamespace(data=types.SimpleNamespace(Dataset=object))
    storage = sys.modules["megatron.core.datasets.object_storage_utils"]
    storage.is_object_storage_path, storage.dataset_exists = lambda path: False, lambda *_, **__: True
    sys.modules["megatron.core.utils"].log_single_rank = lambda *_, **__: None
    multi = sys.modules["megatron.core.msc_utils"]
    multi.maybe_msc = types.SimpleNamespace(open=open)
    multi.MultiStorageClientFeature = types.SimpleNamespace(is_enabled=lambda: False)
    path = "megatron/core/datasets/indexed_dataset.py"
    file = importlib.metadata.distribution("megatron-core").locate_file(path)
    spec = importlib.util.spec_from_file_location("indexed_dataset", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.IndexedDataset


def check_megatron(tools, file, data, folder):
    """Our indexed dataset through Megatron's own reader."""
    _, ids = our_ids(tools / "bpe_encode", file, data, folder, folder / "set")
    dataset = megatron_reader()(str(folder / "set"), mmap=True)
    equal = len(dataset) == len(ids) and len(dataset.document_indices) == len(ids) + 1
    equal = equal and all(dataset[place].tolist() == one for place, one in enumerate(ids))
    print(f"indexed dataset of {len(ids)} documents through {MEGATRON}: equal {equal}")
    return equal


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="*")
    arguments.add_argument("--megabytes", type=int, default=100)
    arguments.add_argument("--turns", type=int, default=1)
    arguments = arguments.parse_args()
    if "MOSU_BENCH" not in os.environ:
        enter_environment()
    import tokenizers
    tools = build()
    files = [from_file(path) for path in arguments.files]
    sources = [from_machine(), web_like(random.Random(3))] if not files else [*files, from_machine(), web_like(random.Random(3))]
    documents = spread(sources, arguments.megabytes * 1e6)
    megabytes = sum(len(text.encode()) for text in documents) / 1e6
    print(f"tokenizers {tokenizers.__version__}, one thread, {len(documents)} documents, {megabytes:.1f} MB", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        data = folder / "documents"
        write_documents(data, documents)
        file, is_equal = compare_training(tools, data, documents, folder, megabytes)
        is_equal &= compare_encoding(tools, file, data, documents, folder, megabytes, arguments.turns)
        is_equal &= compare_kinds(tools, documents, folder)
        is_equal &= check_megatron(tools, folder / "ours.json", folder / "nasty", folder)
    print("all equal" if is_equal else "NOT EQUAL")
    sys.exit(not is_equal)


if __name__ == "__main__":
    main()
