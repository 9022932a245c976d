"""The infer requests of a compiled model, shared by all who use it: bounded, and fair."""

from __future__ import annotations

import atexit
import contextlib
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._pending import Pending, Timings
from ._semaphore import POLL_INTERVAL, FairSemaphore

if TYPE_CHECKING:
    import openvino as ov

T = TypeVar("T")

# Is this thread one of OpenVINO's, in a callback? Then waiting for a request may be waiting
# for oneself.
_thread = threading.local()


def in_callback() -> bool:
    return getattr(_thread, "in_callback", False)


class _Running:
    """What runs in a queue. Knows nothing of the queue itself, which C++ hides from the
    garbage collector: a reference back to it would never be freed."""

    def __init__(self, count: int) -> None:
        self.slots = FairSemaphore(count)
        self.inferences: set[Inference[Any]] = set()

    def poll(self) -> None:
        """End what has failed: OpenVINO calls nobody back then."""
        for inference in list(self.inferences):
            try:
                inference.request.wait_for(0)
            except RuntimeError as error:
                inference.end(error)

    def ended(self, inference: Inference[Any]) -> bool:
        """Whether it had not ended before."""
        try:
            self.inferences.remove(inference)
        except KeyError:
            return False
        return True


class Inference(Pending[T], Generic[T]):
    """One that was started: what `read` makes of its outputs, in OpenVINO's thread."""

    def __init__(
        self, request: Any, tensor: Any, read: Callable[[Any], T], running: _Running, before: float
    ) -> None:
        self.request = request
        self._tensor = tensor  # OpenVINO does not keep it alive
        self._read: Callable[[Any], T] | None = read
        self._running = running
        self._over = threading.Lock()
        self._over.acquire()
        self._value: Any = None
        self._error: BaseException | None = None
        self._before = before
        self._times = (time.perf_counter(),) * 3

    def called(self, request: Any) -> None:
        """The callback: read the outputs while they are hot, before the request runs again."""
        called = time.perf_counter()
        error, read = None, self._read
        try:
            if read is not None:
                self._value = read(request)
        except BaseException as raised:  # noqa: BLE001 - it is raised where the result is asked for
            error = _without_tensors(raised)
        self._times = (self._times[0], called, time.perf_counter())
        self.end(error)

    def end(self, error: BaseException | None) -> None:
        if self._running.ended(self):
            self._error = error
            self._tensor = self._read = None  # the queue keeps this object
            self._over.release()
            self._running.slots.release()

    @property
    def done(self) -> bool:
        return not self._over.locked()

    def result(self) -> T:
        self._wait()
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # its traceback leads here
        value: T = self._value
        self._value = None
        return value

    def drop(self) -> None:
        self._read = None

    def settle(self) -> None:
        # A generator may be collected in any thread, this inference's own among them.
        if not in_callback():
            self._wait()

    def _wait(self) -> None:
        while not self._over.acquire(timeout=POLL_INTERVAL):
            self._running.poll()
        self._over.release()

    @property
    def timings(self) -> Timings:
        started, called, ended = self._times
        return Timings(self._before, called - started, ended - called)


class Requests:
    """An AsyncInferQueue that takes care of what is rough about it.

    A failed inference is nobody's callback, and makes its queue fail for ever; one that
    could not start leaves the queue a request short; two threads that start at once may
    get one request; and a queue that is freed before its callbacks have returned waits for
    one that waits for the GIL, or is used by it when it is gone.

    Args:
        count: of requests; None: one more than the device says is best, so that the next
            inference waits in the device's queue, and not for Python.
    """

    def __init__(self, compiled: ov.CompiledModel, count: int | None = None) -> None:
        if count is None:
            count = 1 + compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self.count = count
        self.entry = FairSemaphore(count)  # for who makes a tensor and waits for a request with it
        self._compiled: ov.CompiledModel | None = compiled
        self._running = _Running(count)
        self._starting = threading.Lock()
        self._spoilt = False
        self._open()
        _all.add(self)

    def start(self, tensor: Any, read: Callable[[Any], T], *, before: float = 0.0) -> Inference[T]:
        """Infer, in the next request that is free; waits for it, which no callback may.

        Args:
            tensor: the only input; not to be changed before `read` is called.
            read: what is made of the finished request. No tensor may leave it.
            before: seconds that `tensor` took.

        Raises:
            RuntimeError: closed, or OpenVINO failed.
        """
        running = self._running
        running.slots.acquire(running.poll)
        inference: Inference[T] | None = None
        try:
            with self._starting:
                inference = Inference(self._idle_request(), tensor, read, running, before)
                running.inferences.add(inference)
                self._spoilt = True  # unless it starts
                self._queue.start_async(tensor, inference, share_inputs=True)
                self._spoilt = False
        except BaseException:
            # Ctrl-C may come behind the start: what has ended since then gave its turn.
            if inference is None or running.ended(inference):
                running.slots.release()
            raise
        return inference

    def _idle_request(self) -> Any:
        if self._compiled is None:
            raise RuntimeError("this Detector is closed")
        if self._spoilt:
            self._renew()
        try:
            number = self._queue.get_idle_request_id()
        except RuntimeError:
            self._renew()
            number = self._queue.get_idle_request_id()
        return self._requests[number]

    def _open(self) -> None:
        import openvino as ov

        self._queue = ov.AsyncInferQueue(self._compiled, self.count)
        self._queue.set_callback(_call_back)
        self._requests = list(self._queue)

    def _renew(self) -> None:
        self.settle()
        self._open()
        self._spoilt = False

    def settle(self) -> None:
        """Wait for what runs."""
        _wait_for(self._requests)
        self._running.poll()

    def close(self) -> None:
        """Wait for what runs, and let the model go. Nothing starts any more."""
        self._compiled = None
        if not in_callback():  # as a finaliser of the caller's may be; then __del__ does it
            with self._starting:
                self.settle()
                self._requests, self._queue = [], None

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        if is_finalizing():  # this module is gone, and nothing runs: see _end
            return
        requests = getattr(self, "_requests", [])
        if not requests:
            return
        # A callback that has given its result still has a way to go in the queue.
        if not in_callback() and not self._running.inferences:
            _wait_for(requests)
            return
        # Leave the queue to a thread that can wait for it, where this one cannot.
        queue = [*requests, self._queue]
        try:
            threading.Thread(target=_free, args=(queue,), daemon=True).start()
        except RuntimeError:  # the program ends, or no thread is left: it is not freed
            _left.append(queue)


_all: weakref.WeakSet[Requests] = weakref.WeakSet()
_left: list[Any] = []


def _call_back(request: Any, inference: Inference[Any]) -> None:
    _thread.in_callback = True
    try:
        inference.called(request)
    finally:
        _thread.in_callback = False


def _without_tensors(error: BaseException) -> BaseException:
    """`error` without the frame that caught it, and the local variables of the others."""
    below = error.__traceback__.tb_next if error.__traceback__ else None
    traceback.clear_frames(below)
    return error.with_traceback(below)


def _wait_for(requests: list[Any]) -> None:
    """Until their callbacks have returned, whether they failed or not."""
    for request in requests:
        with contextlib.suppress(RuntimeError):
            request.wait()


def _free(queue: list[Any]) -> None:
    _wait_for(queue[:-1])
    queue.clear()


@atexit.register
def _end() -> None:
    """Callbacks come while there is an interpreter."""
    for requests in list(_all):
        requests.settle()
