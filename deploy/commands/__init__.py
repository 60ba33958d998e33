"""What each command of `oraq` does: a function of its arguments and the environment."""
