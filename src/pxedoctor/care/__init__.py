"""The circle, written once: collect, diagnose, plan, apply, collect again."""
