"""What is run beside the app: the installation."""
