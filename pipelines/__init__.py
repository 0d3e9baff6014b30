"""Assembly and command line: the only place that reads options, argv or the environment."""
