"""What can be done with a studio, typed and silent: the library below the command line, and below any other front end.

Nothing here prints, reads the environment or ends the process. A function gets its dependencies from a
`control.studio.Studio` or as single arguments. Reasons: docs/adr/0009-control-layer.md.
"""
