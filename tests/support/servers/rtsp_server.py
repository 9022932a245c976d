"""A camera for the tests: an RTSP server whose frames carry their number.

Runs with Debian's Python, as `/usr/bin/python3 rtsp_server.py PORT` (0: any that is
free), and prints the port when it listens. Frame n is 160 x 64, H.264 at 25 a
second; its 8 columns are the bits of n % 256, the lowest first, white for 1.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

WIDTH, HEIGHT, RATE = 160, 64, 25
LAUNCH = f"""
appsrc name=frames is-live=true do-timestamp=true format=time block=false
    caps=video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={RATE}/1
! openh264enc gop-size=5 bitrate=600000
! rtph264pay name=pay0 config-interval=-1
"""


def picture(number):
    """Return the bytes of frame `number`, I420."""
    bits = (b"\xeb" if number >> bit & 1 else b"\x10" for bit in range(8))
    row = b"".join(level * (WIDTH // 8) for level in bits)
    return row * HEIGHT + b"\x80" * (WIDTH * HEIGHT // 2)


def feed(media):
    """Push a frame every 1 / RATE seconds for as long as the media lives."""
    source = media.get_element().get_by_name_recurse_up("frames")
    number = 0

    def push():
        nonlocal number
        flow = source.emit("push-buffer", Gst.Buffer.new_wrapped(picture(number)))
        number += 1
        return flow == Gst.FlowReturn.OK

    GLib.timeout_add(1000 // RATE, push)


def main():
    """Serve until the process is ended."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer(service=sys.argv[1])
    server.set_address("127.0.0.1")
    factory = GstRtspServer.RTSPMediaFactory(launch=LAUNCH, shared=True)
    factory.connect("media-configure", lambda _, media: feed(media))
    server.get_mount_points().add_factory("/camera", factory)
    if not server.attach(None):
        sys.exit(f"cannot listen on port {sys.argv[1]}")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main()
