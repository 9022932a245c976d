"""How many images a second do workers of Ray look at, and one process?

    python bench/detector/ray_workers.py [workers ...]

Photos of a street through mb3-512, a CPU and one thread a worker. What a cluster and its
actors take to begin is left out: it is the time that more images take longer which counts.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import centerdecode as cd
import ray
from centerdecode.adapters.ray import detect

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from inputs import heads

MODEL = str(heads.DATA / "models" / "mb3-centernet" / "mb3_ctdet_logits.xml")
PHOTO = str(heads.DATA / "images" / "deface_city.jpg")
FEW, MANY = 64, 320
ROUNDS = 3


def by_workers(count, workers):
    """Return the seconds for so many images."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{i}.jpg" for i in range(count)]
        for path in paths:
            os.symlink(PHOTO, path)
        start = time.perf_counter()
        report = detect(paths, MODEL, f"{folder}/found", workers=workers, **heads.PLAIN)
        assert (report.images, report.failed) == (count, 0)
        return time.perf_counter() - start


def by_one_process(count, _):
    import cv2

    detector = cd.Detector(MODEL, hint="throughput", **heads.PLAIN)
    start = time.perf_counter()
    for _ in detector.stream(cv2.imread(PHOTO) for _ in range(count)):
        pass
    return time.perf_counter() - start


def images_per_second(seconds, workers):
    return statistics.median(
        (MANY - FEW) / (seconds(MANY, workers) - seconds(FEW, workers)) for _ in range(ROUNDS)
    )


def main():
    ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    cpus = os.cpu_count()
    print(f"one process, all {cpus} CPUs: {images_per_second(by_one_process, 0):.1f} images/s")
    for workers in [*map(int, sys.argv[1:])] or range(1, cpus + 1):
        print(
            f"workers of one CPU, {workers}: {images_per_second(by_workers, workers):.1f} images/s"
        )


if __name__ == "__main__":
    main()
