"""An app whose one page fails, with the lesson's own handler of errors: what `no_errors` must see."""

import streamlit as st

from lessonkit.ui.core import routes

if __name__ == "__main__":
    st.title("A page that fails")
    raise KeyError("a private detail")

app = st.App(__file__, on_script_error=routes.said)
