"""Beam stages: one module, one public PTransform each. Importing this package does not import Beam."""
