"""The living picture: a model's whole flow, computed and drawn in the browser from the checkpoint's own weights."""
