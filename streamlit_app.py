"""The app: `streamlit run streamlit_app.py`.

Streamlit runs this file for each learner, and imports it once, before it answers, for the `st.App` below (which it finds
by reading this file): so what the pages import is there already when the first learner comes.
"""

import logging

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

if __name__ != "__main__":
    # Imported before there is a runtime, each cached function would say on the console that there is none.
    logging.getLogger("streamlit.runtime.caching.cache_data_api").setLevel(logging.ERROR)

from lessonkit.ui.core import class_bar, cookies, garbage, one_of_several, page_turns, routes, streamlit_mends
from lessonkit.ui.core.compression import CompressedFiles
from lessonkit.ui.core.frame import frame
from lessonkit.ui.core.hosts import ExpectedHosts
from lessonkit.ui.core.messages import OnlyOfPages
from lessonkit.ui.core.page_script import PageScript
from lessonkit.ui.core.upload_budget import UploadBudget, watch

if __name__ == "__main__":
    frame()
else:
    # Until `st.navigation` has run once, Streamlit takes `pages/` for an app of its older kind, and whoever opens a page
    # by its address first would get it without the frame.
    PagesManager.uses_pages_directory = False
    one_of_several.end_with_starter()
    garbage.freeze_imports()
    garbage.collect_now_and_then()
    streamlit_mends.mend()
    page_turns.take_turns()
    class_bar.announce()
    watch()
    before = [
        Middleware(one_of_several.OneOfSeveral),
        Middleware(ExpectedHosts),
        Middleware(OnlyOfPages),
        Middleware(cookies.LearnerCookie),
        Middleware(UploadBudget),
        Middleware(CompressedFiles),
        Middleware(PageScript),
    ]
    app = st.App(__file__, routes=routes.routes(), middleware=before, on_script_error=routes.said)
