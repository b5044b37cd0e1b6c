"""The road of a guest's packets, walked on the model: each hop's predicted fate, and what decides it."""
