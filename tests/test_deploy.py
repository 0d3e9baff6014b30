"""The recipes in deploy/: they can be read, and the commands in them are commands of ours."""

import ast
import configparser
import importlib.util
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines import batch, watch
from pipelines.command_line import parse

DEPLOY = Path(__file__).parents[1] / 'deploy'
MANIFESTS = sorted(DEPLOY.rglob('*.yaml'))


def objects(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text(encoding='utf-8')) if one]


def containers(value: Any) -> list[dict[str, Any]]:
    """All containers below a manifest's value."""
    if isinstance(value, dict):
        return value.get('containers', []) + [one for part in value.values() for one in containers(part)]
    return [one for part in value for one in containers(part)] if isinstance(value, list) else []


def commands() -> list[tuple[str, list[str]]]:
    """The commands that manifests and schedules give, with the file that they are in."""
    found = []
    for path in MANIFESTS:
        for container in containers(objects(path)):
            if container.get('command') == ['dateline']:
                found.append((path.name, container['args']))
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / 'schedules' / 'dateline.service', encoding='utf-8')
    found.append(('dateline.service', shlex.split(unit['Service']['ExecStart'])[1:]))
    dag = (DEPLOY / 'schedules' / 'dateline_dag.py').read_text(encoding='utf-8')
    for line in re.findall(r"bash_command=f'dateline ([^']*)'", dag):
        found.append(('dateline_dag.py', shlex.split(line)))
    return found


@pytest.mark.parametrize('path', MANIFESTS, ids=lambda path: path.name)
def test_manifests_are_yaml_and_name_what_they_are(path):
    for one in objects(path):
        assert {'apiVersion', 'kind', 'metadata'} <= set(one)


def test_selectors_volumes_and_services_fit_together():
    found = [one for path in MANIFESTS for one in objects(path)]
    named = {(one['kind'], one['metadata']['name']) for one in found}
    deployed = [one['spec'] for one in found if one['kind'] == 'Deployment']
    for spec in deployed:
        assert spec['selector']['matchLabels'] == spec['template']['metadata']['labels']
        pod = spec['template']['spec']
        volumes = {volume['name'] for volume in pod.get('volumes', ())}
        for container in pod['containers']:
            assert {mount['name'] for mount in container.get('volumeMounts', ())} <= volumes
        for volume in pod.get('volumes', ()):
            if 'configMap' in volume:
                assert ('ConfigMap', volume['configMap']['name']) in named
            if 'persistentVolumeClaim' in volume:
                assert ('PersistentVolumeClaim', volume['persistentVolumeClaim']['claimName']) in named
    labels = [spec['template']['metadata']['labels'] for spec in deployed]
    assert all(one['spec']['selector'] in labels for one in found if one['kind'] == 'Service')


@pytest.mark.parametrize(('file', 'arguments'), commands())
def test_commands_have_only_flags_that_there_are(file, arguments):
    command, rest = arguments[0], arguments[1:]
    if command in ('ingest', 'watch'):
        # Flags of the job server are not ours to know; those here are Beam's or ours.
        flags, _ = parse(batch.parser() if command == 'ingest' else watch.parser(), rest)
        assert flags.sources and flags.output
    else:
        assert command in ('check', 'compact')


def test_commands_were_found():
    assert sorted(arguments[0] for _, arguments in commands()) == [
        'check', 'compact', 'ingest', 'ingest', 'ingest', 'watch',
    ]  # fmt: skip


def test_the_dag_compiles_and_the_images_start_a_module_that_there_is():
    ast.parse((DEPLOY / 'schedules' / 'dateline_dag.py').read_text(encoding='utf-8'))
    image = (DEPLOY / 'worker.Dockerfile').read_text(encoding='utf-8')
    module = re.search(r'"-m", "([\w.]+)"', image)
    assert module and importlib.util.find_spec(module[1])
    copied = re.findall(r'^COPY (.+) \S+$', image, re.MULTILINE)
    assert all((DEPLOY.parent / name).exists() for line in copied for name in line.split())
