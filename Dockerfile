# The portal and its worker. Stage 1 makes the environment and the front-end files; stage 2 only runs them.
FROM python:3.13-slim-bookworm AS made
WORKDIR /portal
COPY . .
RUN apt-get update \
 && apt-get install -y --no-install-recommends make libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && python scripts/setup.py install \
 && CSAM_VAR_DIR=/tmp/var .venv/bin/python manage.py collectstatic --noinput \
 && mv /tmp/var/static /portal/collected \
 && rm -rf node_modules build

FROM python:3.13-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --uid 1000 portal \
 && install -d -o portal /portal/var
COPY --from=made --chown=root:root /portal /portal
WORKDIR /portal
USER portal
ENV PATH=/portal/.venv/bin:$PATH CSAM_VAR_DIR=/portal/var PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/sante/', timeout=4)"]
CMD ["sh", "-c", "mkdir -p var/static && cp -R collected/. var/static/ && python manage.py migrate --noinput && exec gunicorn csam.wsgi:application --bind 0.0.0.0:8000 --workers 2 --threads 4"]
