"""Detects objects in the photos of a folder on a cluster of Ray, into Parquet files.

Every node must be able to read the folder and the model; ray.data reads from s3:// and gs://
in the same way.

    pip install "centerdecode[ray]"
    python detect.py centernet.xml photos found --workers 4 --cpus 2
"""

import argparse

import ray
import ray.data
from centerdecode.adapters.ray import DetectorActor


def main():
    parser = argparse.ArgumentParser(description="Detect objects on a cluster of Ray.")
    parser.add_argument("model")
    parser.add_argument("photos")
    parser.add_argument("found", help="a folder of Parquet files")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--cpus", type=int, default=1, help="of each, and threads of OpenVINO")
    arguments = parser.parse_args()

    ray.init()  # the cluster that RAY_ADDRESS names; else this machine
    images = ray.data.read_binary_files(arguments.photos, include_paths=True)
    found = images.map_batches(
        DetectorActor,
        fn_constructor_args=[arguments.model],
        fn_constructor_kwargs={"color": "RGB", "mean": 0, "scale": 1, "score_threshold": 0.3},
        compute=ray.data.ActorPoolStrategy(size=arguments.workers),
        num_cpus=arguments.cpus,
        batch_size=16,
    )
    found.write_parquet(arguments.found)


if __name__ == "__main__":
    main()
