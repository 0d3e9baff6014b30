"""A job that was submitted before and is still at work on the lake: it ends before the next one begins."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any, Optional

import grpc
from apache_beam.options.pipeline_options import FlinkRunnerOptions, PipelineOptions, PortableOptions
from apache_beam.portability.api import beam_job_api_pb2, beam_job_api_pb2_grpc

from pipelines.usage import say
from transforms.functions.job_file import JobFile

_LOOK_S = 0.5
# A cluster's own interface is in its own network: proxies are for the web.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# The longest that a job is waited for that is to end: a cycle's hosts have their budget of time.
_DRAIN_S = 600.0
_ENDED = ('DONE', 'FAILED', 'CANCELLED', 'DRAINED', 'UPDATED', 'STOPPED', 'UNSPECIFIED')


def come_to_rest(file: JobFile, job: str, is_gone: Callable[[], bool]) -> bool:
    """Asks a job to begin nothing any more and waits until nothing of it is at work; whether that came."""
    file.stop(job)
    until = time.monotonic() + _DRAIN_S
    while not file.is_at_rest(job):
        if is_gone() or time.monotonic() > until:
            return False
        time.sleep(_LOOK_S)
    return True


def end_earlier(file: JobFile, options: PipelineOptions) -> None:
    """Ends the lake's job: its command may have been killed.

    A job server that was started anew does not know it, while Flink goes on with it: it would begin nothing
    any more, and keep the slots that the next one needs.
    """
    job, submission = file.current()
    endpoint = options.view_as(PortableOptions).job_endpoint
    if job is None:
        return

    def is_gone() -> bool:
        return _has_ended(endpoint, submission) and not _on_flink(job, options)

    if is_gone():
        return
    if not file.is_at_rest(job):
        say(f'Job {job} is still at work on this lake; it is ended first.')
        come_to_rest(file, job, is_gone)
    _ask(endpoint, 'Cancel', beam_job_api_pb2.CancelJobRequest(job_id=submission))
    cancel_on_flink(job, options)


def job_name(job: str) -> str:
    """The name of a job for the cluster."""
    return f'dateline-watch-{job.lower()}'


def cancel_on_flink(job: str, options: PipelineOptions) -> None:
    """Cancels a job by Flink's own interface, if ``--flink_master`` says where that is.

    Beam's job server leaves a streaming job running on Flink when it is told to cancel it.
    """
    for url in _on_flink(job, options):
        _json(f'{url}?mode=cancel', 'PATCH')


def _on_flink(job: str, options: PipelineOptions) -> list[str]:
    """The addresses of a job that Flink works on, as far as ``--flink_master`` says where that is."""
    master = options.view_as(FlinkRunnerOptions).flink_master
    if ':' not in master:
        return []
    url = (master if '://' in master else f'http://{master}').rstrip('/')
    return [
        f'{url}/jobs/{one["jid"]}'
        for one in _json(f'{url}/jobs/overview').get('jobs', ())
        if one['name'] == job_name(job) and one['state'] not in ('CANCELED', 'FAILED', 'FINISHED')
    ]


def _json(url: str, method: str = 'GET') -> Any:
    try:
        with _DIRECT.open(urllib.request.Request(url, method=method), timeout=30) as answer:
            return json.loads(answer.read() or b'{}')
    except (OSError, ValueError) as error:
        say(f'{url} does not answer ({error}); cancel the job there.')
        return {}


def _has_ended(endpoint: Optional[str], submission: Optional[str]) -> bool:
    """Whether a job is over, or the job server does not know it (any more)."""
    if submission is None:
        return True
    answer = _ask(endpoint, 'GetState', beam_job_api_pb2.GetJobStateRequest(job_id=submission))
    return answer is None or beam_job_api_pb2.JobState.Enum.Name(answer.state) in _ENDED


def _ask(endpoint: Optional[str], method: str, request: Any) -> Any:
    if not endpoint or ':' not in endpoint:
        return None
    with grpc.insecure_channel(endpoint) as channel:
        try:
            return getattr(beam_job_api_pb2_grpc.JobServiceStub(channel), method)(request, timeout=60)
        except grpc.RpcError:
            return None
