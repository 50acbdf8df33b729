"""Texts as vectors whose directions are alike where the meanings are. English only."""

from common.embedding.model import DIMENSIONS, EmbeddingUnavailable, embed, is_loaded, is_on, load, load_soon
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
    "load",
    "load_soon",
    "make_missing",
    "want_vectors",
]
