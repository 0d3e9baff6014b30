# The workers, and the command: docker build -f deploy/worker.Dockerfile -t dateline-worker:0.1.0 .
# The Python that each change is tested with, on clusters too. Who submits a job has the same one, or this image.
FROM python:3.11-slim

# A container's first process gets no SIGTERM that it has not asked for, and inherits the orphans of all others.
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 dateline

# What Dateline needs, and nearly all of the image: a layer that stays until one of these three files changes.
WORKDIR /opt/dateline/source
COPY setup.py pyproject.toml constraints.txt ./
RUN touch README.md \
    && pip install --no-cache-dir --root-user-action=ignore -c constraints.txt . \
    && pip uninstall --yes --root-user-action=ignore dateline \
    && rm -r README.md build *.egg-info

# Dateline: installed, and no second time as a folder from which Python would load it.
COPY README.md LICENSE ./
COPY schemas schemas
COPY transforms transforms
COPY pipelines pipelines
RUN pip install --no-cache-dir --root-user-action=ignore --no-deps . && rm -r build *.egg-info

# The tables of places and languages, which each container would compile at its first page, and the model, which is
# compared with its pin. Any user may read them; nothing has to be written but /tmp.
ENV XDG_CACHE_HOME=/opt/dateline/cache PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1
WORKDIR /home/dateline
RUN python -m pipelines.doctor_probes places && python -m pipelines.doctor_probes model \
    && python -c 'from transforms.functions.extraction import language_model as made; made.load_identifier()' \
    && chmod -R a+rX /opt/dateline/cache

# By number: Kubernetes cannot tell from a name that it is not root.
USER 1000:1000
# Each of a TaskManager's slots is a process of its own, with its child processes for the analysis. The pool listens on
# loopback alone: whoever probes it does so from inside (deploy/kubernetes/flink.yaml). No HEALTHCHECK, since the same
# image runs commands that have no port.
EXPOSE 50000
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "pipelines.worker_pool", "--service_port=50000"]
