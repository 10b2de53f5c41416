"""Muon in fp32 for the hidden matrices (torch's own works in bfloat16, which crawls on CPUs that lack it)."""

import torch

# Polynomials of the orthogonalising iteration, one a step: they lift small singular values as fast as degree 5 allows.
STEPS = ((8.287212, -23.595887, 17.300387), (4.107059, -2.947850, 0.544843), (3.948691, -2.908902, 0.551819))


class Muon(torch.optim.Optimizer):
    """Momentum whose matrix updates are orthogonalised; step sizes match AdamW's."""

    def __init__(self, params, lr: float, momentum: float = 0.95, weight_decay: float = 0.02):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        """Take one step; matrices of one shape are orthogonalised together."""
        for group in self.param_groups:
            by_shape: dict[tuple, list] = {}
            for p in group["params"]:
                if p.grad is None:
                    continue
                buf = self.state[p].setdefault("momentum", torch.zeros_like(p))
                buf.lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(buf, group["momentum"])
                flip = p.shape[0] > p.shape[1]
                by_shape.setdefault((min(p.shape), max(p.shape)), []).append((p, update.T if flip else update, flip))
            for (rows, cols), entries in by_shape.items():
                x = torch.stack([u for _, u, _ in entries])
                x = x / (1.01 * x.norm(dim=(1, 2), keepdim=True) + 1e-7)
                for a, b, c in STEPS:
                    gram = x @ x.mT
                    x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
                scale = 0.2 * max(rows, cols) ** 0.5
                for (p, _, flip), u in zip(entries, x):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(u.T if flip else u, alpha=-group["lr"] * scale)
