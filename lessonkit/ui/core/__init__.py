"""What every page is made of: state, the engine's connection, jobs and runs as they happen, elements, formats."""
