"""`python -m workers.gpu`: the gpu pool as a process."""

from .main import start

if __name__ == "__main__":
    start("gpu")
