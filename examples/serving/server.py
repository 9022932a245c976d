"""An HTTP server of one process: POST the bytes of an image, and get its detections as JSON.

Every connection has its thread, and all share one detector, which serves them in the order in
which they came. More than MOST at a time are told to come again.

    pip install "centerdecode[cli]"
    python server.py centernet.xml --port 8080
    curl --data-binary @street.jpg http://localhost:8080
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import centerdecode as cd
import cv2
import numpy as np

MOST = 64  # images that wait or are looked at
MAX_BYTES = 32 * 2**20


def image_of(content):
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if image is None:
        raise ValueError("not an image that OpenCV can read")
    return image


def records_of(detections):
    return [
        {"class_id": int(class_id), "score": float(score), "xyxy": [float(edge) for edge in xyxy]}
        for class_id, score, xyxy in zip(
            detections.class_ids, detections.scores, detections.xyxy, strict=True
        )
    ]


class Handler(BaseHTTPRequestHandler):
    detector: cd.Detector
    places = threading.BoundedSemaphore(MOST)

    def do_POST(self):
        if not self.places.acquire(blocking=False):
            return self.answer(503, {"error": "too many images at a time"})
        try:
            length = int(self.headers.get("Content-Length", 0))
            if length > MAX_BYTES:
                return self.answer(413, {"error": f"more than {MAX_BYTES} bytes"})
            content = self.rfile.read(length)
            # The bytes become pixels when their turn has come.
            detections = self.detector.submit(lambda: image_of(content)).result()
            self.answer(200, records_of(detections))
        except ValueError as error:
            self.answer(400, {"error": str(error)})
        finally:
            self.places.release()

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = MOST


def main():
    parser = argparse.ArgumentParser(description="Serve a detector over HTTP.")
    parser.add_argument("model")
    parser.add_argument("--port", type=int, default=8080, help="0: any that is free")
    arguments = parser.parse_args()
    options = {"color": "RGB", "mean": 0, "scale": 1, "hint": "throughput"}
    with cd.Detector(arguments.model, **options) as Handler.detector:
        server = Server(("127.0.0.1", arguments.port), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
