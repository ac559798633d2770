"""The web console and the API: what `control` can do, as pages and for programs. docs/console.md."""
