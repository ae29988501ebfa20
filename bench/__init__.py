"""What the lesson costs, beside plain fastai and beside the limit of the machine."""
