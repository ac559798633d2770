"""PostgreSQL (asyncpg) and the media store (a folder or S3), one module per port."""
