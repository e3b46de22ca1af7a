"""The kernel that executes a submission: IPython's own, with four more messages.

``grader_place`` gives it files to put into its work directory before the first cell runs; ``grader_seed`` sets the
random generators before a cell; ``grader_capture`` asks it to keep the state of the namespace for an exercise (see
``capture``); ``grader_serve`` asks it to serve such a state itself, where no process can be forked. Started by the
warm parent after a fork, or cold by ``python -m grader.worker.kernel -f CONNECTION_FILE``.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import secrets
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

# The debugger of notebooks costs 0.25 s at each start, and nobody is there to use it.
sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]

import ipykernel.ipkernel  # noqa: E402
import ipykernel.kernelapp  # noqa: E402
from ipykernel.compiler import XCachingCompiler  # noqa: E402
from ipykernel.iostream import IOPubThread  # noqa: E402
from ipykernel.ipkernel import IPythonKernel  # noqa: E402
from ipykernel.kernelapp import IPKernelApp  # noqa: E402
from ipykernel.zmqshell import ZMQInteractiveShell  # noqa: E402
from jupyter_client.connect import write_connection_file  # noqa: E402
from traitlets import Type  # noqa: E402
from traitlets.config import Config  # noqa: E402

from grader.worker.capture import can_fork, fork_snapshot, serve_here  # noqa: E402
from grader.worker.datasets import offer_datasets  # noqa: E402
from grader.worker.errors import shorten_tracebacks  # noqa: E402
from grader.worker.offline import advice_on, advice_on_error  # noqa: E402
from grader.worker.placing import place  # noqa: E402
from grader.worker.seeding import seed_everything  # noqa: E402
from grader.worker.stream import settle  # noqa: E402

INLINE = "module://matplotlib_inline.backend_inline"


class SubmissionShell(ZMQInteractiveShell):
    """IPython's shell, for cells that nobody watches."""

    streams: dict[str, Any] = {}  # noqa: RUF012 - of this process: there is one shell in it

    def run_cell(self, *args: Any, **kwargs: Any) -> Any:
        for name, stream in self.streams.items():  # an earlier cell may have put something useless there
            if not callable(getattr(getattr(sys, name, None), "write", None)):
                setattr(sys, name, stream)
        result = super().run_cell(*args, **kwargs)
        with contextlib.suppress(Exception):  # an exception of the submission's own may do anything
            if advice := advice_on_error(result.error_in_exec):
                print(advice, file=sys.stderr)
        return result

    def system_piped(self, cmd: str) -> None:
        super().system_piped(cmd)
        if self.user_ns.get("_exit_code") and (advice := advice_on(cmd)):
            print(advice, file=sys.stderr)

    system = system_piped  # ``!command`` and ``%pip``

    def ask_exit(self) -> None:
        """``exit()`` and ``quit()`` end their cell, as ``sys.exit()`` does; there are more cells to run."""
        raise SystemExit

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        # IPython takes up to 30 s to put the thousand frames of an endless recursion into words.
        kind, value, trace = super()._get_exc_info(exc_tuple)
        return kind, value, shorten_tracebacks(value, trace)

    def _format_exception_for_storage(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {}  # put into words a second time, for a history that nobody reads


class SubmissionKernel(IPythonKernel):
    """Executes cells as any IPython kernel does, and keeps the state of exercises."""

    shell_class = Type(SubmissionShell)

    def __init__(self, **kwargs: Any) -> None:
        with no_modules_listed():
            super().__init__(**kwargs)
        self.captured: dict[str, dict[str, Any]] = {}
        for name in ("grader_place", "grader_seed", "grader_capture", "grader_serve"):
            self.shell_handlers[f"{name}_request"] = getattr(self, name)

    async def do_execute(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Execute a cell. One that breaks IPython itself gets an answer, where IPython would give none."""
        try:
            reply = await super().do_execute(*args, **kwargs)
            settle()
            return reply
        except Exception as error:  # noqa: BLE001
            reply = {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []}
            return reply | {"execution_count": self.execution_count, "user_expressions": {}, "payload": []}

    def grader_place(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        reply: dict[str, Any] = {"error": None}
        try:
            for path, data in zip(parent["content"]["paths"], parent["buffers"], strict=True):
                place(path, data)
        except OSError as error:
            reply = {"error": f"{error.strerror or error}"}
        self._reply(stream, "grader_place_reply", reply, parent, ident)

    def grader_capture(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        content = parent["content"]
        address, exercise = content["address"], content["exercise"]
        shell: Any = self.shell
        reply = {"mode": "reference"}
        if content["fork"] and can_fork():
            with contextlib.suppress(OSError):  # no more processes: the cells have filled the place
                reply = {
                    "mode": "fork",
                    "pid": fork_snapshot(address, exercise, shell.user_ns, content["ahead"]),
                }
        if reply["mode"] == "reference":
            self.captured[exercise] = dict(shell.user_ns)
        self._reply(stream, "grader_capture_reply", reply, parent, ident)

    def grader_serve(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        content = parent["content"]
        self._reply(stream, "grader_serve_reply", {}, parent, ident)
        serve_here(content["address"], content["exercise"], self.captured.get(content["exercise"], {}))

    def grader_seed(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Seed the generators before a cell, so that the same notebook gives the same numbers again."""
        seed_everything(int(parent["content"]["seed"]))
        self._reply(stream, "grader_seed_reply", {}, parent, ident)

    def _reply(self, stream: Any, kind: str, content: dict[str, Any], parent: Any, ident: Any) -> None:
        session: Any = self.session
        session.send(stream, kind, content, parent, ident=ident)


@contextlib.contextmanager
def no_modules_listed() -> Generator[None]:
    """IPython's kernel asks each module for its file, for the debugger that we have none of.

    In a forked process that copies the memory pages of two thousand modules: a third of the time until it is ready.
    """

    class Without:
        modules: dict[str, Any] = {}  # noqa: RUF012

        def __getattr__(self, name: str) -> Any:
            return getattr(sys, name)

    module: Any = ipykernel.ipkernel
    module.sys = Without()
    try:
        yield
    finally:
        module.sys = sys


def prepare(folder: Path) -> IPKernelApp:
    """A kernel that is ready to start, listening on sockets in `folder` as ``connection.json`` there tells.

    All that takes time happens here, so that a kernel in stock answers its first message at once.
    """
    connection_file = folder / "connection.json"
    key = secrets.token_hex(32).encode()
    write_connection_file(str(connection_file), transport="ipc", ip=str(folder / "kernel"), key=key)
    return initialise(str(connection_file))


class OutputThread(IOPubThread):
    """IPython's output channel without its TCP port for child processes, which a sandbox has no use for.

    What a child process prints goes to its descriptor 1, which the kernel reads and shows.
    """

    def __init__(self, socket: Any, pipe: bool = False, **options: Any) -> None:
        super().__init__(socket, pipe=False, **options)


def print_to_descriptors() -> None:
    """In a forked child: print where every other program prints."""
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115 - as long as the process lives
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115


class KernelApp(IPKernelApp):
    """IPython's kernel application; what it should do is in its configuration, and nowhere else."""

    def parse_command_line(self, argv: Any = None) -> None:
        """There is none: the parser for all of its options takes longer than anything else here."""

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """No file that lies somewhere on this machine changes how a submission is run."""

    def init_code(self) -> None:
        """No start-up file either; and no list of all modules for ``%reset``, see ``no_modules_listed``."""
        shell: Any = self.shell
        shell.user_ns_hidden.update(shell.user_ns)
        sys.stdout.flush()
        sys.stderr.flush()

    def _configure_logging(self) -> None:
        """IPython's own messages go nowhere. Python's ``logging.config`` would go through every logger there is."""
        logging.getLogger(type(self).__name__).addHandler(logging.NullHandler())
        self._logging_configured = True


def configuration() -> Config:
    config = Config()
    config.HistoryManager.enabled = False  # no SQLite file, no thread that writes it
    config.InteractiveShellApp.exec_PYTHONSTARTUP = False
    config.InteractiveShell.colors = "nocolor"
    config.IPKernelApp.log_level = 50
    config.IPKernelApp.outstream_class = "grader.worker.stream.PieceStream"
    return config


@functools.cache
def make_shell() -> SubmissionShell:
    """The shell of this process. The warm parent makes it once, for all of its children: half of a kernel's start.

    It needs no socket and no thread, and no cell has been run in it.
    """
    os.environ["MPLBACKEND"] = INLINE
    shell = SubmissionShell.instance(config=configuration(), compiler_class=XCachingCompiler)
    show_figures_inline(shell)
    return shell


def initialise(connection_file: str) -> IPKernelApp:
    """IPython's own kernel application, without what a submission has no use for."""
    ipykernel.kernelapp.IOPubThread = OutputThread
    os.register_at_fork(after_in_child=print_to_descriptors)
    shell: Any = make_shell()
    # the one instance of this process: %matplotlib looks for it there
    app: Any = KernelApp.instance(
        kernel_class=SubmissionKernel, config=configuration(), connection_file=connection_file
    )
    app.initialize([])
    shell.parent = shell.kernel = app.kernel
    shell.streams = {"stdout": sys.stdout, "stderr": sys.stderr}
    find_own_modules()
    hide_the_grader()
    offer_datasets()
    return app


def find_own_modules() -> None:
    """Let a submission import the modules that it writes, as in any notebook: after the standard library.

    IPython does so itself, except where Python was started with -P. We are, since the folder that an
    instructor happens to be in may hold a ``torch.py``.
    """
    places = [index for index, path in enumerate(sys.path) if path.endswith("site-packages")]
    sys.path.insert(places[0] if places else len(sys.path), "")


def show_figures_inline(shell: Any) -> None:
    """What a kernel does when pyplot is imported in it; in a forked kernel pyplot is there already."""
    if "matplotlib.pyplot" in sys.modules:
        import matplotlib
        from matplotlib_inline.backend_inline import configure_inline_support

        matplotlib.use(INLINE)
        configure_inline_support(shell, INLINE)


def hide_the_grader() -> None:
    """Make a submission's own ``import reference`` fail.

    Only so that it is not done by accident: what keeps a hostile submission from the files is the sandbox.
    """
    sys.meta_path.insert(0, _Refusal())


class _Refusal:
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.split(".")[0] in ("reference", "exercises"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main() -> None:
    import torch

    torch.set_num_threads(1)
    initialise(sys.argv[sys.argv.index("-f") + 1]).start()


if __name__ == "__main__":
    main()
