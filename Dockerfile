# The project's own image, for the command line and for Airflow's components: what runs of requirements.lock, without what only
# develops it (requirements-run.lock, made beside it). What it holds is listed by `make sbom`.

FROM python:3.11-slim AS build
WORKDIR /opt/ketenbalans
ENV VIRTUAL_ENV=/opt/ketenbalans/.venv PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements.lock requirements-run.lock ./
# the installer, too, is the one that the lock names, by its hash
RUN sed -n '/^uv==/,/^ *#/p' requirements.lock > /tmp/uv.txt \
 && pip install --quiet --no-cache-dir --no-deps --require-hashes -r /tmp/uv.txt \
 && python -m venv --without-pip "$VIRTUAL_ENV" \
 && uv pip sync --no-cache --require-hashes --compile-bytecode requirements-run.lock
# what builds our own package is in an environment of its own, which stays here
RUN python -m venv --without-pip /tmp/building \
 && VIRTUAL_ENV=/tmp/building uv pip sync --no-cache --require-hashes requirements.lock
COPY . ./
RUN PYTHONPATH="$(echo /tmp/building/lib/python*/site-packages)" PATH="$VIRTUAL_ENV/bin:$PATH" \
      uv pip install --no-cache --no-deps --no-build-isolation --editable . \
 && python -m compileall -q -x '/\.venv/' .

FROM python:3.11-slim
LABEL org.opencontainers.image.title="ketenbalans" \
      org.opencontainers.image.description="Keeps two registers of the Dutch criminal justice chain in balance" \
      org.opencontainers.image.licenses="EUPL-1.2"
# a new volume gets the owner of the folder that it is mounted on: 1000 is the user of Kafka's image
RUN groupadd --system --gid 10001 ketenbalans \
 && useradd --system --uid 10001 --gid ketenbalans --home-dir /var/lib/ketenbalans ketenbalans \
 && install -d -o ketenbalans -g ketenbalans -m 0750 /var/lib/ketenbalans /var/lib/airflow \
 && install -d -o 1000 -g ketenbalans -m 0750 /var/lib/kafka-keys \
      /var/lib/kafka-keys/broker /var/lib/kafka-keys/admin /var/lib/kafka-keys/users
COPY --from=build /opt/ketenbalans /opt/ketenbalans
ENV PATH=/opt/ketenbalans/.venv/bin:$PATH \
    AIRFLOW_HOME=/var/lib/airflow \
    KETENBALANS_HOME=/var/lib/ketenbalans \
    PYTHONUNBUFFERED=1
USER ketenbalans
WORKDIR /var/lib/ketenbalans
CMD ["ketenbalans", "--help"]
