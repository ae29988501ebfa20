# The lesson in a container. TORCH chooses PyTorch's build, in uv's words: cpu, or cu130 for NVIDIA's GPUs.
# Nobody has seen this file build an image yet; its steps were run one by one in a plain folder.
FROM python:3.13-slim
RUN useradd --create-home --uid 1000 learner && mkdir /photos-and-runs && chown 1000 /photos-and-runs
USER 1000
WORKDIR /home/learner/lesson
ARG TORCH=cpu
# Once for the image; what a container compiles is lost with it.
ENV UV_COMPILE_BYTECODE=1
# First what changes seldom: the packages stay in the build's cache while the lesson changes.
COPY --chown=1000 requirements.txt requirements.lock ./
COPY --chown=1000 scripts scripts
RUN python -m venv .venv && .venv/bin/python scripts/install.py --torch ${TORCH} && rm -rf ~/.cache
COPY --chown=1000 . .
ENV LESSONKIT_HOME=/photos-and-runs
VOLUME /photos-and-runs
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["sh", "scripts/serve-container.sh"]
