"""Loads all splits of a dataset with `datasets`; prints their rows and columns as JSON."""

import json
import sys

from datasets import load_dataset

splits = load_dataset(sys.argv[1])
print(json.dumps({name: {"rows": len(split), "columns": split.column_names} for name, split in splits.items()}))
