"""Model families that the worker can run, each behind the protocol in `base`."""
