"""`dateline ingest` on a Flink cluster: the same lake as on one machine, and nothing lost or doubled."""

from typing import Any

import pytest

from deploy.flink.cluster import Cluster
from tests.cluster_jobs import Harm, check_same_lake, check_that_harms_cost_nothing, killed, limited_job
from transforms import processes


@pytest.fixture(autouse=True)
def clean_processes():
    yield
    processes.close_all()


def test_a_batch_job_gives_the_same_lake_row_for_row(cluster: Cluster, tmp_path):
    check_same_lake(cluster.flags, tmp_path)


def work_of_subtasks(cluster: Cluster, stage: str) -> dict[str, int]:
    """By host and port of the TaskManager, how much a stage of the last job read there."""
    jobs = cluster.ask('/jobs/overview')['jobs']
    job: dict[str, Any] = max(jobs, key=lambda one: one['start-time'])
    found: dict[str, int] = {}
    for vertex in cluster.ask(f'/jobs/{job["jid"]}')['vertices']:
        if stage in vertex['name']:
            for task in cluster.ask(f'/jobs/{job["jid"]}/vertices/{vertex["id"]}')['subtasks']:
                place = task['taskmanager-id']
                found[place] = found.get(place, 0) + task['metrics']['read-records']
    return found


def test_limits_of_each_host_hold_across_both_workers(cluster: Cluster, tmp_path):
    with limited_job(cluster.flags, tmp_path):
        work = work_of_subtasks(cluster, '{FetchPages')
        assert len(work) == 2 and min(work.values()) > 0  # both fetched


def test_a_worker_that_is_killed_costs_no_article_and_what_was_staged_is_not_fetched_again(
    cluster: Cluster, tmp_path
):
    check_that_harms_cost_nothing(cluster.flags, tmp_path, Harm(0, lambda: killed(cluster.workers())))
