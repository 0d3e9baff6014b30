"""`dateline ingest` on a Spark cluster: the same lake as on one machine, and nothing lost or doubled."""

import contextlib

import psutil

from deploy.spark.cluster import Cluster
from pipelines.cli import run_command
from tests.cluster_jobs import Harm, check_same_lake, check_that_harms_cost_nothing, killed, limited_job
from tests.publishing import articles


def test_a_batch_job_gives_the_same_lake_row_for_row(cluster: Cluster, tmp_path):
    check_same_lake(cluster.flags, tmp_path)


def work_of_executors(cluster: Cluster, grouping: str) -> dict[str, int]:
    """By executor, how many of a grouping's elements the stage behind it read there, in the last job."""
    events = cluster.events()
    stages = [one['Stage Info'] for one in events if one['Event'] == 'SparkListenerStageCompleted']
    behind = min(
        stage['Stage ID'] for stage in stages if any(grouping in rdd['Name'] for rdd in stage['RDD Info'])
    )
    found: dict[str, int] = {}
    for one in events:
        if one['Event'] == 'SparkListenerTaskEnd' and one['Stage ID'] == behind:
            place = one['Task Info']['Executor ID']
            read = one['Task Metrics']['Shuffle Read Metrics']['Total Records Read']
            found[place] = found.get(place, 0) + read
    return found


def test_limits_of_each_host_hold_across_both_executors_and_a_job_submitted_again_fetches_nothing(
    cluster: Cluster, tmp_path
):
    with limited_job(cluster.flags, tmp_path) as (newsroom, arguments):
        work = work_of_executors(cluster, 'Ingest/FetchPages/GroupByShard')
        assert len(work) == 2 and min(work.values()) > 0  # both fetched
        before = newsroom.asked()
        assert run_command('pipelines.batch', arguments) == 0
        assert newsroom.asked() == before == articles(tmp_path / 'lake')
    assert run_command('pipelines.check', [str(tmp_path / 'lake')]) == 0


def test_a_worker_and_an_executor_that_are_killed_cost_no_article_and_what_was_staged_is_not_fetched_again(
    cluster: Cluster, tmp_path
):
    def kill_executor() -> bool:
        # Processes come and go while this looks.
        with contextlib.suppress(psutil.NoSuchProcess):
            at_work = {port for worker in cluster.workers() for port in talks_to(worker)}
            return killed([one for one in cluster.executors() if listens_at(one) & at_work])
        return False

    # The other executor has taken the work of the first by then.
    check_that_harms_cost_nothing(
        cluster.flags, tmp_path, Harm(0, lambda: killed(cluster.workers())), Harm(0.5, kill_executor)
    )


def listens_at(process: int) -> set[int]:
    """The ports at which a process listens."""
    found = psutil.Process(process).net_connections()
    return {one.laddr.port for one in found if one.status == psutil.CONN_LISTEN}


def talks_to(process: int) -> set[int]:
    """The ports that a process is connected to."""
    found = psutil.Process(process).net_connections()
    return {one.raddr.port for one in found if one.status == psutil.CONN_ESTABLISHED}
