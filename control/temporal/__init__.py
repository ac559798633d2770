"""What control needs of Temporal's server, and two clients that provide it.

`port` has the types and the errors. `sdk` provides them through Temporal's own SDK, `http` through the server's HTTP
API, for commands of a moment: importing the SDK costs more CPU than such a command does (`make bench-start`).
"""
