"""`python -m workers.migrate`: brings the database that DATABASE_URL names up to date, and ends."""

import asyncio
import sys

from reelwright.domain.errors import ReelwrightError
from reelwright.storage.migrate import migrate

from .settings import load_settings, secret


def main() -> None:
    """Exit code 1 with one line when it cannot be done."""
    try:
        asyncio.run(migrate(secret(load_settings().database_url)))
    except ReelwrightError as error:
        print(f"migrate: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
