"""What decides a run, and how it is trained. `spec` and `architectures` are light; the rest imports fastai."""
