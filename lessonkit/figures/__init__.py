"""Numbers in, plotly Figure out. One file a kind of chart; nothing here reads a file or knows a page."""
