"""Drop-in replacements for upstream decoders: change one import line.

Every module carries upstream's own function names, argument names, defaults,
row layout and row count. NumPy arrays in give NumPy arrays; torch tensors in
are read in place and give torch tensors.
"""
