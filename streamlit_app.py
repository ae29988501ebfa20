"""The app: `streamlit run streamlit_app.py`."""

from lessonkit.ui.frame import frame

frame()
