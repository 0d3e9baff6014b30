"""The recipes in deploy/: they can be read, and the commands in them are commands of ours."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import processes
from deploy.flink import cluster, parts
from tests.commands_of_ours import check_flags

DEPLOY = Path(__file__).parents[1] / 'deploy'
MANIFESTS = sorted(DEPLOY.rglob('*.yaml'))
DOCKERFILES = sorted(DEPLOY.rglob('*Dockerfile'))


def objects(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text(encoding='utf-8')) if one]


def containers(value: Any) -> list[dict[str, Any]]:
    """All containers below a manifest's value."""
    if isinstance(value, dict):
        return value.get('containers', []) + [one for part in value.values() for one in containers(part)]
    return [one for part in value for one in containers(part)] if isinstance(value, list) else []


def pods() -> dict[str, dict[str, Any]]:
    """What manifests say of each kind of pod, by the name of its Deployment or CronJob."""
    found = {}
    for one in [one for path in MANIFESTS for one in objects(path)]:
        holder = one['spec']['jobTemplate'] if one['kind'] == 'CronJob' else one
        if 'template' in holder.get('spec', {}):
            found[one['metadata']['name']] = holder['spec']['template']['spec']
    return found


def flink_settings() -> dict[str, Any]:
    """The session's config.yaml."""
    for one in objects(DEPLOY / 'kubernetes' / 'flink.yaml'):
        if one['kind'] == 'ConfigMap':
            return dict(yaml.safe_load(one['data']['config.yaml']))
    raise LookupError('no ConfigMap')


def copied(dockerfile: Path) -> list[str]:
    """What a Dockerfile copies from the project."""
    lines = re.findall(r'^COPY (?!--from)(.+) \S+$', dockerfile.read_text(encoding='utf-8'), re.MULTILINE)
    return [name for line in lines for name in line.split()]


def commands() -> list[tuple[str, list[str]]]:
    """The commands that manifests give, with the file that they are in."""
    found = [(path.name, container) for path in MANIFESTS for container in containers(objects(path))]
    return [(name, one['args'][1:]) for name, one in found if one.get('args', [''])[0] == 'dateline']


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
    assert len(pods()) == 5
    for pod in pods().values():
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
    check_flags(arguments)


def test_commands_were_found():
    assert sorted(arguments[0] for _, arguments in commands()) == ['ingest', 'watch']


def test_services_lead_to_ports_that_flink_and_the_job_server_are_told():
    settings = flink_settings()
    told = {
        settings['blob.server.port'],
        settings.get('rest.port', 8081),
        settings.get('jobmanager.rpc.port', 6123),
    }
    job_server = pods()['dateline-job-server']['containers'][0]
    told |= {int(port) for port in re.findall(r'--\w+-port=(\d+)', ' '.join(job_server['args']))}
    for one in objects(DEPLOY / 'kubernetes' / 'flink.yaml'):
        if one['kind'] == 'Service':
            assert {port['port'] for port in one['spec']['ports']} <= told
    probe = pods()['dateline-taskmanager']['containers'][0]['livenessProbe']
    assert probe['tcpSocket']['port'] == settings['taskmanager.rpc.port']


def test_a_session_has_the_settings_of_the_cluster_that_is_tested(tmp_path):
    tested = cluster.Cluster(parts.Parts(tmp_path, tmp_path), tmp_path, {})
    settings = flink_settings()
    for name in (
        'heartbeat.interval',
        'heartbeat.timeout',
        'classloader.resolve-order',
        'restart-strategy.type',
    ):
        assert settings[name] == tested.settings[name]
    for name in ('parallelism.default', 'taskmanager.numberOfTaskSlots', 'taskmanager.memory.process.size'):
        assert settings[name] == tested.settings[name]
    assert set(processes.OPENS) | set(processes.JVM) == set(settings['env.java.opts.all'].split())
    args = pods()['dateline-watch']['containers'][0]['args']
    stay = next(
        int(flag.partition('=')[2]) for flag in args if flag.startswith('--environment_cache_millis=')
    )
    assert int(settings['restart-strategy.fixed-delay.delay'].removesuffix(' s')) * 1000 > stay
    # Without it the job server does not know of the parallelism.
    job_server = pods()['dateline-job-server']['containers'][0]
    (mount,) = job_server['volumeMounts']
    assert f'--flink-conf-dir={Path(mount["mountPath"]).parent}' in job_server['args']
    assert set(processes.OPENS) <= set(job_server['args'])


def test_pods_have_no_rights_and_limits_of_memory():
    for pod in pods().values():
        assert pod['securityContext']['runAsNonRoot'] and not pod['automountServiceAccountToken']
        lake = any('persistentVolumeClaim' in volume for volume in pod['volumes'])
        assert pod['securityContext'].get('fsGroup') == (1000 if lake else None)
        for container in pod['containers']:
            assert container['securityContext']['capabilities'] == {'drop': ['ALL']}
            assert container['securityContext']['allowPrivilegeEscalation'] is False
            assert container['resources']['requests'] and container['resources']['limits']['memory']
            # What a root that cannot be written leaves: the volumes.
            mounts = {mount['mountPath'] for mount in container['volumeMounts']}
            assert '/tmp' in mounts or not container['securityContext'].get('readOnlyRootFilesystem')


def test_images_have_dateline_s_version_in_manifests_and_instructions():
    version = re.search(r"version='([\d.]+)'", (DEPLOY.parent / 'setup.py').read_text(encoding='utf-8'))
    assert version
    named = {container['image'] for pod in pods().values() for container in pod['containers']}
    assert named == {f'dateline-worker:{version[1]}', f'dateline-flink:{version[1]}'}
    readme = (DEPLOY / 'README.md').read_text(encoding='utf-8')
    for path in DOCKERFILES:
        first = path.read_text(encoding='utf-8').splitlines()[0]
        build = first[first.index('docker build') :]
        assert f' {path.relative_to(DEPLOY.parent)} ' in build and build in readme
        assert build.split()[-2] in named


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_what_a_dockerfile_copies_is_there_and_sent_to_the_builder_and_nothing_else_is(path):
    lines = (DEPLOY.parent / '.dockerignore').read_text(encoding='utf-8').splitlines()
    assert '*' in lines
    sent = {line[1:] for line in lines if line.startswith('!')}
    assert copied(path)
    for name in copied(path):
        assert (DEPLOY.parent / name).exists() and name in sent
    assert sent == {name for other in DOCKERFILES for name in copied(other)}


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_an_image_runs_as_a_number_that_is_not_root(path):
    last = re.findall(r'^USER (\S+)$', path.read_text(encoding='utf-8'), re.MULTILINE)[-1]
    assert re.fullmatch(r'[1-9]\d*:[1-9]\d*', last)


def test_the_images_are_of_the_versions_that_are_tested():
    base = re.search(
        r'^FROM flink:([\d.]+)-', (DEPLOY / 'flink' / 'Dockerfile').read_text('utf-8'), re.MULTILINE
    )
    pom = (DEPLOY / 'flink' / 'pom.xml').read_text(encoding='utf-8')
    assert base and f'<artifactId>beam-runners-flink-{base[1]}</artifactId>' in pom
    assert parts.FLINK.partition('==')[2].startswith(f'{base[1]}.')


def test_the_images_start_a_module_that_there_is():
    image = (DEPLOY / 'worker.Dockerfile').read_text(encoding='utf-8')
    module = re.search(r'"-m", "([\w.]+)"', image)
    assert module and importlib.util.find_spec(module[1])
