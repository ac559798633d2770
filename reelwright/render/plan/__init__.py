"""What a render will show, as numbers: time, camera, places for text, and the preflight of a plan."""
