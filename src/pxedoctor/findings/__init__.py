"""What a check can say: outcomes with evidence, and the names under which causes are known."""
