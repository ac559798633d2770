FROM python:3.12-slim
WORKDIR /app
COPY requirements.lock pyproject.toml README.md ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY reelwright reelwright
COPY workflows workflows
COPY activities activities
COPY workers workers
COPY starter starter
COPY sandbox sandbox
# The compiler builds the renderer's window kernel (docs/architecture.md, "Composition") and is not kept.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
    && pip install --no-cache-dir --no-deps --no-build-isolation . \
    && apt-get purge -y --auto-remove gcc libc6-dev && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home reelwright && mkdir -p /var/lib/reelwright && chown reelwright /var/lib/reelwright
USER reelwright
