"""The app: `streamlit run streamlit_app.py`.

Streamlit runs this file for each learner, and imports it once, before it answers, for the `st.App` below (which it finds
by reading this file): so what the pages import is there already when the first learner comes.
"""

import logging

import streamlit as st

# Imported before there is a runtime, each cached function would say on the console that there is none.
logging.getLogger("streamlit.runtime.caching.cache_data_api").setLevel(logging.ERROR)

from lessonkit.ui import server  # noqa: E402
from lessonkit.ui.engine import freeze  # noqa: E402
from lessonkit.ui.frame import frame  # noqa: E402

if __name__ == "__main__":
    frame()
else:
    freeze()
    app = st.App(__file__, routes=server.routes(), on_script_error=server.said)
