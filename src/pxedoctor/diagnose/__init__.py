"""Facts and targets to a Report: runs the checks, orders the causes, tries the plans on the model."""
