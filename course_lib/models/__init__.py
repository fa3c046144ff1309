"""Keras models that more than one lesson uses."""
