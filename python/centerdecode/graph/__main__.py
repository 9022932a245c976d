"""`python -m centerdecode.graph` builds the operation's library, if need be, and prints where it
is: benchmark_app -m embedded.xml -extensions "$(python -m centerdecode.graph)"."""

from ..models import build_extension

if __name__ == "__main__":
    print(build_extension())
