"""The detector inside other programs: a module for each, imported by its own name.

    >>> from centerdecode.adapters.ray import DetectorActor

They stand on the public names of the package. A library is imported when it is asked for.
"""
