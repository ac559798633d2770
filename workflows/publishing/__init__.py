"""The publish workflows: quota, upload, the post itself, and what follows it."""
