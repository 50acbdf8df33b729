# syntax=docker/dockerfile:1
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/portal \
 && /opt/portal/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt

FROM ${BASE_IMAGE}
RUN useradd --system --uid 10001 --user-group --home-dir /app portal \
 && mkdir -p /app /data && chown portal:portal /app /data
COPY --from=packages /opt/portal /opt/portal
COPY --chown=portal:portal . /app
ENV PATH=/opt/portal/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data BIND=0.0.0.0:8000
WORKDIR /app
USER 10001
# Hashed, compressed files are part of the image; the key is for this step alone.
RUN DATA_DIR=/app/build SECRET_KEY=build python manage.py collectstatic --noinput -v0 \
 && python -m whitenoise.compress --quiet /app/build/static
ENV STATIC_ROOT=/app/build/static
EXPOSE 8000
ENTRYPOINT ["/app/deploy/docker/entrypoint"]
CMD ["web"]
