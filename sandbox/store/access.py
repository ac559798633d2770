"""Who may ask, and how often: access tokens, and quotas by the day or of a sliding window."""

from __future__ import annotations

from .controls import Controls


class Access(Controls):
    """By the sandbox's own clock."""

    def add_token(self, token: str, account: str, expires: float) -> None:
        """Issues an access token."""
        self._db.execute("insert into tokens values (?, ?, ?)", (token, account, expires))

    def account_of(self, token: str) -> str | None:
        """The account of a token that is still good."""
        row = self._db.execute("select account, expires from tokens where token = ?", (token,)).fetchone()
        return str(row["account"]) if row and row["expires"] > self.now() else None

    def owner_of(self, token: str) -> str:
        """The account a token was issued to, valid or not, or ""."""
        row = self._db.execute("select account from tokens where token = ?", (token,)).fetchone()
        return str(row["account"]) if row else ""

    def expiry_of(self, token: str) -> float:
        """When a token ends, in seconds since the epoch; 0 for one that does not exist."""
        row = self._db.execute("select expires from tokens where token = ?", (token,)).fetchone()
        return float(row["expires"]) if row else 0.0

    def expire_tokens(self, account: str = "") -> None:
        """Every access token issued so far (to the account) stops working."""
        self._db.execute("update tokens set expires = 0 where ? = '' or account = ?", (account, account))

    def drop_token(self, token: str) -> None:
        """A token that was used up (a rotated refresh token) is forgotten."""
        self._db.execute("delete from tokens where token = ?", (token,))

    def charge(self, account: str, bucket: str, day: str, cost: int, limit: int) -> bool:
        """Books `cost` on a day's bucket; False when it would go over `limit`."""
        row = self._db.execute(
            "select used from quota where account = ? and bucket = ? and day = ?", (account, bucket, day)
        ).fetchone()
        used = (row["used"] if row else 0) + cost
        if used > limit:
            return False
        self._db.execute("insert or replace into quota values (?, ?, ?, ?)", (account, bucket, day, used))
        return True

    def used(self, account: str, bucket: str, day: str) -> int:
        """How much of a day's bucket is spent."""
        row = self._db.execute(
            "select used from quota where account = ? and bucket = ? and day = ?", (account, bucket, day)
        ).fetchone()
        return int(row["used"]) if row else 0

    def charge_sliding(self, account: str, bucket: str, seconds: float, limit: int) -> int:
        """Books one on a window that slides; how many are left in it, or -1 when it is full."""
        now = self.now()
        self._db.execute(
            "delete from quota where account = ? and bucket = ? and day <= ?",
            (account, bucket, f"{now - seconds:020.6f}"),
        )
        row = self._db.execute(
            "select coalesce(sum(used), 0) as used from quota where account = ? and bucket = ?", (account, bucket)
        ).fetchone()
        if row["used"] >= limit:
            return -1
        self._db.execute(
            """insert into quota values (?, ?, ?, 1)
               on conflict (account, bucket, day) do update set used = used + 1""",
            (account, bucket, f"{now:020.6f}"),
        )
        return limit - int(row["used"]) - 1
