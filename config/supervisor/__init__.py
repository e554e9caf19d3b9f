"""Runs Tessera on one machine: the servers it needs, its own processes, and nothing that outlives them.

`python -m config.supervisor demo|start|dev`. `postgres` and `valkey` also serve the test-suite (tests/cluster.py).
"""
