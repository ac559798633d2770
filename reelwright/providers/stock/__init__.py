"""Found pictures and clips: libraries of photos and footage, what may be used of them, and which of it fits a scene."""
