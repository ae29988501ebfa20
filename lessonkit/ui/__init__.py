"""What the pages are composed of. The only package that imports streamlit, beside the pages themselves."""
