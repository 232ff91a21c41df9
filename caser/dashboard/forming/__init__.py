"""Filters as they form, epoch by epoch: one small drawing, while a model trains and afterwards."""
