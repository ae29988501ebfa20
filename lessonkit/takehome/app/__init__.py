"""An app of a model to take home: a folder in a zip that starts where neither this lesson nor torch is installed."""
