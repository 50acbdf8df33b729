"""Texts as vectors whose directions are alike where the meanings are. English only."""

import os

# Before numpy comes: for one small product two threads that wait for each other take the time of other readers.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from common.embedding.model import DIMENSIONS, EmbeddingUnavailable, embed, is_loaded, is_on, is_word, load, load_soon
from common.embedding.nearest import Likeness, Nearest
from common.embedding.rows import StoredVector, digest_of, make_missing, want_vectors

__all__ = [
    "DIMENSIONS",
    "EmbeddingUnavailable",
    "Likeness",
    "Nearest",
    "StoredVector",
    "digest_of",
    "embed",
    "is_loaded",
    "is_on",
    "is_word",
    "load",
    "load_soon",
    "make_missing",
    "want_vectors",
]
