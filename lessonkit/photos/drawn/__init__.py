"""A teaching set drawn on the machine: twelve breeds, from parameters, for a class with no network."""
