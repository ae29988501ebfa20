"""The lesson behind the pages: photos, training runs, explanations."""

__version__ = "0.1.0"
