"""What a learner takes home: the lesson as a notebook and as a page, and the model as two kinds of file."""
