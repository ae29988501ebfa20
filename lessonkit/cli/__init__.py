"""The lesson without a browser."""
