"""Training-time view of whisper's model: compact vocabulary, window slices, guided attention; and saving."""

import math
import zipfile
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from whisper.model import ModelDimensions, Whisper, sinusoids

from data import IGNORE, N_VOCAB, Vocab


def dimensions(state: int, heads: int, audio_layers: int, text_layers: int) -> ModelDimensions:
    """Whisper dimensions of a small model."""
    return ModelDimensions(
        n_mels=80,
        n_audio_ctx=1500,
        n_audio_state=state,
        n_audio_head=heads,
        n_audio_layer=audio_layers,
        n_vocab=N_VOCAB,
        n_text_ctx=448,
        n_text_state=state,
        n_text_head=heads,
        n_text_layer=text_layers,
    )


class Trainee(nn.Module):
    """Whisper's encoder and decoder blocks plus what is dropped on save (the syllable head)."""

    def __init__(self, dims: ModelDimensions, vocab: Vocab, n_syllables: int):
        super().__init__()
        self.dims, self.vocab = dims, vocab
        n, d = len(vocab.full), dims.n_text_state
        whisper = Whisper(dims)
        self.encoder, self.blocks, self.ln = whisper.encoder, whisper.decoder.blocks, whisper.decoder.ln
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, std=0.6 / math.sqrt(m.in_features))
                if m.bias is not None:
                    nn.init.zeros_(m.bias)
        for b in list(self.encoder.blocks) + list(self.blocks):  # damped residual branches
            for lin in [b.attn.out, b.mlp[2]] + ([b.cross_attn.out] if b.cross_attn else []):
                lin.weight.data *= 0.5
        # one row per used token; the last row stands for all unused ones
        self.embed = nn.Parameter(torch.randn(n + 1, d) * 0.05)
        self.embed.data[vocab.ts0 : vocab.ts0 + 1501] += 0.06 * sinusoids(1501, d)
        # timestamp rows share a learned map of the sinusoids: reading a time off a position is learned once
        self.ts_map = nn.Parameter(torch.zeros(d, d))
        self.register_buffer("ts_basis", sinusoids(1501, d), persistent=False)
        self.pos = nn.Parameter(sinusoids(448, d) * 0.05 + torch.randn(448, d) * 0.005)
        self.register_buffer("unused_bias", torch.tensor(math.log(N_VOCAB - n)), persistent=False)
        self.syllable = nn.Linear(d, n_syllables + 1)
        self.guided = range(dims.n_text_layer // 2, dims.n_text_layer)
        self.corrupt, self.n_text = 0.0, sum(t < 50257 for t in vocab.full)

    def table(self) -> torch.Tensor:
        """Embedding rows of the compact vocabulary."""
        a = self.vocab.ts0
        return torch.cat(
            [self.embed[:a], self.embed[a : a + 1501] + self.ts_basis @ self.ts_map, self.embed[a + 1501 :]]
        )

    def encode(self, mel: torch.Tensor) -> torch.Tensor:
        """Whisper's encoder on a window that may be shorter than 30 s."""
        e = self.encoder
        x = F.gelu(e.conv2(F.gelu(e.conv1(mel)))).transpose(1, 2)
        x = x + e.positional_embedding[: x.shape[1]]
        for block in e.blocks:
            x = block(x)
        return e.ln_post(x)

    def decode(self, tokens, xa, spans):
        """Logits over the compact vocabulary and the guided-attention loss."""
        L = tokens.shape[1]
        embed = self.table()
        x = F.embedding(tokens, embed) + self.pos[:L]
        mask = torch.empty(L, L).fill_(-torch.inf).triu_(1)
        a, b = spans[..., 0], spans[..., 1]
        valid = b >= 0
        t = torch.arange(xa.shape[1])
        inside = ((t >= a[..., None]) & (t <= b[..., None])).unsqueeze(1)  # [B, 1, L, T]
        loss = 0.0
        for i, block in enumerate(self.blocks):
            if i not in self.guided:
                x = block(x, xa, mask=mask)
                continue
            x = x + block.attn(block.attn_ln(x), mask=mask)[0]
            c, h = block.cross_attn, self.dims.n_text_head
            q, k, v = (
                y.view(*y.shape[:2], h, -1).transpose(1, 2)
                for y in (c.query(block.cross_attn_ln(x)), c.key(xa), c.value(xa))
            )
            w = ((q @ k.transpose(-1, -2)) * (q.shape[-1] ** -0.5)).softmax(-1)
            mass = (w * inside).sum(-1).float()  # [B, h, L]
            loss = loss - (mass.clamp(min=1e-4).log() * valid[:, None]).sum() / (valid.sum() * h + 1)
            x = x + c.out((w.to(v.dtype) @ v).transpose(1, 2).flatten(2))
            x = x + block.mlp(block.mlp_ln(x))
        logits = self.ln(x) @ embed.T
        return logits, loss / len(self.guided)

    def losses(self, batch: dict) -> dict[str, torch.Tensor]:
        """All parts of the loss, and the share of right tokens."""
        xa = batch["xa"] if "xa" in batch else self.encode(batch["mel"])
        self.heard = xa.detach()
        inputs = batch["inputs"]
        if self.training and self.corrupt:  # wrong previous characters now and then: the decoder must listen
            wrong = (torch.rand(inputs.shape) < self.corrupt) & (batch["targets"] != IGNORE) & (inputs < self.n_text)
            other = torch.where(
                torch.rand(inputs.shape) < 0.5, torch.randint(0, self.n_text, inputs.shape), inputs.roll(1, 1)
            )
            inputs = torch.where(wrong, other, inputs)
        logits, attention = self.decode(inputs, xa, batch["spans"])
        target = batch["targets"]
        keep = target != IGNORE
        z, y = logits[keep].float(), target[keep]
        bias = torch.zeros(z.shape[-1])
        bias[-1] = self.unused_bias
        logp = (z + bias).log_softmax(-1)
        ts0 = self.vocab.ts0
        is_ts = y >= ts0
        nll = -logp.gather(1, y[:, None])[:, 0]
        if is_ts.any():  # neighbouring 20-ms steps share the probability of a timestamp
            steps = torch.arange(-2, 3)
            near = (y[is_ts][:, None] + steps).clamp(ts0, ts0 + 1500)
            soft = torch.tensor([0.05, 0.2, 0.5, 0.2, 0.05])
            nll = nll.clone()
            nll[is_ts] = -(logp[is_ts].gather(1, near) * soft).sum(1)
        s = batch["syll"]
        frame = F.cross_entropy(
            self.syllable(xa[:, ::2]).float().flatten(0, 1), s[:, ::2].flatten(), ignore_index=IGNORE
        )
        hit = (logp.argmax(-1) == y).float()
        return {
            "text": nll[~is_ts].mean(),
            "time": nll[is_ts].mean() if is_ts.any() else nll.sum() * 0,
            "all": nll.mean(),
            "attention": attention,
            "frame": frame,
            "acc": hit[~is_ts].mean(),
        }

    def state_for_whisper(self) -> dict[str, torch.Tensor]:
        """fp16 state dict that ``whisper.load_model`` accepts."""
        whisper = Whisper(self.dims)
        whisper.encoder.load_state_dict(self.encoder.state_dict())
        whisper.decoder.blocks.load_state_dict(self.blocks.state_dict())
        whisper.decoder.ln.load_state_dict(self.ln.state_dict())
        with torch.no_grad():
            whisper.decoder.positional_embedding.copy_(self.pos)
            table = whisper.decoder.token_embedding.weight
            rows = self.table().float()
            table.copy_(rows[-1].expand_as(table))
            table[self.vocab.full] = rows[:-1]
        return {k: v.detach().half().contiguous() for k, v in whisper.state_dict().items()}


def save_checkpoint(trainee: Trainee, path: str | Path) -> None:
    """Write the checkpoint; its zip members are deflated, which torch.load reads as is."""
    path = Path(path)
    raw = path.with_suffix(".raw")
    torch.save({"dims": asdict(trainee.dims), "model_state_dict": trainee.state_for_whisper()}, raw)
    tmp = path.with_suffix(".tmp")
    with zipfile.ZipFile(raw) as src, zipfile.ZipFile(tmp, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as dst:
        for item in src.infolist():
            dst.writestr(item.filename, src.read(item.filename), zipfile.ZIP_DEFLATED, 9)
    raw.unlink()
    tmp.replace(path)


@torch.no_grad()
def local_attention_init(net: Trainee, mel: torch.Tensor, sharpness: float = 0.8) -> None:
    """Make the encoder's heads look at fixed short offsets before any learning.

    With absolute sinusoidal positions, local attention takes thousands of steps to emerge (measured: none after 500),
    and without it the encoder sees only the ±50 ms of its convolutions. So 64 channels (32 sine/cosine pairs) are
    reserved for the position alone at first, and queries/keys are set so that
    q_t·k_s = sharpness·Σ cos(ω(t + offset − s)): a peak at ``offset`` frames of 20 ms. Training may change all of it.
    """
    d = net.dims.n_audio_state
    e = net.encoder
    k = torch.linspace(4, 86, 32).round().long()
    omega = 10000.0 ** (-k / (d // 2 - 1))
    sin, cos = k, k + d // 2
    position = torch.cat([sin, cos])
    e.conv2.weight[position] = 0
    e.conv2.bias[position] = 0
    for block in e.blocks:
        for lin in (block.attn.out, block.mlp[2]):
            lin.weight[position] = 0
            lin.bias[position] = 0
    x = F.gelu(e.conv2(F.gelu(e.conv1(mel)))).transpose(1, 2)
    x = x + e.positional_embedding[: x.shape[1]]
    offsets = [(-6, -2, 2, 6), (-12, -4, 4, 12), (-16, -5, 5, None)]
    for block, row in zip(e.blocks, offsets):
        normed = block.attn_ln(x)[..., position]
        amplitude = (normed**2).mean().sqrt() * math.sqrt(2)  # of a unit sinusoid after the layer norm
        head = d // net.dims.n_audio_head
        gain = math.sqrt(sharpness * math.sqrt(head)) / amplitude
        for h, offset in enumerate(row):
            if offset is None:
                continue
            rows = torch.arange(h * head, h * head + 32)
            for lin in (block.attn.query, block.attn.key):
                lin.weight[h * head : (h + 1) * head] = 0
            block.attn.query.bias[h * head : (h + 1) * head] = 0
            block.attn.key.weight[rows, sin] = gain
            block.attn.key.weight[rows + 32, cos] = gain
            c, s = gain * torch.cos(omega * offset), gain * torch.sin(omega * offset)
            block.attn.query.weight[rows, sin] = c
            block.attn.query.weight[rows, cos] = s
            block.attn.query.weight[rows + 32, cos] = c
            block.attn.query.weight[rows + 32, sin] = -s
        x = block(x)
