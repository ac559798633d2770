"""MoviePy 2's way, as its own documentation shows it. Runs in an environment of its own: `moviepy_peer.py <job.json>`.

https://zulko.github.io/moviepy/: `ImageClip`, `resized` and `with_position` as functions of time, `vfx.CrossFadeIn`,
`CompositeVideoClip`, `write_videofile`.
"""

import json
import sys
from pathlib import Path

from moviepy import AudioFileClip, CompositeVideoClip, ImageClip, vfx


def scene(told, size, zoom):
    """A still that covers the picture, slowly magnified while it is moved aside."""
    width, height = size
    seconds = told["seconds"]
    clip = ImageClip(told["image"]).with_duration(seconds)
    cover = max(width / clip.w, height / clip.h)

    def scale(t):
        return cover * (1.0 + zoom * t / seconds)

    def place(t):
        wide, tall = clip.w * scale(t), clip.h * scale(t)
        return ((width - wide) * (0.5 + 0.5 * t / seconds), (height - tall) / 2)

    moved = clip.resized(scale).with_position(place).with_start(told["start"])
    return moved.with_effects([vfx.CrossFadeIn(told["fade"])]) if told["fade"] else moved


def main(path):
    job = json.loads(Path(path).read_text("utf-8"))
    layers = [scene(told, job["size"], job["zoom"]) for told in job["scenes"]]
    for caption in job["captions"]:
        clip = ImageClip(caption["image"]).with_start(caption["start"]).with_end(caption["end"])
        layers.append(clip.with_position(("center", caption["y"] - clip.h)))
    mark = ImageClip(job["mark"]).with_duration(job["seconds"])
    layers.append(mark.with_position((job["size"][0] - mark.w - 40, 40)))
    video = CompositeVideoClip(layers, size=tuple(job["size"])).with_duration(job["seconds"])
    video = video.with_audio(AudioFileClip(job["sound"]).with_duration(job["seconds"]))
    video.write_videofile(
        job["out"],
        fps=job["fps"],
        codec="libx264",
        preset=job["preset"],
        threads=1,
        audio_codec="aac",
        audio_bitrate="192k",
        pixel_format="yuv420p",
        ffmpeg_params=["-crf", str(job["crf"]), "-movflags", "+faststart"],
        logger=None,
    )


if __name__ == "__main__":
    main(sys.argv[1])
