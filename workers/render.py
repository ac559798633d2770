"""`python -m workers.render`: the render pool as a process."""

from .main import start

if __name__ == "__main__":
    start("render")
