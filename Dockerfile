FROM python:3.12-slim
WORKDIR /app
COPY requirements.lock pyproject.toml README.md ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY reelwright reelwright
COPY workflows workflows
COPY activities activities
COPY workers workers
COPY starter starter
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --create-home reelwright && mkdir -p /var/lib/reelwright && chown reelwright /var/lib/reelwright
USER reelwright
