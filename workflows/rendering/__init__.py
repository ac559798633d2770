"""RenderVideo: from agreed material to inspected files."""
