"""Every error that the commands give, in one place: what is printed, when, and what to do.

docs/errors.md is made of these and of ``passed_errors``; a test finds each error that is raised elsewhere.
"""
