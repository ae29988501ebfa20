"""The project's own documents, and the scripts that write them."""
