# crossdock with its flows: the server, the worker and the watcher of compose.yaml are all this image.
#
# Everything is checked against the hashes of requirements.lock while it is fetched; what is installed then comes from
# there and from nowhere else, and is only what runs: no tool of the lock's that builds or tests.

# The Python that the tests run on.
FROM python:3.11-slim-trixie AS built
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.lock ./
RUN python -m pip download --no-deps --require-hashes --only-binary :all: -r requirements.lock -d fetched
COPY pyproject.toml README.md LICENSE ./
COPY data data
COPY src src
RUN python -m pip wheel --no-index --find-links fetched --no-deps --wheel-dir fetched . \
    && python -m venv /opt/crossdock \
    && /opt/crossdock/bin/pip install --no-index --find-links fetched "crossdock[flows]" \
    && /opt/crossdock/bin/pip check

FROM python:3.11-slim-trixie
RUN useradd --system --uid 10001 --user-group --create-home crossdock \
    && install --directory --owner crossdock --group crossdock /srv/crossdock
COPY --from=built /opt/crossdock /opt/crossdock
ENV PATH=/opt/crossdock/bin:$PATH \
    CROSSDOCK_HOME=/srv/crossdock \
    DO_NOT_TRACK=1 \
    PREFECT_API_URL=http://127.0.0.1:4200/api \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /srv/crossdock
EXPOSE 4200
# The server answers: itself, or the one that a worker or a watcher works for. Whether their process lives, the engine sees.
HEALTHCHECK --interval=30s --timeout=10s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(os.environ['PREFECT_API_URL'] + '/health', timeout=8)"]
CMD ["crossdock", "--help"]
