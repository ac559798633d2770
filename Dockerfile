# Two images: `pools`, what production runs and no more (the console among it), and `sandbox`, the platforms' stand-ins
# (docker-compose.yml).
FROM python:3.12-slim AS pools
WORKDIR /app
COPY requirements-install.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements-install.lock \
    && uv pip install --system --no-cache --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE THIRD_PARTY.md ./
COPY reelwright reelwright
COPY workflows workflows
COPY activities activities
COPY workers workers
COPY control control
COPY starter starter
COPY console console
# Only to know the sandbox's accounts where REELWRIGHT_SANDBOX_URL names one.
COPY sandbox sandbox
# The compiler builds the renderer's window kernel (docs/adr/0002-render-segments.md) and is not kept.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
    && uv pip install --system --no-cache --no-deps --no-build-isolation . \
    && apt-get purge -y --auto-remove gcc libc6-dev && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home reelwright && mkdir -p /var/lib/reelwright && chown reelwright /var/lib/reelwright
USER reelwright

FROM pools AS sandbox
USER root
# What serves the sandbox serves the console too: it is installed.
RUN mkdir -p /var/lib/sandbox && chown reelwright /var/lib/sandbox
USER reelwright
