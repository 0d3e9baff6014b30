"""Beam's options as our commands make them: views are made once, and share their values."""

import copy

from apache_beam.options.pipeline_options import DebugOptions, StandardOptions, TypeOptions

from pipelines.command_line import parse
from pipelines.usage import Parser


def options(*argv):
    return parse(Parser(prog='test'), argv)[1]


def test_a_view_is_made_once_and_writes_through():
    made = options('--streaming')
    view = made.view_as(StandardOptions)
    assert made.view_as(StandardOptions) is view and view.streaming
    view.streaming = False
    assert made.get_all_options()['streaming'] is False
    assert made.view_as(TypeOptions).view_as(StandardOptions).streaming is False


def test_a_copy_has_views_of_its_own():
    made = options()
    made.view_as(DebugOptions).experiments = ['one']
    other = copy.deepcopy(made)
    other.view_as(DebugOptions).experiments.append('two')
    other.view_as(StandardOptions).streaming = True
    assert other.get_all_options()['experiments'] == ['one', 'two']
    assert made.view_as(DebugOptions).experiments == ['one']
    assert not made.view_as(StandardOptions).streaming
