"""Local servers that speak the platforms' own wire protocols, with their quotas and their faults.

`python -m sandbox --port 0 --dir D`. `app.py` serves, `store.py` remembers, `control.py` is for tests and
demonstrations, and each platform family has a folder and its rows in `platforms.py`.
"""
