# The workers, and the command: docker build -f deploy/worker.Dockerfile -t dateline-worker .
FROM python:3.12-slim
WORKDIR /opt/dateline
COPY setup.py pyproject.toml constraints.txt README.md ./
COPY schemas schemas
COPY transforms transforms
COPY pipelines pipelines
RUN pip install --no-cache-dir -c constraints.txt .
RUN useradd --create-home --uid 1000 dateline
USER dateline
# Each of a TaskManager's slots is a process of its own, with its child processes for the analysis.
EXPOSE 50000
CMD ["python", "-m", "pipelines.worker_pool", "--service_port=50000"]
