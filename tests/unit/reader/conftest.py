"""The public invoices, where they are found: beside the clone, or where CORPUS says."""

import os
from pathlib import Path

BESIDE = Path(__file__).parents[3].parent / "shared" / "corpus"
CORPUS = Path(os.environ.get("CORPUS", BESIDE))

collect_ignore = [] if CORPUS.is_dir() else ["test_corpus.py"]
