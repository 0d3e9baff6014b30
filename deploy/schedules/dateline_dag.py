"""Airflow 2 and 3: what is due in news feeds, every ten minutes, and a merge of small files each night.

Put it into the folder of DAGs and set what stands in capitals. Dateline has an environment of its own where
the tasks run, since its dependencies are not Airflow's.
"""

import datetime

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.operators.bash import BashOperator

DATELINE = '/opt/dateline/.venv/bin/dateline'
FEEDS = '/etc/dateline/feeds.opml'
LAKE = '/var/lib/dateline/lake'
OPTIONS = '--fetch_contact=you@example.org'
# Airflow's Python reads this file, and may be older than Dateline's: no datetime.UTC.
START = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)  # noqa: UP017

with DAG(
    'dateline_ingest',
    schedule='*/10 * * * *',
    start_date=START,
    catchup=False,
    max_active_runs=1,  # two runs on one lake at once are refused anyway
) as ingest:
    BashOperator(
        task_id='ingest',
        bash_command=f'{DATELINE} ingest {FEEDS} --output {LAKE} --due_only {OPTIONS}',
        retries=0,  # the next run takes up what this one left
    )

with DAG(
    'dateline_compact', schedule='30 2 * * *', start_date=START, catchup=False, max_active_runs=1
) as compact:
    # What a check finds wrong is looked at before anything is merged.
    check = BashOperator(task_id='check', bash_command=f'{DATELINE} check {LAKE}')
    check >> BashOperator(task_id='compact', bash_command=f'{DATELINE} compact {LAKE}')
