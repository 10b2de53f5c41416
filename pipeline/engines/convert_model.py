"""A CTranslate2 model from a checkpoint of openai-whisper: read as data, checked, written once, kept by its hash.

Nothing but local files takes part. The weights keep the checkpoint's precision; what they are computed in is chosen
when the folder is loaded.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.engines.heads import published_heads
from pipeline.engines.models import ModelFile
from pipeline.engines.vocabulary import Vocabulary, read_vocabulary
from pipeline.errors import BrokenModelError, WeikeError
from pipeline.store import Store, fsync_folder, key_of, put_in_place, require_free

if TYPE_CHECKING:
    from torch import Tensor

REVISION = 1
"""Of this module's output; a folder is kept under it."""
KIND = "ct2-model"
_VOCABULARIES = {51_864: (False, 99), 51_865: (True, 99), 51_866: (True, 100)}
"""Size of a published vocabulary: whether it is multilingual, and its languages."""
_MELS = (80, 128)
_AUDIO_POSITIONS, _TEXT_POSITIONS = 1500, 448
"""Frames of a 30-s window, and tokens of prompt and text: every published model has these."""
_FILTER_WIDTH = 3


def converted(model: ModelFile, store: Store) -> Path:
    """Return the CTranslate2 folder of a checkpoint, made if it is not there yet; it appears whole or not at all.

    It holds all that faster-whisper looks for, so that faster-whisper asks no hub.

    Raises:
        BrokenModelError: the file is no checkpoint of openai-whisper.
        DiskFullError: too little space for the folder.
    """
    # The heads follow the file's name where two published models have one shape.
    final = store.path(KIND, key_of(REVISION, model.sha256, model.path.stem))
    if final.is_dir():
        return final
    require_free(store.root, round(1.1 * model.path.stat().st_size) + 8_000_000)
    with store.attempt() as attempt:
        folder = attempt / KIND
        folder.mkdir()
        try:
            _convert(model, folder)
        except WeikeError:
            raise
        except Exception as error:
            # A broken file fails in a dozen ways inside torch: pickle, zip, key, shape, type and memory errors.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise BrokenModelError(model.path, reason=reason, log=repr(error)) from error
        _keep(folder, final)
    return final


def _keep(folder: Path, final: Path) -> None:
    for file in folder.iterdir():
        put_in_place(file, file)
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.rename(final)
    except OSError:
        # Another run was faster; its folder holds the same.
        if not final.is_dir():
            raise
    fsync_folder(final.parent)


def _convert(model: ModelFile, folder: Path) -> None:
    import torch

    data = torch.load(model.path, map_location="cpu", weights_only=True)
    dims = {name: int(value) for name, value in data["dims"].items()}
    multilingual, languages = _require_known_shape(dims)
    vocabulary = read_vocabulary(multilingual, languages)
    spec = _spec(dims, _Weights(data["model_state_dict"]))
    spec.register_vocabulary(vocabulary.tokens)
    spec.config.suppress_ids = list(vocabulary.suppressed)
    spec.config.suppress_ids_begin = list(vocabulary.suppressed_at_begin)
    spec.config.lang_ids = list(vocabulary.languages)
    spec.config.alignment_heads = _heads(dims, model.path.stem)
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    _write_tokenizer(vocabulary, dims, folder)


def _require_known_shape(dims: Mapping[str, int]) -> tuple[bool, int]:
    """Return whether the model is multilingual, and how many languages it knows."""
    fits = (
        dims["n_vocab"] in _VOCABULARIES
        and dims["n_mels"] in _MELS
        and (dims["n_audio_ctx"], dims["n_text_ctx"]) == (_AUDIO_POSITIONS, _TEXT_POSITIONS)
        and all(dims[f"n_{part}_layer"] > 0 and dims[f"n_{part}_head"] > 0 for part in ("audio", "text"))
        and all(dims[f"n_{part}_state"] % dims[f"n_{part}_head"] == 0 for part in ("audio", "text"))
    )
    if not fits:
        raise ValueError(f"no published model has the dimensions {dict(dims)}")
    return _VOCABULARIES[dims["n_vocab"]]


def _heads(dims: Mapping[str, int], stem: str) -> list[tuple[int, int]]:
    """Return (layer, head) of the attention heads that follow the words: the later half where nobody has published."""
    known = published_heads(dims["n_text_layer"], dims["n_text_head"], dims["n_mels"], stem)
    layers = range(dims["n_text_layer"] // 2, dims["n_text_layer"])
    return known or [(layer, head) for layer in layers for head in range(dims["n_text_head"])]


def _write_tokenizer(vocabulary: Vocabulary, dims: Mapping[str, int], folder: Path) -> None:
    vocabulary.tokenizer().save(str(folder / "tokenizer.json"))
    features = {"feature_size": dims["n_mels"], "sampling_rate": 16000, "hop_length": 160, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps({**features, "chunk_length": 30}), "utf-8")


class _Weights:
    """A checkpoint's tensors, each taken once and in the shape that is expected."""

    def __init__(self, tensors: "Mapping[str, Tensor]") -> None:
        self._left = dict(tensors)

    def take(self, name: str, *shape: int) -> "Tensor":
        """Return the tensor of that name."""
        tensor = self._left.pop(name)
        if tuple(tensor.shape) != shape:
            raise ValueError(f"{name} has the shape {tuple(tensor.shape)}, not {shape}")
        return tensor.contiguous()

    def require_empty(self) -> None:
        """Refuse tensors that nobody took: the checkpoint is of another kind."""
        if self._left:
            raise ValueError(f"{len(self._left)} tensors are unknown, such as {min(self._left)}")


def _spec(dims: Mapping[str, int], weights: _Weights) -> Any:
    from ctranslate2.specs import WhisperSpec

    spec = WhisperSpec(dims["n_audio_layer"], dims["n_audio_head"], dims["n_text_layer"], dims["n_text_head"])
    state = dims["n_audio_state"]
    _fill_conv(spec.encoder.conv1, weights, "encoder.conv1", dims["n_mels"], state)
    _fill_conv(spec.encoder.conv2, weights, "encoder.conv2", state, state)
    spec.encoder.position_encodings.encodings = weights.take("encoder.positional_embedding", _AUDIO_POSITIONS, state)
    _fill_norm(spec.encoder.layer_norm, weights, "encoder.ln_post", state)
    for number, layer in enumerate(spec.encoder.layer):
        _fill_block(layer, weights, f"encoder.blocks.{number}", state)
    state = dims["n_text_state"]
    embeddings = weights.take("decoder.token_embedding.weight", dims["n_vocab"], state)
    spec.decoder.embeddings.weight = embeddings
    spec.decoder.projection.weight = embeddings
    spec.decoder.position_encodings.encodings = weights.take("decoder.positional_embedding", _TEXT_POSITIONS, state)
    _fill_norm(spec.decoder.layer_norm, weights, "decoder.ln", state)
    for number, layer in enumerate(spec.decoder.layer):
        name = f"decoder.blocks.{number}"
        _fill_attention(layer.attention, weights, f"{name}.cross_attn", state, is_self=False)
        _fill_block(layer, weights, name, state)
    weights.require_empty()
    return spec


def _fill_block(layer: Any, weights: _Weights, name: str, state: int) -> None:
    _fill_attention(layer.self_attention, weights, f"{name}.attn", state, is_self=True)
    _fill_norm(layer.ffn.layer_norm, weights, f"{name}.mlp_ln", state)
    _fill_linear(layer.ffn.linear_0, weights, f"{name}.mlp.0", (4 * state, state))
    _fill_linear(layer.ffn.linear_1, weights, f"{name}.mlp.2", (state, 4 * state))


def _fill_attention(spec: Any, weights: _Weights, name: str, state: int, *, is_self: bool) -> None:
    """Fill in the projections: query, key and value are one matrix where all three see the same input."""
    import torch

    _fill_norm(spec.layer_norm, weights, f"{name}_ln", state)
    matrix: Callable[[str], Tensor] = lambda part: weights.take(f"{name}.{part}.weight", state, state)  # noqa: E731
    bias: Callable[[str], Tensor] = lambda part: weights.take(f"{name}.{part}.bias", state)  # noqa: E731
    query, key, value = matrix("query"), matrix("key"), matrix("value")
    query_bias, value_bias = bias("query"), bias("value")
    no_bias = torch.zeros_like(query_bias)
    if is_self:
        spec.linear[0].weight = torch.cat([query, key, value])
        spec.linear[0].bias = torch.cat([query_bias, no_bias, value_bias])
    else:
        spec.linear[0].weight, spec.linear[0].bias = query, query_bias
        spec.linear[1].weight = torch.cat([key, value])
        spec.linear[1].bias = torch.cat([no_bias, value_bias])
    _fill_linear(spec.linear[-1], weights, f"{name}.out", (state, state))


def _fill_linear(spec: Any, weights: _Weights, name: str, shape: tuple[int, int]) -> None:
    spec.weight, spec.bias = weights.take(f"{name}.weight", *shape), weights.take(f"{name}.bias", shape[0])


def _fill_conv(spec: Any, weights: _Weights, name: str, inputs: int, outputs: int) -> None:
    spec.weight = weights.take(f"{name}.weight", outputs, inputs, _FILTER_WIDTH)
    spec.bias = weights.take(f"{name}.bias", outputs)


def _fill_norm(spec: Any, weights: _Weights, name: str, state: int) -> None:
    spec.gamma, spec.beta = weights.take(f"{name}.weight", state), weights.take(f"{name}.bias", state)
