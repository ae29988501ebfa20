"""The notebook that is taken home: the same steps in plain fastai."""
