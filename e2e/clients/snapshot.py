"""Downloads a dataset and a model with huggingface_hub's own function."""

import sys

from huggingface_hub import snapshot_download

dataset, model = sys.argv[1:]
for repo, kind in ((dataset, "dataset"), (model, "model")):
    print(snapshot_download(repo, repo_type=kind))
