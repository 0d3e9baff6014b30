"""Airflow: what is due in news feeds, every ten minutes, and the small files of past days merged each night.

Put it into the folder of DAGs; `dateline` is installed where the tasks run.
"""

import datetime

try:
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.operators.bash import BashOperator

LAKE = '/var/lib/dateline/lake'
FEEDS = '/etc/dateline/feeds.opml'
START = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)

with DAG(
    'dateline_ingest',
    schedule='*/10 * * * *',
    start_date=START,
    catchup=False,
    max_active_runs=1,  # two runs on one lake at once are refused anyway
) as ingest:
    BashOperator(
        task_id='ingest',
        bash_command=f'dateline ingest {FEEDS} --output {LAKE} --due_only --fetch_contact=you@example.org',
        retries=0,  # the next run takes up what this one left
    )

with DAG('dateline_compact', schedule='30 2 * * *', start_date=START, catchup=False) as compact:
    BashOperator(task_id='check', bash_command=f'dateline check {LAKE}') >> BashOperator(
        task_id='compact', bash_command=f'dateline compact {LAKE}'
    )
