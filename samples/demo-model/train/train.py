"""Train the demo checkpoint against the clock.

    python train.py --bank ../bank --out ../demo-zh.pt --select ../select --minutes 120

Batches hold about ``--budget`` mel frames. Hidden matrices learn by Muon, the rest by AdamW; the rate warms up and then
falls along a cosine of wall-clock time. Every ``--check-minutes`` the averaged weights are written, measured on the
selection recordings through ``whisper.transcribe``, and kept as ``--out`` when they are the best so far.
"""

import argparse
import copy
import math
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from data import IGNORE, TOK, Bank, Vocab, Windows
from evaluate import error_rate
from muon import Muon
from net import Trainee, dimensions, local_attention_init, save_checkpoint


def restore(net: Trainee, path: str, bank: Bank) -> None:
    """Load a training state, following every token and syllable to its place in today's vocabulary."""
    saved = torch.load(path)
    state, mine = saved["net"], net.state_dict()
    here = {t: i for i, t in enumerate(net.vocab.full)}
    embed = mine["embed"].clone()
    embed[-1] = state["embed"][-1]
    for row, token in enumerate(saved["tokens"]):
        if token in here:
            embed[here[token]] = state["embed"][row]
    state["embed"] = embed
    for key in ("syllable.weight", "syllable.bias"):
        rows = mine[key].clone()
        for row, syllable in enumerate(saved["syllables"]):
            if syllable in bank.syllable:
                rows[bank.syllable[syllable]] = state[key][row]
        state[key] = rows
    net.load_state_dict(state)


def restore_checkpoint(net: Trainee, path: str) -> None:
    """Load the weights of a finished checkpoint; the syllable head, which it lacks, starts anew."""
    saved = torch.load(path)["model_state_dict"]
    part = lambda prefix: {k[len(prefix) :]: v.float() for k, v in saved.items() if k.startswith(prefix)}  # noqa: E731
    net.encoder.load_state_dict(part("encoder."), strict=False)
    net.blocks.load_state_dict(part("decoder.blocks."), strict=False)
    net.ln.load_state_dict(part("decoder.ln."))
    table = saved["decoder.token_embedding.weight"].float()
    unused = next(t for t in range(len(table)) if t not in net.vocab.compact)
    with torch.no_grad():
        net.pos.copy_(saved["decoder.positional_embedding"].float())
        net.embed.copy_(table[[*net.vocab.full, unused]])


class Recent:
    """Windows that went through the encoder a few steps ago, for steps of the decoder alone, which cost a quarter."""

    def __init__(self, pad: int, budget: int, seed: int, capacity: int = 120):
        self.fill = {"inputs": pad, "targets": IGNORE, "spans": -1, "syll": IGNORE}
        self.budget, self.capacity, self.rng, self.pool = budget, capacity, random.Random(seed), []

    def add(self, batch: dict, heard: torch.Tensor) -> None:
        """Remember the windows of a batch with what the encoder made of them."""
        rows = {**batch, "xa": heard}
        del rows["mel"]
        self.pool += [{k: v[i] for k, v in rows.items()} for i in range(len(heard))]
        self.pool = self.pool[-self.capacity :]

    def batch(self) -> dict:
        """A batch of windows of similar length."""
        frames = len(self.rng.choice(self.pool)["xa"])
        near = [x for x in self.pool if 0.7 * frames <= len(x["xa"]) <= frames]
        rows = self.rng.sample(near, min(len(near), max(1, self.budget // (2 * frames))))
        tokens = max(len(x["inputs"]) for x in rows)

        def stack(key: str) -> torch.Tensor:
            size = frames if key in ("xa", "syll") else tokens
            out = torch.full(
                (len(rows), size, *rows[0][key].shape[1:]), self.fill.get(key, 0), dtype=rows[0][key].dtype
            )
            for i, x in enumerate(rows):
                out[i, : len(x[key])] = x[key]
            return out

        return {key: stack(key) for key in rows[0]}


def main() -> None:
    """Train until the time is up."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--bank", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--select", required=True, help="recordings of the selection split, by holdout.py")
    ap.add_argument("--resume", help="training state, or checkpoint (.pt), to start from")
    ap.add_argument("--minutes", type=float, default=120)
    ap.add_argument("--lr", type=float, default=8e-4)
    ap.add_argument("--floor", type=float, default=0.02, help="final rate as a share of --lr")
    ap.add_argument("--warmup", type=int, default=40)
    ap.add_argument("--budget", type=int, default=5000, help="mel frames of a batch; a step takes one batch a thread")
    ap.add_argument("--full", type=float, default=0.12, help="share of clips that keep all of Whisper's padding")
    ap.add_argument("--longest", type=int, default=2950, help="longest clip in mel frames")
    ap.add_argument("--corrupt", type=float, default=0.12, help="share of input characters replaced by random ones")
    ap.add_argument("--attention", type=float, default=0.4, help="weight of the guided attention")
    ap.add_argument("--frame", type=float, default=0.3, help="weight of the syllable classification")
    ap.add_argument("--average", type=float, default=0.98, help="decay of the averaged weights")
    ap.add_argument("--check-minutes", type=float, default=12)
    ap.add_argument("--reuse", type=int, default=0, help="steps of the decoder alone after every full step")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()

    torch.manual_seed(a.seed)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    vocab, bank = Vocab(), Bank(a.bank)
    net = Trainee(dimensions(256, 4, 3, 4), vocab, len(bank.syllables))
    net.corrupt = a.corrupt
    if a.resume:
        if a.resume.endswith(".pt"):
            restore_checkpoint(net, a.resume)
        else:
            restore(net, a.resume, bank)
    else:
        local_attention_init(net, next(iter(Windows(bank, vocab, 4000, 0, a.seed)))["mel"])
    averaged = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(a.average)
    )
    print(
        f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters, {len(bank.items)} sentences, "
        f"{sum(m['n'] for m in bank.items) / 360000:.1f} h, {len(vocab.full)} tokens",
        flush=True,
    )
    hidden = [p for n, p in net.named_parameters() if p.dim() == 2 and n.startswith(("encoder.blocks", "blocks"))]
    chosen = set(map(id, hidden))
    optimisers = [
        *(Muon(hidden[k :: a.threads], lr=a.lr) for k in range(a.threads)),
        torch.optim.AdamW(
            [p for p in net.parameters() if id(p) not in chosen],
            lr=a.lr,
            betas=(0.9, 0.98),
            weight_decay=0.0,
            fused=True,
        ),
    ]
    data = Windows(bank, vocab, a.budget, a.full, a.seed, longest=a.longest)
    batches = iter(torch.utils.data.DataLoader(data, batch_size=None, num_workers=1, prefetch_factor=4))

    def share(replica: Trainee, batch: dict) -> dict[str, float]:
        loss = replica.losses(batch)
        value = loss["all"] + a.attention * loss["attention"] + 0.1 * loss["time"] + a.frame * loss["frame"]
        (value / a.threads).backward()
        return {k: v.item() for k, v in loss.items()}

    # one batch a thread, one thread an operation: on a busy machine threads of one operation wait for each other
    replicas = [net, *(copy.deepcopy(net) for _ in range(a.threads - 1))]
    for replica in replicas[1:]:
        for p, shared in zip(replica.parameters(), net.parameters()):
            p.data = shared.data
    recent = Recent(vocab.compact[TOK.eot], a.budget, a.seed)
    workers = ThreadPoolExecutor(a.threads)
    total, best, step, mean = a.minutes * 60, math.inf, 0, {}
    begin = checked = time.time()
    done, wanted = False, []
    signal.signal(signal.SIGUSR1, lambda *_: wanted.append(True))  # check and save now
    while not done:
        elapsed = time.time() - begin
        done = elapsed >= total
        if done or wanted or time.time() - checked > a.check_minutes * 60:
            wanted.clear()
            best = check(averaged.module, a, bank, best, step, elapsed)
            checked = time.time()
            continue
        rate = (
            a.lr
            * min(1.0, (step + 1) / a.warmup)
            * (a.floor + (1 - a.floor) * 0.5 * (1 + math.cos(math.pi * elapsed / total)))
        )
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
            optimiser.zero_grad(set_to_none=True)
        alone = step % (a.reuse + 1) != 0  # the decoder alone, on windows encoded a few steps ago
        rows = [recent.batch() if alone else next(batches) for _ in replicas]
        parts = list(workers.map(share, replicas, rows))
        if not alone:
            for replica, batch in zip(replicas, rows):
                recent.add(batch, replica.heard)
        loss = {k: sum(part[k] for part in parts) / len(parts) for k in parts[0]}
        for p, *others in zip(net.parameters(), *(replica.parameters() for replica in replicas[1:])):
            for other in others:
                if other.grad is not None:
                    p.grad.add_(other.grad)
                    other.grad = None
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        list(workers.map(lambda optimiser: optimiser.step(), optimisers))
        averaged.update_parameters(net)
        for k, v in loss.items():
            mean[k] = mean.get(k, v) * 0.95 + 0.05 * v
        step += 1
        if step % 10 == 0:
            print(
                f"{(time.time() - begin) / 60:6.2f} min step {step} lr {rate:.1e} "
                + " ".join(f"{k} {v:.3f}" for k, v in mean.items()),
                flush=True,
            )


def check(net: Trainee, a: argparse.Namespace, bank: Bank, best: float, step: int, elapsed: float) -> float:
    """Save the averaged weights, measure them, keep the better checkpoint; the best error rate so far."""
    out = Path(a.out)
    latest = out.with_name(out.stem + ".latest.pt")
    torch.save(
        {"net": net.state_dict(), "tokens": net.vocab.full, "syllables": bank.syllables, "step": step},
        out.with_suffix(".state"),
    )
    save_checkpoint(net, latest)
    score = error_rate(latest, a.select)
    print(
        f"{elapsed / 60:6.2f} min step {step} check: selection CER {score:.4f}" + (" best" if score < best else ""),
        flush=True,
    )
    if score < best:
        latest.replace(out)
    return min(best, score)


if __name__ == "__main__":
    main()
