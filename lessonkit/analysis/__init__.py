"""Tables in, numbers out: what a run's predictions, features and history say. No torch, no pages."""
