"""`python -m workers.cpu`: the cpu pool as a process."""

from .main import start

if __name__ == "__main__":
    start("cpu")
