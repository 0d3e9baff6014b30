"""The logic of the stages in plain Python. Nothing here imports Beam: the child processes load it."""
