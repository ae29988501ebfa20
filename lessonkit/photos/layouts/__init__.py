"""How somebody's folder of photos is labelled, worked out from its names and small tables alone: nothing is unpacked.

`proposal.propose` is the way in. The parts: `words` knows what names mean, `sifting` what is no photo of a pet,
`folders`, `names` and `tables` each make readings, and `choosing` picks one or asks.
"""
