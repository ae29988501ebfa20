"""What the explorer's pages are composed of: one selection, and the views of what is selected."""
