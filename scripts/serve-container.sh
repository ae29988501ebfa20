#!/bin/sh
# Serve the lesson from a container, to whoever reaches its port.
set -e
# A Hugging Face Space says its name here; the lesson answers under no other name than those that it is told.
export LESSONKIT_HOSTS="$LESSONKIT_HOSTS $SPACE_HOST"
# A Space shows the app in a frame of another site, where browsers hold back the cookie that the check of uploads needs.
# A foreign page is kept out by its Origin (lessonkit/ui/core/hosts.py).
[ -z "$SPACE_HOST" ] || export STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION=false
exec "${PYTHON:-.venv/bin/python}" -m lessonkit app --classroom --headless --port "${PORT:-8501}"
