"""The page to read that is taken home: one HTML file."""
