"""Causes at the bridge: its spanning tree, its ports' membership, the bridge itself."""
