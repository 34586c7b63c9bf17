# One file for every part: `docker build --build-arg WORKER=mover .`
# The dependency layer comes before WORKER is known, so the images share it.
FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
COPY requirements/workers.txt requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip pip install --require-hashes -r requirements.txt
# /app/var is the one place a part writes to; a volume mounted there takes over its owner. It is the group's too, and the
# group is 0, which an arbitrary uid has where the engine gives one.
RUN useradd --system --uid 10001 --gid 0 --no-create-home --shell /usr/sbin/nologin intake && install -d -m 0770 -o intake -g 0 var

ARG WORKER
RUN --mount=type=bind,source=requirements,target=/tmp/requirements \
    --mount=type=cache,target=/root/.cache/pip \
    : "${WORKER:?pass --build-arg WORKER=ingress|classifier|mover|reader|notifier|dispatcher|simulator|console}" && \
    if [ "${WORKER}" = simulator ] || [ "${WORKER}" = reader ]; \
    then pip install --require-hashes -r "/tmp/requirements/${WORKER}.txt"; fi
COPY shared shared
COPY ${WORKER} ${WORKER}
# structlog loads rich where it is there: 3 MB in each worker, of which none prints for a person. Without compileall
# each start would compile our code again.
RUN if [ "${WORKER}" != console ]; then pip uninstall --quiet --yes rich; fi && python -m compileall -q shared "${WORKER}"

ENV WORKER=${WORKER}
ENV PYTHONDONTWRITEBYTECODE=1
# One heap for all threads: else each of a worker's keeps freed memory for itself (docs/explanation/decisions.md).
ENV GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0
# By number, so that who refuses root can see that this is not root.
USER 10001
STOPSIGNAL SIGTERM
# A check that follows a good one asks for half a minute, hence the timeout; a single question has three seconds.
HEALTHCHECK --interval=5s --timeout=45s --start-period=30s --retries=6 CMD ["bash", "shared/runtime/ready.sh"]
# `exec`, so that the worker itself receives the signals; what follows the image's name becomes its arguments.
ENTRYPOINT ["sh", "-c", "exec python -m \"$WORKER\" \"$@\"", "--"]
