"""The demo's web server: Gunicorn, in this very process."""

import contextlib
import os
import signal
import socket
import sys
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from workshop.processes import Refused, end_now

OPTIONS: dict[str, Any] = {
    "worker_class": "gthread",
    "workers": 2,  # a slow page in one leaves the other free
    "threads": 4,
    "preload_app": True,  # loaded once, before the fork; a broken site ends at once instead of being tried again
    "graceful_timeout": 3,  # seconds a page may take to finish after Ctrl-C
    "loglevel": "warning",
    "limit_request_line": 8190,  # the most it allows: a longer address is refused in our own words
    "control_socket_disable": True,  # nobody steers a demo, and it would leave a file behind
    "proc_name": "guangdong32-demo",
}


class Server(BaseApplication):
    """Gunicorn with our options, on a socket that is bound already."""

    def __init__(self, kept: socket.socket, *, password: str) -> None:
        host, port = kept.getsockname()
        self.address = f"http://{host}:{port}/"
        self.bind = f"fd://{kept.detach()}"  # from here on the socket is Gunicorn's
        self.password = password
        # A token for every worker but one: who finds none left is the last to be ready.
        self.tokens, given = os.pipe()
        os.set_blocking(self.tokens, False)
        os.write(given, b"." * (OPTIONS["workers"] - 1))
        super().__init__()

    def load_config(self) -> None:
        """Set our options."""
        for name, value in OPTIONS.items():
            self.cfg.set(name, value)
        self.cfg.set("bind", self.bind)
        self.cfg.set("when_ready", self.when_ready)
        self.cfg.set("post_worker_init", self.worker_is_ready)

    def load(self) -> WSGIHandler:
        """Return the site, whole: addresses and views are read now, not by the first reader's request."""
        from config.wsgi import application

        _ = get_resolver().url_patterns
        return application

    def when_ready(self, arbiter: Arbiter) -> None:
        """Have the signals of a demo understood. Connections are accepted from here on."""
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            # A closed terminal stops the demo; to Gunicorn it would mean "read your configuration again".
            signal.signal(signal.SIGHUP, lambda *_: arbiter.SIG_QUEUE.put_nowait(signal.SIGTERM))
        sys.stdout.flush()  # what is still to be written would be written by every worker too

    def worker_is_ready(self, worker: Worker) -> None:
        """The last of the first workers says where the site is: one that is just forked is deaf to a signal to stop."""
        if worker.age > OPTIONS["workers"]:
            return
        with contextlib.suppress(BlockingIOError):
            os.read(self.tokens, 1)
            return
        print(f"\nGuangdong 32 is ready:  {self.address}", flush=True)
        print(f"The editors' desk:      {self.address}admin/   (editor / {self.password})", flush=True)
        print("Ctrl-C stops it.\n", flush=True)


def serve(kept: socket.socket, *, password: str) -> None:
    """Serve the site on a bound socket until we are stopped; ends the process."""
    try:
        kept.listen()
    except OSError as error:
        raise Refused(f"port {kept.getsockname()[1]} was taken meanwhile ({error.strerror})") from None
    try:
        Server(kept, password=password).run()
    except SystemExit as ended:  # of the workers too: they are forks of this process
        end_now(ended.code if isinstance(ended.code, int) else 1)
