from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import embedding
from common.embedding import EmbeddingUnavailable, embed, model
from common.embedding.nearest import Kept, Likeness


@pytest.fixture(autouse=True)
def _on(semantic_search):
    """All of these ask the model itself."""


def likeness(one: str, other: str) -> float:
    first, second = embed([one, other])
    return float(first @ second)


def test_a_text_becomes_a_direction():
    rows = embed(["Rotate a token", "", "🙂 数据", "a " * 20_000])
    assert rows.shape == (4, embedding.DIMENSIONS)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)


def test_what_means_the_same_is_alike():
    assert likeness("I forgot my password", "Reset your login credentials") > 0.5
    assert likeness("I forgot my password", "Read and correct an invoice") < 0.2


def test_texts_together_are_read_as_each_alone():
    texts = ["Rotate a token", "A much longer text, that says how a certificate is renewed, step by step.", "Lineage"]
    assert np.allclose(embed(texts), np.vstack([embed([text]) for text in texts]), atol=0.05)  # eight-bit numbers


def test_without_the_setting_it_says_so(settings):
    settings.PORTAL_SEMANTIC_SEARCH = False
    with pytest.raises(EmbeddingUnavailable):
        embed(["Rotate a token"])


def test_another_file_than_the_one_that_was_tried_is_refused(tmp_path, monkeypatch):
    (tmp_path / "model.onnx").write_bytes(b"not it")
    monkeypatch.setattr(model, "_file", lambda: tmp_path / "model.onnx")
    monkeypatch.setattr(model, "_load", model._load.__wrapped__)
    with pytest.raises(EmbeddingUnavailable, match="not the one"):
        embed(["Rotate a token"])


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.integers(1, 10**9), st.integers(0, 2**32 - 1), min_size=1, max_size=30), st.data())
def test_the_nearest_are_those_that_a_plain_sort_finds(seeds, data):
    keys = sorted(seeds)
    matrix = np.vstack([np.random.default_rng(seeds[key]).standard_normal(embedding.DIMENSIONS) for key in keys])
    matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
    kept = Kept(np.array(keys), matrix, {key: place for place, key in enumerate(keys)})
    asked = matrix[data.draw(st.integers(0, len(keys) - 1))]
    least, most = data.draw(st.floats(-1, 1)), data.draw(st.integers(1, 40))
    found = Likeness(kept, matrix @ asked)
    wanted = sorted((key for key in keys if found.of([key])[key] >= np.float32(least)), key=lambda k: -found.of([k])[k])
    assert list(found.best(least=least, most=most)) == wanted[:most]
    assert found.of([*keys, -1]) == {
        key: pytest.approx(float(row @ asked), abs=1e-5) for key, row in zip(keys, matrix, strict=True)
    }
