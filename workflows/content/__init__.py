"""ContentPipeline and its stages: from a request to agreed material, and on to posts."""
