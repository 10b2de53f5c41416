"""How Dask is used here: one slot a worker, no task tried again by Dask itself, no web page, little said."""

import logging

import dask

_SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,  # the queue counts attempts
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.comm.timeouts.connect": "10s",
}
NO_PAGE = "127.0.0.1:0"
"""Where Dask's web server listens, which it starts in any case: it serves nothing."""
WANTED, JOIN, LEAVE = "weike_wanted", "weike_join", "weike_leave"
"""What workers ask a coordinator."""


def set_up() -> None:
    """Settle it for this process."""
    dask.config.set(_SETTINGS)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
