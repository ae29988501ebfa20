"""What single pages of the lesson are composed of."""
