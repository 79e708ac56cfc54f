# feddns as a container: `make image`. What is in it, and why: docs/image.md.

# The digest is the one that docker-library/repo-info has for this tag (repos/python/remote/3.13.14-slim-trixie.md).
ARG PYTHON=docker.io/library/python:3.13.14-slim-trixie@sha256:9662417aace5ae7b8e2609cce472b72a8958e134ba372808abe9cc1a0c0125e6

FROM ${PYTHON} AS build
ENV UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY image/uv.txt image/
RUN pip install --quiet --require-hashes --only-binary :all: --requirement image/uv.txt
# What changes with every commit comes last, so that the rest is taken from the cache.
COPY image image
COPY pyproject.toml uv.lock ./
RUN image/install-dependencies /opt/feddns
COPY README.md LICENSE ./
COPY feddns feddns
RUN image/install-feddns /opt/feddns

FROM ${PYTHON}
# An installer has no work to do where nothing may be written, and the libraries inside it need updates of their own.
# The standard library comes without bytecode, which would be made anew at each start. Nothing here runs as another user.
RUN rm -rf /usr/local/lib/python3.13/ensurepip /usr/local/lib/python3.13/site-packages/* /usr/local/bin/pip* \
    && python -m compileall -q --invalidation-mode unchecked-hash -x '/(idlelib|lib2to3|tkinter|turtledemo)/' \
        /usr/local/lib/python3.13 \
    && groupadd --gid 65532 feddns \
    && useradd --uid 65532 --gid 65532 --key UID_MAX=65532 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin feddns \
    && find / -xdev -type f -perm /6000 -exec chmod ug-s {} +
COPY --from=build /opt/feddns /opt/feddns
# OpenSSL takes keys from files alone. Where the root file system is read-only, /dev/shm is what can be written: it is in
# memory, so that a kubeconfig's key never gets to a disk.
ENV PATH=/opt/feddns/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/dev/shm
USER 65532:65532
WORKDIR /etc/feddns
ENTRYPOINT ["feddns"]
CMD ["run"]

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="feddns" \
      org.opencontainers.image.description="One DNS answer for a service that runs in many Kubernetes clusters" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
